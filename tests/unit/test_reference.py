"""The reference and the regions: indexes, assemblies, BED."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.fasta_index import index_prefix, load_contigs
from workflow.reference import (
    autosomes,
    check_assembly,
    check_regions,
    lengths,
    mitochondria,
    par_regions,
    primary_contigs,
    sex_contigs,
)
from workflow.settings import Settings, load_settings

FASTA = ">1 first\nACGTA\nCC\n>decoy\nAAAAA\n"


def settings(folder: Path, name: str = "GRCh38", fasta: str = "ref.fa", index: str | None = None, regions: str | None = None) -> Settings:
    reference = {"name": name, "fasta": str(folder / fasta), "index": index}
    return load_settings({"samples": "s", "units": "u", "reference": reference, "regions": regions})


def test_load_contigs_builds_the_index_once(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    assert load_contigs(settings(tmp_path)) == {"1": 7, "decoy": 5}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ref.fa", "ref.fa.fai"]
    before = (tmp_path / "ref.fa.fai").stat().st_mtime_ns
    load_contigs(settings(tmp_path))
    assert (tmp_path / "ref.fa.fai").stat().st_mtime_ns == before


def test_load_contigs_writes_into_the_index_folder(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    chosen = settings(tmp_path, index=str(tmp_path / "indexes"))
    assert index_prefix(chosen) == tmp_path / "indexes" / "ref.fa"
    assert load_contigs(chosen) == {"1": 7, "decoy": 5}
    assert not (tmp_path / "ref.fa.fai").exists()


def test_load_contigs_reads_a_bgzip_compressed_reference(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    subprocess.run(["bgzip", str(tmp_path / "ref.fa")], check=True)
    assert load_contigs(settings(tmp_path, fasta="ref.fa.gz")) == {"1": 7, "decoy": 5}
    assert (tmp_path / "ref.fa.gz.gzi").stat().st_size


def test_load_contigs_builds_the_second_part_of_an_index_that_lacks_it(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    subprocess.run(["bgzip", str(tmp_path / "ref.fa")], check=True)
    chosen = settings(tmp_path, fasta="ref.fa.gz", index=str(tmp_path / "indexes"))
    (tmp_path / "ref.fa.gz.fai").write_text("1\t7\t9\t5\t6\n")
    assert load_contigs(chosen) == {"1": 7, "decoy": 5}
    assert (tmp_path / "indexes" / "ref.fa.gz.gzi").exists()


@pytest.mark.parametrize("copies", [1, 20_000])  # one block, and several
def test_load_contigs_takes_an_older_index_of_a_compressed_reference_if_it_fits(tmp_path: Path, copies: int) -> None:
    (tmp_path / "ref.fa").write_text(FASTA + "ACGTA\n" * copies)
    subprocess.run(["bgzip", str(tmp_path / "ref.fa")], check=True)
    chosen = settings(tmp_path, fasta="ref.fa.gz")
    contigs = load_contigs(chosen)
    os.utime(tmp_path / "ref.fa.gz.fai", (1, 1))
    assert load_contigs(chosen) == contigs
    (tmp_path / "ref.fa").write_text(FASTA + "ACGTA\n" * (copies + 10))
    subprocess.run(["bgzip", "-f", str(tmp_path / "ref.fa")], check=True)
    with pytest.raises(InputError, match="this is not the index of"):
        load_contigs(chosen)


def check(chosen: Settings) -> None:
    contigs = load_contigs(chosen)
    check_assembly(chosen, contigs)
    check_regions(chosen, contigs)


def refusal(chosen: Settings) -> str:
    with pytest.raises(InputError) as caught:
        check(chosen)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no such reference"),
        (b"LOCUS NC_012920", "is no FASTA"),
        (b"", "is no FASTA"),
        (gzip.compress(FASTA.encode(), mtime=0), "compressed with gzip"),
        (b">1\nACGT\nAC\nACGT\n", "lines but the last must be of one length"),
        (b">1\nACGT\n>2\nAC\n>1 again\nACGT\n", "3 sequences, but only 2 different names"),
    ],
)
def test_load_contigs_refuses(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "ref.fa").write_bytes(content)
    message = refusal(settings(tmp_path))
    assert says in message
    assert "ref.fa" in message
    assert not list(tmp_path.glob("*.fai"))
    assert not list(tmp_path.glob(".part*"))


def test_load_contigs_refuses_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    with open(tmp_path / "ref.fa") as handle:
        message = refusal(settings(Path("/proc/self/fd"), fasta=str(handle.fileno())))
    assert "none can be written to /proc/self/fd" in message
    assert "`reference.index`" in message


def test_load_contigs_refuses_an_index_that_no_longer_fits(tmp_path: Path) -> None:
    (tmp_path / "ref.fa").write_text(FASTA)
    load_contigs(settings(tmp_path))
    os.utime(tmp_path / "ref.fa.fai", (1, 1))
    assert load_contigs(settings(tmp_path)) == {"1": 7, "decoy": 5}
    (tmp_path / "ref.fa").write_text(FASTA + ">2\nACGTACGT\n")
    assert "this is not the index of" in refusal(settings(tmp_path))


def write_index(folder: Path, contigs: dict[str, int]) -> None:
    """Write a FASTA of such sequences, one line each, with holes where their bases would be, and its index."""
    rows = []
    with open(folder / "ref.fa", "wb") as handle:
        for name, length in contigs.items():
            handle.write(f">{name}\n".encode())
            rows.append(f"{name}\t{length}\t{handle.tell()}\t{length}\t{length + 1}\n")
            handle.seek(length, 1)
            handle.write(b"\n")
    (folder / "ref.fa.fai").write_text("".join(rows))


@pytest.mark.parametrize(
    ("assembly", "contigs", "says"),
    [
        ("GRCh38", {"20": 63025520}, ["20 has 63,025,520 bases", "that of GRCh38 has 64,444,167", "the reference is GRCh37"]),
        ("GRCh37", {"chr1": 248956422}, ["the reference is GRCh38"]),
        ("GRCh37", {"chr1": 249250621, "chrM": 16571}, ["chrM", "hg19's mitochondrion", "NC_012920.1"]),
        ("GRCh38", {"chr1": 5}, ["chr1 has 5 bases", "give the FASTA"]),
        ("GRCh38", {"scaffold_7": 500}, ["none of GRCh38's contigs"]),
        ("GRCh38", {"chr1": 248956422, "1": 248956422}, ["both chr1 and 1"]),
    ],
)
def test_check_assembly_refuses(tmp_path: Path, assembly: str, contigs: dict[str, int], says: list[str]) -> None:
    write_index(tmp_path, contigs)
    message = refusal(settings(tmp_path, assembly))
    assert all(part in message for part in says), message


@pytest.mark.parametrize("prefix", ["", "chr"])
@pytest.mark.parametrize("assembly", ["GRCh37", "GRCh38"])
def test_check_assembly_accepts_both_styles_and_other_contigs(tmp_path: Path, assembly: str, prefix: str) -> None:
    contigs = {prefix + name: length for name, length in lengths(assembly).items()} | {"hs37d5": 35477943, "chrUn_KI270742v1": 186739}
    write_index(tmp_path, contigs)
    chosen = settings(tmp_path, assembly)
    check_assembly(chosen, load_contigs(chosen))


def test_lengths_are_those_of_the_assemblies() -> None:
    assert sum(length for name, length in lengths("GRCh38").items() if name != "MT") == 3088269832  # GRC: total of the chromosomes
    assert sum(length for name, length in lengths("GRCh37").items() if name != "MT") == 3095677412
    assert lengths("GRCh37")["MT"] == lengths("GRCh38")["MT"] == 16569


def test_contigs_by_kind() -> None:
    contigs = {"chr1": 1, "chr22": 1, "chrX": 1, "chrM": 1, "chrUn": 1, "chr1_alt": 1}
    assert autosomes(contigs) == ["chr1", "chr22"]
    assert sex_contigs(contigs) == ("chrX", None)
    assert mitochondria(contigs) == ["chrM"]
    assert list(primary_contigs(contigs)) == ["chr1", "chr22", "chrX", "chrM"]


@pytest.mark.parametrize("assembly", ["GRCh37", "GRCh38"])
def test_par_regions_are_as_long_on_x_as_on_y(assembly: str) -> None:
    regions = par_regions(assembly)
    for style in ("", "chr"):
        x, y = ([end - start for contig, start, end in regions if contig == f"{style}{name}"] for name in "XY")
        assert len(x) == 2
        assert x == y
    assert {"GRCh37": ("X", 60000, 2699520), "GRCh38": ("X", 10000, 2781479)}[assembly] in regions


CONTIGS = {"20": 63025520, "MT": 16569}


def regions_refusal(folder: Path, bed: str) -> str:
    write_index(folder, CONTIGS)
    (folder / "regions.bed").write_text(bed)
    return refusal(settings(folder, "GRCh37", regions=str(folder / "regions.bed")))


@pytest.mark.parametrize(
    ("bed", "says"),
    [
        ("20\t5\t9\n20\t1\t2\n", ["row 2", "not sorted"]),
        ("20\t5\t9\nMT\t1\t2\n20\t10\t12\n", ["row 3", "not sorted"]),
        ("20\t70000000\t70000100\n", ["row 1", "outside the reference", "63025520"]),
        ("chr20\t1\t4\n", ["row 1", "chr20 is not in the reference", "it is named 20 there"]),
        ("21\t1\t4\n", ["row 1", "21 is not in the reference"]),
        ("# all\n20\t7\t7\n", ["row 2", "start equals end (7)", "1-based"]),
        ("20\t9\t7\n", ["row 1", "start 9 lies behind end 7"]),
        ("MT\t1\t16569\n", ["row 1", "1-based"]),
        ("20\t1\t10\n20\t11\t20\n20\t21\t30\n", ["row 2", "1-based"]),
        ("@HD\tVN:1.6\n20\t1\t10\t+\tx\n", ["row 1", "interval list", "1-based"]),
        ("20\tens\tgene\t5\t9\t.\t+\t.\tID=x\n", ["row 1", "GFF", "1-based"]),
        ("##gff-version 3\n", ["row 1", "GFF"]),
        ("20 1 10\n", ["row 1", "no BED line"]),
        ("20:1-10\n", ["row 1", "no BED line"]),
        ("20\t-1\t10\n", ["row 1", "no BED line"]),
        ("track name=x\n", ["no region"]),
    ],
)
def test_check_regions_refuses(tmp_path: Path, bed: str, says: list[str]) -> None:
    message = regions_refusal(tmp_path, bed)
    assert all(part in message for part in says), message


@pytest.mark.parametrize("bed", ["20\t0\t63025520\n", "track x\n20\t5\t9\tgene\r\n20\t5\t12\nMT\t0\t1\n", "MT\t0\t16569\n20\t1\t2\n"])
def test_check_regions_accepts(tmp_path: Path, bed: str) -> None:
    write_index(tmp_path, CONTIGS)
    (tmp_path / "regions.bed").write_text(bed)
    check_regions(settings(tmp_path, "GRCh37", regions=str(tmp_path / "regions.bed")), CONTIGS)


def test_check_regions_reads_gzip_and_refuses_half_of_it(tmp_path: Path) -> None:
    content = gzip.compress(b"20\t5\t9\n" * 500)
    (tmp_path / "regions.bed.gz").write_bytes(content)
    chosen = settings(tmp_path, "GRCh37", regions=str(tmp_path / "regions.bed.gz"))
    check_regions(chosen, CONTIGS)
    (tmp_path / "regions.bed.gz").write_bytes(content[:30])
    with pytest.raises(InputError, match="cannot be read"):
        check_regions(chosen, CONTIGS)
