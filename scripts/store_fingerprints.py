"""The samples of a sealed release enter the centre's store; one whose record says the same already does not enter twice."""

import datetime
from pathlib import Path
from typing import Any

from workflow.files import read_json, write_json
from workflow.fingerprint_store import append
from workflow.fingerprints import read_fingerprint


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Append the fingerprints of the run, and write what entered."""
    manifest = read_json(input.manifest)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entries = []
    for person, fingerprint, release in zip(params.people, input.fingerprints, input.releases, strict=True):
        facts = {key: person[key] for key in ("case", "role", "person") if person[key]}
        decision = str(read_json(release)["decision"])
        entries.append((read_fingerprint(fingerprint), {**facts, "when": now, "decision": decision}))
    added = append(Path(params.store), entries)
    write_json(
        output[0], {"version": manifest["version"], "added": added, "known": [one.sample for one, _ in entries if one.sample not in added]}
    )


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
