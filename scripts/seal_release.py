"""The manifest of a release, and a sealed version of it if anything differs from the last one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.files import read_json, sha256_of, write_json
from workflow.sealing import entries, seal


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


def build_manifest(results: Path, receipts: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    """Return the manifest: every produced deliverable of the receipts, then the files of the run, with size and SHA-256."""
    received = [one for path in receipts for one in read_json(path)["files"]]
    run = read_json(results / "provenance" / "run.json")
    return {
        "genvej": {key: run["genvej"][key] for key in ("version", "commit", "code")},
        "workflow": read_json(results / "release" / "change.json"),
        "files": entries(received) + [entry_of_run(results, file) for file in files],
    }


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Seal a version if it is due, and write the live manifest."""
    results = Path(params.results)
    manifest = build_manifest(results, input.receipts, params.files)
    number = seal(results, results / "release" / "versions", manifest)
    write_json(output[0], {"version": number, **manifest})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
