"""SHA-256 of every file of a knowledge source: hashed once, and again only if the source changes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.files import sha256_of, write_json


def describe(source: dict[str, str], files: Sequence[str]) -> dict[str, Any]:
    """Return name, release and kind of a source with name, size and SHA-256 of each of its files."""
    paths = [Path(file) for file in files]
    return source | {"files": [{"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in paths]}


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the record of one knowledge source."""
    write_json(output[0], describe(dict(params.source), list(input)))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
