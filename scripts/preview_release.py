"""The results as they would be with the new knowledge, as a tree that `make impact` compares with those in use; files that stay are links.

Candidates and provenance are those of the reanalysis, all else is what lies in the results folder: calls, annotation, reads, decisions. The
id in its provenance is the one that the workflow has once the new release stands under `knowledge`, so that a sign-off of the comparison
holds for that run.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.hash_knowledge import describe
from workflow.files import read_json, write_json
from workflow.reanalysis.redo import TABLE
from workflow.results_tree import CASE_FILES, SAMPLE_FILES
from workflow.run_record import files_of_source
from workflow.sealing import MANIFEST

RUN = "provenance/run.json"
ALSO = (f"release/{MANIFEST}", "release/completeness.json", "provenance/tools.json")


def link(source: Path, target: Path) -> None:
    """Put a file at another place without its bytes where the disk can, else copy it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def names_of(manifest: Path) -> list[str]:
    """Return the files of a results tree that a comparison reads, relative to it."""
    subjects = {(one["kind"], one["subject"]) for one in read_json(manifest)["files"]}
    patterns = {"sample": SAMPLE_FILES, "case": CASE_FILES}
    return [pattern.format(name=name) for kind, name in sorted(subjects) for pattern in patterns.get(kind, ())]


def described(sources: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what provenance says of each source, from (name, path, release, kind, fields)."""
    return [
        describe({"name": name, "release": release, "kind": kind}, files_of_source(Path(path))) for name, path, release, kind, _ in sources
    ]


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the tree: it is there whole or not at all."""
    results, target = Path(params.results), Path(output[0])
    part, cases = target.with_name(".part-preview"), Path(input.difference).with_name("cases")
    shutil.rmtree(part, ignore_errors=True)
    anew = {f"cases/{name}/{TABLE}": cases / batch / name / TABLE for name, batch in params.batches.items()}
    for name in (*names_of(results / ALSO[0]), *ALSO):
        link(anew.get(name, results / name), part / name)
    run = read_json(results / RUN) | {"workflow": params.identity, "knowledge": described(params.knowledge)}
    write_json(part / RUN, run | {"preview_of": Path(input.difference).parent.name})
    shutil.rmtree(target, ignore_errors=True)
    part.replace(target)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
