"""Each computed criterion: when it counts, when it is shown and does not count, when it was not evaluated."""

from typing import Any

import pytest

from workflow.acmg_criteria import COMPUTED, ba1_bs1, bp7, bs2, judge, pm2, pm4_bp3, ps1_pm5, pvs1
from workflow.acmg_facts import Dosage, Facts, Neighbour, Release
from workflow.acmg_points import Line, Strength
from workflow.family_criteria import bs4, pm6_ps2, pp1, pp4
from workflow.hgvs_edits import Change
from workflow.hgvs_names import TranscriptNamer
from workflow.population import Population
from workflow.transcript import Transcript
from workflow.variants import Consequence

SOURCES = {name: Release(name, "2026-06") for name in ("gene_models", "gnomad", "clinvar", "dosage", "repeats")}
ITEM = Transcript(
    "G", "G", "NM_1.1", "NM_1.1", "", "1", "+", ((0, 100), (200, 300), (400, 500)), ((10, 100), (200, 300), (400, 480)), 0, True, True
)


class Unread:
    def get(self, contig: str, start: int, end: int) -> str:
        raise AssertionError("no base is needed")


def consequence(terms: str, c: str = "", p: str = "", **more: Any) -> Consequence:
    told = dict(
        impact="", symbol="G", gene="G", transcript="NM_1.1", biotype="", exon="", intron="", hgvs_note="", haplotype="", strand="+"
    )
    names = {"hgvs_c": f"NM_1.1:{c}", "hgvs_p": f"NM_1.1:{p}"}
    return Consequence(terms=tuple(terms.split("&")), **{**told, "is_mane": True, "is_canonical": True, **names, **more})


def facts(
    terms: str = "missense_variant", c: str = "c.28G>A", p: str = "p.Arg10Gln", row: dict[str, Any] | None = None, **more: Any
) -> Facts:
    told = {"consequence": consequence(terms, c, p), "change": Change("1", 37, 38, "G", "A"), "sources": SOURCES}
    return Facts(row or {}, **{**told, "namer": TranscriptNamer(ITEM, Unread()), **more})  # type: ignore[arg-type]


def told(found: Any) -> tuple[str, str]:
    """Return the code and why it does not count."""
    assert isinstance(found, Line), found
    return found.code, found.why_not


STOP = ("stop_gained", "c.28C>T", "p.Arg10Ter")


@pytest.mark.parametrize(
    ("dosage", "counts", "why"),
    [
        (Dosage("3", "2024-01-01"), 8, ""),
        (Dosage("30", ""), 8, ""),
        (Dosage("1", ""), 0, "not shown to make ill"),
        (Dosage("40", ""), 0, "not shown to make ill"),
        (None, 0, "the source has no judgement on the gene"),
    ],
)
def test_pvs1_counts_only_where_a_source_says_that_loss_makes_ill(dosage: Dosage | None, counts: int, why: str) -> None:
    found = pvs1(facts(*STOP, dosage=dosage))
    assert isinstance(found, Line)
    assert found.points == counts
    assert why in found.why_not
    assert "decay of the messenger expected" in found.fact


def test_pvs1_without_a_source_names_the_key_of_the_config() -> None:
    code, why = told(pvs1(facts(*STOP, sources={})))
    assert code == "PVS1"
    assert "no `knowledge.dosage` is configured" in why


def test_pvs1_of_a_lost_start_is_supporting_and_none_where_another_transcript_starts_elsewhere() -> None:
    dosage = Dosage("3", "")
    start = ("start_lost", "c.1A>G", "p.Met1?")
    assert told(pvs1(facts(*start, dosage=dosage))) == ("PVS1_Supporting", "")
    assert told(pvs1(facts(*start, dosage=dosage, upstream=True))) == ("PVS1_Moderate", "")
    assert told(pvs1(facts(*start, dosage=dosage, others=True)))[1] == "the decision tree gives no strength"


def test_pvs1_is_not_asked_of_other_effects_nor_where_a_neighbour_changes_it() -> None:
    assert pvs1(facts()) is None
    assert pvs1(facts(*STOP, namer=None)) is None
    assert "same copy" in str(pvs1(facts(consequence=consequence(*STOP, haplotype="together missense"))))


@pytest.mark.parametrize(
    ("neighbours", "code"),
    [
        ([Neighbour("p.Arg10Gln", "pathogenic", 2, "1", False)], "PS1"),
        ([Neighbour("p.Arg10Gln", "likely pathogenic", 1, "1", False)], "PS1_Moderate"),
        ([Neighbour("p.Arg10Trp", "pathogenic", 1, "1", False)], "PM5"),
        ([Neighbour("p.Arg10Trp", "likely pathogenic", 3, "1", False)], "PM5_Supporting"),
        ([Neighbour("p.Arg10Trp", "pathogenic", 1, "1", False), Neighbour("p.Arg10Gln", "pathogenic", 1, "2", False)], "PS1"),
        ([Neighbour("p.Arg10Gln", "pathogenic", 4, "1", True)], None),  # the variant itself: that would be PP5
        ([Neighbour("p.Arg10Gln", "pathogenic", 0, "1", False)], None),
        ([Neighbour("p.Arg10Gln", "", 3, "1", False)], None),
    ],
)
def test_ps1_and_pm5_rest_on_other_variants_of_the_codon(neighbours: list[Neighbour], code: str | None) -> None:
    found = ps1_pm5(facts(neighbours=neighbours))
    assert (found.code if isinstance(found, Line) else found) == code


@pytest.mark.parametrize(
    ("population", "recessive", "code"),
    [
        (Population(False), False, "PM2_Supporting"),
        (Population(True, af=1e-6, an=150_000), False, "PM2_Supporting"),
        (Population(True, af=5e-5), False, None),
        (Population(True, af=5e-5), True, "PM2_Supporting"),
        (Population(True, af=1e-6, popmax=1e-3), False, None),
    ],
)
def test_pm2(population: Population, recessive: bool, code: str | None) -> None:
    gene = {"modes": ["autosomal recessive"]} if recessive else {"modes": ["autosomal dominant"]}
    found = pm2(facts(population=population, gene=gene))
    assert (found.code if isinstance(found, Line) else found) == code


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        (Population(True, af=0.06, an=10_000), ("BA1", "")),
        (Population(True, af=0.001, popmax=0.06, an=10_000), ("BA1", "")),
        (Population(True, af=0.02, an=10_000), ("BS1", "")),
        (Population(True, af=0.06, an=100), ("BA1", "fewer than 2,000 alleles are known to be counted")),
        (Population(True, af=0.06), ("BA1", "fewer than 2,000 alleles are known to be counted")),
    ],
)
def test_ba1_and_bs1_need_alleles_that_were_counted(population: Population, expected: tuple[str, str]) -> None:
    assert told(ba1_bs1(facts(population=population))) == expected


def test_frequencies_that_were_not_looked_at_are_not_evaluated_and_never_absent() -> None:
    for criterion in (pm2, ba1_bs1, bs2):
        assert criterion(facts()) == "no source of population frequencies is configured"
    assert bs2(facts(population=Population(True, af=0.1))) == "the source names no homozygotes"
    assert ba1_bs1(facts(population=Population(False))) is None


@pytest.mark.parametrize(("people", "code"), [(2, None), (3, "BS2_Supporting"), (10, "BS2")])
def test_bs2_by_homozygotes(people: int, code: str | None) -> None:
    found = bs2(facts(population=Population(True, homozygotes=people)))
    assert (found.code if isinstance(found, Line) else found) == code


@pytest.mark.parametrize(
    ("terms", "change", "repeat", "code"),
    [
        ("stop_lost", Change("1", 5, 6, "T", "C"), None, "PM4"),
        ("inframe_deletion", Change("1", 5, 11, "ACGTAC", ""), False, "PM4"),
        ("inframe_deletion", Change("1", 5, 8, "ACG", ""), False, "PM4_Supporting"),
        ("inframe_insertion", Change("1", 5, 5, "", "ACGACG"), True, "BP3"),
        ("frameshift_variant", Change("1", 5, 6, "A", ""), False, None),
    ],
)
def test_pm4_outside_and_bp3_inside_of_repeats(terms: str, change: Change, repeat: bool | None, code: str | None) -> None:
    found = pm4_bp3(facts(terms, change=change, repeat=repeat))
    assert (found.code if isinstance(found, Line) else found) == code


def test_pm4_without_a_source_of_repeats_is_not_evaluated() -> None:
    assert "no BED named `repeats`" in str(pm4_bp3(facts("inframe_deletion", change=Change("1", 5, 8, "ACG", ""))))


@pytest.mark.parametrize(
    ("terms", "c", "shown"),
    [
        ("synonymous_variant", "c.30G>A", True),
        ("synonymous_variant&splice_region_variant", "c.90G>A", False),
        ("intron_variant", "c.90+7A>G", True),
        ("intron_variant", "c.90+6A>G", False),
        ("intron_variant", "c.91-21A>G", True),
        ("intron_variant", "c.91-20A>G", False),
        ("missense_variant", "c.30G>A", False),
    ],
)
def test_bp7_is_shown_by_place_and_never_counts_without_a_predictor(terms: str, c: str, shown: bool) -> None:
    found = bp7(facts(terms, c))
    assert isinstance(found, Line) is shown
    if isinstance(found, Line):
        assert found.points == 0
        assert "no predictor of splicing" in found.why_not


def new(confirmed: bool = True, **more: Any) -> dict[str, Any]:
    parents = [{"role": role, "state": "absent", "depth": 30, "alt": 0, "mosaic": False} for role in ("mother", "father")]
    return {"de_novo": {"confirmed": confirmed, "parents": parents}, "phenotype_score": 2.0, **more}


@pytest.mark.parametrize(
    ("row", "gene", "parentage", "code"),
    [
        (new(), {"posterior": 0.8}, True, "PS2"),
        (new(), {"posterior": 0.2}, True, "PS2_Moderate"),
        (new(phenotype_score="not evaluated"), {}, True, "PS2_Supporting"),
        (new(), {"posterior": 0.8}, False, "PM6"),
        (new(), {"posterior": 0.2}, False, "PM6_Supporting"),
    ],
)
def test_ps2_and_pm6_by_parentage_and_how_specific_the_features_are(row: Any, gene: Any, parentage: bool, code: str) -> None:
    assert told(pm6_ps2(facts(row=row, gene=gene, parentage=parentage))) == (code, "")


@pytest.mark.parametrize(
    ("row", "gene", "why"),
    [
        (new(phenotype_score=-0.5), {}, "the features do not fit the gene"),
        (new(), {"modes": ["autosomal recessive"]}, "known diseases of the gene are recessive"),
        (new(phenotype_score="not evaluated"), {}, "assumed parentage and unknown features do not weigh enough"),
    ],
)
def test_pm6_is_shown_and_not_counted(row: Any, gene: Any, why: str) -> None:
    found = pm6_ps2(facts(row=row, gene=gene))
    assert isinstance(found, Line)
    assert (found.points, found.why_not) == (0, why)


def test_pm6_that_is_not_confirmed_is_not_evaluated_and_none_without_parents() -> None:
    row = new(confirmed=False)
    row["de_novo"]["parents"][1] = {"role": "father", "state": "not known", "mosaic": False}
    assert "father not known, reads not counted" in str(pm6_ps2(facts(row=row)))
    assert pm6_ps2(facts()) is None


def family(meioses: float | None, with_: int = 3, without: int = 0) -> dict[str, Any]:
    names = [f"p{number}" for number in range(9)]
    return {"segregation": {"meioses": meioses, "affected_with": names[:with_], "affected_without": names[:without], "against": []}}


@pytest.mark.parametrize(("meioses", "code"), [(2, "PP1"), (3, "PP1"), (4, "PP1_Moderate"), (5, "PP1_Strong"), (7, "PP1_Strong")])
def test_pp1_by_meioses(meioses: float, code: str) -> None:
    found = pp1(facts(row=family(meioses)))
    assert isinstance(found, Line)
    assert found.code == code
    assert bool(found.points) is (meioses >= 3)


def test_segregation_against_gives_bs4_and_takes_pp1_away() -> None:
    row = family(5, without=1)
    assert told(bs4(facts(row=row))) == ("BS4", "")
    assert told(pp1(facts(row=row))) == ("PP1", "an affected relative does not have it")
    assert bs4(facts(row=family(5))) is None
    assert "cannot be counted" in str(pp1(facts(row=family(None))))
    assert pp1(facts()) is None


def test_pp4_counts_the_features_once() -> None:
    assert told(pp4(facts(gene={"posterior": 0.6}))) == ("PP4", "")
    assert pp4(facts(gene={"posterior": 0.4})) is None
    assert told(pp4(facts(row=new(), gene={"posterior": 0.6})))[1] == "the features are counted in PS2 or PM6"
    assert "not evaluated" in str(pp4(facts()))


def test_judge_sorts_lines_from_what_was_not_evaluated() -> None:
    lines, missing = judge(facts(population=Population(False)))
    assert [one.code for one in lines] == ["PM2_Supporting"]
    assert set(missing) == {"PS1/PM5", "PP4"}
    assert not {"PP5", "BP6"} & {name for names in COMPUTED for name in names.split("/")}
    assert all(line.source and line.release for line in lines)


def test_every_line_names_fact_source_release_and_date() -> None:
    found = pm2(facts(population=Population(False)))
    assert isinstance(found, Line)
    record = found.as_record()
    assert (record["source"], record["release"], record["date"]) == ("gnomad", "2026-06", "2026-06")
    assert record["strength"] == Strength.SUPPORTING
    assert record["fact"].startswith("not found")
