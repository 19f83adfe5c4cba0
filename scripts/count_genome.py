"""Count one released genome in the frequency store, or put its earlier one right; a genome that is not released is counted no more."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.cohort_store.making import make_store
from workflow.cohort_store.model import Limits, Person
from workflow.cohort_store.sources import RELEASED, of_folder, read_folder, refuse_relatives
from workflow.cohort_store.writing import Writer, open_writer
from workflow.consent.counting import WITHDRAWN, forget, record_of
from workflow.errors import InputError
from workflow.files import read_json, write_json

PATIENT = Limits(lock=3600.0)
"""Other genomes are counted at the same time: each waits for its turn."""


def person_of(told: Mapping[str, Any]) -> Person:
    """Return the person that a rule's params describe."""
    return Person(told["sample"], told["person"], told["family"], affected=told["affected"], founder=told["founder"])


def count(writer: Writer, folder: Path, told: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the store up to date on one sample; return what was done: `counted`, `why` not, `version` and `purposes`."""
    sample, rows = told["sample"], writer.people.of("sample", told["sample"])
    decision = read_json(folder / "release.json")["decision"]
    if decision != RELEASED:
        writer.withdraw([sample])
        return {"counted": False, "why": f"the decision on the sample is {decision}", "version": writer.version.number}
    found = read_folder(folder)
    try:
        if not rows:
            refuse_relatives(found, writer.people)
        candidate = of_folder(found, person_of(told), writer.facts.assembly, lambda _, purpose: purpose in told["purposes"])
        _ = writer.correct(candidate) if rows else writer.add([candidate])
    except InputError as error:
        if rows:
            raise  # what is counted would stay as it was
        return {"counted": False, "why": error.what, "version": writer.version.number}
    return {"counted": True, "why": "", "version": writer.version.number, "purposes": list(told["purposes"])}


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Count a genome and write the record of it."""
    store, told = Path(params.store), params.person
    if not told["purposes"]:
        raise InputError(f"consent of {told['sample']} does not cover the frequency store", remedy="unknown is no")
    make_store(store, params.assembly)
    with open_writer(store, "count a genome", PATIENT) as writer:
        done = count(writer, Path(input.decision).parent, told)
        writer.compact()
    write_json(output[0], record_of(told["sample"], {"person": told["person"], "told": dict(told), **done}))
    forget(output[0], WITHDRAWN)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
