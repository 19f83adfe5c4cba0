from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.ontology import read_ontology

OBO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo" / "hp.obo"


@pytest.fixture(scope="module")
def ontology():
    return read_ontology(OBO)


def ids(ontology, numbers):
    return {ontology.ids[number] for number in numbers}


def test_read_ontology_takes_terms_parents_and_release(ontology):
    assert ontology.release == "2025-01-16"
    assert ontology.name("HP:0001644") == "Dilated cardiomyopathy"
    assert ids(ontology, ontology.parents[ontology.index["HP:0001644"]]) == {"HP:0001638"}
    assert "HP:0000057" not in ontology.index
    assert "part_of" not in ontology.index


def test_ancestors_and_descendants_hold_the_term_itself(ontology):
    heart = ontology.index["HP:0001638"]
    assert ids(ontology, ontology.ancestors(heart)) == {"HP:0001638", "HP:0000118", "HP:0000001"}
    assert ids(ontology, ontology.descendants(heart)) == {"HP:0001638", "HP:0001644", "HP:0001639"}


@pytest.mark.parametrize(
    ("term", "now"), [("HP:0001644", "HP:0001644"), ("HP:0005159", "HP:0001644"), ("HP:0000057", "HP:0001324"), ("HP:0000058", None)]
)
def test_current_follows_merged_and_retired_terms(ontology, term, now):
    assert ontology.current(term) == now


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("HP:0000057", "p.json: the HPO term HP:0000057 is obsolete; use HP:0001324 (Muscle weakness) instead."),
        ("HP:0005159", "p.json: the HPO term HP:0005159 is obsolete; use HP:0001644 (Dilated cardiomyopathy) instead."),
        ("HP:0000058", "p.json: the HPO term HP:0000058 is obsolete and has no replacement; choose another term."),
        ("HP:9999999", "p.json: the HPO term 'HP:9999999' is not in the HPO release 2025-01-16; look the term up at hpo.jax.org."),
        ("heart", "p.json: the HPO term 'heart' is not in the HPO release 2025-01-16; write terms as HP: and seven digits."),
    ],
)
def test_require_says_what_to_do_about_a_term_not_in_use(ontology, term, sentence):
    with pytest.raises(InputError) as error:
        ontology.require(term, file="p.json")
    assert str(error.value) == sentence


@pytest.mark.parametrize("content", ["", "hello\n", "format-version: 1.2\n\n[Term]\nname: no identifier\n"])
def test_read_ontology_refuses_another_format(tmp_path, content):
    (tmp_path / "hp.obo").write_text(content)
    with pytest.raises(InputError, match="not an ontology in OBO format"):
        read_ontology(tmp_path / "hp.obo")


def test_read_ontology_names_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"hp\.obo: the HPO ontology cannot be read"):
        read_ontology(tmp_path / "hp.obo")
