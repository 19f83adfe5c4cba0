"""The samples of a sealed release enter the centre's store; one whose record says the same already does not enter twice.

A sample that has reads at hardly any site of the panel would be found by nobody, and does not enter.
"""

import datetime
from pathlib import Path
from typing import Any

from workflow.files import read_json, write_json
from workflow.fingerprint_store import LEAST_COMMON, append
from workflow.fingerprints import read_fingerprint
from workflow.receipts.members import read_members


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Append the fingerprints of the run, and write what entered."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entries, poor = [], []
    for person in [one.person_row() for one in read_members(params.results)]:
        one = read_fingerprint(f"{params.results}/identity/{person['sample']}.fingerprint.npz")
        if int(one.quality.any(-1).sum()) < LEAST_COMMON:
            poor.append(one.sample)
            continue
        facts = {key: person[key] for key in ("case", "role", "person") if person[key]}
        entries.append(
            (one, {**facts, "when": now, "decision": str(read_json(f"{params.results}/samples/{one.sample}/release.json")["decision"])})
        )
    added = append(Path(params.store), entries)
    known = [one.sample for one, _ in entries if one.sample not in added]
    version = read_json(input.manifest)["version"]
    write_json(output[0], {"version": version, "added": added, "known": known, "too_few_sites": poor})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
