"""Bases written into reads: which fragments of a person get a variant, and the edited FASTQ records."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pysam

from workflow.bases import reverse_complement
from workflow.errors import InputError


@dataclass(frozen=True)
class Variant:
    """A small variant as VCF writes it; `position` is 1-based, the alleles stand on the forward strand."""

    contig: str
    position: int
    ref: str
    alt: str

    def __str__(self) -> str:
        return f"{self.contig}:{self.position} {self.ref}>{self.alt}"


@dataclass(frozen=True)
class Edit:
    """The bases to put into a read as sequenced.

    Attributes:
        mate: 0 for the first read of the pair, 1 for the second.
        offset: 0-based, from the first base that was sequenced.
        base: the new base or bases, in the orientation in which the read was sequenced; they replace as many.
        reverse: whether the read is aligned to the reverse strand.
    """

    mate: int
    offset: int
    base: str
    reverse: bool


def base_at(read: pysam.AlignedSegment, position: int) -> tuple[int, str] | None:
    """Return (offset in the read, base) at a 1-based reference position, None where the read has a deletion or does not reach it."""
    offset = next((query for query, reference in read.get_aligned_pairs() if reference == position - 1), None)
    return None if offset is None else (offset, str(read.query_sequence)[offset])


def edit_of(read: pysam.AlignedSegment, variant: Variant) -> Edit:
    """Return what turns the reference base of a read that spans the variant into the variant's base.

    Raises:
        InputError: the read does not carry the reference base there.
    """
    offset, base = base_at(read, variant.position) or (None, "a deletion")
    if offset is None or base != variant.ref:
        raise InputError(
            f"a read over {variant} carries {base} and not {variant.ref}",
            remedy="choose a variant over which every read is as the reference",
        )
    if read.is_reverse:
        return Edit(int(read.is_read2), read.query_length - 1 - offset, reverse_complement(variant.alt), True)
    return Edit(int(read.is_read2), offset, variant.alt, False)


def edits_of(reads: Iterable[pysam.AlignedSegment], names: Collection[str], variant: Variant) -> dict[str, list[Edit]]:
    """Return {name: edits} of the fragments in `names` that cover the variant; `reads` are those that span its position."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    for read in reads:
        name = str(read.query_name)
        if name in names and not (read.is_secondary or read.is_supplementary):
            edits[name].append(edit_of(read, variant))
    return dict(edits)


def in_order(edits: Mapping[str, list[Edit]]) -> list[str]:
    """Return the fragments by strand and then by a hash of the read name: the same order on every machine."""
    return sorted(edits, key=lambda name: (edits[name][0].reverse, hashlib.sha256(name.encode()).digest()))


def half_of(edits: Mapping[str, list[Edit]]) -> dict[str, list[Edit]]:
    """Return every second fragment in the order of strand and name hash, the first one included."""
    return {name: edits[name] for name in in_order(edits)[::2]}


def share_of(edits: Mapping[str, list[Edit]], share: float) -> dict[str, list[Edit]]:
    """Return a share (0 to 1) of the fragments, spread evenly over the order of strand and name hash, to the nearest whole number."""
    order, wanted = in_order(edits), round(len(edits) * share)
    return {
        order[int((number + 0.5) * len(order) / wanted)]: edits[order[int((number + 0.5) * len(order) / wanted)]]
        for number in range(wanted)
    }


@dataclass(frozen=True)
class Marker:
    """A heterozygous site of a person whose copies are known: the base that copy 1 has, and the base of copy 2; `position` is 1-based."""

    position: int
    first: str
    second: str


def copies_of(reads: Iterable[pysam.AlignedSegment], markers: Iterable[Marker]) -> dict[str, str]:
    """Return the copy, `1` or `2`, that each fragment is taken to come from.

    A fragment over a marker has the copy that its base says; the others are dealt out in turn along the genome, on each strand.
    """
    sites = list(markers)
    told: dict[str, str] = {}
    order: list[tuple[bool, str]] = []
    for read in reads:
        name = str(read.query_name)
        order.append((read.is_reverse != read.is_read2, name))
        for site in sites:
            if (
                name not in told
                and read.reference_start < site.position <= (read.reference_end or 0)
                and (found := base_at(read, site.position))
            ):
                told |= {name: "1" if found[1] == site.first else "2"} if found[1] in {site.first, site.second} else {}
    turns = {True: 0, False: 0}
    for strand, name in order:
        if name not in told:
            told[name] = "12"[turns[strand] % 2]
            turns[strand] += 1
    return told


def name_of(header: bytes) -> str:
    """Return the read name in the first line of a FASTQ record."""
    return header[1:].split()[0].decode()


def of_mate(edits: Mapping[str, Iterable[Edit]], mate: int) -> dict[str, list[Edit]]:
    """Return the edits of one mate's reads, 0 for the first of each pair."""
    return {name: [edit for edit in found if edit.mate == mate] for name, found in edits.items()}


def edited(lines: Iterable[bytes], edits: Mapping[str, Iterable[Edit]]) -> Iterator[bytes]:
    """Give the lines of a FASTQ file with the bases of each read in `edits` replaced."""
    wanted: Iterable[Edit] = ()
    for number, line in enumerate(lines):
        if number % 4 == 0:
            wanted = edits.get(name_of(line), ())
        if number % 4 == 1:
            for edit in wanted:
                line = line[: edit.offset] + edit.base.encode() + line[edit.offset + len(edit.base) :]
        yield line


def without(lines: Iterable[bytes], names: Collection[str]) -> Iterator[bytes]:
    """Give the lines of a FASTQ file without the reads in `names`."""
    dropped = False
    for number, line in enumerate(lines):
        if number % 4 == 0:
            dropped = name_of(line) in names
        if not dropped:
            yield line
