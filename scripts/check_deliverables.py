"""Receipt of a sample or case: each of its deliverables read to its end and checked by its format, its bytes and SHA-256 recorded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.formats import damage


def receive(results: Path, owed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the receipt of one deliverable.

    Raises:
        InputError: the file is missing, empty, truncated, damaged, or about other samples.
    """
    kept = {key: owed[key] for key in ("kind", "subject", "deliverable", "file", "stage")}
    if owed["not_applicable"]:
        return kept | {"status": "not applicable", "reason": owed["not_applicable"]}
    if owed["waived"]:
        return kept | {"status": "waived", "reason": owed["waived"]}
    file = results / owed["file"]
    if wrong := damage(file, owed["file_format"], owed["names"]):
        raise InputError(wrong, file=file, remedy="delete it and run the same command again; it is made anew")
    return kept | {"status": "produced", "reason": "", "bytes": file.stat().st_size, "sha256": sha256_of(file)}


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write the receipt of one sample or case."""
    write_json(output[0], {"files": [receive(Path(params.results), owed) for owed in params.owed]})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
