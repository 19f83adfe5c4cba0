import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from workflow.cohort import Measurement
from workflow.errors import InputError
from workflow.gene_facts import read_phenotype
from workflow.hpo_annotations import Mode, patients, read_annotations
from workflow.ontology import read_ontology
from workflow.phenotype import BACK_OFF, EXCLUDED, FLOOR, OUTSIDE, POWER, REPORTING, SHARE, SURE, PhenotypeModel, log_mean
from workflow.phenotype_load import load_model
from workflow.term_shares import shares_of

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


def test_rank_adds_terms_and_takes_the_best_disease_of_a_gene(model):
    numbers = [model.ontology.index[name] for name in ("HP:0001644", "HP:0003701")]
    ranking = model.rank(numbers)
    ratio = ranking.by_term[0] + ranking.by_term[1] + ranking.silence
    assert ranking.diseases == pytest.approx(ranking.weights.ratio / math.sqrt(2) * ratio + ranking.weights.likeness * ranking.likeness)
    heart = model.annotations.genes.index("HEART1")
    assert ranking.best_disease(heart) == 0
    assert ranking.diseases[0] == max(ranking.diseases[:2])
    assert ranking.ranks()[heart] == 1


def test_posterior_sums_to_one_and_leaves_room_for_an_unknown_cause(model):
    ranking = model.rank([model.ontology.index["HP:0001644"]])
    assert ranking.posterior.sum() == pytest.approx(1)
    assert ranking.posterior.max() < 1 - OUTSIDE + OUTSIDE / len(ranking.genes)
    assert (10**ranking.genes).mean() == pytest.approx(1)


def test_an_excluded_term_counts_against_the_diseases_that_show_it(model):
    terms, absent = [model.ontology.index["HP:0003701"]], [model.ontology.index["HP:0001644"]]
    ranking, without = model.rank(terms, absent), model.rank(terms)
    change = ranking.diseases - without.diseases
    assert change[0] == pytest.approx(ranking.scale * EXCLUDED * math.log10(1 - SURE * 0.9))
    assert change[2] == 0


def test_likeness_is_one_share_a_term_and_at_most_one(model):
    terms = [model.ontology.index[name] for name in ("HP:0001644", "HP:0003701")]
    ranking = model.rank(terms)
    assert (ranking.likeness >= 0).all()
    assert ranking.likeness.max() < 1
    assert model.likeness_by_term(terms, 0).sum() == pytest.approx(ranking.likeness[0])


def test_shares_add_up_to_the_score_and_say_why(model):
    terms, absent = [model.ontology.index[name] for name in ("HP:0001644", "HP:0003701")], [model.ontology.index["HP:0000365"]]
    ranking = model.rank(terms, absent)
    heart = model.annotations.genes.index("HEART1")
    shares = shares_of(model, ranking, absent, heart)
    assert sum(shares.terms) + shares.not_told + shares.usual == pytest.approx(ranking.genes[heart])
    assert shares.because[0].startswith("shown by 90 % of patients with the disease")
    assert shares.because[2].startswith("absent here")


def test_ranks_of_equal_genes_are_equal(model):
    ranking = model.rank([model.ontology.index["HP:0001644"]])
    object.__setattr__(ranking, "genes", np.array([1.0, 3.0, 1.0, 2.0]))
    assert ranking.ranks().tolist() == [3, 1, 3, 2]


def test_log_mean_does_not_overflow():
    assert log_mean(np.array([400.0, 400.0])) == pytest.approx(400)
    assert log_mean(np.zeros(0)) == 0


def test_a_compiled_release_gives_the_same_and_a_damaged_one_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("GENVEJ_CACHE", str(tmp_path))
    ontology = read_ontology(HPO / "hp.obo")
    first = load_model(HPO, ontology)
    (kept,) = tmp_path.glob("hpo/*.npz")
    second = load_model(HPO, ontology)
    for name in ("diseases", "references", "genes", "modes", "onsets"):
        assert getattr(first.annotations, name) == getattr(second.annotations, name)
    terms = [ontology.index["HP:0001644"]]
    assert first.rank(terms).genes.tolist() == second.rank(terms).genes.tolist()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert load_model(HPO, ontology).rank(terms).genes.tolist() == first.rank(terms).genes.tolist()


def test_a_changed_release_is_not_taken_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENVEJ_CACHE", str(tmp_path))
    shutil.copytree(HPO, tmp_path / "hpo2")
    ontology = read_ontology(HPO / "hp.obo")
    load_model(tmp_path / "hpo2", ontology)
    table = tmp_path / "hpo2" / "genes_to_phenotype.txt"
    table.write_text(table.read_text().replace("HEART1", "HEART9"))
    assert "HEART9" in load_model(tmp_path / "hpo2", ontology).annotations.genes


def test_a_blood_test_moves_the_right_gene_up_and_its_share_is_shown(tmp_path):
    (tmp_path / "table.tsv").write_text("loincId\toutcome\thpoTermId\n14334-7\tH\tHP:0003701\n")
    result = Measurement("14334-7", "Made-up test", 9.0, "U/L", 1, 2)
    terms = [term("HP:0000365")]
    before = read_phenotype(HPO, terms, measurements=[result])
    after = read_phenotype(HPO, terms, measurements=[result], laboratory=(tmp_path / "table.tsv", "made for this test"))
    assert "no `knowledge.laboratory`" in before.notes[0]
    assert before.facts("HEART1").rank > after.facts("HEART1").rank == 1
    (share,) = [one for one in after.facts("HEART1").terms if one["kind"] == "laboratory"]
    assert share["share"] > 0
    assert share["source"].startswith("LOINC 14334-7 Made-up test: 9 U/L (reference 1 to 2), above the reference range")


def test_posteriors_among_candidates_leave_the_rest_to_other_causes():
    among = read_phenotype(HPO, [term("HP:0001644")]).posteriors_among(["HEART1", "DEAF1", "NOBODY"])
    assert sum(among.values()) == pytest.approx(1 - OUTSIDE, abs=1e-3)
    assert set(among) == {"HEART1", "DEAF1"}


def test_read_phenotype_labels_all_terms_and_tells_the_prior():
    found = read_phenotype(HPO, [term("HP:0001644"), term("HP:0000365", excluded=True)])
    assert [one["label"] for one in found.terms] == ["Dilated cardiomyopathy", "Hearing impairment"]
    assert found.best_genes()[0] == "HEART1"
    facts = found.facts("HEART1")
    assert (facts.rank, facts.disease, facts.matched) == (1, ("OMIM:900001", "Heart and muscle disease"), 1)
    assert [one["kind"] for one in facts.terms] == ["observed", "excluded"]
    assert found.prior.startswith("each of 6 genes")


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
