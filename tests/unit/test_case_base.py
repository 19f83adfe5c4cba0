import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from workflow.case_base import LEAST, PRIOR, CaseBase, SolvedCase, read_cases, with_cases
from workflow.errors import InputError
from workflow.phenotype import PhenotypeModel

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"


def solved(ontology, name, gene, terms, source="PMID:1", disease="OMIM:900003"):
    return SolvedCase(name, gene, disease, source, tuple(ontology.index[term] for term in terms), ())


def test_log_ratios_count_more_specific_terms_and_pull_small_numbers_to_the_usual(ontology):
    cases = [solved(ontology, "a", "HEART1", ["HP:0001644"]), solved(ontology, "b", "DEAF1", ["HP:0000365"])]
    rows, size = CaseBase(ontology, cases).log_ratios([ontology.index["HP:0001638"]])
    usual = 1.5 / 3
    assert size.tolist() == [1, 1]
    assert rows[0].tolist() == pytest.approx(
        [math.log10((PRIOR * usual) / ((1 + PRIOR) * usual)), math.log10((1 + PRIOR * usual) / ((1 + PRIOR) * usual))]
    )


def test_log_ratios_leave_out_a_source_and_an_identifier(ontology):
    cases = [solved(ontology, "a", "HEART1", ["HP:0001644"]), solved(ontology, "b", "HEART1", ["HP:0001644"], "PMID:2")]
    base = CaseBase(ontology, cases)
    assert base.log_ratios([ontology.index["HP:0001644"]], ["PMID:1"])[1].tolist() == [1]
    assert base.log_ratios([ontology.index["HP:0001644"]], ["PMID:1", "b"])[1].tolist() == [0]


def test_log_ratios_have_a_floor(ontology):
    cases = [solved(ontology, str(number), "HEART1", ["HP:0001644"]) for number in range(200)]
    cases += [solved(ontology, "x", "DEAF1", ["HP:0000365"])]
    rows, _ = CaseBase(ontology, cases).log_ratios([ontology.index["HP:0000365"]])
    assert rows[0, 1] == pytest.approx(math.log10(LEAST))


def test_with_cases_makes_a_gene_known_and_does_not_count_a_cited_publication_twice(ontology, annotations):
    joined = with_cases(annotations, [solved(ontology, "a", "NEW1", ["HP:0001644"], disease="OMIM:1")])
    assert "NEW1" in joined.genes
    assert len(joined.disease) == len(annotations.disease) + 1
    reference = annotations.references[0].split(";")[0]
    cited = annotations.diseases[int(annotations.disease[0])][0]
    again = with_cases(annotations, [solved(ontology, "a", "HEART1", ["HP:0001644"], reference, cited)])
    assert len(again.disease) == len(annotations.disease)


def test_solved_cases_of_average_patients_neither_lift_nor_lower_their_gene(ontology, annotations):
    deaf, heart = ["HP:0000365"], ["HP:0001644"]
    alike = [solved(ontology, f"{gene}{number}", gene, [deaf, heart][number % 2]) for gene in ("DEAF1", "HEART1") for number in range(4)]
    model = PhenotypeModel(ontology, annotations, cases=CaseBase(ontology, alike))
    ranking = model.rank([ontology.index[deaf[0]]])
    added = ranking.solved.sum(axis=0)[ranking.solved_cases > 0]
    assert np.ptp(added) == pytest.approx(0)
    without = model.rank([ontology.index[deaf[0]]], without=[one.id for one in alike])
    assert ranking.genes == pytest.approx(without.genes)


def test_a_solved_case_alike_lifts_its_gene(ontology, annotations):
    terms = [ontology.index["HP:0000365"]]
    cases = [solved(ontology, "a", "WEAK1", ["HP:0000365"]), solved(ontology, "b", "HEART1", ["HP:0001644"])]
    model = PhenotypeModel(ontology, annotations, cases=CaseBase(ontology, cases))
    weak = annotations.genes.index("WEAK1")
    assert model.rank(terms).genes[weak] > model.rank(terms, without=["a", "b"]).genes[weak]


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"no json", "cannot be read as JSON"), (b'[{"genes": ["A"]}]', "no solved case"), (b"[3]", "no solved case")]
)
def test_read_cases_refuses_what_is_none(tmp_path, ontology, content, sentence):
    (tmp_path / "cases.json").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_cases(tmp_path / "cases.json", ontology)


def test_read_cases_takes_gzip_and_leaves_out_unknown_terms(tmp_path, ontology):
    records = [
        {"id": "a", "genes": ["G1"], "obs": ["HP:0001644", "HP:9999999"], "exc": ["HP:0000365"], "dis": ["OMIM:1"], "pmid": "PMID:1"}
    ]
    path = tmp_path / "cases.json.gz"
    path.write_bytes(gzip.compress(json.dumps(records).encode()))
    (one,) = read_cases(path, ontology)
    assert (one.gene, one.disease, one.source, len(one.observed), len(one.excluded)) == ("G1", "OMIM:1", "PMID:1", 1, 1)


def test_bits_flipped_in_packed_cases_are_told_in_one_sentence(tmp_path, ontology):
    path = tmp_path / "cases.json.gz"
    packed = gzip.compress(json.dumps([{"id": str(number)} for number in range(500)]).encode())
    for place in range(12, len(packed) - 8, 40):
        path.write_bytes(packed[:place] + bytes([packed[place] ^ 0x15]) + packed[place + 1 :])
        with pytest.raises(InputError, match="solved"):
            read_cases(path, ontology)
