"""Bases of the reference genome, read in blocks so that neighbouring look-ups cost no disk access."""

from collections import OrderedDict
from pathlib import Path

import pysam

from workflow.errors import InputError

BLOCK = 1 << 18
BLOCKS_KEPT = 64
_COMPLEMENT = str.maketrans("ACGTUNRYSWKMBDHV", "TGCAANYRSWMKVHDB")


def reverse_complement(sequence: str) -> str:
    """Return the reverse complement of upper-case bases (IUPAC codes allowed)."""
    return sequence.translate(_COMPLEMENT)[::-1]


class Bases:
    """Random access to an indexed FASTA file (plain or bgzipped), upper case, at most 16 MiB in memory."""

    def __init__(self, fasta: str | Path) -> None:
        try:
            self._file = pysam.FastaFile(str(fasta))
        except (OSError, ValueError) as error:
            raise InputError("cannot be read as an indexed FASTA file", file=fasta, remedy="index it with `samtools faidx`") from error
        self.lengths = dict(zip(self._file.references, self._file.lengths, strict=True))
        self._blocks: OrderedDict[tuple[str, int], str] = OrderedDict()

    def get(self, contig: str, start: int, end: int) -> str:
        """Return bases [start, end), 0-based half-open, cut to the contig; empty for an unknown contig."""
        start, end = max(0, start), min(end, self.lengths.get(contig, 0))
        if start >= end:
            return ""
        first, last = start // BLOCK, (end - 1) // BLOCK
        text = "".join(self._block(contig, number) for number in range(first, last + 1))
        return text[start - first * BLOCK : end - first * BLOCK]

    def _block(self, contig: str, number: int) -> str:
        key = (contig, number)
        block = self._blocks.get(key)
        if block is None:
            block = self._file.fetch(contig, number * BLOCK, (number + 1) * BLOCK).upper()
            self._blocks[key] = block
            if len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        return block
