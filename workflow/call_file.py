"""An annotated VCF of a case as text, and two of them read side by side, variant by variant.

Both hold split, left-aligned records, so that contig, position, REF and ALT name a variant. Files are read once, in step; memory holds the
records of one position. Positions are 1-based as in a VCF.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

from workflow.errors import InputError

_KNOWLEDGE = re.compile(r"##genvej_knowledge=<ID=([^,]+),")
_CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)")
_CSQ = re.compile(r'##INFO=<ID=CSQ,.*Format: ([^">]+)')
Site = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """One split record as text: `columns` are those of the VCF line, `site` its contig's number and position."""

    site: Site
    columns: Sequence[str]

    @property
    def alleles(self) -> tuple[str, str]:
        """Return REF and ALT, upper case."""
        return self.columns[3].upper(), self.columns[4].upper()

    @property
    def flag(self) -> str:
        """Return FILTER, its flags sorted; PASS where no filter was applied."""
        return "PASS" if self.columns[6] in {".", "PASS"} else ";".join(sorted(self.columns[6].split(";")))

    def genotype(self, column: int) -> str:
        """Return a sample's genotype without phase: alleles sorted, `0/1` for `1|0`."""
        alleles = re.split(r"[/|]", self.columns[column].split(":", 1)[0])
        return "/".join(sorted(alleles))

    def info(self) -> dict[str, str]:
        """Return INFO by key, percent-encoding taken out of nothing yet."""
        pairs = (item.partition("=") for item in self.columns[7].split(";") if item not in {"", "."})
        return {key: value for key, _, value in pairs}


class CallFile:
    """An open VCF: its contigs, samples, annotated fields, and its records in order."""

    def __init__(self, path: Path, handle: TextIO) -> None:
        self.path, self._lines = path, handle
        self.contigs: list[str] = []
        self.sources: list[str] = []
        self.csq: list[str] = []
        self.samples: list[str] = []
        self.order: Mapping[str, int] = {}
        self._read_header()

    def _read_header(self) -> None:
        for line in self._lines:
            if line.startswith("#CHROM"):
                self.samples = line.rstrip("\n").split("\t")[9:]
                self.order = {name: number for number, name in enumerate(self.contigs)}
                return
            for pattern, found in ((_CONTIG, self.contigs), (_KNOWLEDGE, self.sources)):
                if match := pattern.match(line):
                    found.append(match[1])
            if match := _CSQ.match(line):
                self.csq = match[1].split("|")
        raise self._fault("this is no whole VCF: it has no line #CHROM")

    def column(self, sample: str) -> int:
        """Return the column of a sample, 0-based."""
        return 9 + self.samples.index(sample)

    def groups(self) -> Iterator[tuple[Site, dict[tuple[str, str, int], Record]]]:
        """Give the records of each position by REF, ALT and how often both came before.

        Raises:
            InputError: the records are not sorted as the header has the contigs.
        """
        last: Site = (-1, -1)
        for site, records in groupby(self._records(), key=lambda record: record.site):
            if site <= last:
                raise self._fault("its records are not in the order of the contigs in its header")
            last, seen = site, Counter[tuple[str, str]]()
            group = {}
            for record in records:
                group[(*record.alleles, seen[record.alleles])] = record
                seen[record.alleles] += 1
            yield site, group

    def _records(self) -> Iterator[Record]:
        for line in self._lines:
            columns = line.rstrip("\n").split("\t")
            if len(columns) != 9 + len(self.samples) or columns[0] not in self.order:
                raise self._fault(f"a record does not fit the header: {columns[0]}:{columns[1] if columns[1:] else ''}")
            yield Record((self.order[columns[0]], int(columns[1])), columns)

    def _fault(self, what: str) -> InputError:
        return InputError(what, file=self.path, remedy="run the workflow again in that folder")


def joint_order(before: CallFile, after: CallFile) -> dict[str, int]:
    """Return one order of the contigs of two files.

    Raises:
        InputError: contigs that both have come in different orders.
    """
    shared = [[name for name in one.contigs if name in other.order] for one, other in ((before, after), (after, before))]
    if shared[0] != shared[1]:
        raise InputError("the contigs of both call sets come in different orders", file=after.path, remedy="compare calls on one reference")
    order = list(before.contigs)
    place = 0
    for name in after.contigs:
        place = order.index(name) + 1 if name in before.order else place
        if name not in before.order:
            order.insert(place, name)
            place += 1
    return {name: number for number, name in enumerate(order)}


def pairs(before: CallFile, after: CallFile) -> Iterator[tuple[Record | None, Record | None]]:
    """Give each variant's records in both files, None where one has none; in order."""
    before.order = after.order = joint_order(before, after)
    left, right = before.groups(), after.groups()
    old, new = next(left, None), next(right, None)
    while old or new:
        site = min(one[0] for one in (old, new) if one)
        here = old[1] if old and old[0] == site else {}
        there = new[1] if new and new[0] == site else {}
        for key in dict.fromkeys([*here, *there]):
            yield here.get(key), there.get(key)
        old = next(left, None) if old and old[0] == site else old
        new = next(right, None) if new and new[0] == site else new
