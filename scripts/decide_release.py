"""The release decision of a sample: every metric against its limit, the reasons in words, the programs that made its files."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.files import read_json, write_json
from workflow.limits import Value, limits_of
from workflow.made_by import programs_of_calls, programs_of_reads
from workflow.overrides import overridden
from workflow.run_record import version
from workflow.sex import SEX, judge_sex
from workflow.variant_metrics import read_rows, variant_metrics
from workflow.verdicts import decide, judge_all

Measured = dict[str, tuple[Value, str]]
OF_ORDERED_GENES = ("pct_ordered_20x", "pct_ordered_30x", "pct_ordered_callable")


def measured_in(qc: Mapping[str, Any]) -> tuple[Measured, dict[str, str]]:
    """Return (value and unit, reason for no value) by metric of a qc.json."""
    return {name: (one["value"], one["unit"]) for name, one in qc["metrics"].items()}, dict(qc["not_evaluated"])


def merge(checks: Iterable[Mapping[str, Any]], sample: str) -> tuple[Measured, dict[str, str], dict[str, str]]:
    """Return (values, reasons for none, details) by metric over several checks of one sample.

    A value found by any of them stands, whoever could not evaluate it. Yes and no from two sources hold only if both say yes.

    Raises:
        ValueError: a check is about another sample, or two checks give one metric two numbers.
    """
    measured: Measured = {}
    missing: dict[str, str] = {}
    details: dict[str, str] = {}
    for check in checks:
        if check.get("sample", sample) != sample:
            raise ValueError(f"a check of {check['sample']} stands among those of {sample}")
        found, unknown = measured_in(check)
        for name, (value, unit) in found.items():
            measured[name] = (_both(name, measured[name][0], value) if name in measured else value, unit)
        missing |= unknown
        for name, words in check.get("details", {}).items():
            details[name] = f"{details[name]}; {words}" if details.get(name, words) != words else words
    return measured, {name: why for name, why in missing.items() if name not in measured}, details


def _both(name: str, first: Value, second: Value) -> Value:
    if isinstance(first, bool) and isinstance(second, bool):
        return first and second
    if not math.isclose(first, second, rel_tol=1e-3, abs_tol=1e-4):  # one of them may be rounded
        raise ValueError(f"two checks give {name} different values: {first} and {second}")
    return first


def sex_check(karyotype: Mapping[str, Any]) -> dict[str, Any]:
    """Return the agreement of sex and order as a check file has it."""
    agrees, facts = judge_sex(karyotype)
    if agrees is None:
        return {"metrics": {}, "not_evaluated": {SEX: facts}, "details": {}}
    return {"metrics": {SEX: {"value": agrees, "unit": ""}}, "not_evaluated": {}, "details": {SEX: facts}}


def decide_sample(
    qc: Mapping[str, Any],
    karyotype: Mapping[str, Any],
    calls: tuple[Measured, Mapping[str, str]],
    limits: Mapping[str, Any],
    checks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return decision, limit set, metrics, reasons and notes of a sample.

    Args:
        qc: qc.json of the sample.
        karyotype: its karyotype record.
        calls: metrics of its calls, and why others have no value.
        limits: the limit set.
        checks: what other stages found, each in the form of qc.json: metrics, not_evaluated, details, notes.
    """
    of_calls = {"metrics": {name: {"value": value, "unit": unit} for name, (value, unit) in calls[0].items()}, "not_evaluated": calls[1]}
    measured, missing, details = merge([qc, sex_check(karyotype), of_calls, *checks], qc["sample"])
    judged = judge_all(measured, missing, limits_of(limits), details)
    decision, reasons, notes = decide(judged)
    notes += [note for check in checks for note in check.get("notes", [])]
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
    checks = [read_json(path) for path in input.checks]
    if params.not_covered:
        checks.append({"metrics": {}, "not_evaluated": dict.fromkeys(OF_ORDERED_GENES, params.not_covered)})
    record = decide_sample(read_json(input.qc), read_json(input.karyotype), calls, params.limits, checks)
    record = overridden(record, params.override, params.waived)
    record["notes"] += [params.aligner_note] if params.aligner_note else []
    record["versions"] = {"genvej": version(), **programs_of_reads(input.cram), **programs_of_calls(input.gvcf)}
    write_json(output[0], record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
