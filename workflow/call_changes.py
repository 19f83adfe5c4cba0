"""The calls of a case in two versions, read side by side: what each sample gained, lost or carries otherwise, and what annotation changed.

Both files hold split, left-aligned records, so that contig, position, REF and ALT name a variant. They are read once, in step; memory
holds the records of one position. Positions are 1-based as in a VCF.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

from workflow.changes import Change, Kind
from workflow.errors import InputError
from workflow.text import open_text

_KNOWLEDGE = re.compile(r"##genvej_knowledge=<ID=([^,]+),")
_CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)")
_CSQ = re.compile(r'##INFO=<ID=CSQ,.*Format: ([^">]+)')
OWN_FIELDS = {"CSQ": "gene_models", "HGVSg": ""}
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


@dataclass
class CallCounts:
    """How many calls were compared: genotypes with the variant in each version, in both, and those that passed in the first."""

    before: int = 0
    after: int = 0
    both: int = 0
    passed: int = 0
    lost_passed: int = 0
    moved: int = 0
    """Records that only one version has, or whose filter or sample columns differ in any way."""

    def add(self, other: "CallCounts") -> None:
        """Add the counts of another case."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def compare_calls(old: Path, new: Path, case: str, samples: Sequence[str], counts: CallCounts) -> Iterator[Change]:
    """Give every change of the calls and annotation of a case.

    Args:
        old: the annotated VCF of the version before.
        new: that of the version after.
        case: the case's name.
        samples: the samples that both have.
        counts: is added to on the way.
    """
    with ExitStack() as stack:
        before, after = (CallFile(path, stack.enter_context(open_text(path))) for path in (old, new))
        columns = [(name, before.column(name), after.column(name)) for name in samples]
        csq = after.csq or before.csq
        for here, there in pairs(before, after):
            one = there or here
            assert one is not None  # each pair has a record
            contig, pos, _, ref, alt = one.columns[:5]
            blank = Change(Kind.GENOTYPE, case, "", contig, int(pos), ref, alt, gene_of(one, csq))
            counts.moved += not (here and there) or [*here.columns[6:7], *here.columns[8:]] != [*there.columns[6:7], *there.columns[8:]]
            for name, left, right in columns:
                yield from _of_sample(replace(blank, sample=name), here, there, left, right, counts)
            if here and there and here.columns[7] != there.columns[7]:
                yield from _of_annotation(blank, here, there, before, after)


def _of_sample(blank: Change, here: Record | None, there: Record | None, left: int, right: int, counts: CallCounts) -> Iterator[Change]:
    """Give what changed in one sample's call of one variant."""
    old, new = (here.genotype(left) if here else ""), (there.genotype(right) if there else "")
    was, now = bool(copies(old)), bool(copies(new))
    passed, passes = bool(was and here and here.flag == "PASS"), bool(now and there and there.flag == "PASS")
    counts.add(CallCounts(was, now, was and now, passed, passed and not passes))
    if was and not now:
        yield replace(blank, kind=Kind.LOST, field="GT", old=_call(here, old), new=new)
    elif now and not was:
        yield replace(blank, kind=Kind.GAINED, field="GT", old=old, new=_call(there, new))
    elif here and there and old != new:
        yield replace(blank, kind=Kind.GENOTYPE, field="GT", old=_call(here, old), new=_call(there, new))
    if was and now and here and there and here.flag != there.flag:
        yield replace(blank, kind=Kind.FILTER, field="FILTER", old=here.flag, new=there.flag)


def copies(genotype: str) -> int:
    """Return how many copies of the variant a genotype holds."""
    return sum(allele not in {"0", ".", ""} for allele in genotype.split("/"))


def _call(record: Record | None, genotype: str) -> str:
    return f"{genotype} {record.flag}" if record else genotype


def gene_of(record: Record, csq: Sequence[str]) -> str:
    """Return the gene of a record's first consequence, '' if it has none."""
    found = re.search(r"(?:^|;)CSQ=([^;,]+)", record.columns[7])
    return unquote(dict(zip(csq, found[1].split("|"), strict=False)).get("SYMBOL", "")) if found else ""


def source_of(field: str, sources: Sequence[str]) -> str | None:
    """Return the knowledge source that an INFO field comes from, '' for one of the reference alone, None for a caller's own field."""
    if field in OWN_FIELDS:
        return OWN_FIELDS[field]
    return max((name for name in sources if field.startswith(f"{name}_")), key=len, default=None)


def _of_annotation(blank: Change, here: Record, there: Record, before: CallFile, after: CallFile) -> Iterator[Change]:
    """Give each annotated field that differs between two records of one variant; a caller's own fields are passed over."""
    old, new = here.info(), there.info()
    blank = replace(blank, kind=Kind.ANNOTATION)
    sources = [*before.sources, *after.sources]
    for field in dict.fromkeys([*old, *new]):
        if old.get(field) == new.get(field) or source_of(field, sources) is None:
            continue
        if field == "CSQ":
            yield from _of_csq(blank, _entries(old.get("CSQ", ""), before.csq), _entries(new.get("CSQ", ""), after.csq))
        else:
            yield replace(blank, field=field, old=unquote(old.get(field, "")), new=unquote(new.get(field, "")))


def _entries(value: str, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return INFO/CSQ as subfields by transcript, in order."""
    entries = [dict(zip_longest(names, map(unquote, entry.split("|")), fillvalue="")) for entry in value.split(",") if entry]
    return {entry["Feature"]: entry for entry in entries}


def _of_csq(blank: Change, old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> Iterator[Change]:
    """Give each changed subfield by transcript, transcripts that came or went, and another transcript in the first place."""
    for name in dict.fromkeys([*old, *new]):
        gene = (new.get(name) or old[name]).get("SYMBOL", "")
        one = replace(blank, gene=gene)
        if name not in old or name not in new:
            texts = [f"{name} {entry['Consequence']}" if entry else "" for entry in (old.get(name), new.get(name))]
            yield replace(one, field="CSQ", old=texts[0], new=texts[1])
            continue
        for field in dict.fromkeys([*old[name], *new[name]]):
            before, after = old[name].get(field, ""), new[name].get(field, "")
            if before != after:
                yield replace(one, field=f"CSQ.{field}", old=before, new=after)
    first = [next(iter(entries), "") for entries in (old, new)]
    if first[0] != first[1] and first[0] in new and first[1] in old:
        yield replace(blank, field="CSQ, first transcript", old=first[0], new=first[1])
