"""The reads of a CRAM over some stretches, decoded by samtools (the one in pysam) in a process of its own and counted tile by tile."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, BinaryIO, cast

import numpy as np
import pysam
from isal import igzip

from workflow.evidence import MARGIN, Evidence, Layout, encoded, gather
from workflow.intervals import write_bed
from workflow.read_arrays import read_batches, read_header

WANTED = 0x7FE
"""Fields of a CRAM that are decoded: flag to qualities; neither names nor tags."""

VIEW = "import sys, pysam; pysam.view(*sys.argv[1:], catch_stdout=False)"

Tile = list[tuple[str, int, int]]


def tiles(chunk: Sequence[tuple[str, int, int]], size: int) -> Iterator[Tile]:
    """Yield the intervals of a chunk dealt into tiles of one contig each, of about `size` bases with the margins of each interval."""
    tile: Tile = []
    room = size
    for contig, start, end in chunk:
        while start < end:
            if tile and (room <= 2 * MARGIN or tile[-1][0] != contig):
                yield tile
                tile, room = [], size
            step = min(max(room - 2 * MARGIN, 1), end - start)
            tile.append((contig, start, start + step))
            start, room = start + step, room - step - 2 * MARGIN
    if tile:
        yield tile


@contextmanager
def reads_over(cram: str, fasta: str, stretches: Sequence[tuple[str, int, int]], *more: str, fields: int = WANTED) -> Iterator[IO[bytes]]:
    """Give a stream of BAM with the reads of a CRAM over sorted stretches, each once; `more` are options of `samtools view`.

    Raises:
        OSError: reading the CRAM failed.
    """
    with TemporaryDirectory() as scratch:
        bed = Path(scratch) / "stretches.bed"
        write_bed(bed, stretches)
        options = ["-u", "-T", fasta, *more, "--input-fmt-option", f"required_fields={fields:#x}", "-M", "-L", str(bed)]
        with subprocess.Popen([sys.executable, "-c", VIEW, *options, cram], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield process.stdout
        if process.returncode:
            raise OSError(f"reading the alignments ended with status {process.returncode}")


def count(cram: str, fasta: str, layout: Layout, contigs: Sequence[str]) -> Evidence:
    """Return what the reads of a CRAM say about a tile, but for duplicates, secondary and unmapped reads and those of mapping quality 0."""
    stretches = [(contigs[number], start, end) for number, start, end in layout.stretches()]
    with pysam.FastaFile(fasta) as bases:
        evidence = Evidence(layout, np.concatenate([encoded(bases.fetch(*stretch)) for stretch in stretches]))
    with reads_over(cram, fasta, stretches, "-q", "1", "-F", "0x704") as pipe:
        stream = cast(BinaryIO, igzip.open(pipe, "rb"))  # type: ignore[no-untyped-call]
        if read_header(stream) != list(contigs):
            raise ValueError(f"{cram} was not aligned to {fasta}: their contigs differ, or the order of them does")
        return gather(evidence, read_batches(stream))
