"""The page of a release after a run that failed: what is missing, which job failed for it, and where its log says why."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow.files import atomic
from workflow.release_page import render_release
from workflow.release_parts import collect
from workflow.sealing import MANIFEST
from workflow.settings import Settings

MOST_READ = 100_000  # bytes of a log's end in which its last error is looked for
MOST_TOLD = 300  # letters of it


def write_failed_page(settings: Settings, given: Mapping[str, Any], workflow: Any) -> str:
    """Write release/index.html of what is there, and return in words where it is.

    release/index.json is taken away, so that the next run makes both anew. Where the release stands signed (the run failed at what comes
    after it), its page stays as it was signed. A page that cannot be made is told and hides no other error.

    Args:
        settings: the config.
        given: what `release_parts.page_params` gives.
        workflow: Snakemake's workflow object after the run.
    """
    page = settings.results / "release" / "index.html"
    if (page.parent / MANIFEST).is_file():
        return f"genvej: the release stands as it was signed, and its page too: {page}"
    try:
        failed = list(workflow.scheduler.failed)
        causes = told(causes_of(failed, workflow.dag.depending), settings.results)
        index = collect(settings.results, {**given, "causes": causes, "stopped": stopped(failed)}, datetime.now(UTC))
        (page.parent / "index.json").unlink(missing_ok=True)
        with atomic(page) as part:
            part.write_text(render_release(index), encoding="utf-8")
    except Exception as error:  # the run has failed already, and its own message must be the last word
        return f"genvej: the page of the release could not be made ({type(error).__name__}: {error})."
    return f"genvej: what is there, what is missing and why: {page}"


def causes_of(failed: Iterable[Any], depending: Mapping[Any, Iterable[Any]]) -> dict[str, Any]:
    """Return the failed job behind each file that could not be made: its own outputs, and those of all jobs that wait for it.

    Args:
        failed: jobs that failed.
        depending: the jobs that take a job's outputs, by job.
    """
    found: dict[str, Any] = {}
    for job in failed:
        waiting, seen = [job], {job}
        while waiting:
            now = waiting.pop()
            for file in now.output:
                found.setdefault(str(file), job)
            for after in depending.get(now, ()):
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
    return found


def told(causes: Mapping[str, Any], results: Path) -> dict[str, dict[str, str]]:
    """Return `{log, said}` by missing file (relative to results): the address of the failed job's log from release/, and its last words."""
    found = {}
    words = {job: last_words(job) for job in dict.fromkeys(causes.values())}
    for file, job in causes.items():
        if Path(file).is_relative_to(results):
            log = log_of(job)
            address = f"../{log.relative_to(results)}" if log and log.is_relative_to(results) else ""
            found[str(Path(file).relative_to(results))] = {"log": address, "said": words[job]}
    return found


def stopped(failed: Iterable[Any]) -> list[dict[str, str]]:
    """Return what each failed job said, with the sample or case that it is about."""
    found = []
    for job in failed:
        wildcards = dict(job.wildcards.items()) if job.wildcards else {}
        kind = next((name for name in ("sample", "case") if name in wildcards), "run")
        found.append({"kind": kind, "subject": str(wildcards.get(kind, job.rule.name)), "text": last_words(job)})
    return sorted(found, key=lambda one: (one["kind"], one["subject"], one["text"]))


def log_of(job: Any) -> Path | None:
    """Return the log of a job, None if it left none."""
    path = Path(str(job.log[0])) if job.log else None
    return path if path and path.is_file() else None


def last_words(job: Any) -> str:
    """Return what a failed job said: the last error in its log, or that it failed."""
    log = log_of(job)
    return (last_error(log) if log else "") or f"the job {job.rule.name} failed"


def last_error(log: Path) -> str:
    """Return the last line of a log that tells of an error, without the word; empty if none does."""
    with open(log, "rb") as content:
        content.seek(max(log.stat().st_size - MOST_READ, 0))
        lines = content.read().decode(errors="replace").splitlines()
    told = [line.strip() for line in lines if "error" in line.lower()]
    return told[-1].removeprefix("error: ")[:MOST_TOLD].rstrip(".") if told else ""
