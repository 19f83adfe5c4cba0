"""Three real samples with truth: HG001 and HG002 on 100 kb of chromosome 20, and HG002 in a hard library on two slices of it."""

import gzip
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from scripts.bench.sets import LAYOUT, Person, ReadSet, data_root, shared_root, unpacked
from scripts.bench.site_files import Site, write_bed, write_vcf
from workflow.files import atomic

PADDING = 300  # bases called beyond the confident regions on each side
PEOPLE = (
    ("hg001", "female", "hg001.b37.vcf.gz", "hg001.strict.bed"),
    ("hg002", "male", "hg002_chr20.b37.vcf.gz", "hg002_chr20.bed"),
    ("hg002hard", "male", "hg002_hard.b37.vcf.gz", "hg002_hard.bed"),
)


def real_set() -> ReadSet:
    """Return the real set; reads of the hard library are taken out of their BAM files once.

    The common sites for base recalibration are those of the truth sets themselves, since every list of common sites that a
    laboratory would use holds them: this can only help the chain that recalibrates.
    """
    giab, folder = shared_root() / "giab", data_root() / f"real-{LAYOUT}"
    fasta = unpacked(giab / "ref/b37mini.fa.gz", data_root() / "reference/b37mini.fa")
    folder.mkdir(parents=True, exist_ok=True)
    lanes = {
        "hg001": ((giab / "hg001_1.fq.gz", giab / "hg001_2.fq.gz"),),
        "hg002": ((giab / "hg002n_1.fq.gz", giab / "hg002n_2.fq.gz"),),
        "hg002hard": tuple(pair_of(bam, folder) for bam in sorted((giab / "hg002_hard").glob("*.bam"))),
    }
    people = tuple(Person(name, sex, lanes[name], giab / "truth" / vcf, giab / "truth" / bed) for name, sex, vcf, bed in PEOPLE)
    regions, known = folder / "regions.bed", folder / "known.vcf.gz"
    write_bed(regions, padded(bed_rows(person.bed for person in people)))
    if not Path(f"{known}.tbi").exists():
        write_vcf(known, fasta, sites_of(person.truth for person in people))
    return ReadSet("real", "GRCh37", fasta, regions, known, people)


def bed_rows(beds: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return the lines of BED files, sorted."""
    lines = (line.split()[:3] for bed in beds for line in bed.read_text(encoding="utf-8").splitlines() if line.strip())
    return sorted((contig, int(start), int(end)) for contig, start, end in lines)


def padded(rows: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return regions made longer on both sides."""
    return [(contig, max(0, start - PADDING), end + PADDING) for contig, start, end in rows]


def pair_of(bam: Path, folder: Path) -> tuple[Path, Path]:
    """Return the pairs of a BAM as two FASTQ files, in the order of their names' hashes and not of their places."""
    first, second = (folder / f"{bam.stem}_{end}.fq.gz" for end in (1, 2))
    if not second.exists():
        with tempfile.TemporaryDirectory() as scratch, atomic(first) as part_1, atomic(second) as part_2:
            collated = f"{scratch}/collated.bam"
            subprocess.run(["samtools", "collate", "-o", collated, str(bam), f"{scratch}/part"], check=True, capture_output=True)
            rest = ["-0", "/dev/null", "-s", "/dev/null", collated]
            subprocess.run(["samtools", "fastq", "-n", "-1", str(part_1), "-2", str(part_2), *rest], check=True, capture_output=True)
    return first, second


def sites_of(vcfs: Iterable[Path]) -> list[Site]:
    """Return the sites of some VCF files, each once."""
    sites = set()
    for vcf in vcfs:
        with gzip.open(vcf, "rt", encoding="utf-8") as handle:
            cells = (line.split("\t", 5) for line in handle if not line.startswith("#"))
            sites |= {(contig, int(pos), ref, alt, "") for contig, pos, _, ref, alt, _ in cells}
    return list(sites)
