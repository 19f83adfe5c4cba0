"""One gVCF of a chunk out of two: what was clear from the bases, and what was assembled. Every base of the chunk is in it once."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pysam

from workflow.bases import Bases
from workflow.errors import InputError
from workflow.files import atomic
from workflow.intervals import Intervals, intersection, present, split_at, total_length
from workflow.text import open_text, read_vcf_header

_BLOCK_ALT = "<NON_REF>"


class Record(NamedTuple):
    """A line of a gVCF; `start` is 0-based, `end` behind the last base of the reference that it speaks of."""

    contig: int
    start: int
    end: int
    is_block: bool
    line: str


def read_records(lines: Iterable[str], contigs: Mapping[str, int]) -> Iterator[Record]:
    """Yield the records of gVCF lines; header lines are passed over."""
    for line in lines:
        if line.startswith("#"):
            continue
        contig, pos, _, ref, alt, _, _, info, _ = line.split("\t", 8)
        start = int(pos) - 1
        is_block = alt == _BLOCK_ALT and "END=" in info
        end = int(info.rpartition("END=")[2].partition(";")[0]) if is_block else start + len(ref)
        yield Record(contigs[contig], start, end, is_block, line)


def without_overlap(records: Iterable[Record], bases: Bases) -> Iterator[Record]:
    """Yield sorted records; a block begins where what came before it ends (a deletion may reach out of the stretch it was called in)."""
    contig, end = -1, 0
    for record in records:
        if record.contig != contig:
            contig, end = record.contig, 0
        if record.is_block and record.start < end:
            if record.end <= end:
                continue
            fields = record.line.split("\t")
            base = bases.get(fields[0], end, end + 1)
            fields[1], fields[3] = str(end + 1), base if base in "ACGT" else "N"  # as GATK reads the reference
            record = record._replace(start=end, line="\t".join(fields))
        end = max(end, record.end)
        yield record


def written_stretches(records: Iterable[Record], names: Sequence[str], handle: Any) -> Intervals:
    """Write records, and return the stretches of the reference that they speak of."""
    stretches: Intervals = {}
    for record in records:
        handle.write(record.line.encode())
        found = stretches.setdefault(names[record.contig], [(record.start, record.start)])
        first, last = found[-1]
        if record.start <= last:
            found[-1] = first, max(last, record.end)
        else:
            found.append((record.start, record.end))
    return stretches


def check_coverage(written: Intervals, owed: Intervals, assembled: str) -> None:
    """Refuse a gVCF that leaves out a base that is owed.

    Raises:
        InputError: it does; the message says where first, 1-based.
    """
    for contig, stretches in owed.items():
        spoken_of = intersection(stretches, written.get(contig, []))
        if missing := total_length({contig: stretches}) - total_length({contig: spoken_of}):
            pieces = split_at(stretches, itertools.chain(*spoken_of))
            first = next(piece[0] for piece in pieces if not intersection([piece], spoken_of))
            what = f"what was called leaves out {missing:,} bases of {contig}, the first at {first + 1:,}"
            raise InputError(what, file=assembled, remedy="delete it and run the same command again; it is made anew")


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write the gVCF, indexed; refuse one that leaves out a base of the chunk."""
    owed: Intervals = {}
    for contig, start, end in present(input.chunk, input.absent):
        owed.setdefault(contig, []).append((start, end))
    bases = Bases(input.fasta)
    contigs = {name: number for number, name in enumerate(bases.lengths)}
    with open_text(input.assembled) as assembled, open_text(input.settled) as clear, atomic(output.vcf) as part:
        header = read_vcf_header(assembled)
        with pysam.BGZFile(str(part), "wb", None) as handle:
            handle.write("".join(header).encode())
            both = heapq.merge(read_records(clear, contigs), read_records(assembled, contigs))
            written = written_stretches(without_overlap(both, bases), list(contigs), handle)
        check_coverage(written, owed, input.assembled)
        pysam.tabix_index(str(part), preset="vcf", force=True)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
