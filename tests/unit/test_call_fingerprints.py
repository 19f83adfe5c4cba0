"""Fingerprints out of VCFs and gVCFs, and the run's own variants where a panel has too few sites; the command lines for people."""

from pathlib import Path
from typing import Any

import numpy as np
import pysam
import pytest

from scripts import compare_fingerprints, fingerprint_calls
from scripts.fingerprint_sample import fingerprint_of
from scripts.gather_fingerprints import main as gather
from tests.release_state import write_members
from tests.unit.family_tree import founder, sequenced, spread_sites
from workflow.call_fingerprints import likelihoods_of, open_calls, sites_of_run
from workflow.errors import InputError
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, Sites, genotypes, key_of, read_fingerprint, sites_of, write_fingerprint
from workflow.run_fingerprints import read_run
from workflow.site_counts import SiteCounts
from workflow.site_panel import Row, panel_of, write_panel

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
##contig=<ID=chrX,length=156040895>
##FILTER=<ID=LowQual,Description="x">
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tada
"""
GVCF = [
    "chr1\t1\t.\tN\t<NON_REF>\t.\t.\tEND=99\tGT:DP:GQ:PL\t0/0:30:60:0,60,900",
    "chr1\t100\t.\tA\tG,<NON_REF>\t50\t.\t.\tGT:DP:GQ:PL\t0/1:30:99:300,0,310,400,400,700",
    "chr1\t101\t.\tC\t<NON_REF>\t.\t.\tEND=200\tGT:DP:GQ:PL\t0/0:9:27:0,27,300",
    "chr1\t201\t.\tC\tT,<NON_REF>\t50\t.\t.\tGT:DP:GQ:PL\t1/1:30:90:900,90,0,900,90,900",
    "chr1\t300\t.\tA\tT,<NON_REF>\t50\tLowQual\t.\tGT:DP:GQ:PL\t0/1:30:99:300,0,310,400,400,700",
    "chr1\t400\t.\tAT\tA,<NON_REF>\t50\t.\t.\tGT:DP:GQ:PL\t0/1:30:99:300,0,310,400,400,700",
    "chr1\t500\t.\tG\tT,<NON_REF>\t50\t.\t.\tGT:DP:GQ:PL\t0/1:3:12:30,0,12,40,40,70",
    "chr1\t600\t.\tG\t<NON_REF>\t.\t.\tEND=700\tGT:DP:GQ:PL\t0/0:0:0:0,0,0",
    "chrX\t100\t.\tA\tG,<NON_REF>\t50\t.\t.\tGT:DP:GQ:PL\t0/1:30:99:300,0,310,400,400,700",
]


def write_vcf(path: Path, lines: list[str], header: str = HEADER) -> Path:
    """Write and index a VCF."""
    plain = path.with_suffix("")
    plain.write_text(header + "\n".join(lines) + "\n")
    pysam.tabix_index(str(plain), preset="vcf", force=True)
    return path


def sites_at(*places: tuple[int, str, str]) -> Sites:
    """Return sites of chromosome 1; positions 1-based."""
    keys = np.array([key_of(1, position - 1, ref, alt) for position, ref, alt in places], np.int64)
    return Sites("GRCh38", keys, np.full(len(keys), 0.3, np.float32))


def test_likelihoods_of_a_gvcf(tmp_path: Path) -> None:
    """A variant gives its PL, a block the reference, a block without reads and a place without record nothing."""
    file = write_vcf(tmp_path / "ada.g.vcf.gz", GVCF)
    sites = sites_at((50, "A", "G"), (100, "A", "G"), (150, "C", "T"), (201, "C", "T"), (650, "G", "A"), (800, "G", "A"))
    with open_calls(file) as calls:
        quality = likelihoods_of(calls, "ada", sites)
    assert genotypes(quality).tolist() == [0, 1, 0, 2, -1, -1]
    assert quality[2].tolist() == [0, 27, 255]
    assert quality[3].tolist() == [255, 90, 0]
    assert not quality[4:].any()


def test_likelihoods_of_a_plain_vcf(tmp_path: Path) -> None:
    """Without PL the genotype counts with its GQ; silence is not reference; another alternative base is not this one."""
    lines = [
        "chr1\t100\t.\tA\tG\t50\tPASS\t.\tGT:GQ\t0/1:35",
        "chr1\t200\t.\tA\tT\t50\tPASS\t.\tGT:GQ\t1/1:35",
        "chr1\t300\t.\tA\tG,T\t50\tPASS\t.\tGT:GQ\t1/2:35",
        "chr1\t400\t.\tA\tG\t50\tPASS\t.\tGT\t./.",
    ]
    file = write_vcf(tmp_path / "ada.vcf.gz", lines)
    sites = sites_at((100, "A", "G"), (200, "A", "G"), (300, "A", "T"), (400, "A", "G"), (500, "A", "G"))
    with open_calls(file) as calls:
        quality = likelihoods_of(calls, "ada", sites)
    assert quality.tolist() == [[35, 0, 35], *[[0, 0, 0]] * 4]


def test_own_sites_are_plain_and_sure(tmp_path: Path) -> None:
    """Of the run's variants only autosomal, passing SNVs with enough reads become sites."""
    file = write_vcf(tmp_path / "ada.g.vcf.gz", GVCF)
    found = sites_of_run({"ada": str(file)}, "GRCh38")
    assert found.keys.tolist() == sites_at((100, "A", "G"), (201, "C", "T")).keys.tolist()
    assert np.isnan(found.frequencies).all()


def test_unusable_calls_are_refused(tmp_path: Path) -> None:
    """No index, no VCF, no such sample: one sentence each."""
    (tmp_path / "text.vcf.gz").write_text("nothing")
    with pytest.raises(InputError, match="cannot be read as VCF"):
        open_calls(tmp_path / "text.vcf.gz")
    file = write_vcf(tmp_path / "ada.vcf.gz", GVCF)
    Path(f"{file}.tbi").unlink()
    with pytest.raises(InputError, match="no index"):
        open_calls(file)


ROWS: list[Row] = [("chr1", 99, "A", "G", 0.3), ("chr1", 149, "C", "T", 0.2), ("chr2", 9, "C", "T", 0.4), ("chrX", 99, "A", "G", 0.5)]


def test_fingerprint_of_counts_joins_lanes() -> None:
    """The lanes of a sample count together; X is left out; counts of another panel are refused."""
    panel = panel_of(ROWS, name="p", assembly="GRCh38", release="1")
    ref = np.array([[10, 0, 0, 9], [10, 1, 0, 9]], np.uint16)
    alt = np.array([[0, 9, 5, 9], [0, 9, 6, 9]], np.uint16)
    counts = SiteCounts("ada", panel.digest, ("L1", "L2"), ref, alt, np.zeros_like(ref))
    one = fingerprint_of(counts, panel)
    assert len(one.sites) == 3
    assert genotypes(one.quality).tolist() == [0, 2, 2]
    assert sites_of(panel)[1].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="not of"):
        fingerprint_of(SiteCounts("ada", "another", ("L1",), ref[:1], alt[:1], ref[:1]), panel)


def test_gather_adds_own_variants_where_the_panel_is_poor(tmp_path: Path) -> None:
    """Two panel sites are too few: the run's own two variants join them, and each sample has its likelihoods at all."""
    (tmp_path / "samples/ada").mkdir(parents=True)
    write_vcf(tmp_path / "samples/ada/ada.g.vcf.gz", GVCF)
    (tmp_path / "identity").mkdir()
    write_fingerprint(
        tmp_path / "identity/ada.fingerprint.npz", Fingerprint("ada", sites_at((100, "A", "G")), np.array([[90, 0, 90]], np.uint8))
    )

    write_members(tmp_path, ["ada", "c", "proband", "female", "", "", "L1"])

    class Params:
        results = str(tmp_path)

    paths = {name: str(tmp_path / f"run.{name}") for name in ("json", "sites", "quality", "planes")}
    gather(output=paths, params=Params)
    run = read_run(paths)
    assert (run.facts["own_variants"], len(run.sites)) == (1, 2)
    assert run.of("ada").tolist() == [[90, 0, 90], [255, 90, 0]]
    assert run.sites.frequencies[0] == pytest.approx(0.3)
    assert np.isnan(run.sites.frequencies[1])


def test_command_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A genome that was called elsewhere enters the store and is found again; mistakes are one sentence and status 2."""
    lines = [f"chr1\t{1000 * number}\t.\tA\tG\t50\tPASS\t.\tGT:GQ\t{number % 2}/1:60" for number in range(1, 300)]
    file = write_vcf(tmp_path / "ada.vcf.gz", lines)
    rows: list[Row] = [("1", 1000 * number - 1, "A", "G", 0.4) for number in range(1, 300)]
    write_panel(tmp_path / "panel.tsv.gz", panel_of(rows, name="p", assembly="GRCh38", release="1"))
    arguments = [str(file), "ada", "--panel", str(tmp_path / "panel.tsv.gz"), "--output", str(tmp_path), "--store", str(tmp_path / "store")]
    assert fingerprint_calls.main(arguments) == 0
    assert "299 of 299 sites known" in capsys.readouterr().out
    assert compare_fingerprints.main([str(tmp_path / "ada.fingerprint.npz"), "--store", str(tmp_path / "store"), "--check"]) == 0
    assert "same person" in capsys.readouterr().out
    assert fingerprint_calls.main([arguments[0], "eve", *arguments[2:]]) == 2
    assert "the VCF has no sample `eve`" in capsys.readouterr().err


def mistake(tmp_path: Path, change: Any) -> list[str]:
    """Make a store and a fingerprint, change something, and return the command line."""
    sites = spread_sites(220)
    dice = np.random.default_rng(1)
    one = sequenced("ada", founder(sites, dice), sites, dice)
    append(tmp_path / "store", [(one, {"when": "2026-01-01"})])
    write_fingerprint(tmp_path / "ada.npz", one)
    change(tmp_path)
    return [str(tmp_path / "ada.npz"), "--store", str(tmp_path / "store")]


def other_assembly(folder: Path) -> None:
    """Make the fingerprint one of GRCh37."""
    one = read_fingerprint(folder / "ada.npz")
    sites = Sites("GRCh37", one.sites.keys, one.sites.frequencies)
    write_fingerprint(folder / "ada.npz", Fingerprint("ada", sites, one.quality))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_assembly, "the fingerprint store is of GRCh38, and the samples are of GRCh37"),
        (lambda folder: (folder / "ada.npz").write_bytes(b"PK\x03\x04nothing"), "no whole fingerprint"),
        (lambda folder: (folder / "ada.npz").unlink(), "there is no such file"),
        (lambda folder: (folder / "store/fingerprints/store.json").write_text("{"), "the fingerprint store is damaged"),
        (lambda folder: next(folder.glob("store/*/*/sites.npz")).write_bytes(b"x"), "the fingerprint store is damaged"),
        (lambda folder: next(folder.glob("store/*/*/records.bin")).write_bytes(b"x" * 4000), "the fingerprint store is damaged"),
        (lambda folder: (folder / "store").rename(folder / "elsewhere"), "there is no fingerprint store"),
    ],
)
def test_command_line_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, words: str) -> None:
    """A store of another assembly, a damaged or missing one, a damaged fingerprint: one sentence, status 2."""
    assert compare_fingerprints.main(mistake(tmp_path, change)) == 2
    said = capsys.readouterr()
    assert (words in said.err, said.err.count("\n"), said.out) == (True, 1, "")
