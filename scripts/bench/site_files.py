"""Regions and variants written for the chains and the scorer."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pysam

Site = tuple[str, int, str, str, str]  # contig, 1-based position, REF, ALT, genotype
CONTIG_LINE = "##contig=<ID={},length={}>\n"


def write_bed(path: Path, rows: Iterable[tuple[str, int, int]]) -> None:
    """Write BED lines, neighbours that touch made one (0-based half-open)."""
    merged: list[list[str | int]] = []
    for contig, start, end in rows:
        if merged and merged[-1][0] == contig and int(merged[-1][2]) >= start:
            merged[-1][2] = max(int(merged[-1][2]), end)
        else:
            merged.append([contig, start, end])
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in merged), encoding="utf-8")


def write_vcf(path: Path, fasta: Path, sites: Iterable[Site], sample: str | None = None) -> None:
    """Write variants with their index: genotypes of `sample`, or sites only."""
    with pysam.FastaFile(str(fasta)) as reference:
        order = {contig: number for number, contig in enumerate(reference.references)}
        lines = "".join(CONTIG_LINE.format(contig, reference.get_reference_length(contig)) for contig in order)
    genotypes = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n' if sample else ""
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", *(["FORMAT", sample] if sample else [])]
    plain = path.with_suffix("")
    with open(plain, "w", encoding="utf-8") as handle:
        handle.write(f"##fileformat=VCFv4.2\n{lines}{genotypes}" + "\t".join(columns) + "\n")
        for contig, pos, ref, alt, genotype in sorted(sites, key=lambda site: (order[site[0]], *site[1:])):
            cells = [contig, str(pos), ".", ref, alt, ".", ".", ".", *(["GT", genotype] if sample else [])]
            handle.write("\t".join(cells) + "\n")
    subprocess.run(["bgzip", "-f", str(plain)], check=True)
    subprocess.run(["tabix", "-f", "-p", "vcf", str(path)], check=True)


def join(parts: Iterable[Path], target: Path) -> None:
    """Write gzip files one after the other into one."""
    with open(target, "wb") as whole:
        for part in parts:
            with open(part, "rb") as source:
                shutil.copyfileobj(source, whole)
