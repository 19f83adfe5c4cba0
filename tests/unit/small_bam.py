"""Small alignments built in code, as a BAM file, as a stream, and as the evidence that a tile holds of them."""

import gzip
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pysam

from workflow.evidence import Evidence, encoded, gather, lay_out
from workflow.read_arrays import BATCH_BYTES, Reads, read_batches, read_header


def random_bases(length: int, seed: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=length))


def other(base: str, step: int = 1) -> str:
    """Return another base than the one given; a third one for step 2."""
    return "ACGT"[("ACGT".index(base) + step) % 4]


def header_of(sequences: Mapping[str, str]) -> pysam.AlignmentHeader:
    contigs = [{"SN": name, "LN": len(sequence)} for name, sequence in sequences.items()]
    return pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": contigs})


def read_of(
    header: pysam.AlignmentHeader,
    start: int,
    cigar: str,
    bases: str,
    *,
    contig: int = 0,
    flag: int = 0,
    mapq: int = 60,
    quality: int | Sequence[int] | None = 35,
    mate: tuple[int, int] | None = None,
    template: int = 0,
    name: str = "read",
) -> pysam.AlignedSegment:
    """Return an alignment; `mate` is (number of its contig, 0-based start)."""
    read = pysam.AlignedSegment(header)
    read.query_name, read.flag, read.reference_id, read.reference_start = name, flag, contig, start
    read.mapping_quality, read.cigarstring, read.query_sequence = mapq, cigar, bases
    if quality is not None:
        read.query_qualities = np.array([quality] * len(bases) if isinstance(quality, int) else quality, "B")
    if mate:
        read.next_reference_id, read.next_reference_start = mate
    read.template_length = template
    return read


def write_bam(path: Path, header: pysam.AlignmentHeader, reads: Iterable[pysam.AlignedSegment]) -> Path:
    """Write a sorted, indexed BAM."""
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for read in sorted(reads, key=lambda read: (read.reference_id, read.reference_start)):
            out.write(read)
    pysam.index(str(path))
    return path


def write_fasta(path: Path, sequences: Mapping[str, str]) -> Path:
    path.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in sequences.items()))
    pysam.faidx(str(path))
    return path


def open_stream(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb"))


def batches_of(path: Path, size: int = BATCH_BYTES) -> list[Reads]:
    with open_stream(path) as stream:
        read_header(stream)
        return list(read_batches(stream, size))


def evidence_of(path: Path, sequences: Mapping[str, str], tile: Sequence[tuple[int, int, int]], size: int = BATCH_BYTES) -> Evidence:
    """Return what a BAM says about a tile, whose intervals are (number of the contig, start, end)."""
    contigs = list(sequences.values())
    layout = lay_out(tile, [len(sequence) for sequence in contigs])
    reference = np.concatenate([encoded(contigs[contig][start:end]) for contig, start, end in layout.stretches()])
    return gather(Evidence(layout, reference), batches_of(path, size))
