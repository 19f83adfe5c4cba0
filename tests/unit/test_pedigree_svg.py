"""A family drawn: who stands where, and what the symbols say."""

import itertools
import re
from typing import Any

import pytest

from workflow.page_words import under_person
from workflow.pedigree_svg import draw_pedigree, generations, layout
from workflow.report_family import people_of


def person(name: str, sex: str = "female", father: str = "", mother: str = "", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "role": "",
        "sex": sex,
        "affected": "no",
        "father": father,
        "mother": mother,
        "sequenced": True,
        "proband": False,
    } | more


FAMILY = [
    person("gf", "male"), person("gm"), person("mother", father="gf", mother="gm"),
    person("father", "male"), person("aunt", father="gf", mother="gm"),
    person("sib", "male", "father", "mother"), person("child", "unknown", "father", "mother", proband=True),
]  # fmt: skip


def test_generations_put_both_parents_of_a_child_in_one() -> None:
    assert generations(FAMILY) == {"gf": 0, "gm": 0, "mother": 1, "father": 1, "aunt": 1, "sib": 2, "child": 2}


def test_layout_puts_nobody_on_top_of_another_and_children_below_their_parents() -> None:
    places = layout(FAMILY)
    assert len(set(places.values())) == len(FAMILY)
    assert min(x for x, _ in places.values()) > 0
    for name in ("sib", "child"):
        assert places[name][1] > places["father"][1] == places["mother"][1]
    middle = (places["father"][0] + places["mother"][0]) / 2
    assert middle == (places["sib"][0] + places["child"][0]) / 2
    assert places["father"][0] < places["mother"][0]


@pytest.mark.parametrize("number", [1, 2, 12])
def test_layout_holds_people_without_relatives_and_many_children(number: int) -> None:
    family = [person("f", "male"), person("m"), person("alone"), *(person(f"c{i}", "male", "f", "m") for i in range(number))]
    places = layout(family)
    rows: dict[float, list[float]] = {}
    for x, y in places.values():
        rows.setdefault(y, []).append(x)
    for xs in rows.values():
        ordered = sorted(xs)
        assert all(later - one > 100 for one, later in itertools.pairwise(ordered))


def test_symbols_tell_sex_affection_and_who_was_not_sequenced() -> None:
    people = [
        person("f", "male", affected="yes"),
        person("m", affected="unknown"),
        person("(x)", sequenced=False),
        person("u", "unknown", proband=True),
    ]
    drawn = draw_pedigree(people, {"f": ["<b>", "x"]}, 'la"bel')
    assert drawn.count("<rect") == 1
    assert 'class="who aff"' in drawn
    assert 'class="who maybe"' in drawn
    assert drawn.count('class="ask"') == 1
    assert drawn.count(" off") == 1
    assert drawn.count('class="arrow"') == 1
    assert "&lt;b&gt;" in drawn
    assert "<b>" not in drawn
    assert 'aria-label="la&#34;bel"' in drawn


def test_people_of_links_parents_by_role_and_draws_who_was_not_sequenced() -> None:
    members = [
        {"sample": "c", "role": "proband", "sex": "male", "affected": "yes", "mother": "", "father": ""},
        {"sample": "m", "role": "mother", "sex": "female", "affected": "no", "mother": "(grandmother)", "father": ""},
    ]
    people = {one["name"]: one for one in people_of(members, "c")}
    assert set(people) == {"c", "m", "(father)", "(grandmother)"}
    assert (people["c"]["mother"], people["c"]["father"], people["c"]["proband"]) == ("m", "(father)", True)
    assert (people["(father)"]["sequenced"], people["(father)"]["sex"]) == (False, "male")
    assert re.search("who maybe off", draw_pedigree(people_of(members, "c"), {}, "x"))


@pytest.mark.parametrize(
    ("state", "depth", "genotype", "first", "last"),
    [
        ("one copy", 20, "0/1", "0/1", "9 of 20 reads"),
        ("mosaic", 20, "0/0", "0/0 mosaic", "9 of 20 reads"),
        ("not known", 3, "0/0", "not known", "3 reads"),
        ("not known", 0, "./.", "not known", "no coverage"),
        ("not known", None, ".", "not known", "no coverage"),
    ],
)
def test_under_person_says_not_known_and_never_absent_without_coverage(
    state: str, depth: int | None, genotype: str, first: str, last: str
) -> None:
    call = {"state": state, "depth": depth, "genotype": genotype, "alt_reads": 9, "ref_reads": 11}
    lines = under_person(person("a-very-long-name-of-a-sample"), {"members": {"a-very-long-name-of-a-sample": call}})
    assert (lines[0], lines[-1]) == (first, last)
    assert len(lines[1]) == 17


def test_under_person_of_somebody_who_was_not_sequenced() -> None:
    assert under_person(person("(mother)", sequenced=False), {"members": {}}) == ["not sequenced", ""]
    assert under_person(person("(gran)", sequenced=False)) == ["not sequenced", "gran"]
    assert under_person(person("x"), {"members": {}})[0] == "not known"
