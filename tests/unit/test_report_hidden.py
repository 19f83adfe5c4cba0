"""What could hide in what was not seen of a gene, and who carries a variant as far as is known."""

from typing import Any

import pytest

from workflow.family import Family
from workflow.report_family import add_states
from workflow.report_hidden import add_hidden, unseen_parts


class Bed:
    """Callable intervals without a file."""

    def __init__(self, *parts: tuple[int, int]) -> None:
        self.parts = parts

    def within(self, contig: str, start: int, end: int) -> list[tuple[int, int]]:
        return [(max(first, start), min(last, end)) for first, last in self.parts if first < end and last > start]


class Release:
    """A ClinVar release with three records."""

    release = "2026-11"

    def records(self, contig: str, start: int, end: int) -> list[tuple[None, dict[str, str]]]:
        known = {105: "Pathogenic", 115: "Likely_pathogenic", 118: "Benign"}
        return [(None, {"CLNSIG": said}) for place, said in known.items() if start <= place < end]


EXON = {"number": 1, "of": 1, "contig": "1", "start": 100, "end": 120, "bases": 20, "owed": 20, "callable": {"c": 10}}
GENE: dict[str, Any] = {"gene": "A", "exons": [EXON]}


@pytest.mark.parametrize(
    ("seen", "left"),
    [([], [(0, 10)]), ([(0, 10)], []), ([(2, 4), (6, 10)], [(0, 2), (4, 6)]), ([(0, 3)], [(3, 10)])],
)
def test_unseen_parts_are_what_is_left(seen: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    assert unseen_parts(0, 10, seen) == left


def test_known_pathogenic_variants_are_counted_where_nothing_was_seen_only() -> None:
    release: Any = Release()
    (gene,) = add_hidden([GENE], [], Bed((100, 110)), release, frozenset())  # type: ignore[arg-type]
    assert (gene["exons"][0]["unseen"], gene["exons"][0]["known"]) == ([[110, 120]], 1)
    assert gene["hides"] == ["1 (likely) pathogenic variants of ClinVar 2026-11 lie in what was not seen"]


def test_without_clinvar_known_variants_are_not_evaluated_and_not_none() -> None:
    (gene,) = add_hidden([GENE], [], Bed(), None, frozenset())  # type: ignore[arg-type]
    assert gene["exons"][0]["known"] is None
    assert "not evaluated" in gene["hides"][0]
    (whole,) = add_hidden([GENE], [], Bed((0, 999)), None, frozenset())  # type: ignore[arg-type]
    assert whole["hides"] == []


@pytest.mark.parametrize(
    ("zygosity", "recessive", "told"), [("heterozygous", "A", True), ("homozygous", "A", False), ("heterozygous", "B", False)]
)
def test_a_second_recessive_variant_may_hide_where_one_is_known(zygosity: str, recessive: str, told: bool) -> None:
    (gene,) = add_hidden([GENE], [{"gene": "A", "zygosity": zygosity}], Bed(), None, frozenset({recessive}))  # type: ignore[arg-type]
    assert any("second variant" in line for line in gene["hides"]) is told


def call(genotype: str, depth: int, alt: int, quality: int = 99) -> dict[str, Any]:
    return {"genotype": genotype, "depth": depth, "ref_reads": depth - alt, "alt_reads": alt, "quality": quality}


def test_states_of_members_keep_not_known_apart_from_absent() -> None:
    members = [{"sample": name, "role": role, "sex": sex, "affected": "no"} for name, role, sex in
               (("c", "proband", "male"), ("m", "mother", "female"), ("f", "father", "male"))]  # fmt: skip
    family = Family.of(members, "c")
    calls = {"c": call("0/1", 30, 15), "m": call("0/0", 3, 0), "f": call("0/0", 30, 0)}
    one = {"chrom": "1", "pos": 5, "ref": "A", "alt": "C", "members": calls}
    (told,) = add_states([one], family, 10, {})
    assert {name: now["state"] for name, now in told["members"].items()} == {"c": "one copy", "m": "not known", "f": "absent"}
    fragments = {"1:5:A:C": {"f": {"ref": 60, "alt": 6, "other": 0, "error": 0.001}}}
    (read,) = add_states([one], family, 10, fragments)
    assert read["members"]["f"]["state"] == "mosaic"


def test_a_proband_without_a_call_leaves_all_not_known() -> None:
    family = Family.of([{"sample": "c", "role": "proband", "sex": "male", "affected": "no"}], "c")
    (told,) = add_states([{"chrom": "1", "pos": 5, "ref": "A", "alt": "C", "members": {}}], family, 10, {})
    assert told["members"] == {}
