import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from workflow.errors import InputError
from workflow.gene_facts import read_phenotype
from workflow.hpo_annotations import Mode, patients, read_annotations
from workflow.ontology import read_ontology
from workflow.phenotype import BACK_OFF, FLOOR, POWER, REPORTING, SHARE, PhenotypeModel, log_sum_by

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"


@pytest.fixture(scope="module")
def model():
    ontology = read_ontology(HPO / "hp.obo")
    return PhenotypeModel(ontology, read_annotations(HPO, ontology))


def ratio(model, term, disease):
    number = [identifier for identifier, _ in model.annotations.diseases].index(disease)
    return float(model.rank([model.ontology.index[term]]).by_term[0, number])


def share(model, term):
    return float(model.background.share[model.ontology.index[term]])


def term(name, *, excluded=False):
    return {"id": name, "label": "", "excluded": excluded}


@pytest.mark.parametrize(
    ("text", "counts"),
    [("3/7", (3, 7)), ("40%", (4, 10)), ("HP:0040281", (9, 10)), ("HP:0040285", (0, 10)), ("", (0.5, 1)), ("NOT", (0, 10))],
)
def test_patients_understands_every_form_of_frequency(text, counts):
    assert patients(text) == pytest.approx(counts)


def test_read_annotations_takes_genes_with_annotated_diseases_and_their_modes(model):
    modes = model.annotations.modes_by_gene()
    assert model.annotations.genes == ("BOYS1", "DEAF1", "DEAF2", "HEART1", "MT-H1", "WEAK1")
    assert modes["BOYS1"] == {Mode.X_LINKED}
    assert modes["MT-H1"] == {Mode.MITOCHONDRIAL}
    assert "WEAK1" not in modes


def test_background_is_the_mean_over_diseases_with_one_more(model):
    # Deafness: excluded in the first, unstated (0.5) in the third, 2/4 in the sixth of seven diseases.
    assert share(model, "HP:0000365") == pytest.approx((0.5 + 0.5 + 1) / 8)


def test_ratio_of_an_annotated_term_is_its_frequency_over_the_background(model):
    assert ratio(model, "HP:0001644", "OMIM:900001") == pytest.approx(math.log10(0.9**POWER / share(model, "HP:0001644")))


def test_ratio_counts_a_more_specific_annotation_for_a_general_term(model):
    assert ratio(model, "HP:0001638", "OMIM:900001") == pytest.approx(math.log10(0.9**POWER / share(model, "HP:0001638")))


def test_ratio_backs_off_to_a_more_general_annotation(model):
    specific, general = share(model, "HP:0001644"), share(model, "HP:0001638")
    expected = BACK_OFF * 0.55**POWER / (general**SHARE * specific ** (1 - SHARE))
    assert ratio(model, "HP:0001644", "OMIM:900005") == pytest.approx(math.log10(max(expected, FLOOR)))


@pytest.mark.parametrize("disease", ["OMIM:900003", "OMIM:900001"])
def test_ratio_of_an_unrelated_or_excluded_term_is_the_floor(model, disease):
    unrelated = {"OMIM:900003": "HP:0003701", "OMIM:900001": "HP:0000365"}[disease]
    assert ratio(model, unrelated, disease) == pytest.approx(math.log10(FLOOR))


def test_an_obsolete_term_of_the_annotations_counts_for_its_successor(model):
    assert ratio(model, "HP:0001324", "OMIM:900007") == pytest.approx(math.log10(0.25**POWER / share(model, "HP:0001324")))


def test_silence_costs_a_disease_with_more_frequent_features_more(model):
    ranking = model.rank([model.ontology.index["HP:0000365"]])
    many, few = ranking.silence[0], ranking.silence[2]
    assert few - many == pytest.approx(math.log10((1 - REPORTING * 0.5) / ((1 - REPORTING * 0.9) ** 2)))


def test_rank_adds_terms_and_sums_the_diseases_of_a_gene(model):
    numbers = [model.ontology.index[name] for name in ("HP:0001644", "HP:0003701")]
    ranking = model.rank(numbers)
    assert ranking.diseases == pytest.approx(ranking.by_term[0] + ranking.by_term[1] + ranking.silence)
    heart = model.annotations.genes.index("HEART1")
    assert ranking.genes[heart] == pytest.approx(math.log10(10 ** ranking.diseases[0] + 10 ** ranking.diseases[1]))
    assert ranking.best_disease(heart) == 0
    assert ranking.ranks()[heart] == 1


def test_ranks_of_equal_genes_are_equal(model):
    ranking = model.rank([model.ontology.index["HP:0001644"]])
    object.__setattr__(ranking, "genes", np.array([1.0, 3.0, 1.0, 2.0]))
    assert ranking.ranks().tolist() == [3, 1, 3, 2]


def test_log_sum_by_keeps_an_empty_group_at_minus_infinity_and_does_not_overflow():
    sums = log_sum_by(np.array([0, 0, 2]), np.array([400.0, 400.0, 1.0]), 3)
    assert sums.tolist() == pytest.approx([400 + math.log10(2), -math.inf, 1])


def test_read_phenotype_uses_observed_terms_only_and_labels_all():
    found = read_phenotype(HPO, [term("HP:0001644"), term("HP:0000365", excluded=True)])
    assert [one["label"] for one in found.terms] == ["Dilated cardiomyopathy", "Hearing impairment"]
    assert found.best_genes()[0] == "HEART1"
    facts = found.facts("HEART1")
    assert (facts.rank, facts.disease, facts.matched, len(facts.terms)) == (1, ("OMIM:900001", "Heart and muscle disease"), 1, 1)


def test_read_phenotype_knows_modes_without_terms_but_ranks_nothing():
    found = read_phenotype(HPO, [term("HP:0001644", excluded=True)])
    assert found.ranking is None
    assert found.best_genes() == []
    facts = found.facts("DEAF1")
    assert (facts.score, facts.rank, facts.modes) == (None, None, {Mode.RECESSIVE})


def test_read_phenotype_without_release_keeps_the_terms_as_given():
    assert read_phenotype(None, [term("HP:0001644")]).terms == [term("HP:0001644")]


def test_read_phenotype_refuses_a_term_that_is_not_in_use():
    with pytest.raises(InputError, match=r"^lmna\.json: the HPO term HP:0000057 is obsolete; use HP:0001324"):
        read_phenotype(HPO, [term("HP:0000057")], "lmna.json")


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("phenotype.hpoa", "a\tb\n", "phenotype.hpoa, row 1: this row is not one of a phenotype.hpoa file"),
        ("phenotype.hpoa", "#only a comment\n", "no annotation in it uses a term of hp.obo"),
        ("genes_to_phenotype.txt", "a b\n", "this is not a table of six columns"),
    ],
)
def test_read_annotations_refuses_a_file_of_another_kind(tmp_path, file, content, sentence):
    shutil.copytree(HPO, tmp_path / "hpo")
    (tmp_path / "hpo" / file).write_text(content)
    with pytest.raises(InputError, match=sentence):
        read_annotations(tmp_path / "hpo", read_ontology(HPO / "hp.obo"))
