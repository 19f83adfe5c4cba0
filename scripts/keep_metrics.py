"""After a release is sealed: the metrics of its samples enter the centre's history, each sealed release.json once."""

import hashlib
import json
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.metric_history import Entry, entry_of, keep
from workflow.receipts.members import read_members
from workflow.release_log import FILE, read_log
from workflow.release_seal import sealed_day

DECISION = "samples/{sample}/release.json"


def entries_of(version: Path, samples: dict[str, dict[str, str]], assembly: str) -> list[Entry]:
    """Return the entries of a sealed version's samples.

    Args:
        version: the folder of the sealed version.
        samples: `order` by sample.
        assembly: name of the reference's assembly.

    Raises:
        InputError: a sealed decision is not what the manifest says.
    """
    manifest = read_json(version / "manifest.json")
    digests = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    day = sealed_day(version, read_log(version.parent.parent / FILE, every=False))
    found = []
    for name, facts in samples.items():
        file = DECISION.format(sample=name)
        if file not in digests:
            continue
        content = (version / file).read_bytes()
        if hashlib.sha256(content).hexdigest() != digests[file]:
            what = "a sealed decision is not what its manifest says"
            raise InputError(what, file=version / file, remedy="put it back from a copy: what was released must stay")
        release = json.loads(content)
        found.append(
            entry_of(release, version=manifest["version"], sealed=day, digest=digests[file], assembly=assembly, order=facts["order"])
        )
    return found


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Add the metrics of a sealed version to the history, and write which of its samples were new to it."""
    samples = {one.sample: {"order": one.order} for one in read_members(params.results)}
    version = Path(params.results) / "release" / "versions" / read_json(input.manifest)["version"]
    new = keep(Path(params.store), entries_of(version, samples, params.assembly))
    write_json(output[0], {"version": version.name, "added": [one.sample for one in new]})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
