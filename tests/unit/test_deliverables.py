"""The grid of what is owed, the checks by format, and what a person is told when something is missing."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pysam
import pytest

from scripts.list_completeness import cell_of, differences, read_expected
from workflow.completeness import Cell, Status, count_by_status, missing_in_words
from workflow.deliverables import (
    AFTERWARDS,
    COUNTS,
    EXPECTED,
    RUN,
    SIGNED,
    look_at,
    report_missing,
    targets,
)
from workflow.errors import InputError
from workflow.formats import fault
from workflow.grid import Grid, grid, write_expected
from workflow.receipts.record import receive

FASTA = ">chr1\n" + "ACGT" * 100 + "\n"


def case(name, *members, terms=()):
    question = SimpleNamespace(terms=terms, has_terms=bool(terms)) if terms is not None else None
    return SimpleNamespace(
        name=name, members=tuple(SimpleNamespace(name=member, genes="", case=name) for member in members), question=question
    )


def cohort(*cases):
    samples = {member.name: member for one in cases for member in one.members}
    return SimpleNamespace(samples=samples, cases={one.name: one for one in cases})


def settings(results="results", knowledge=("hpo",)):
    return SimpleNamespace(results=Path(results), knowledge=dict.fromkeys(knowledge), caller="gatk")


def vcf(path, *names, index=True):
    header = pysam.VariantHeader()
    header.add_line("##contig=<ID=chr1,length=400>")
    for name in names:
        header.add_sample(name)
    with pysam.VariantFile(str(path), "wz", header=header) as out:
        out.write(out.new_record(contig="chr1", start=10, alleles=("A", "G")))
    if index:
        pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def cram(path, name):
    reference = path.parent / "ref.fa"
    reference.write_text(FASTA)
    pysam.faidx(str(reference))
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 400}], "RG": [{"ID": "l1", "SM": name}]}
    with pysam.AlignmentFile(str(path), "wc", header=header, reference_filename=str(reference)) as out:
        read = pysam.AlignedSegment(out.header)
        read.query_name, read.query_sequence, read.reference_id, read.reference_start, read.cigarstring = "r", "ACGT" * 10, 0, 0, "40M"
        out.write(read)
    pysam.index(str(path))
    return path


def truncate(path, missing=10):
    path.write_bytes(path.read_bytes()[:-missing])
    return path


def test_grid_is_known_for_every_sample_and_case_before_anything_runs():
    subjects = Grid(settings(), cohort(case("c1", "kid", "mother", terms=("HP:1",)), case("c2", "other", terms=("HP:1",))))
    cells = list(subjects.cells())
    assert list(subjects) == [("sample", "kid"), ("sample", "mother"), ("sample", "other"), ("case", "c1"), ("case", "c2")]
    assert {cell.file for cell in subjects["sample", "kid"]} >= {
        "samples/kid/kid.cram",
        "samples/kid/kid.g.vcf.gz",
        "samples/kid/release.json",
    }
    assert {cell.file for cell in subjects["case", "c1"]} >= {"cases/c1/c1.vcf.gz", "cases/c1/candidates.tsv", "cases/c1/report.html"}
    assert subjects["case", "c1"][0].names == ("kid", "mother")
    assert {cell.deliverable: cell.not_applicable for cell in cells if cell.not_applicable} == {
        "coverage of ordered genes": "no genes are ordered"
    }


@pytest.mark.parametrize(
    ("terms", "knowledge", "reason"),
    [(None, ("hpo",), "no phenopacket"), ((), ("hpo",), "no phenopacket"), (("HP:1",), (), "no HPO release")],
)
def test_grid_without_phenotype_owes_candidates_but_no_ranking_by_phenotype(terms, knowledge, reason):
    cells = {cell.deliverable: cell for cell in grid(settings(knowledge=knowledge), cohort(case("c1", "kid", terms=terms)))}
    assert reason in cells["ranking by phenotype"].not_applicable
    assert cells["candidates"].not_applicable == ""


def test_targets_hold_every_owed_file_and_those_of_the_run():
    files = targets(settings(), grid(settings(), cohort(case("c1", "kid"))))
    assert "results/samples/kid/kid.cram.crai" in files
    assert "results/interpretation/c1.json" not in files
    last = [f"results/{name}" for name in (*RUN[:-1], COUNTS, *SIGNED, *AFTERWARDS)]
    assert last == files[-len(last) :]
    assert len(files) == len(set(files))


def test_fault_whole_files_have_none(tmp_path):
    vcf(tmp_path / "a.vcf.gz", "kid", "mother")
    cram(tmp_path / "a.cram", "kid")
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "a.tsv").write_text("rank\tcase\n")
    (tmp_path / "a.html").write_text("<html></HTML>\n")
    assert fault(tmp_path / "a.vcf.gz", "vcf", ["mother", "kid"]) == ""
    assert fault(tmp_path / "a.vcf.gz.tbi", "tbi") == ""
    assert fault(tmp_path / "a.cram", "cram", ["kid"]) == ""
    assert fault(tmp_path / "a.cram.crai", "crai") == ""
    assert [fault(tmp_path / f"a.{name}", name) for name in ("json", "tsv", "html")] == ["", "", ""]


def broken(folder):
    """Give (file, format, names, what must be said) of every way a deliverable can be broken."""
    (folder / "empty.json").write_text("")
    (folder / "half.json").write_text('{"a": ')
    (folder / "list.json").write_text("[]")
    (folder / "half.tsv").write_text("rank\tcase\n1\tc")
    (folder / "half.html").write_text("<html><body>")
    with gzip.open(folder / "plain.tbi", "wb") as out:
        out.write(b"no index")
    with gzip.open(folder / "blank.crai", "wb") as out:
        out.write(b"")
    return [
        ("gone.json", "json", (), "no such file"),
        ("empty.json", "json", (), "empty"),
        ("half.json", "json", (), "cannot be read"),
        ("list.json", "json", (), "no JSON object"),
        ("half.tsv", "tsv", (), "no last line end"),
        ("half.html", "html", (), "no end"),
        ("plain.tbi", "tbi", (), "no tabix index"),
        ("blank.crai", "crai", (), "no slice"),
        (truncate(vcf(folder / "cut.vcf.gz", "kid")).name, "vcf", ("kid",), "truncated"),
        (truncate(vcf(folder / "cut2.vcf.gz", "kid"), 40).name, "vcf", ("kid",), "truncated"),
        (truncate(cram(folder / "cut.cram", "kid")).name, "cram", ("kid",), "cannot be read"),
        (vcf(folder / "lost.vcf.gz", "kid").name, "vcf", ("kid", "mother"), "about kid and not about kid, mother"),
        (cram(folder / "swap.cram", "kid").name, "cram", ("other",), "about kid and not about other"),
    ]


def test_fault_names_what_is_wrong_with_each_broken_file(tmp_path):
    for name, file_format, names, words in broken(tmp_path):
        assert words in fault(tmp_path / name, file_format, names), name


def owed(**changes):
    return {
        "kind": "sample",
        "subject": "kid",
        "deliverable": "quality metrics",
        "file": "samples/kid/qc.json",
        "file_format": "json",
        "stage": "coverage",
        "names": ["kid"],
        "not_applicable": "",
        "waived": "",
    } | changes


def test_receive_records_size_and_digest(tmp_path):
    file = tmp_path / "samples/kid/qc.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    receipt = receive(tmp_path, owed())
    assert (receipt["status"], receipt["bytes"]) == ("produced", 2)
    assert receipt["sha256"] == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_receive_refuses_a_broken_file_and_says_the_way_out(tmp_path):
    with pytest.raises(InputError, match=r"qc\.json: there is no such file; delete it"):
        receive(tmp_path, owed())


def test_cell_of_a_file_that_changed_or_went_since_its_receipt_is_missing(tmp_path):
    file = tmp_path / "samples/kid/qc.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    receipt = receive(tmp_path, owed())
    assert cell_of(tmp_path, receipt).status is Status.PRODUCED
    file.write_text("{ }")
    assert "has changed" in cell_of(tmp_path, receipt).reason
    file.unlink()
    assert cell_of(tmp_path, receipt).status is Status.MISSING


def test_cell_of_a_waived_deliverable_asks_for_no_file(tmp_path):
    receipt = receive(tmp_path, owed(not_applicable="no phenopacket"))
    assert cell_of(tmp_path, receipt) == Cell(
        "sample", "kid", "quality metrics", "samples/kid/qc.json", Status.NOT_APPLICABLE, "no phenopacket"
    )


def cells(*subjects):
    return [Cell("sample", name, "gVCF", "x", Status.MISSING, "the file is empty") for name in subjects]


def test_missing_in_words_names_the_subject_and_what_is_wrong():
    good = Cell("sample", "ok", "gVCF", "x", Status.PRODUCED, "")
    assert missing_in_words([good]) == ""
    assert missing_in_words([good, *cells("kid")]) == "sample kid: gVCF (the file is empty)"


def test_missing_in_words_stays_short():
    text = missing_in_words(cells(*(f"s{n}" for n in range(500))))
    assert len(text) < 1000
    assert "more samples" in text


def test_count_by_status_names_every_status():
    assert count_by_status(cells("kid")) == {"produced": 0, "not applicable": 0, "waived": 0, "missing": 1}


def test_report_missing_writes_the_grid_and_makes_the_next_run_list_again(tmp_path):
    results = tmp_path / "results"
    (results / "release").mkdir(parents=True)
    (results / "release/completeness.json").write_text("{}")
    (results / "samples/kid").mkdir(parents=True)
    (results / "samples/kid/qc.json").write_text(json.dumps({"a": 1}))
    text = report_missing(settings(results), grid(settings(results), cohort(case("c1", "kid"))))
    with (results / "release/completeness.tsv").open() as table:
        rows = {row["deliverable"] + row["kind"]: row["status"] for row in csv.DictReader(table, delimiter="\t")}
    assert rows["quality metricssample"] == "produced"
    assert rows["reportcase"] == "missing"
    assert rows["ranking by phenotypecase"] == "not applicable"
    assert "case c1: " in text
    assert not (results / "release/completeness.json").exists()


def test_report_missing_on_a_full_disk_leaves_no_old_list_and_says_so(tmp_path, monkeypatch):
    def full(path, cells):
        raise OSError(28, "No space left on device")

    (tmp_path / "release").mkdir()
    (tmp_path / "release/completeness.tsv").write_text("old")
    monkeypatch.setattr("workflow.deliverables.write_table", full)
    said = report_missing(settings(tmp_path), grid(settings(tmp_path), cohort(case("c", "a"))))
    assert said.endswith(f"their list cannot be written to {tmp_path / 'release'} (No space left on device).")
    assert not list((tmp_path / "release").iterdir())


WAIVERS = {("case", "c1", "report"): "waived by A. Person until 2027-01-01: printed elsewhere"}


def expected(folder, cells):
    write_expected(settings(folder), cells)
    return read_expected(folder / EXPECTED)


def test_write_expected_tells_of_every_cell_why_it_is_owed_or_not(tmp_path):
    rows = expected(tmp_path, grid(settings(), cohort(case("c1", "kid", "mother")), WAIVERS))
    assert list(rows[0]) == ["sample", "case", "deliverable", "file", "format", "stage", "owed", "why"]
    assert all(row["why"] and row["case"] == "c1" for row in rows)
    assert {row["sample"] for row in rows} == {"kid", "mother", ""}
    by_name = {row["deliverable"]: (row["owed"], row["why"]) for row in rows if not row["sample"]}
    assert by_name["ranking by phenotype"] == ("not applicable", "the case has no phenopacket with terms")
    assert by_name["report"] == ("waived", WAIVERS["case", "c1", "report"])
    assert by_name["candidates"][0] == "yes"


def test_write_expected_leaves_a_file_that_says_the_same_alone(tmp_path):
    cells = grid(settings(), cohort(case("c1", "kid")))
    expected(tmp_path, cells)
    before = (tmp_path / EXPECTED).stat().st_mtime_ns
    expected(tmp_path, cells)
    assert (tmp_path / EXPECTED).stat().st_mtime_ns == before


def test_write_expected_on_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "release").write_text("a file where a folder should be")
    with pytest.raises(InputError, match="cannot be written"):
        write_expected(settings(tmp_path), [])


def test_waived_cell_is_no_target_and_shown_as_waived(tmp_path):
    cells = grid(settings(tmp_path), cohort(case("c1", "kid")), WAIVERS)
    assert not any("report.html" in file for file in targets(settings(tmp_path), cells))
    seen = {cell.deliverable: look_at(cell, tmp_path) for cell in cells if cell.kind == "case"}
    assert (seen["report"].status, seen["candidates"].status) == (Status.WAIVED, Status.MISSING)
    assert receive(tmp_path, owed(waived="by A. Person"))["status"] == "waived"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cells: cells[1:], "owed and in no receipt: samples/kid/fastq.json"),
        (lambda cells: [*cells, Cell("sample", "kid", "extra", "samples/kid/extra", Status.PRODUCED, "")], "never owed: samples/kid/extra"),
        (lambda cells: [replace(cells[0], status=Status.WAIVED), *cells[1:]], "fastq.json (owed: yes, now waived)"),
    ],
    ids=["vanished", "new", "otherwise"],
)
def test_differences_between_what_was_owed_and_what_became_of_it_are_told(tmp_path, change, words):
    cells = grid(settings(tmp_path), cohort(case("c1", "kid")))
    rows, seen = expected(tmp_path, cells), [look_at(cell, tmp_path) for cell in cells]
    assert differences(rows, seen) == ""
    assert words in differences(rows, change(seen))
