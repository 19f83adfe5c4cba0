import pytest

from workflow.pedigree import Pedigree, cycle_in, meioses

PEOPLE = [
    {"sample": "boy", "role": "proband", "sex": "male"},
    {"sample": "mum", "role": "mother", "sex": "female", "mother": "(granny)", "father": "(grandpa)"},
    {"sample": "dad", "role": "father", "sex": "male"},
    {"sample": "sis", "role": "sibling", "sex": "female"},
    {"sample": "half", "role": "relative", "sex": "female", "mother": "mum", "father": "(other)"},
    {"sample": "uncle", "role": "relative", "sex": "male", "mother": "(granny)", "father": "(grandpa)"},
    {"sample": "cousin", "role": "relative", "sex": "female", "mother": "(aunt)", "father": "uncle"},
    {"sample": "stranger", "role": "relative", "sex": "male"},
]


@pytest.mark.parametrize(
    ("carriers", "expected"),
    [
        ([], 0),
        (["boy"], 0),
        (["mum"], 1),  # one of two parents has it
        (["sis"], 1),  # a parent has it for certain, and passes it on
        (["half"], 2),
        (["mum", "sis"], 2),
        (["uncle"], 2),
        (["cousin"], 3),
        (["uncle", "cousin"], 3),
        (["stranger"], None),
        (["mum", "dad"], None),  # one founder brought one copy
    ],
)
def test_meioses_of_a_dominant_variant(carriers, expected):
    assert meioses(Pedigree.of(PEOPLE), "boy", carriers) == expected


def test_meioses_on_x_know_that_a_boy_has_it_from_his_mother_and_a_daughter_has_her_fathers():
    pedigree = Pedigree.of(PEOPLE)
    assert meioses(pedigree, "boy", ["mum"], "chrX") == 0
    assert meioses(pedigree, "boy", ["uncle", "cousin"], "chrX") == meioses(pedigree, "boy", ["uncle"], "chrX")
    assert meioses(pedigree, "boy", ["dad"], "chrX") is None


def test_meioses_without_sequenced_parents_still_links_siblings():
    people = [{"sample": "a", "role": "proband", "sex": "female"}, {"sample": "b", "role": "sibling", "sex": "male"}]
    assert meioses(Pedigree.of(people), "a", ["b"]) == 1


def test_meioses_counts_both_ways_of_descent_of_a_child_of_cousins():
    people = [
        {"sample": "child", "role": "proband", "sex": "female", "mother": "m", "father": "f"},
        {"sample": "m", "role": "mother", "sex": "female", "mother": "(m1)", "father": "(x)"},
        {"sample": "f", "role": "father", "sex": "male", "mother": "(f1)", "father": "(y)"},
        {"sample": "top", "role": "relative", "sex": "female"},
    ]
    links = Pedigree.of(people)
    parents = dict(links.parents) | {"(m1)": ("top", ""), "(f1)": ("top", "")}
    both = meioses(Pedigree(parents, links.sexes), "child", ["top"])
    assert both == pytest.approx(1.65, abs=0.01)  # 15/64 through two lines from the common ancestor, 1/4 from each other founder


def test_meioses_of_a_family_too_large_to_go_through_is_not_known():
    parents = {f"p{n}": (f"p{n + 1}", f"(q{n})") for n in range(30)}
    assert meioses(Pedigree(parents), "p0", ["p29"]) is None


@pytest.mark.parametrize(
    ("parents", "ring"),
    [
        ({"a": ("b", ""), "b": ("", "c"), "c": ("a", "")}, ["a", "b", "c"]),
        ({"a": ("a", "")}, ["a"]),
        ({"x": ("a", ""), "a": ("b", ""), "b": ("a", "")}, ["a", "b"]),
        ({"a": ("c", "d"), "b": ("c", "d")}, []),
    ],
)
def test_cycle_in_a_line_of_descent(parents, ring):
    assert cycle_in(parents) == ring
