"""The knowledge base: appended to and never changed, seen again, in conflict, exported and imported."""

import json
import subprocess
import sys
from pathlib import Path

import pysam
import pytest

from scripts.knowledge_base import main
from workflow.knowledge_base.entries import FILE, read_base
from workflow.knowledge_base.judgements import touched

ROW = {
    "variant": "MT-101-A-G",
    "class": "uncertain significance",
    "author": "A. Berg",
    "date": "2026-01-05",
    "case": "fam",
    "condition": "MONDO:1",
}
ALLELE = "ga4gh:VA."


def sheet(folder: Path, *rows: dict[str, str], name: str = "new.tsv") -> Path:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, *([row.get(key, "") for key in columns] for row in rows)]
    (folder / name).write_text("".join("\t".join(line) + "\n" for line in lines))
    return folder / name


@pytest.fixture
def base(tmp_path: Path) -> Path:
    assert main(["init", "--base", str(tmp_path / "base"), "--centre", "here"]) == 0
    return tmp_path / "base"


def add(base: Path, *rows: dict[str, str], more: tuple[str, ...] = ()) -> int:
    return main(["add", str(sheet(base.parent, *rows)), "--base", str(base), *more])


def take(base: Path, *rows: dict[str, str], centre: str = "there") -> int:
    return main(["import", str(sheet(base.parent, *rows)), "--base", str(base), "--centre", centre])


def test_a_variant_seen_again_shows_every_earlier_judgement(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(base, ROW) == 0
    assert "MT-101-A-G\tnot seen before" in capsys.readouterr().out
    assert add(base, ROW | {"date": "2026-02-01", "class": "likely pathogenic", "case": "other"}) == 0
    told = capsys.readouterr().out
    assert "MT-101-A-G\tuncertain significance\tMONDO:1\t.\tA. Berg\t2026-01-05\there" in told
    assert "changed from uncertain significance to likely pathogenic; 2 cases that may not be contacted" in told
    assert "fam" not in told, "nobody said that they wish to be contacted"
    assert main(["show", "MT-101-A-G", "--base", str(base)]) == 0
    assert [line.split("\t")[1] for line in capsys.readouterr().out.splitlines()] == ["uncertain significance", "likely pathogenic"]


def test_touched_names_only_cases_that_wish_to_be_contacted(base: Path) -> None:
    add(base, ROW, ROW | {"case": "b"}, ROW | {"case": "c"}, ROW | {"variant": "MT-102-A-G", "case": "d"})
    found = touched(read_base(base).entries, "MT-101-A-G", {"fam": "yes", "b": "no", "c": "unknown", "d": "yes"})
    assert (found.named, found.others) == (("fam",), 2)


def test_an_older_judgement_that_comes_in_late_is_history(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(base, ROW | {"class": "benign"})
    capsys.readouterr()
    add(base, ROW | {"class": "pathogenic", "date": "2020-01-01"})
    assert "changed" not in capsys.readouterr().out


def test_another_centre_stays_apart_and_a_conflict_is_shown(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(base, ROW | {"class": "likely pathogenic"}, ROW | {"variant": "MT-102-A-G", "class": "pathogenic"})
    other = {key: value for key, value in ROW.items() if key != "case"}
    assert take(base, other | {"class": "benign"}, other | {"variant": "MT-102-A-G", "class": "likely pathogenic"}) == 0
    capsys.readouterr()
    assert main(["conflicts", "--base", str(base)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [(line.split("\t")[0], line.split("\t")[-1]) for line in lines] == [("MT-101-A-G", "here"), ("MT-101-A-G", "there")]
    assert main(["export-clinvar", "--base", str(base), "--output", str(base.parent / "c.tsv")]) == 0
    header, *rows = [line.split("\t") for line in (base.parent / "c.tsv").read_text().splitlines()]
    assert [dict(zip(header, row, strict=True))["Germline classification"] for row in rows] == ["Likely pathogenic", "Pathogenic"]
    text = (base.parent / "c.tsv").read_text()
    assert "fam" not in text
    assert "Berg" not in text


def test_vrs_export_identifies_variants_and_names_no_case(base: Path) -> None:
    contig = "A" * 99 + "CAGTTTC" + "G" * 16463
    (base.parent / "r.fa").write_text(f">chrM\n{contig}\n")
    pysam.faidx(str(base.parent / "r.fa"))
    add(base, ROW, ROW | {"variant": "MT-102-GT-G"}, ROW | {"variant": "MT-104-TT-T", "condition": ""})
    assert main(["export-vrs", "--base", str(base), "--fasta", str(base.parent / "r.fa"), "--output", str(base.parent / "v.json")]) == 0
    text = (base.parent / "v.json").read_text()
    records = json.loads(text)["records"]
    ids = [one["variation"]["id"] for one in records]
    assert all(name.startswith(ALLELE) for name in ids)
    assert ids[1] == ids[2] != ids[0], "one deletion, written in two ways"
    assert records[0]["centre"] == "here"
    assert "fam" not in text
    add(base, ROW | {"variant": "MT-103-A-C"})
    assert main(["export-vrs", "--base", str(base), "--fasta", str(base.parent / "r.fa"), "--output", str(base.parent / "w.json")]) == 2
    assert not (base.parent / "w.json").exists()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"class": "bad"}, "new.tsv, row 2: `class` is 'bad'"),
        ({"date": "2999-01-01"}, "new.tsv, row 2: `date` is 2999-01-01, which is to come"),
        ({"date": "2026-02-30"}, "new.tsv, row 2: `date` is no day"),
        ({"variant": "MT-99999-A-G"}, "new.tsv, row 2: "),
        ({"author": ""}, "new.tsv, row 2: `author` is empty"),
        ({}, "every classification is there already"),
    ],
)
def test_bad_classifications_are_refused(base: Path, capsys: pytest.CaptureFixture[str], row: dict[str, str], says: str) -> None:
    add(base, ROW)
    before = (base / FILE).read_bytes()
    capsys.readouterr()
    assert add(base, ROW | row) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert (base / FILE).read_bytes() == before


def test_imports_that_would_mix_centres_are_refused(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert take(base, ROW) == 2
    assert "another centre's classification names a case" in capsys.readouterr().err
    assert take(base, ROW | {"case": ""}, centre="here") == 2
    assert "here is this centre" in capsys.readouterr().err


def test_a_changed_line_is_refused_and_a_torn_one_is_no_line(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(base, ROW)
    with open(base / FILE, "a") as handle:
        handle.write('{"variant": "MT-')
    assert len(read_base(base).entries) == 1
    assert add(base, ROW | {"case": "b"}) == 0
    assert len(read_base(base).entries) == 2
    (base / FILE).write_text((base / FILE).read_text().replace("uncertain", "no known", 1))
    capsys.readouterr()
    assert main(["show", "MT-101-A-G", "--base", str(base)]) == 2
    assert "classifications.jsonl, row 2: the knowledge base is not as it was written" in capsys.readouterr().err


def test_the_command_runs_as_a_file_too() -> None:
    script = Path(__file__).parents[2] / "scripts" / "knowledge_base.py"
    told = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, cwd="/", check=False)
    assert told.returncode == 0, told.stderr
