"""The signed manifest of a release, a sealed version of it if anything differs from the last one, and the log of decisions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.files import read_json, sha256_of
from workflow.lineage import describe, read_lineage
from workflow.receipts.cohort_table import units_of
from workflow.receipts.members import read_members
from workflow.release_events import waived
from workflow.releasing import release
from workflow.sealing import Manifest, entries


def entry_of_run(results: Path, file: str) -> dict[str, Any]:
    """Return the manifest's entry of a file that is about the whole run."""
    path = results / file
    return {
        "file": file,
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
        "kind": "run",
        "subject": "",
        "deliverable": path.stem,
        "stage": "release",
    }


def build_manifest(results: Path, receipts: Sequence[str], files: Sequence[str]) -> Manifest:
    """Return the manifest: every produced deliverable of the receipts, then the files of the run, each with what made it."""
    received = [one for path in receipts for one in read_json(path)["files"]]
    run = read_json(results / "provenance" / "run.json")
    listed = entries(received) + [entry_of_run(results, file) for file in files]
    return {
        "genvej": {key: run["genvej"][key] for key in ("version", "commit", "code")},
        "workflow": read_json(results / "release" / "change.json"),
        "files": describe(results, listed, read_lineage(results)),
        "waived": waived(received),
    }


def main(*, params: Any, **_: Any) -> None:
    """Seal a version if it is due, log it, and write the live manifest with its signature."""
    results = Path(params.results)
    receipts = [str(results / unit.file) for unit in units_of(read_members(results))]
    release(results, build_manifest(results, receipts, params.files))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
