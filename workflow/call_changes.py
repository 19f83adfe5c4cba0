"""What each sample of a case gained, lost or carries otherwise in another version, and what annotation changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote

from workflow.call_file import CallFile, Record, pairs
from workflow.changes import Change, Kind
from workflow.text import open_text

OWN_FIELDS = {"CSQ": "gene_models", "HGVSg": ""}


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
