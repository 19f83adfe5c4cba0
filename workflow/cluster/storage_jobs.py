"""What is still to run on object storage, and what its jobs need in the store before they start."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.cluster.storage_client import Bucket
from workflow.cluster.storage_plan import StagedJob, key_of, refuse_changed, released, stage, together
from workflow.cohort import Cohort
from workflow.genome import load_genome
from workflow.settings import Settings
from workflow.tools import aligner_in_use


def staged(
    cases: Sequence[str],
    bucket: Bucket,
    there: Mapping[str, int],
    folder: Path,
    config: Mapping[str, Any],
    settings: Settings,
    cohort: Cohort,
) -> list[StagedJob]:
    """Return the jobs that are still to run.

    Args:
        cases: those that are asked for.
        bucket: the store.
        there: what it holds, sizes by key.
        folder: where working directories are written for a look.
        config: the content of the config.
        settings: the same, checked.
        cohort: what the sheets say.

    Raises:
        InputError: a case has results in the store that were made from something else.
    """
    done: set[str] = set()
    for name, (of, plan) in released(cases, bucket, there).items():
        known = [case for case in of if case in cohort.cases]
        refuse_changed(stage(known, folder / name, config, settings, cohort), plan, bucket)
        done.update(of)
    left = together([case for case in cases if case not in done], cohort)
    return [stage(job, folder / job[0], config, settings, cohort) for job in left]


def send(bucket: Bucket, waiting: Sequence[StagedJob], indexes: Sequence[Path], fasta: Path, there: Mapping[str, int]) -> tuple[int, bool]:
    """Upload what is missing in the store, and the plans; return how many files were missing, and whether the indexes are there.

    Indexes of the same reference that are in the store stay: jobs may be reading them.
    """
    stored = there.get(key_of(fasta)) == fasta.stat().st_size and all(key_of(file) in there for file in indexes)
    ready = {} if stored else made_here(indexes, fasta)
    sent = sum(bucket.upload(job.files, there) for job in waiting) + bucket.upload(ready, {})
    for job in waiting:
        for case, text in job.plans().items():
            bucket.write(f"plans/{case}.json", text)
    return sent, stored or bool(ready)


def indexes_of(settings: Settings) -> list[Path]:
    """Return the reference's indexes that each case needs."""
    genome = load_genome(settings)
    aligner, _ = aligner_in_use(settings.aligner, conda=False)
    table = [genome.str_table] if settings.caller == "gatk" else []
    return [Path(file) for file in (genome.dictionary, *genome.aligner_index(aligner), *table)]


def made_here(indexes: Sequence[Path], fasta: Path) -> dict[str, Path]:
    """Return the indexes by key if all are here and none is older than the reference, so that no node has to make them; else nothing."""
    if not all(file.is_file() and file.stat().st_mtime >= fasta.stat().st_mtime for file in indexes):
        return {}
    return {key_of(file): file for file in indexes}
