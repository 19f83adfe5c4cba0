"""Take one genome out of the frequency store whose consent does not cover it any more, and write the statement for the citizen.

The fingerprint goes too if the person is not to be analysed at all any more.
"""

from pathlib import Path
from typing import Any

from workflow.beacon.records import read_beacon_releases
from workflow.cohort_store.model import Limits
from workflow.cohort_store.publishing import read_releases
from workflow.cohort_store.statement import Gone, statement
from workflow.cohort_store.writing import open_writer
from workflow.consent.counting import COUNTED, forget, record_of
from workflow.consent.fingerprint_erasure import erase_fingerprints
from workflow.errors import InputError
from workflow.files import atomic, write_json


def main(*, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Withdraw a genome, erase it, and write the record and the statement."""
    sample, store = wildcards.sample, Path(params.store)
    why = params.why or params.stopped
    if not why:
        raise InputError(
            f"nothing says that {sample} has to be withdrawn", remedy="use `scripts/cohort_store.py withdraw` for another reason"
        )
    with open_writer(store, "withdraw a genome", Limits(lock=3600.0)) as writer:
        since = [row.since for row in writer.people.of("sample", sample)]
        writer.withdraw([sample])
        if params.stopped:
            erase_fingerprints(Path(params.fingerprints), params.assembly, [sample])
        gone = Gone(erased=True, forgotten=bool(params.stopped))
        text = statement([sample], since, writer.version, read_releases(store), read_beacon_releases(store), gone)
    with atomic(output.statement) as part:
        part.write_text(text, encoding="utf-8")
    done = {"withdrawn": bool(since), "why": why, "version": writer.version.number, "fingerprint_erased": bool(params.stopped)}
    write_json(output.record, record_of(sample, done))
    forget(output.record, COUNTED)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
