"""Whether the disks hold what a run will write."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from workflow.errors import InputError
from workflow.settings import Settings

# Bytes kept for each byte of gzip-compressed FASTQ: CRAM 3.0 0.4 to 0.7 (by the number of quality bins), gVCF and the rest 0.1 to 0.2.
KEPT = 0.9
# Bytes that sorting one sample needs for a while, in the folder for temporary files: 1.02 to 1.1 for names, bases and qualities alone.
SORTING = 1.2
GB = 1e9


def check_disk(settings: Settings, sizes: Mapping[str, int]) -> None:
    """Refuse to start when a disk has less room than the estimate.

    Args:
        settings: where results go.
        sizes: bytes of FASTQ of each sample that is still to be aligned.

    Raises:
        InputError: with what is free and what is needed.
    """
    if not sizes:
        return
    results, scratch = _existing(settings.results), Path(tempfile.gettempdir())
    kept, sorting = KEPT * sum(sizes.values()), SORTING * max(sizes.values())
    if results.stat().st_dev == scratch.stat().st_dev:
        _require(results, kept + sorting, settings)
    else:
        _require(results, kept, settings)
        _require(scratch, sorting, settings)


def _existing(path: Path) -> Path:
    """Return the nearest folder at or above a path that is there."""
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())


def _require(folder: Path, needed: float, settings: Settings) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        what = f"the disk of {folder} has {free / GB:,.1f} GB free, but the run will write about {needed / GB:,.1f} GB"
        remedy = "make room, set `results` (or the environment's TMPDIR) to a larger disk, or set `disk.check` to false if you know better"
        raise InputError(what, file=settings.file, remedy=remedy)
