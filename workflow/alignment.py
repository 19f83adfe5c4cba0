"""The shell command that aligns all lanes of a sample as one name-grouped SAM stream."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

LIBRARY_TAG = "lb"  # tags of two small letters are free for local use (SAM specification, 1.5)


@dataclass(frozen=True)
class Lane:
    """One pair of FASTQ files and the read group they make."""

    read_group: str
    fastq_1: str
    fastq_2: str

    @property
    def library(self) -> str:
        """Return the LB field of the read group, empty if it has none."""
        return next((field.removeprefix("LB:") for field in self.read_group.split(r"\t") if field.startswith("LB:")), "")


def read_group_line(sample: str, unit: str, library: str | None, platform: str | None) -> str:
    r"""Return a SAM read group line, its tabs written as `\t`; the library defaults to the sample."""
    fields = {"ID": f"{sample}.{unit}", "SM": sample, "LB": library or sample, "PL": platform or "ILLUMINA", "PU": unit}
    return r"\t".join(["@RG", *(f"{key}:{value}" for key, value in fields.items())])


def align_command(aligner: str, lanes: Sequence[Lane], index: str, dictionary: str, threads: int) -> str:
    """Return a shell command that writes one SAM stream, mates adjacent, every lane under its own read group.

    The aligner's own header names one read group; with several lanes the header is made from the sequence dictionary instead,
    and only the aligner's @PG line is kept, from the first lane.
    Bases that a supplementary alignment does not use are soft-clipped (-Y), so that no record loses a base. If the lanes are of
    several libraries, each record names its own by number in the tag `LIBRARY_TAG`, for `duplicate_options`.

    Args:
        aligner: `minibwa` or `bwa`.
        lanes: the lanes of one sample, at least one.
        index: prefix of the aligner's index.
        dictionary: sequence dictionary (SAM header) of the reference.
        threads: threads of the aligner.
    """
    commands = [_lane_command(aligner, lane, index, threads) for lane in lanes]
    if len(commands) == 1:
        return commands[0]
    groups = " ".join(shlex.quote(lane.read_group) for lane in lanes)
    first, *others = commands
    header = f"cat {shlex.quote(dictionary)}; printf '%b\\n' {groups}"
    streams = [f"{first} | LC_ALL=C grep -v -e '^@HD' -e '^@SQ' -e '^@RG'", *(f"{command} | LC_ALL=C grep -v '^@'" for command in others)]
    names = [lane.library for lane in lanes]
    if len(libraries := sorted(set(names))) > 1:
        tags = (rf"LC_ALL=C sed '/^@/!s/$/\t{LIBRARY_TAG}:Z:{libraries.index(name) + 1}/'" for name in names)
        streams = [f"{stream} | {tag}" for stream, tag in zip(streams, tags, strict=True)]
    return "; ".join([header, *streams])


def duplicate_options(lanes: Sequence[Lane]) -> str:
    """Return options that keep `samtools markdup` from taking fragments of two libraries for copies of one.

    They cannot be: a copy is made when a library is amplified or read. samtools itself does not look at the library.
    """
    return f"--barcode-tag {LIBRARY_TAG}" if len({lane.library for lane in lanes}) > 1 else ""


def _lane_command(aligner: str, lane: Lane, index: str, threads: int) -> str:
    """Return the aligner's command for one lane. Batches hold a fixed number of bases: the result does not depend on threads."""
    tool = {"minibwa": ["minibwa", "map"], "bwa": ["bwa", "mem", "-K", "100000000"]}[aligner]
    return shlex.join([*tool, "-t", str(threads), "-Y", "-R", lane.read_group, index, lane.fastq_1, lane.fastq_2])
