"""The panel of common variants: its file, the run's part of it, and how it is made and extended."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pysam
import pytest

from scripts import build_site_panel, select_sites
from scripts.setup import sites
from tests.unit.small_bam import write_fasta
from workflow.errors import InputError
from workflow.frequency_sites import outside_of, thinned_sites
from workflow.site_panel import Row, in_territory, panel_of, read_panel, write_panel

ROWS: list[Row] = [("1", 99, "A", "G", 0.25), ("1", 299, "C", "T", float("nan")), ("X", 9, "G", "A", 0.5)]


def panel(rows: list[Row] = ROWS):
    return panel_of(rows, name="mine", assembly="GRCh38", release="2026-11", source="made here")


def test_read_panel_gives_what_was_written(tmp_path: Path) -> None:
    write_panel(tmp_path / "p.tsv.gz", panel())
    again = read_panel(tmp_path / "p.tsv.gz")
    assert again.rows()[0] == ROWS[0]
    assert np.isnan(again.frequencies[1])
    assert (again.name, again.assembly, again.release, again.source) == ("mine", "GRCh38", "2026-11", "made here")
    assert again.digest == panel().digest
    assert pysam.BGZFile(str(tmp_path / "p.tsv.gz"), "r").read(6) == b"##name"


def test_digest_tells_sites_and_assembly_apart_but_not_contig_style() -> None:
    assert panel([("chr1", *ROWS[0][1:])]).digest == panel(ROWS[:1]).digest
    assert panel(ROWS[:1]).digest != panel([("1", 98, "A", "G", 0.25)]).digest


@pytest.mark.parametrize("line", ["1\t0\tA\tG\t0.1", "1\t5\tA\tA\t0.1", "1\t5\tA\tGG\t0.1", "1\t5\tA\tG\t1.5", "1\tx\tA\tG\t.", "1\t5\tA"])
def test_read_panel_refuses_what_is_no_site(tmp_path: Path, line: str) -> None:
    file = tmp_path / "p.tsv"
    file.write_text(f"##name=a\n##assembly=GRCh38\n##release=1\ncontig\tpos\tref\talt\tfrequency\n{line}\n")
    with pytest.raises(InputError, match="row 5"):
        read_panel(file)


def test_read_panel_refuses_a_file_without_header(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("1\t5\tA\tG\t0.1\n")
    with pytest.raises(InputError, match="##name="):
        read_panel(tmp_path / "p.tsv")


def test_in_territory_takes_the_references_names_and_order() -> None:
    part = in_territory(panel(), {"chrX": 1000, "chr1": 1000}, {"chr1": [(0, 100), (250, 299)], "chrX": [(9, 10)]})
    assert [(row[0], row[1]) for row in part.rows()] == [("chrX", 9), ("chr1", 99)]


def population(path: Path, records: list[tuple[str, int, str, str, float, str]]) -> Path:
    """Write an indexed VCF of frequencies."""
    text = '##fileformat=VCFv4.2\n##contig=<ID=1>\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n##FILTER=<ID=AC0,Description="x">\n'
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    text += "".join(f"{c}\t{p}\t.\t{r}\t{a}\t.\t{f}\tAF={af}\n" for c, p, r, a, af, f in records)
    plain = path.with_suffix("")
    plain.write_text(text)
    pysam.tabix_compress(str(plain), str(path), force=True)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


RECORDS = [
    ("1", 10, "A", "G", 0.3, "PASS"),
    ("1", 60, "A", "G", 0.3, "PASS"),  # too near
    ("1", 200, "A", "G", 0.01, "PASS"),  # rare
    ("1", 210, "A", "GT", 0.3, "PASS"),  # no SNV
    ("1", 220, "A", "G", 0.3, "AC0"),  # filtered
    ("1", 230, "A", "C", 0.3, "PASS"),  # two alleles in two records
    ("1", 230, "A", "G", 0.2, "PASS"),
    ("1", 240, "C", "T", 0.4, "."),
    ("1", 900, "C", "T", 0.4, "PASS"),  # outside
]


def test_thinned_sites_are_common_lone_passed_and_apart(tmp_path: Path) -> None:
    vcf = population(tmp_path / "f.vcf.gz", RECORDS)
    found = list(thinned_sites(vcf, {"chr1": [(0, 500)], "chr2": [(0, 500)]}, 100))
    assert [(row[0], row[1]) for row in found] == [("chr1", 9), ("chr1", 239)]
    assert found[1][2:4] == ("C", "T")
    assert found[1][4] == pytest.approx(0.4)


def test_outside_of_keeps_the_distance() -> None:
    assert [row[1] for row in outside_of(ROWS, [("1", 150)], 100)] == [299, 9]


def test_build_site_panel_from_frequencies(tmp_path: Path) -> None:
    vcf = population(tmp_path / "f.vcf.gz", RECORDS)
    words = ["--assembly", "GRCh38", "--name", "lab", "--release", "1", "--output", str(tmp_path / "p.tsv.gz"), str(vcf)]
    assert build_site_panel.main(words) == 0
    assert [row[1] for row in read_panel(tmp_path / "p.tsv.gz").rows()] == [9, 239, 899]


def test_build_site_panel_says_what_is_no_vcf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.vcf").write_text("hello\n")
    words = ["--assembly", "GRCh38", "--name", "lab", "--release", "1", "--output", str(tmp_path / "p.tsv.gz"), str(tmp_path / "f.vcf")]
    assert build_site_panel.main(words) == 1
    assert "f.vcf" in capsys.readouterr().err


def test_panels_of_leaves_out_changed_and_rare_sites() -> None:
    genotypes = np.zeros((3, sites.GENOMES), np.uint8)
    genotypes[:, :1000] = 1  # frequency 0.2
    genotypes[2] = 0
    genotypes[0, 2000:] = sites.NO_GENOTYPE
    lists = {"GRCh37": "1:10:A:G\n1:20:A:G\n1:30:A:G", "GRCh38": "1:15:A:G\n1:20:T:C\n1:35:A:G"}
    first, second = sites.panels_of(lists, genotypes.tobytes())
    assert [row[:4] for row in first.rows()] == [("1", 9, "A", "G")]
    assert [row[:4] for row in second.rows()] == [("1", 14, "A", "G")]
    assert first.frequencies[0] == pytest.approx(1000 / 4000)


def selected(tmp_path: Path, rows: list[Row], frequencies: Path | None = None):
    """Return the panel of a run on a reference of contig 1 that begins with A at every place but those that RECORDS have C at."""
    bases = ["A"] * 2000
    for _, position, ref, *_ in RECORDS:
        bases[position - 1] = ref
    fasta = write_fasta(tmp_path / "ref.fa", {"1": "".join(bases)})
    (tmp_path / "territory.bed").write_text("1\t0\t500\n")
    write_panel(tmp_path / "own.tsv.gz", panel(rows))
    files = SimpleNamespace(
        territory=tmp_path / "territory.bed",
        fasta=str(fasta),
        own=tmp_path / "own.tsv.gz",
        frequencies=str(frequencies) if frequencies else [],
    )
    params = SimpleNamespace(base=None, assembly="GRCh38", release="4.1", fields=["AF"])
    select_sites.main(input=files, output=[tmp_path / "out.tsv.gz"], params=params)
    return read_panel(tmp_path / "out.tsv.gz")


def test_select_sites_extends_a_panel_away_from_its_own_sites(tmp_path: Path) -> None:
    vcf = population(tmp_path / "f.vcf.gz", RECORDS)
    found = selected(tmp_path, [("chr1", 20, "A", "G", 0.2), ("1", 700, "A", "G", 0.2)], vcf)
    assert [(row[0], row[1]) for row in found.rows()] == [("1", 20), ("1", 239)]
    assert found.name == "mine+gnomad"
    assert "1 sites of gnomad 4.1" in found.source


def test_select_sites_refuses_a_panel_with_other_bases(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="have another base than the reference"):
        selected(tmp_path, [("1", position, "G", "T", 0.2) for position in range(10, 14)])


def test_select_sites_without_a_panel_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select_sites, "base_panel", lambda _: None)
    assert len(select_sites.base_of_run(None, None, "GRCh38")) == 0
    with pytest.raises(InputError, match="differs between the machines"):
        select_sites.base_of_run(None, "0123", "GRCh38")
