"""Provenance of a run: which Genvej, which command, which config, which knowledge."""

import os
import platform
from collections.abc import Iterable, Mapping
from typing import Any

from snakemake.common import __version__ as snakemake_version

from workflow.digests import ROOT
from workflow.files import read_json, write_json
from workflow.run_record import COMMAND, STARTED, commit_of, digest_of_code, now, version


def record(
    config_digest: str, reference: Mapping[str, str], knowledge: Iterable[Mapping[str, Any]], environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return the record of the run that changed something last; it is read when the job runs, since none of it is a reason to rerun."""
    return {
        "genvej": {"version": version(), **commit_of(ROOT), "code": digest_of_code(ROOT)},
        "command": environment.get(COMMAND),
        "started": environment.get(STARTED),
        "ended": now(),
        "config": {"sha256": config_digest},
        "snakemake": snakemake_version,
        "python": platform.python_version(),
        "reference": dict(reference),
        "knowledge": list(knowledge),
    }


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write run.json."""
    knowledge = [read_json(path) for path in input.knowledge]
    write_json(output[0], record(params.config, params.reference, knowledge, os.environ))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
