"""FASTQ files made of a CRAM, unit by unit, and compared with what the files held from which the CRAM was made."""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from isal import igzip

from workflow.errors import InputError
from workflow.files import atomic
from workflow.retention.proof import digests_of
from workflow.retention.read_digest import SAMTOOLS, Digest, Group, blocks, digest_fastq

ANOTHER = "take the copy in the newest sealed version, or another one; nothing was written"
LEVEL = 2  # of igzip's 0 to 3


def restore(cram: Path, fasta: str, proof: Mapping[str, Any], files: Mapping[str, tuple[Path, Path]]) -> list[dict[str, Any]]:
    """Write the FASTQ files of a sample and return `{event, file, sample, bytes, sha256, md5}` of each.

    Pairs stand in the order in which `samtools collate` gives them. Nothing is kept unless every file holds the reads of the proof.

    Args:
        cram: the alignments.
        fasta: the reference they were made with.
        proof: the proof of the sample.
        files: where each unit's first and second reads go.

    Raises:
        InputError: the CRAM cannot be read, or does not hold the reads.
    """
    groups = {unit["read_group"]: unit["unit"] for unit in proof["units"]}
    with contextlib.ExitStack() as stack:
        parts = {unit: tuple(stack.enter_context(atomic(path)) for path in pair) for unit, pair in files.items()}
        written = {(group, mate): parts[unit][mate - 1] for group, unit in groups.items() for mate in (1, 2)}
        _write(cram, fasta, written)
        held = {unit: (digest_fastq(one), digest_fastq(two)) for unit, (one, two) in parts.items()}
        _compare(cram, proof, {unit: (one.digest, two.digest) for unit, (one, two) in held.items()})
        return [
            {"event": "restored", "file": str(path), "sample": proof["sample"], "bytes": one.size, "sha256": one.sha256, "md5": _md5(part)}
            for unit in files
            for path, part, one in zip(files[unit], parts[unit], held[unit], strict=True)
        ]


def _compare(cram: Path, proof: Mapping[str, Any], found: Mapping[str, tuple[Digest, Digest]]) -> None:
    for unit, owed in digests_of(proof).items():
        if owed != found[unit]:
            what = f"the CRAM does not give back the reads of unit {unit} of sample `{proof['sample']}` that it was proved to hold"
            raise InputError(what, file=cram, remedy=ANOTHER)


def _md5(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _write(cram: Path, fasta: str, files: Mapping[Group, Path]) -> None:
    """Write each read group's first and second reads to their file."""
    with contextlib.ExitStack() as stack:
        targets: dict[Group, IO[bytes]] = {
            group: stack.enter_context(igzip.open(path, "wb", compresslevel=LEVEL))  # type: ignore[no-untyped-call]
            for group, path in files.items()
        }
        for group, record in _records(cram, fasta):
            if group not in targets:
                what = f"it holds a read of the read group `{group[0]}`, which the proof does not know"
                raise InputError(what, file=cram, remedy="take the CRAM that was proved; nothing was written")
            targets[group].write(record)


def _records(cram: Path, fasta: str) -> Iterator[tuple[Group, bytes]]:
    """Give each read as four lines of FASTQ, pairs one after the other, with its read group and 1 or 2."""
    with tempfile.TemporaryDirectory(prefix="restore_reads.") as scratch:
        together = [sys.executable, "-c", SAMTOOLS.format("collate"), "-O", "-u", "--reference", fasta, "-T", f"{scratch}/part", str(cram)]
        as_fastq = [sys.executable, "-c", SAMTOOLS.format("fastq"), "-N", "-T", "RG", "-F", "0x900", "-"]
        with (
            subprocess.Popen(together, stdout=subprocess.PIPE, env=os.environ) as first,
            subprocess.Popen(as_fastq, stdin=first.stdout, stdout=subprocess.PIPE) as second,
        ):
            assert first.stdout is not None
            assert second.stdout is not None
            first.stdout.close()
            for lines in blocks(second.stdout):
                for head, bases, plus, qualities in zip(*(lines[start::4] for start in range(4)), strict=True):
                    name, _, tag = head.partition(b"\t")
                    group = tag.removeprefix(b"RG:Z:").decode(), {b"/1": 1, b"/2": 2}.get(name[-2:], 0)
                    yield group, b"\n".join((name[:-2], bases, plus, qualities)) + b"\n"
    if first.returncode or second.returncode:
        raise InputError("the alignments cannot be read to their end", file=cram, remedy=ANOTHER)
