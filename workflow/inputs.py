"""What the config and the sheets name, looked at before the first job: there, readable, not twice, and room for what comes of it.

Only the main process of a run does this. What takes reading a file to its end is left to the jobs of intake.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from workflow.disk import check_disk
from workflow.errors import InputError
from workflow.fasta_index import index_prefix
from workflow.genome import Genome
from workflow.retention.gone_reads import check_gone
from workflow.samples import Cohort, Sample, Unit
from workflow.settings import Settings
from workflow.sources import check_sources

GZIP = b"\x1f\x8b"
RELATIVE = "check the path; it is relative to the working directory"


def check_inputs(settings: Settings, cohort: Cohort) -> None:
    """Refuse to start with anything missing or contradictory that a look at the files can find.

    Raises:
        InputError: in one sentence, what is wrong where.
    """
    _check_roles(cohort, settings.samples)
    _check_store(settings)
    _check_index_folder(settings)
    check_sources(settings, cohort)
    check_gone(settings, cohort)
    waiting = [sample for sample in cohort.samples.values() if not _is_aligned(sample, settings)]
    sizes = _check_fastq(waiting, cohort, settings.units)
    if settings.disk.check:
        check_disk(settings, sizes)


def _is_aligned(sample: Sample, settings: Settings) -> bool:
    return (settings.results / "samples" / sample.name / f"{sample.name}.cram").exists()


def _check_roles(cohort: Cohort, sheet: Path) -> None:
    """Refuse a tumour and its normal: germline calls of a tumour would mislead, and there are no somatic ones yet."""
    for case in cohort.cases.values():
        if case.is_somatic:
            sample = case.members[0]
            what = f"case `{case.name}` is a tumour, but this version calls inherited variants only"
            raise InputError(what, file=sheet, row=sample.row, remedy="take the case out; a normal alone may be a case as `proband`")


def check_results(settings: Settings) -> None:
    """Refuse a results folder that is a file, cannot be written, or is no folder of its own."""
    absolute = settings.results.absolute()
    if absolute.resolve() in (Path.cwd().resolve(), Path("/")):
        what = f"`results` is {settings.results}, which is not a folder of its own"
        raise InputError(what, file=settings.file, remedy="name one, such as `results`; everything that is written goes there")
    there = next(path for path in (absolute, *absolute.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        what = f"`results` is {settings.results}, but {there} is {'a folder that cannot be written' if there.is_dir() else 'no folder'}"
        raise InputError(what, file=settings.file, remedy="name a folder that can be written")


def _check_store(settings: Settings) -> None:
    """Refuse a store that is a file, or cannot be written."""
    store = settings.identity.store
    there = next(path for path in (store.absolute(), *store.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        what = f"`identity.store` is {store}, but {there} is {'a folder that cannot be written' if there.is_dir() else 'no folder'}"
        raise InputError(what, file=settings.file, remedy="name a folder that can be written")


def _check_index_folder(settings: Settings) -> None:
    """Refuse a reference whose missing indexes cannot be written where they belong."""
    prefix = index_prefix(settings)
    genome = Genome(str(prefix), {}, [], ())
    owed = [genome.dictionary, *genome.aligner_index(settings.aligner), *([genome.str_table] if settings.caller == "gatk" else [])]
    missing = [path for path in owed if not Path(path).exists()]
    if missing and not os.access(prefix.parent, os.W_OK):
        what = f"the reference has no {missing[0]}, and it cannot be written there"
        raise InputError(what, file=settings.reference.fasta, remedy="set `reference.index` to a folder that can be written")


def _check_fastq(samples: Iterable[Sample], cohort: Cohort, sheet: Path) -> dict[str, int]:
    """Return the bytes of FASTQ of each of `samples`; refuse files that are missing, empty, not gzip, or twice there."""
    seen: dict[tuple[int, int], tuple[int, str]] = {}
    sizes: dict[str, int] = {}
    for sample in samples:
        for unit in cohort.units[sample.name]:
            for path in (unit.fastq_1, unit.fastq_2):
                sizes[sample.name] = sizes.get(sample.name, 0) + _check_file(path, unit, sheet, seen)
    return sizes


def _check_file(path: str, unit: Unit, sheet: Path, seen: dict[tuple[int, int], tuple[int, str]]) -> int:
    """Return the bytes of a FASTQ file; `seen` gives the row and path of each file looked at so far, by device and inode."""
    try:
        status = os.stat(path)
        with open(path, "rb") if stat.S_ISREG(status.st_mode) else open(os.devnull, "rb") as handle:
            start = handle.read(len(GZIP))
    except FileNotFoundError:
        raise InputError(f"{path} is not there", file=sheet, row=unit.row, remedy=RELATIVE) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", file=sheet, row=unit.row, remedy="ask for access to it") from None
    fault = _fault(status, start)
    if fault:
        raise InputError(f"{path} {fault[0]}", file=sheet, row=unit.row, remedy=fault[1])
    row, earlier = seen.setdefault((status.st_dev, status.st_ino), (unit.row, path))
    if earlier != path:
        what = f"{path} is the same file as {earlier} in row {row}"
        raise InputError(what, file=sheet, row=unit.row, remedy="name each FASTQ file once")
    return status.st_size


def _fault(status: os.stat_result, start: bytes) -> tuple[str, str] | None:
    """Return what is wrong with a file and what to do, or None."""
    if not stat.S_ISREG(status.st_mode):
        return "is no plain file", "name the FASTQ file itself"
    if not status.st_size:
        return "is empty", "ask for the file again, or take the unit out"
    if start != GZIP:
        return "is not compressed with gzip", "compress it, for example with `gzip` or `bgzip`"
    return None
