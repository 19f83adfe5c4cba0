"""Spoil a file as a failing tool or disk does: cut its bytes, end it early but properly, empty it, flip bits in its middle.

python -m tests.faults.spoil HOW FILE…
"""

import gzip
import os
import sys
from itertools import takewhile
from pathlib import Path

import pysam

KEPT = 0.6  # of the bytes, lines or records


def cut(file: Path) -> None:
    """Keep the first part of the bytes."""
    os.truncate(file, int(file.stat().st_size * KEPT))


def empty(file: Path) -> None:
    """Keep nothing."""
    os.truncate(file, 0)


def end_early(file: Path) -> None:
    """Keep the header and the first part of the records, in a file that ends as it should; an index is made anew."""
    start = file.read_bytes()[:4]
    if file.suffix == ".bam":
        _end_bam_early(file)
        return
    if start == b"CRAM":
        _end_cram_early(file)
    elif start[:2] == b"\x1f\x8b":
        with gzip.open(file) as handle:
            lines = _first(handle.readlines())
        with pysam.BGZFile(str(file), "wb", None) as target:
            target.write(b"".join(lines))
        if Path(f"{file}.tbi").exists():
            pysam.tabix_index(str(file), preset="vcf" if b"##fileformat=VCF" in lines[0] else "bed", force=True)
    else:
        file.write_bytes(b"".join(_first(file.read_bytes().splitlines(keepends=True))))


def _first(lines: list[bytes]) -> list[bytes]:
    header = list(takewhile(lambda line: line.startswith(b"#"), lines))
    rest = lines[len(header) :]
    return header + rest[: int(len(rest) * KEPT)]


def _end_bam_early(file: Path) -> None:
    with pysam.AlignmentFile(str(file)) as reads:
        header, kept = reads.header, list(reads.fetch(until_eof=True))
    with pysam.AlignmentFile(str(file), "wb", header=header) as target:
        for read in kept[: int(len(kept) * KEPT)]:
            target.write(read)


def _end_cram_early(file: Path) -> None:
    whole = file.with_name("whole.cram")
    file.rename(whole)
    fasta = os.environ["FAULT_FASTA"]
    with pysam.AlignmentFile(str(whole), reference_filename=fasta) as reads:
        kept = list(reads.fetch(until_eof=True))
        kept = kept[: int(len(kept) * KEPT)]
        with pysam.AlignmentFile(str(file), "wc", template=reads, reference_filename=fasta, format_options=[b"version=3.0"]) as target:
            for read in kept:
                target.write(read)
    whole.unlink()


def flip(file: Path) -> None:
    """Flip the bits of some bytes in the middle; the date stays, as with a failing disk."""
    status = file.stat()
    with open(file, "r+b") as handle:
        for place in (0.45, 0.5, 0.55):
            handle.seek(int(status.st_size * place))
            byte = handle.read(1)
            handle.seek(-1, 1)
            handle.write(bytes([byte[0] ^ 0x10]))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


HOW = {"cut": cut, "end_early": end_early, "empty": empty, "flip": flip}

if __name__ == "__main__":
    for name in sys.argv[2:]:
        HOW[sys.argv[1]](Path(name))
