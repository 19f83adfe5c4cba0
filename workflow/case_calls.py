"""The calls of a case as lines of a split VCF, in batches: only INFO is looked into, so that genotypes pass through untouched."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workflow.haplotypes import SampleCall
from workflow.tabix_source import Site

BATCH = 5_000
BATCH_END_GAP = 1_000
"""A batch ends where the next record is this many bases away, so that neighbours which act together stay together."""

LARGEST_BATCH = 20_000


class Row(NamedTuple):
    """One record: columns before INFO, INFO without BCSQ, what BCSQ said, and the columns after INFO."""

    contig: str
    site: Site
    before: str
    info: tuple[str, ...]
    bcsq: str
    after: str

    @property
    def key(self) -> tuple[int, str, str]:
        """Position, REF and ALT."""
        return self.site.pos, self.site.ref, self.site.alt

    def with_info(self, more: Iterable[str]) -> str:
        """Return the line with more INFO entries behind its own."""
        return f"{self.before}\t{';'.join((*self.info, *more)) or '.'}{self.after}\n"


def parse_row(line: str) -> Row:
    """Return a record of a split VCF."""
    contig, pos, name, ref, alt, qual, filters, rest = line.rstrip("\n").split("\t", 7)
    info, tab, after = rest.partition("\t")
    entries = [] if info == "." else info.split(";")
    bcsq = next((entry[5:] for entry in entries if entry.startswith("BCSQ=")), "")
    own = tuple(entry for entry in entries if not entry.startswith("BCSQ="))
    return Row(contig, Site(int(pos), ref, alt), "\t".join((contig, pos, name, ref, alt, qual, filters)), own, bcsq, tab + after)


def batches(lines: Iterable[str]) -> Iterator[list[Row]]:
    """Yield sorted records in lists, each of one contig."""
    batch: list[Row] = []
    for row in map(parse_row, lines):
        if batch and _ends(batch, row):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _ends(batch: Sequence[Row], row: Row) -> bool:
    last = batch[-1]
    if row.contig != last.contig or len(batch) >= LARGEST_BATCH:
        return True
    return len(batch) >= BATCH and row.site.pos - last.site.pos >= BATCH_END_GAP


def sample_calls(row: Row, samples: Sequence[str]) -> dict[str, SampleCall]:
    """Return each sample's genotype text and phase set."""
    keys, *columns = row.after.lstrip("\t").split("\t")
    names = keys.split(":")
    calls = {}
    for sample, column in zip(samples, columns, strict=True):
        value = dict(zip(names, column.split(":"), strict=False))
        calls[sample] = SampleCall(value.get("GT", "."), value.get("PS", ".").replace(".", ""))
    return calls
