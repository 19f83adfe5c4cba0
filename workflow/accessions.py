"""RefSeq accessions of the chromosomes, which g. and m. names need, and the names that a contig goes by."""

import csv
import functools

from workflow.digests import ROOT
from workflow.reference import plain_name

TABLE = "resources/refseq_accessions.tsv"


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    lines = [line for line in (ROOT / TABLE).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row["contig"]: row for row in csv.DictReader(lines, delimiter="\t")}


@functools.cache
def accession(assembly: str, contig: str) -> str:
    """Return a contig's RefSeq accession with version on GRCh37 or GRCh38; the contig's own name where none is known."""
    return _table().get(plain_name(contig), {}).get(assembly, contig)


def aliases(contig: str) -> tuple[str, ...]:
    """Return the names that a contig goes by in other files, its own first: with and without `chr`, RefSeq accessions."""
    name = plain_name(contig)
    mitochondrion = ("M", "chrM") if name == "MT" else ()
    accessions = [_table()[name][assembly] for assembly in ("GRCh38", "GRCh37")] if name in _table() else []
    return tuple(dict.fromkeys((contig, name, f"chr{name}", *mitochondrion, *accessions)))
