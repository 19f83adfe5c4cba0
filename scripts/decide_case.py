"""The release decision of a case: its members' decisions, and what only the joint calls can tell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pysam
import pysam.bcftools

from workflow.files import read_json, write_json
from workflow.joint_members import refuse_lost, refuse_silent
from workflow.limits import Decision
from workflow.made_by import programs_of_lines
from workflow.overrides import overridden
from workflow.run_record import version
from workflow.variant_metrics import genotyped, read_rows
from workflow.variants import KnowledgeState, read_knowledge
from workflow.verdicts import gravest

Check = tuple[str, Decision, str]  # name, what it leads to, facts in words


def check_members(names: Sequence[str], in_calls: Sequence[str], genotypes: Mapping[str, tuple[int, int]]) -> Check:
    """Every member stands in the joint VCF with genotypes; one that vanished fails the case.

    Args:
        names: the members.
        in_calls: the samples of the VCF's header.
        genotypes: (records with a genotype, records without) by sample, over the PASS records on the autosomes.
    """
    gone = [name for name in names if name not in in_calls]
    silent = [name for name in names if name in in_calls and genotypes.get(name, (0, 0))[0] == 0 < genotypes.get(name, (0, 0))[1]]
    wrong = [f"{', '.join(gone)} not in the joint VCF"] * bool(gone) + [f"no genotype of {', '.join(silent)} in any record"] * bool(silent)
    facts = "; ".join(wrong) or f"{len(names)} of {len(names)}: {', '.join(names)}"
    return "all members are in the joint VCF", Decision.FAIL if wrong else Decision.RELEASE, facts


def check_records(records: int) -> Check:
    """A case without a single call is looked at by a person: no variant in a genome is no finding but a fault."""
    return "the joint VCF has records", Decision.RELEASE if records else Decision.HOLD, f"{records:,} records"


def knowledge_of(states: Iterable[KnowledgeState]) -> list[dict[str, str]]:
    """Return name, status and release of every knowledge source that the annotated VCF names."""
    return [{"name": one.name, "status": "evaluated" if one.evaluated else "not evaluated", "release": one.release} for one in states]


def decide_case(members: Sequence[Mapping[str, Any]], checks: Sequence[Check], knowledge: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return decision, members, checks, reasons and notes of a case: the gravest of its members' decisions and its own checks."""
    decision = gravest([*(Decision(member["decision"]) for member in members), *(leads_to for _, leads_to, _ in checks)])
    told = [one for one in members if one["decision"] != "release" or one.get("signed_by")]
    reasons = [f"{one['sample']}: {one['decision']} ({'; '.join(one['reasons'])})" for one in told]
    reasons += [facts for _, leads_to, facts in checks if leads_to is not Decision.RELEASE]
    return {
        "decision": decision.value,
        "members": [{"sample": one["sample"], "decision": one["decision"]} for one in members],
        "checks": [
            {"name": name, "verdict": "pass" if leads_to is Decision.RELEASE else "fail", "facts": facts}
            for name, leads_to, facts in checks
        ],
        "knowledge": list(knowledge),
        "reasons": reasons or ["every member is released and every check of the joint calls is kept"],
        "notes": [f"{one['name']} is not evaluated: no such source is configured" for one in knowledge if one["status"] == "not evaluated"],
    }


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write the release.json of one case."""
    with open(input.variants) as lines:
        genotypes = {name: genotyped(row) for name, row in read_rows(lines, "PSC").items()}
    with pysam.VariantFile(input.vcf) as calls:
        header, in_calls = calls.header, list(calls.header.samples)
        records = int(str(pysam.bcftools.index("--nrecords", input.vcf)))
    members = [read_json(path) for path in input.members]
    names = [one["sample"] for one in members]
    refuse_lost(names, in_calls, input.vcf)
    refuse_silent(genotypes, names, input.vcf)
    checks = [check_members(names, in_calls, genotypes), check_records(records)]
    record = {"case": wildcards.case, **decide_case(members, checks, knowledge_of(read_knowledge(input.vcf).values()))}
    record = overridden(record, params.override, params.waived)
    record["metrics"] = []
    record["versions"] = {"genvej": version(), **programs_of_lines(str(header).splitlines())}
    write_json(output[0], record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
