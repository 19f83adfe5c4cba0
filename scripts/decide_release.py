"""The release decision of a sample: every metric against its limit, the reasons in words, the programs that made its files."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.files import read_json, write_json
from workflow.limits import Value, limits_of
from workflow.made_by import programs_of_calls, programs_of_reads
from workflow.run_record import version
from workflow.sex import SEX, judge_sex
from workflow.variant_metrics import read_rows, variant_metrics
from workflow.verdicts import decide, judge_all

Measured = dict[str, tuple[Value, str]]


def measured_in(qc: Mapping[str, Any]) -> tuple[Measured, dict[str, str]]:
    """Return (value and unit, reason for no value) by metric of a qc.json."""
    return {name: (one["value"], one["unit"]) for name, one in qc["metrics"].items()}, dict(qc["not_evaluated"])


def decide_sample(
    qc: Mapping[str, Any],
    karyotype: Mapping[str, Any],
    calls: tuple[Measured, Mapping[str, str]],
    limits: Mapping[str, Any],
    checks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return decision, limit set, metrics, reasons and notes of a sample.

    Args:
        qc: its qc.json.
        karyotype: its karyotype record.
        calls: metrics of its calls, and why some are missing.
        limits: the limit set.
        checks: further files of metrics of the form of qc.json, with details (identity.json).
    """
    measured, missing = measured_in(qc)
    agrees, facts = judge_sex(karyotype)
    if agrees is None:
        missing[SEX] = facts
    else:
        measured[SEX] = (agrees, "")
    details = {SEX: facts}
    for check in checks:
        more, why = measured_in(check)
        measured, missing, details = measured | more, missing | why, details | check["details"]
    missing = {name: why for name, why in missing.items() if name not in measured}
    judged = judge_all(measured | calls[0], missing | dict(calls[1]), limits_of(limits), details)
    decision, reasons, notes = decide(judged)
    return {
        "sample": qc["sample"],
        "decision": decision.value,
        "limits": {"name": limits["name"], "date": limits["date"]},
        "territory": qc["territory"],
        "metrics": [one.as_json() for one in judged],
        "reasons": reasons,
        "notes": notes,
    }


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write the release.json of one sample."""
    with open(input.variants) as lines:
        report = lines.readlines()
    calls = variant_metrics(read_rows(report, "PSC")[wildcards.sample], read_rows(report, "PSI")[wildcards.sample])
    record = decide_sample(
        read_json(input.qc), read_json(input.karyotype), calls, params.limits, [read_json(check) for check in input.checks]
    )
    record["notes"] += [params.aligner_note] if params.aligner_note else []
    record["versions"] = {"genvej": version(), **programs_of_reads(input.cram), **programs_of_calls(input.gvcf)}
    write_json(output[0], record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
