"""One pair of FASTQ files verified: whole, well-formed, paired, as the checksums say; what was seen is written down."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.fastq import Reads, first_unpaired, read_fastq
from workflow.fastq_records import order_in_pair
from workflow.files import write_json


def check_digest(reads: Reads, md5: str) -> None:
    """Refuse a file whose MD5 is not the one in the sheet (empty = none given)."""
    if md5 and md5 != reads.md5:
        what = f"the MD5 is {reads.md5}, but the sheet says {md5}"
        raise InputError(what, file=reads.path, remedy="copy the file again, or correct the sheet")


def check_pair(first: Reads, second: Reads) -> None:
    """Refuse two files that are not the first and second reads of the same pairs."""
    if first.reads_sha256 == second.reads_sha256:
        raise InputError(f"{second.path} holds the same reads", file=first.path, remedy="name the two different files of the pair")
    if order_in_pair(first.first_name) == "2" or order_in_pair(second.first_name) == "1":
        what = f"`fastq_1` holds second reads or {second.path} first reads, as the names of the reads say"
        raise InputError(what, file=first.path, remedy="exchange the two, or name the right files")
    if first.records != second.records:
        what = f"there are {first.records} reads, but {second.records} in {second.path}"
        raise InputError(what, file=first.path, remedy="ask for both files again: one is damaged, or they are of two runs")
    if first.names_sha256 != second.names_sha256:
        raise _unpaired(first.path, second.path)


def _unpaired(path_1: Path, path_2: Path) -> InputError:
    record, name_1, name_2 = first_unpaired(path_1, path_2) or (0, b"", b"")
    names = f"{name_1.decode(errors='replace')} and {name_2.decode(errors='replace')}"
    what = f"read {record} (line {4 * record - 3} of the unpacked file) has another name than in {path_2}: {names}"
    return InputError(what, file=path_1, remedy="name two files of one run, in the order the sequencer wrote them")


def describe(sample: str, unit: str, first: Reads, second: Reads) -> dict[str, Any]:
    """Return the record of a verified pair; read lengths in bases."""
    return {
        "sample": sample,
        "unit": unit,
        "pairs": first.records,
        "bases": first.bases + second.bases,
        "read_length_min": min(first.length_min, second.length_min),
        "read_length_max": max(first.length_max, second.length_max),
        "quality_encoding": "Phred+33",
        "fastq_1": first.as_record(),
        "fastq_2": second.as_record(),
    }


def main(*, input: Any, output: Any, params: Any, wildcards: Any, threads: int, **_: Any) -> None:
    """Read both files at once, compare them, write `<results>/intake/{sample}/{unit}.json`."""
    with ProcessPoolExecutor(max_workers=max(1, min(2, threads))) as pool:
        first, second = pool.map(read_fastq, (Path(input.fastq_1), Path(input.fastq_2)))
    check_digest(first, params.md5_1)
    check_digest(second, params.md5_2)
    check_pair(first, second)
    write_json(output[0], describe(wildcards.sample, wildcards.unit, first, second))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
