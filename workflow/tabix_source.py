"""Indexed knowledge files (bgzipped VCF or BED), read along the genome in step with the variants of a case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pysam

from workflow.accessions import aliases
from workflow.config_sections import Knowledge
from workflow.errors import InputError

GAP = 10_000
"""Bases between two variants from which on the file is sought anew instead of read through."""


class Site(NamedTuple):
    """A split, left-aligned record: 1-based position, reference and alternative bases."""

    pos: int
    ref: str
    alt: str


@dataclass(frozen=True, slots=True)
class InfoField:
    """An INFO field as it is written: name, Number, Type, Description."""

    id: str
    number: str
    type: str
    description: str

    def header(self) -> str:
        """Return the header line."""
        return f'##INFO=<ID={self.id},Number={self.number},Type={self.type},Description="{self.description}">'


class Source(Protocol):
    """A knowledge source that variants are looked up in; `matched` counts the variants that it had something on."""

    knowledge: Knowledge
    info: list[InfoField]
    matched: int

    def look_up(self, contig: str, sites: Sequence[Site]) -> list[dict[str, str]]:
        """Return the INFO values of each of the sorted `sites` of a contig, empty dicts where it has none."""


class TabixFile:
    """An indexed file whose contigs may go by other names than the reference's."""

    def __init__(self, knowledge: Knowledge, contigs: Iterable[str]) -> None:
        self.knowledge = knowledge
        kind = knowledge.kind
        try:
            self._file = pysam.TabixFile(str(knowledge.path))
        except (OSError, ValueError, NotImplementedError) as error:
            remedy = f"compress it with `bgzip` and index it with `tabix -p {kind}`"
            what = f"knowledge source {knowledge.name} cannot be read, or has no index"
            raise InputError(what, file=knowledge.path, remedy=remedy) from error
        own = set(self._file.contigs)
        if not own:
            raise InputError(f"knowledge source {knowledge.name} holds no records", file=knowledge.path, remedy="get the release again")
        self.names = {contig: name for contig in contigs for name in aliases(contig) if name in own}
        if not self.names:
            what = f"knowledge source {knowledge.name} has no contig of the reference (it has {', '.join(sorted(own)[:3])})"
            raise InputError(what, file=knowledge.path, remedy="give the release for this assembly")

    def header(self) -> list[str]:
        """Return the file's own header lines."""
        return [str(line) for line in self._file.header]

    def first(self, contig: str, count: int) -> Iterator[str]:
        """Yield up to `count` first records of a contig of the reference."""
        for _, line in zip(range(count), self._file.fetch(self.names[contig]), strict=False):
            yield line

    def empty_contigs(self) -> list[str]:
        """Return the contigs of the index on which the file has no record: a file that was emptied, or the index of another one."""
        return [name for contig, name in self.names.items() if next(self.first(contig, 1), None) is None]

    def around(self, contig: str, sites: Sequence[Site]) -> Iterator[str]:
        """Yield the records that may overlap sorted `sites` of one contig, each at least once, in order."""
        if contig not in self.names:
            return
        for start, end in _stretches(sites):
            yield from self._file.fetch(self.names[contig], start, end)


def _stretches(sites: Sequence[Site]) -> Iterator[tuple[int, int]]:
    """Join sites nearer than GAP: 0-based half-open stretches of the contig."""
    start = end = -1
    for site in sites:
        if start >= 0 and site.pos - 1 > end + GAP:
            yield start, end
            start = -1
        if start < 0:
            start = end = site.pos - 1
        end = max(end, site.pos - 1 + len(site.ref))
    if start >= 0:
        yield start, end
