"""The evidence sheet: rows that are not as they must be, names that contradict their place, and how people's lines are counted."""

import datetime
from pathlib import Path
from typing import Any

import pysam
import pytest

from workflow.acmg_points import Line, Strength
from workflow.cohort import Case, Cohort, Sample
from workflow.errors import InputError
from workflow.evidence_places import Places, accessions_of, plain
from workflow.evidence_sheet import Judgement, by_case, load_evidence
from workflow.ledger import evidence_text, join_lines, ledger
from workflow.variants import AnnotatedVariant

HEADER = "case\tvariant\tcriterion\tstrength\tdirection\tfact\tauthor\tdate\treference"
GOOD = "c1\t1-16-C-T\tPS3\tmoderate\tpathogenic\tno enzyme left\tA. Berg\t2026-03-01\tPMID:1"
SAMPLE = Sample("kid", "c1", "proband", "female", "yes", None, "", "")
COHORT = Cohort({"kid": SAMPLE}, {"c1": Case("c1", (SAMPLE,), SAMPLE, None)}, {})
TODAY = datetime.date(2026, 6, 1)


def load(folder: Path, *rows: str) -> list[Judgement]:
    sheet = folder / "evidence.tsv"
    sheet.write_text("\n".join([HEADER, *rows]) + "\n")
    return load_evidence(sheet, COHORT, TODAY)


def changed(**cells: str) -> str:
    row = dict(zip(HEADER.split("\t"), GOOD.split("\t"), strict=True)) | cells
    return "\t".join(row.values())


def test_load_evidence_reads_rows_by_case(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD, changed(criterion="PVS1", direction="veto", strength="", reference=""))
    assert [(one.criterion, one.direction, one.row) for one in found] == [("PS3", "pathogenic", 2), ("PVS1", "veto", 3)]
    (params,) = by_case(found).values()
    assert "row" not in params[0], "a row above another changes no job"
    assert load_evidence(None, COHORT, TODAY) == []


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"author": ""}, "`author` is empty"),
        ({"date": ""}, "`date` is empty"),
        ({"date": "2026-13-01"}, "`date` is no day"),
        ({"date": "2026-06-02"}, "which is to come"),
        ({"fact": ""}, "`fact` is empty"),
        ({"reference": ""}, "`reference` is empty"),
        ({"strength": ""}, "`strength` is empty"),
        ({"strength": "stand-alone"}, "PS3 cannot be stand-alone"),
        ({"direction": "benign"}, "PS3 speaks for pathogenic, the row says benign"),
        ({"direction": "veto"}, "a veto has no strength"),
        ({"criterion": "PP5"}, "PP5 is never counted"),
        ({"criterion": "BP6", "direction": "benign"}, "BP6 is never counted"),
        ({"criterion": "PS7"}, "there is no criterion PS7"),
        ({"case": "c2"}, "there is no case `c2` (known are c1)"),
        ({"variant": "somewhere"}, "`variant` is 'somewhere'"),
        ({"author": "0101901234"}, "CPR number"),
    ],
)
def test_load_evidence_refuses_a_row(tmp_path: Path, cells: dict[str, str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, GOOD, changed(**{"criterion": "PS4", **cells} if "criterion" not in cells else cells))
    text = str(caught.value).replace("PS4", "PS3")
    assert "row 3" in text
    assert words in text


def test_load_evidence_takes_a_position_whose_digits_are_a_date_and_no_cpr_number_elsewhere(tmp_path: Path) -> None:
    (one,) = load(tmp_path, changed(variant="20-10005689-A-C"))
    assert one.variant == "20-10005689-A-C"
    with pytest.raises(InputError, match="column fact holds what looks like a CPR number"):
        load(tmp_path, changed(variant="20-10005689-A-C", fact="see 20-10005689-A-C"))


def test_load_evidence_refuses_a_judgement_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"row 2 holds A\. Berg's judgement of 2026-03-01 on PS3 of this variant already"):
        load(tmp_path, GOOD, changed(fact="again"))


# --- where a name lies: on the reverse strand; exons 51-80 and 21-40 (1-based), coding from base 75 down to 26 ---

TEXT = "ACGTTGCAAC" * 10
GFF3 = """##gff-version 3
1\tx\tgene\t21\t80\t.\t-\t.\tID=gene:G1;Name=GENE
1\tx\tmRNA\t21\t80\t.\t-\t.\tID=transcript:NM_1;version=2;Parent=gene:G1
1\tx\texon\t51\t80\t.\t-\t.\tParent=transcript:NM_1
1\tx\tCDS\t51\t75\t.\t-\t0\tParent=transcript:NM_1
1\tx\texon\t21\t40\t.\t-\t.\tParent=transcript:NM_1
1\tx\tCDS\t26\t40\t.\t-\t0\tParent=transcript:NM_1
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("places")
    (folder / "ref.fa").write_text(f">1\n{TEXT}\n")
    pysam.faidx(str(folder / "ref.fa"))
    (folder / "models.gff3").write_text(GFF3)
    return Places(str(folder / "ref.fa"), "GRCh38", folder / "models.gff3", ["NM_1.2"])


def base(pos: int, *, turned: bool = True) -> str:
    return {"A": "T", "C": "G", "G": "C", "T": "A"}[TEXT[pos - 1]] if turned else TEXT[pos - 1]


@pytest.mark.parametrize(
    ("name", "pos"),
    [("1", 75), ("25", 51), ("25+3", 48), ("26-2", 42), ("26", 40), ("40", 26), ("-5", 80), ("*5", 21)],
)
def test_place_of_a_coding_name_counts_from_the_start_codon(places: Places, name: str, pos: int) -> None:
    other = next(letter for letter in "ACGT" if letter != base(pos))
    found = places.place_of(f"NM_1.2:c.{name}{base(pos)}>{other}")
    assert (found.contig, found.start) == ("1", pos - 1)
    assert found.alleles == (base(pos, turned=False), {"A": "T", "C": "G", "G": "C", "T": "A"}[other])


def judged(variant: str, hgvs: str = "") -> Judgement:
    return Judgement("c1", variant, hgvs, "PS3", "moderate", "pathogenic", "f", "A. Berg", "2026-03-01", "r", 7)


@pytest.mark.parametrize(
    ("variant", "hgvs", "words"),
    [
        (f"NM_1.2:c.1{base(1)}>{base(75)}", "", "where the reference has"),
        ("NM_1.2:c.41A>C", "", "NM_1.2 has no position 41"),
        ("NM_1.2:c.24+1G>A", "", "position 24 of NM_1.2 is not beside an intron"),
        ("NM_1.2:c.25+30G>A", "", "shorter than that"),
        ("NM_1.1:c.1A>C", "", "the gene models have no NM_1.1 but NM_1.2"),
        ("NM_9.1:c.1A>C", "", "the gene models have no NM_9.1"),
        ("1-10-A-G", "", "says A where the reference GRCh38 has C"),
        ("7-10-A-G", "", "the reference has no contig 7"),
        ("NC_000001.10:g.10C>G", "", "is not of GRCh38"),
        ("NC_000001.11:g.10A>G", "", "says A where the reference has C"),
        ("NM_1.2:c.1wrong", "", "no HGVS name of a small variant"),
        (f"1-10-C-{'G'}", "NC_000001.11:g.11A>G", "is not the name of 1-10-C-G, which is g.10C>G"),
        (f"1-75-{base(75, turned=False)}-C", f"NM_1.2:c.2{base(74)}>A", "is not the name of"),
    ],
)
def test_check_refuses_a_name_that_contradicts_its_place(places: Places, variant: str, hgvs: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        places.check(judged(variant, hgvs), Path("evidence.tsv"))
    assert str(caught.value).startswith("evidence.tsv, row 7: ")
    assert words in str(caught.value)


def test_check_accepts_names_of_the_same_variant(places: Places) -> None:
    places.check(judged("1-10-C-G", "NC_000001.11:g.10C>G"), Path("e.tsv"))
    places.check(judged("chr1:10:C:G"), Path("e.tsv"))
    places.check(judged(f"1-75-{base(75, turned=False)}-C", f"NM_1.2:c.1{base(75)}>G"), Path("e.tsv"))


def record(pos: int, ref: str, alt: str, hgvs_g: str = "") -> AnnotatedVariant:
    return AnnotatedVariant("1", pos, ref, alt, None, (), {}, (), hgvs_g, {})


def test_same_knows_an_insertion_wherever_the_repeat_puts_it(places: Places) -> None:
    # the sequence has …CAACACG…: AA at 8 and 9
    assert places.same("1-7-C-CA", record(8, "A", "AA"))
    assert places.same("1-9-A-AA", record(7, "C", "CA"))
    assert not places.same("1-7-C-CG", record(7, "C", "CA"))


def test_same_compares_names_without_listed_bases(places: Places) -> None:
    assert plain("NM_1.2:c.3delA") == "NM_1.2:c.3del"
    assert places.same("NC_000001.11:g.9delA", record(7, "CA", "C", "NC_000001.11:g.9del"))


def test_models_without_versions_take_a_name_with_one(places: Places, tmp_path: Path) -> None:
    (tmp_path / "models.gff3").write_text(GFF3.replace(";version=2", ""))
    (tmp_path / "ref.fa").write_text(f">1\n{TEXT}\n")
    pysam.faidx(str(tmp_path / "ref.fa"))
    bare = Places(str(tmp_path / "ref.fa"), "GRCh38", tmp_path / "models.gff3", ["NM_1.7"])
    name = f"NM_1.7:c.1{base(75)}>G"
    assert bare.place_of(name).start == 74
    assert bare.same(name, record(75, base(75, turned=False), "C"))


def test_accessions_of_names_only_transcripts() -> None:
    assert list(accessions_of(["1-2-A-C", "NC_000001.11:g.9del", "", "NM_1.2:c.3del"])) == ["NM_1.2"]


# --- people's lines beside the computed ones ---


def row(**more: Any) -> dict[str, Any]:
    return {"criterion": "PM2", "strength": "moderate", "direction": "pathogenic", "fact": "not in ours", "author": "A. Berg"} | {
        "date": "2026-03-01", "reference": "our store", **more,
    }  # fmt: skip


COMPUTED = Line("PM2", Strength.SUPPORTING, "not found", "gnomad", "4.1")


def test_join_lines_puts_a_person_in_the_place_of_the_computed_line() -> None:
    lines, _ = join_lines([COMPUTED], [row()])
    assert [(one.code, one.points, one.author) for one in lines] == [("PM2", 2, "A. Berg"), ("PM2_Supporting", 0, "")]
    assert lines[1].why_not == "replaced by A. Berg's judgement of 2026-03-01"


def test_join_lines_counts_the_latest_of_several_people() -> None:
    lines, _ = join_lines([], [row(date="2026-05-01", author="B. Dahl", strength="strong"), row()])
    assert [(one.author, one.points) for one in lines] == [("A. Berg", 0), ("B. Dahl", 4)]
    assert lines[0].why_not == "B. Dahl judged anew on 2026-05-01"


def test_join_lines_shows_a_veto_and_what_it_met() -> None:
    veto = row(direction="veto", strength="", fact="the place is not covered in the source")
    lines, vetoes = join_lines([COMPUTED], [veto])
    assert (lines[0].points, lines[0].why_not) == (0, "vetoed by A. Berg on 2026-03-01: the place is not covered in the source")
    assert vetoes[0]["met"] == "PM2_Supporting, +1 points"
    assert join_lines([], [veto])[1][0]["met"].startswith("nothing")


def test_ledger_shows_what_clinvar_says_against_it_and_counts_nothing_of_it() -> None:
    clinvar = {"known": True, "significance": "Pathogenic", "stars": 2, "release": "2026-05", "conflicts": []}
    found = ledger([COMPUTED], [], {"PS1/PM5": "why"}, clinvar)
    assert (found["acmg_points"], found["class"]) == (1, "uncertain significance")
    assert found["conflicts"] == ["ClinVar 2026-05 says Pathogenic (2 stars), the points say uncertain significance"]
    disputed = clinvar | {"significance": "Conflicting classifications of pathogenicity", "conflicts": ["Benign(1)", "Pathogenic(2)"]}
    assert ledger([COMPUTED], [], {}, disputed)["conflicts"] == ["ClinVar's submitters disagree: Benign(1), Pathogenic(2)"]


def test_evidence_text_names_who_judged() -> None:
    text = evidence_text(ledger([COMPUTED], [row()], {}, None))
    assert text == "PM2 +2: not in ours (A. Berg, 2026-03-01)"
