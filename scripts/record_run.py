"""Provenance of a run: which Genvej, which command, which config, which reference, which knowledge."""

import hashlib
import os
import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from snakemake.common import __version__ as snakemake_version

from workflow.digests import ROOT
from workflow.files import read_json, write_json
from workflow.run_record import COMMAND, STARTED, commit_of, digest_of_code, now, version


def digest_of_sequence(dictionary: str) -> str:
    """Return the SHA-256 over name, length and MD5 of every contig in a sequence dictionary: what the bases are, whatever the file."""
    contigs = sorted(
        "\t".join(re.findall(r"\t((?:SN|LN|M5):[^\t\n]+)", line)) for line in dictionary.splitlines() if line.startswith("@SQ")
    )
    return hashlib.sha256("\n".join(contigs).encode()).hexdigest()


def record(
    config_digest: str,
    identity: Mapping[str, Any],
    reference: Mapping[str, str],
    knowledge: Iterable[Mapping[str, Any]],
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """Return the record of the run that changed something last; it is read when the job runs, since none of it is a reason to rerun."""
    return {
        "genvej": {"version": version(), **commit_of(ROOT), "code": digest_of_code(ROOT)},
        "workflow": dict(identity),
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
    reference = params.reference | {"sequence_sha256": digest_of_sequence(Path(input.dictionary).read_text(encoding="utf-8"))}
    write_json(output[0], record(params.config, params.identity, reference, knowledge, os.environ))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
