"""One gVCF of a chunk out of two: what was clear from the bases, and what was assembled. Every base of the chunk is in it once."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pysam

from workflow.bases import Bases
from workflow.files import atomic
from workflow.intervals import bed_lines, outside
from workflow.text import open_text

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
            fields[1], fields[3] = str(end + 1), bases.get(fields[0], end, end + 1)
            record = record._replace(start=end, line="\t".join(fields))
        end = max(end, record.end)
        yield record


def covered_bases(records: Iterable[Record], handle: Any) -> int:
    """Write records, and return how many bases of the reference they speak of."""
    total, contig, end = 0, -1, 0
    for record in records:
        handle.write(record.line.encode())
        if record.contig != contig:
            contig, end = record.contig, 0
        total += max(0, record.end - max(end, record.start))
        end = max(end, record.end)
    return total


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write the gVCF, indexed; refuse one that leaves out a base of the chunk."""
    absent = [(contig, start, end) for contig, start, end, _ in bed_lines(input.absent)]
    chunk = outside([(contig, start, end) for contig, start, end, _ in bed_lines(input.chunk)], absent)
    bases = Bases(input.fasta)
    contigs = {name: number for number, name in enumerate(bases.lengths)}
    with open_text(input.assembled) as assembled, open_text(input.settled) as clear, atomic(output.vcf) as part:
        header = []
        for line in assembled:
            header.append(line)
            if line.startswith("#CHROM"):
                break
        with pysam.BGZFile(str(part), "wb", None) as handle:
            handle.write("".join(header).encode())
            both = heapq.merge(read_records(clear, contigs), read_records(assembled, contigs))
            covered = covered_bases(without_overlap(both, bases), handle)
        owed = sum(end - start for _, start, end in chunk)
        if covered < owed:
            raise OSError(f"the gVCF speaks of {covered:,} bases, {owed:,} are owed")
        pysam.tabix_index(str(part), preset="vcf", force=True)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
