"""Write a heterozygous single-nucleotide variant into half of the fragments that cover it.

A fragment is changed as a whole: both mates, where both cover the position. Base qualities stay. Fragments are ordered by
strand and then by a hash of the read name, and every second one is taken: half of them in all and half on each strand
(to within one fragment), the same ones on every machine, whatever else is in the reads.
"""

import gzip
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysam

from workflow.errors import InputError
from workflow.files import atomic

COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True)
class Variant:
    """A single-nucleotide variant; `position` is 1-based, the alleles stand on the forward strand."""

    contig: str
    position: int
    ref: str
    alt: str

    def __str__(self) -> str:
        return f"{self.contig}:{self.position} {self.ref}>{self.alt}"


@dataclass(frozen=True)
class Edit:
    """The base to put into a read as sequenced.

    Attributes:
        mate: 0 for the first read of the pair, 1 for the second.
        offset: 0-based, from the first base that was sequenced.
        base: the new base, in the orientation in which the read was sequenced.
        reverse: whether the read is aligned to the reverse strand.
    """

    mate: int
    offset: int
    base: str
    reverse: bool


def edit_of(read: pysam.AlignedSegment, variant: Variant) -> Edit:
    """Return what turns the reference base of a read that spans the variant into the variant's base.

    Raises:
        InputError: the read does not carry the reference base there.
    """
    offset = next((query for query, reference in read.get_aligned_pairs() if reference == variant.position - 1), None)
    base = "a deletion" if offset is None else str(read.query_sequence)[offset]
    if offset is None or base != variant.ref:
        raise InputError(
            f"a read over {variant} carries {base} and not {variant.ref}",
            remedy="choose a variant over which every read is as the reference",
        )
    if read.is_reverse:
        return Edit(int(read.is_read2), read.query_length - 1 - offset, variant.alt.translate(COMPLEMENT), True)
    return Edit(int(read.is_read2), offset, variant.alt, False)


def edits_of(reads: Iterable[pysam.AlignedSegment], names: Collection[str], variant: Variant) -> dict[str, list[Edit]]:
    """Return {name: edits} of the fragments in `names` that cover the variant; `reads` are those that span its position."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    for read in reads:
        name = str(read.query_name)
        if name in names and not (read.is_secondary or read.is_supplementary):
            edits[name].append(edit_of(read, variant))
    return dict(edits)


def half_of(edits: Mapping[str, list[Edit]]) -> dict[str, list[Edit]]:
    """Return every second fragment in the order of strand and name hash, the first one included."""
    order = sorted(edits, key=lambda name: (edits[name][0].reverse, hashlib.sha256(name.encode()).digest()))
    return {name: edits[name] for name in order[::2]}


def name_of(header: bytes) -> str:
    """Return the read name in the first line of a FASTQ record."""
    return header[1:].split()[0].decode()


def edited(lines: Iterable[bytes], edits: Mapping[str, Edit]) -> Iterator[bytes]:
    """Give the lines of a FASTQ file with one base of each read in `edits` replaced."""
    edit = None
    for number, line in enumerate(lines):
        if number % 4 == 0:
            edit = edits.get(name_of(line))
        if number % 4 == 1 and edit:
            yield line[: edit.offset] + edit.base.encode() + line[edit.offset + 1 :]
        else:
            yield line


def main(*, input: Any, output: Any, params: Any, **_: object) -> None:
    """Write `params.variant` into half of the fragments of a FASTQ pair, found by their alignments in a BAM."""
    variant = Variant(**params.variant)
    originals = [gzip.decompress(Path(path).read_bytes()).splitlines(keepends=True) for path in input.fastq]
    names = {name_of(header) for header in originals[0][::4]}
    with pysam.AlignmentFile(input.bam) as bam:
        covering = edits_of(bam.fetch(variant.contig, variant.position - 1, variant.position), names, variant)
    chosen = half_of(covering)
    for mate, (lines, path) in enumerate(zip(originals, output, strict=True)):
        edits = {name: edit for name, found in chosen.items() for edit in found if edit.mate == mate}
        with atomic(path) as part:
            part.write_bytes(gzip.compress(b"".join(edited(lines, edits)), compresslevel=4, mtime=0))
    reverse = sum(edits[0].reverse for edits in chosen.values())
    print(f"{variant} written into {len(chosen)} of the {len(covering)} fragments that cover it ({reverse} of them on the reverse strand)")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
