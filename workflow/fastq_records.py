"""FASTQ records: what a sound one is, which read of its pair it is, and where the first faulty one of many stands."""

from pathlib import Path

from workflow.errors import InputError

BASES = b"ACGTNacgtn"
QUALITIES = bytes(range(33, 127))  # Phred+33, SAM specification 1.6, section 1.4
LONGEST_NAME = 255  # characters with the @, SAM specification 1.6, section 1.4
OTHER_FORMATS = {b"BAM\1": "BAM", b">": "FASTA", b"@HD\t": "SAM", b"@SQ\t": "SAM"}
DAMAGED = "ask for the file again: it is damaged or was not copied to its end"


def pair_name(line: bytes) -> bytes:
    """Return a read's name as both reads of a pair have it: up to the first blank, without a closing /1 or /2."""
    name = line.split(None, 1)[0]
    return name[:-2] if name.endswith((b"/1", b"/2")) else name


def pair_names(lines: list[bytes]) -> bytes:
    """Return the reads' names as `pair_name` gives them, one a line; written for speed, since it is done for every read."""
    text = b"\n".join(lines)
    if b"/" in text or b"\t" in text:
        text = b"\n".join(map(pair_name, lines))
    elif b" " in text:
        text = b"\n".join([line.partition(b" ")[0] for line in lines])
    return text + b"\n"


def order_in_pair(line: bytes) -> str:
    """Return 1 or 2 where a read's first line says which of its pair it is (`/1`, or ` 1:` as Illumina's software writes), else nothing."""
    name, _, comment = line.partition(b" ")
    order = name[-1:] if name.endswith((b"/1", b"/2")) else comment[:1] if comment[:2] in (b"1:", b"2:") else b""
    return order.decode()


def first_fault(lines: list[bytes], before: int, name_before: bytes, file: Path) -> InputError:
    """Return the error for the first record of `lines` that is not sound.

    Args:
        lines: whole records, the last of which may lack lines; at least one is faulty.
        before: the number of records that stand before them in the file.
        name_before: the name of the last of those, as `pair_name` gives it.
        file: the FASTQ.
    """
    if other := next((name for start, name in OTHER_FORMATS.items() if not before and lines[0].startswith(start)), None):
        return InputError(f"this is {other} and not FASTQ", file=file, remedy="name the FASTQ files that the reads came in")
    for start in range(0, len(lines), 4):
        record = lines[start : start + 4]
        if fault := _fault(record) or _fault_of_name(name := pair_name(record[0]), name_before):
            offset, what = fault
            return InputError(f"{what} (line {4 * before + start + offset + 1} of the unpacked file)", file=file, remedy=DAMAGED)
        name_before = name
    raise AssertionError("every record is sound")


def _fault_of_name(name: bytes, name_before: bytes) -> tuple[int, str] | None:
    """Return (0, what is wrong) with a name that aligners or SAM cannot hold, or None."""
    if len(name) > LONGEST_NAME:
        return 0, f"a read's name is longer than {LONGEST_NAME - 1} characters"
    if name == name_before:
        return 0, "a read has the name of the one before it, as if both reads of a pair were in one file"
    return None


def _fault(record: list[bytes]) -> tuple[int, str] | None:
    """Return (line within the record, what is wrong), or None if the record is sound."""
    if not record[0].startswith(b"@") or not record[0][1:].strip():
        return 0, "a read's first line is not @ and a name"
    if len(record) < 4:
        return len(record) - 1, f"the last read has {len(record)} of its four lines"
    _, sequence, plus, quality = record
    if not sequence:
        return 1, "a read has no bases"
    if wrong := sequence.translate(None, BASES):
        return 1, "lines end as Windows writes them" if wrong == b"\r" else f"a read holds {chr(wrong[0])!r}, which is no base"
    if not plus.startswith(b"+"):
        return 2, "a read's third line does not begin with +"
    if len(sequence) != len(quality):
        return 3, f"a read has {len(sequence)} bases and {len(quality)} qualities"
    if wrong := quality.translate(None, QUALITIES):
        return 3, f"a quality is {chr(wrong[0])!r}, out of the range of Phred+33"
    return None
