"""The sheets: what is read, and every mistake with its file and row."""

from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.names import looks_like_cpr, path_holds_cpr
from workflow.samples import Cohort, load_cohort
from workflow.settings import load_settings

SAMPLES = "sample case role sex affected\nchild fam proband female yes\nmum fam mother female no\ndad fam father male no\n"
UNITS = "sample unit fastq_1 fastq_2\nchild L1 c1.gz c2.gz\nchild L2 d1.gz d2.gz\nmum L1 m1.gz m2.gz\ndad L1 f1.gz f2.gz\n"


def tabs(text: str) -> str:
    return text.replace(" ", "\t")


def load(folder: Path, samples: str = SAMPLES, units: str = UNITS, truth: dict[str, dict[str, str]] | None = None) -> Cohort:
    (folder / "samples.tsv").write_bytes(tabs(samples).encode())
    (folder / "units.tsv").write_bytes(tabs(units).encode())
    config = {"samples": str(folder / "samples.tsv"), "units": str(folder / "units.tsv"), "truth": truth or {}}
    return load_cohort(load_settings(config | {"reference": {"name": "GRCh38", "fasta": "ref.fa"}}, "config.yaml"))


def refusal(folder: Path, samples: str = SAMPLES, units: str = UNITS) -> str:
    with pytest.raises(InputError) as caught:
        load(folder, samples, units)
    return str(caught.value)


def test_load_cohort_joins_sheets(tmp_path: Path) -> None:
    cohort = load(tmp_path)
    case = cohort.cases["fam"]
    assert [sample.name for sample in case.members] == ["child", "mum", "dad"]
    assert case.proband.name == "child"
    assert not case.is_somatic
    assert [unit.name for unit in cohort.units["child"]] == ["L1", "L2"]
    unit = cohort.units["mum"][0]
    assert (unit.fastq_2, unit.library, unit.platform, unit.md5_1) == ("m2.gz", "mum", "ILLUMINA", "")


def test_load_cohort_takes_sheets_as_spreadsheets_save_them(tmp_path: Path) -> None:
    untidy = "\ufeff#from the laboratory\n\n" + SAMPLES.replace("\n", "\r\n").replace("female yes", "female \u00a0yes\u00a0")
    cohort = load(tmp_path, untidy, UNITS + "\n\n")
    assert list(cohort.samples) == ["child", "mum", "dad"]
    assert cohort.samples["child"].row == 4


def test_load_cohort_takes_columns_and_quotation_marks_that_a_spreadsheet_adds(tmp_path: Path) -> None:
    header, *rows = SAMPLES.splitlines()
    wide = "\n".join([header + " material  ", rows[0] + ' "blood,EDTA"   ', *(row + "    " for row in rows[1:])])
    assert load(tmp_path, wide).samples["child"].material == "blood,EDTA"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_load_cohort_takes_text_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    load(tmp_path)
    (tmp_path / "samples.tsv").write_text(tabs(SAMPLES), encoding=encoding)
    config = {"samples": str(tmp_path / "samples.tsv"), "units": str(tmp_path / "units.tsv"), "reference": {"name": "GRCh38", "fasta": "r"}}
    assert list(load_cohort(load_settings(config)).samples) == ["child", "mum", "dad"]


def test_load_cohort_pairs_tumour_and_normal(tmp_path: Path) -> None:
    cohort = load(
        tmp_path,
        "sample case role sex affected\nT p1 tumour male yes\nN p1 normal male yes\n",
        "sample unit fastq_1 fastq_2\nT L1 a b\nN L1 c d\n",
    )
    assert cohort.cases["p1"].is_somatic
    assert cohort.cases["p1"].proband.name == "T"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("affected\n", "afected\n", ["samples.tsv, row 1", "unknown column `afected`", "did you mean `affected`?"]),
        (" affected\n", "\n", ["row 1", "column `affected` is missing"]),
        ("affected\n", "affected affected\n", ["row 1", "column `affected` is there twice"]),
        ("affected\n", "affected colour\n", ["row 1", "unknown column `colour`"]),
        ("female yes", "female", ["row 2", "4 cells where the header has 5"]),
        ("mum fam mother", "child fam mother", ["row 3", "sample `child` is in row 2 already"]),
        ("mum fam mother", "Child fam mother", ["row 3", "sample `Child` is in row 2 already"]),
        ("mum fam mother", "mum Fam mother", ["row 3", "case `Fam` differs from case `fam`"]),
        ("mum fam mother", "mum fam proband", ["row 3", "case `fam` has a second proband, `mum`", "`child` in row 2"]),
        ("dad fam father male", "dad fam mother female", ["row 4", "a second mother"]),
        ("fam proband", "fam sibling", ["row 2", "case `fam` has no proband"]),
        ("fam proband", "fam uncle?", ["row 2", "`role` is 'uncle?'", "one of proband, mother"]),
        ("proband female", "proband f3male", ["row 2", "`sex` is 'f3male'"]),
        ("female yes", "female maybe", ["row 2", "`affected` is 'maybe'", "one of yes, no, unknown"]),
        ("fam mother female", "fam mother male", ["row 3", "`mum` is the mother, but its sex is male"]),
        ("fam father male", "fam father X", ["row 4", "`dad` is the father, but its sex is X"]),
        ("dad fam father", "dad fam normal", ["row 4", "mixes tumour or normal with the roles of a family"]),
        ("child fam", "a;touch fam", ["row 2", "`sample` is 'a;touch'"]),
        ("child fam", "../a fam", ["row 2", "`sample` is '../a'"]),
        ("child fam", "-rf fam", ["row 2", "`sample` is '-rf'"]),
        ("child fam", ".. fam", ["row 2", "`sample` is '..'"]),
        ("child fam", f"{'a' * 65} fam", ["row 2", "1 to 64 letters"]),
        ("child fam", "søster fam", ["row 2", "`sample` is 'søster'"]),
        ("child fam", "child $(id)", ["row 2", "`case` is '$(id)'"]),
        ("child fam", " fam", ["row 2", "`sample` is empty"]),
    ],
)
def test_load_cohort_refuses_in_samples(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    assert SAMPLES.count(old)
    message = refusal(tmp_path, SAMPLES.replace(old, new, 1))
    assert all(part in message for part in says), message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("mum L1", "aunt L1", ["units.tsv, row 4", "sample `aunt` is not in"]),
        ("mum L1 m1.gz m2.gz\n", "", ["samples.tsv, row 3", "sample `mum` has no unit"]),
        ("child L2", "child L1", ["row 3", "unit `L1` of sample `child` is in row 2 already"]),
        ("child L2", "child l1", ["row 3", "unit `l1` of sample `child` is in row 2 already"]),
        ("m1.gz m2.gz", "m1.gz m1.gz", ["row 4", "m1.gz is both FASTQ files of the pair"]),
        ("m1.gz m2.gz", "c1.gz m2.gz", ["row 4", "c1.gz is in row 2 already"]),
        ("m1.gz m2.gz", "./x/../c1.gz m2.gz", ["row 4", "is in row 2 already"]),
        ("m1.gz m2.gz", "m1.gz m2$(id).gz", ["row 4", "`fastq_2` is"]),
        ("m1.gz m2.gz", "m1.gz", ["row 4", "3 cells where the header has 4"]),
        ("fastq_2\n", "fastq2\n", ["row 1", "did you mean `fastq_2`?"]),
        ("mum L1", "mum L/1", ["row 4", "`unit` is 'L/1'"]),
    ],
)
def test_load_cohort_refuses_in_units(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    assert UNITS.count(old)
    message = refusal(tmp_path, units=UNITS.replace(old, new, 1))
    assert all(part in message for part in says), message


@pytest.mark.parametrize(
    ("sheet", "says"), [("", "the sheet is empty"), ("\n\n", "the sheet is empty"), (SAMPLES.split("\n")[0], "no row below the header")]
)
def test_load_cohort_refuses_a_sheet_without_rows(tmp_path: Path, sheet: str, says: str) -> None:
    assert says in refusal(tmp_path, sheet)


@pytest.mark.parametrize(("between", "name"), [(",", "commas"), (";", "semicolons"), ("\u0020", "spaces")])
def test_load_cohort_refuses_other_separators(tmp_path: Path, between: str, name: str) -> None:
    load(tmp_path)
    (tmp_path / "samples.tsv").write_text(SAMPLES.replace(" ", between))
    config = {"samples": str(tmp_path / "samples.tsv"), "units": "u", "reference": {"name": "GRCh38", "fasta": "r"}}
    with pytest.raises(InputError, match=f"row 1: the columns are separated by {name}; separate them by tabs"):
        load_cohort(load_settings(config))


def test_load_cohort_refuses_a_column_without_a_name(tmp_path: Path) -> None:
    assert "row 1: a column has no name" in refusal(tmp_path, SAMPLES.replace("case role", "case  role"))


def test_load_cohort_refuses_a_sheet_that_is_no_text(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "samples.tsv").write_bytes(b"PK\x03\x04\xff\xfe")
    config = {"samples": str(tmp_path / "samples.tsv"), "units": "u", "reference": {"name": "GRCh38", "fasta": "r"}}
    with pytest.raises(InputError, match="this is a workbook; save it as tab-separated text"):
        load_cohort(load_settings(config))


def test_load_cohort_refuses_truth_of_an_unknown_sample(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`truth` names `chlid`, which is no sample"):
        load(tmp_path, truth={"chlid": {"vcf": "x", "bed": "y"}})


def test_load_cohort_refuses_a_pair_of_two_people(tmp_path: Path) -> None:
    samples = "sample case role sex affected\nT p1 tumour male yes\nN p1 normal female yes\n"
    assert "tumour and normal of one person" in refusal(tmp_path, samples, "sample unit fastq_1 fastq_2\nT L1 a b\nN L1 c d\n")


@pytest.mark.parametrize("column", ["child fam", "fam proband"])
@pytest.mark.parametrize("number", ["0101701234", "010170-1234", "X0101701234Y", "01_01_70_1234"])
def test_load_cohort_refuses_a_cpr_number_without_repeating_it(tmp_path: Path, column: str, number: str) -> None:
    old = column.split()[0] if column == "child fam" else "fam"
    message = refusal(tmp_path, SAMPLES.replace(old, number))
    assert "row 2" in message
    assert "CPR number" in message
    assert number not in message


def test_load_cohort_refuses_a_cpr_number_in_other_columns(tmp_path: Path) -> None:
    for header, cell in (("order", "req.010170.1234"), ("material", "010170/1234")):
        message = refusal(
            tmp_path, SAMPLES.replace("affected\n", f"affected {header}\n").replace(" yes\n", f" yes {cell}\n").replace(" no\n", " no x\n")
        )
        assert f"column {header} holds what looks like a CPR number" in message
    assert "column fastq_1" in refusal(tmp_path, units=UNITS.replace("m1.gz", "in/010170-1234/m1.gz"))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0101701234", True),
        ("01-01-70-1234", True),
        ("HG_311299-0000", True),
        ("2902000001", True),  # 29 February 2000
        ("2902010001", False),  # there is no 29 February 1901 or 2001
        ("3113701234", False),
        ("0001701234", False),
        ("3204701234", False),
        ("010170123", False),
        ("01017012345", False),
        ("HG001", False),
    ],
)
def test_looks_like_cpr_goes_by_the_date(text: str, is_one: bool) -> None:
    assert looks_like_cpr(text) is is_one


@pytest.mark.parametrize(
    ("path", "is_one"),
    [("/runs/120512_1234_A/x.gz", False), ("/runs/010170-1234/x.gz", True), ("/runs/a/010170_1234_R1.gz", True), ("/a/b.gz", False)],
)
def test_path_holds_cpr_leaves_run_folders_alone(path: str, is_one: bool) -> None:
    assert path_holds_cpr(path) is is_one


def test_fastq_paths_are_kept_tidy_and_one_file_is_one_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    untidy = UNITS.replace("m1.gz", "./in//m1.gz").replace("f1.gz", "in/./f1.gz")
    cohort = load(tmp_path, units=untidy)
    assert (cohort.units["mum"][0].fastq_1, cohort.units["dad"][0].fastq_1) == ("in/m1.gz", "in/f1.gz")
    for other in (f"{tmp_path}/c1.gz", "./c1.gz", "in/../c1.gz"):
        assert f"{Path(other)} is in row 2 already" in refusal(tmp_path, units=UNITS.replace("m1.gz", other))
