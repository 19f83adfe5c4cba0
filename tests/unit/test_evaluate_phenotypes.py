import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from scripts.evaluate_phenotypes import Evaluation, few_of_each_gene, main, shares
from workflow.hpo_annotations import read_annotations
from workflow.ontology import read_ontology
from workflow.phenotype import PhenotypeModel

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"


def patient(name="one", gene="HEART1", pmid="PMID:1", obs=("HP:0001644",), exc=()):
    return {"id": name, "genes": [gene], "pmid": pmid, "obs": list(obs), "exc": list(exc)}


@pytest.fixture(scope="module")
def model():
    ontology = read_ontology(HPO / "hp.obo")
    return PhenotypeModel(ontology, read_annotations(HPO, ontology))


def test_without_drops_rows_of_the_publication_alone_and_takes_its_part_of_shared_ones(model):
    evaluation = Evaluation(model, [patient(obs=("HP:0001644", "HP:0003701"))])
    rest = evaluation.without("PMID:1")
    terms = [model.ontology.ids[number] for number in rest.term]
    assert dict(zip(terms, rest.observed.tolist(), strict=True)) == pytest.approx({"HP:0001644": 0, "HP:0003701": 4.5, "HP:0000365": 0})
    assert dict(zip(terms, rest.examined.tolist(), strict=True)) == pytest.approx({"HP:0001644": 0, "HP:0003701": 5, "HP:0000365": 10})


def test_without_takes_all_patients_that_the_publication_tells_of(model):
    patients = [patient(str(number), obs=("HP:0003701",)) for number in range(8)]
    rest = Evaluation(model, patients).without("PMID:1")
    shared = list(rest.term).index(model.ontology.index["HP:0003701"])
    assert (rest.observed[shared], rest.examined[shared]) == pytest.approx((1, 2))


def test_left_out_equals_a_model_built_without_the_publication(model):
    one = patient(obs=("HP:0001644", "HP:0003701"))
    evaluation = Evaluation(model, [one])
    genes = model.annotations.genes
    left_out, naive = evaluation.left_out(one), evaluation.naive(one)
    changed = {gene for gene, before, after in zip(genes, naive, left_out, strict=True) if not np.isclose(before, after)}
    assert changed == {"HEART1"}
    assert left_out[genes.index("HEART1")] < naive[genes.index("HEART1")]


def test_left_out_of_an_unknown_publication_is_naive(model):
    one = patient(pmid="PMID:999")
    evaluation = Evaluation(model, [one])
    assert evaluation.left_out(one).tolist() == evaluation.naive(one).tolist()


def test_rank_of_a_gene_that_the_release_does_not_know_is_infinite(model):
    evaluation = Evaluation(model, [one := patient(gene="NEW1")])
    assert evaluation.rank(one, evaluation.naive) == float("inf")


def test_few_of_each_gene_takes_three_whatever_the_order():
    patients = [patient(f"{gene}{number}", gene) for gene in ("A", "B") for number in range(5)]
    few = few_of_each_gene(patients)
    assert [one["genes"][0] for one in few] == ["A"] * 3 + ["B"] * 3
    assert few_of_each_gene(reversed(patients)) == few


def test_shares_counts_a_miss_in_the_denominator():
    assert shares([1, 4, 7, float("inf")]) == {"n": 4, "top1": 25.0, "top5": 50.0, "top10": 75.0}
    assert shares([]) == {"n": 0}


def test_main_writes_the_table(tmp_path, capsys):
    cases = tmp_path / "cases.json.gz"
    with gzip.open(cases, "wt") as handle:
        json.dump([patient(pmid="PMID:9"), patient("two", "DEAF1", "PMID:9", ("HP:0000365",)), patient("none", obs=())], handle)
    main(HPO, cases, tmp_path / "table.json")
    table = json.loads((tmp_path / "table.json").read_text())
    assert table["hpo_release"] == "2025-01-16"
    assert table["lopo_max3"]["n"] == table["naive_max3"]["n"] == 2
    assert "lopo_max3_gene_known" in capsys.readouterr().out
