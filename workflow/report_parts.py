"""The parts of report.json that only have to be picked out of other stages' files and put into the page's terms. No paths go in."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.cohort import Case
from workflow.page_words import NOT_EVALUATED
from workflow.tools import read_pins

Data = Mapping[str, Any]
NOT_WEIGHED: Mapping[str, Any] = {
    "evidence_lines": [], "conflicts": [], "vetoes": [], "criteria_not_evaluated": {}, "criteria": "", "history": [], "models": [],
    "pair": None, "de_novo": None, "segregation": None, "imprinting": None, "effect": None, "transcripts": [], "population": None,
    "inhouse": None, "clinvar_record": None, "tier": "", "panels": [], "posterior": NOT_EVALUATED, "phase": "", "parent_of_origin": "",
}  # fmt: skip
"""What a candidate has where the evidence was not weighed."""
OF_GENE: Mapping[str, Any] = {"posterior": None, "usual_log_lr": None, "onset": {}, "solved_cases": 0}


def case_record(case: Case) -> dict[str, Any]:
    """Return a case as plain data, as a rule's params hold it."""
    terms = case.question.terms if case.question else ()
    fields = ("role", "sex", "affected", "material", "order", "mother", "father")
    return {
        "name": case.name,
        "proband": case.proband.name,
        "members": [{"sample": one.name} | {field: getattr(one, field) for field in fields} for one in case.members],
        "terms": [term.as_record() for term in terms],
    }


def members_of(members: Sequence[Data], karyotypes: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the members with the sex that the reads show, or why they do not."""
    fields = ("sample", "role", "sex", "affected", "material", "order")
    return [
        {
            **{field: member[field] for field in fields},
            "measured_sex": found["measured"] or f"{NOT_EVALUATED}: {found['reason']}",
            "sex_agrees": found["agrees"],
        }
        for member, found in zip(members, karyotypes, strict=True)
    ]


def terms_of(interpretation: Data, given: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the features with the labels of the HPO release, or as the phenopacket gave them where no HPO was evaluated."""
    told = {"kind": "", "source": ""}
    return [
        {key: (told | dict(term))[key] for key in ("id", "label", "excluded", "kind", "source")}
        for term in interpretation["terms"] or given
    ]


def candidates_of(interpretation: Data) -> list[dict[str, Any]]:
    """Return the candidates, each with the share of every feature in the score of its gene (empty where the gene has none)."""
    genes = {gene["symbol"]: gene for gene in interpretation["genes"]}
    return [_candidate(one, genes.get(one["gene"])) for one in interpretation["candidates"]]


def _candidate(one: Data, gene: Data | None) -> dict[str, Any]:
    zygosity, _, model = one["zygosity_model"].partition(": ")
    known = {**OF_GENE, **{name: gene[name] for name in OF_GENE if gene and name in gene}}
    return {
        **NOT_WEIGHED,
        **one,
        "not_evaluated": [name for name in one["not_evaluated"].split(",") if name],
        "zygosity": zygosity,
        "model": model,
        "disease": "{name} ({id})".format_map(gene["disease"]) if gene and gene["disease"] else "",
        "terms": gene["terms"] if gene else [],
        "not_told_log_lr": gene["not_told_log_lr"] if gene and gene["terms"] else None,
        "gene_posterior": known["posterior"],
        "usual_log_lr": known["usual_log_lr"],
        "onset": known["onset"],
        "solved_cases": known["solved_cases"],
    }


def ranking_of(interpretation: Data) -> dict[str, Any]:
    """Return how the candidates were ranked, in a sentence."""
    by_phenotype = interpretation["ranked_by"] == "phenotype and variant"
    reason = f" ({interpretation['reason']})" if interpretation["reason"] else ""
    text = f"Ranked by {interpretation['ranked_by']}{reason}."
    return {"by_phenotype": by_phenotype, "text": text, "prior": interpretation.get("prior", ""), "notes": interpretation.get("notes", [])}


def order_of(interpretation: Data) -> dict[str, Any]:
    """Return what was ordered: `{genes, panels}`; empty lists where nothing was."""
    order = interpretation.get("order") or {}
    return {"genes": list(order.get("genes", ())), "panels": list(order.get("panels", ()))}


def secondary_of(interpretation: Data) -> dict[str, Any]:
    """Return `{consent, because, release, findings, not_reported}` of the secondary findings; without consent no finding and no count."""
    found = interpretation.get("secondary_findings") or {"because": "no list of secondary findings is configured"}
    consent = bool(found.get("consent"))
    rows = [_candidate(one, None) for one in found.get("findings", ())] if consent else []
    told = {"consent": consent, "because": found.get("because", ""), "release": found.get("release", "")}
    return {**told, "findings": rows, "not_reported": found.get("not_reported") if consent else None}


def quality_of(case: Data, members: Sequence[Data], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the decisions of the case and of each member, every metric with its label in words."""
    return {"case": _decision(case, labels), "members": [_decision(one, labels) | {"sample": one["sample"]} for one in members]}


def _decision(one: Data, labels: Mapping[str, str]) -> dict[str, Any]:
    metrics = [{**metric, "label": labels.get(metric["name"], metric["name"].replace("_", " "))} for metric in one["metrics"]]
    return {
        "decision": one["decision"],
        "signed_by": one.get("signed_by", ""),
        "limits": f"{one['limits']['name']} of {one['limits']['date']}" if "limits" in one else "",
        "reasons": one["reasons"],
        "notes": one["notes"],
        "checks": one.get("checks", []),
        "metrics": metrics,
    }


def known_sources(decision: Data) -> list[dict[str, Any]]:
    """Return every knowledge source that the call set names, evaluated or not."""
    return [{"name": one["name"], "evaluated": one["status"] == "evaluated", "release": one["release"]} for one in decision["knowledge"]]


def not_evaluated(interpretation: Data, decision: Data) -> list[dict[str, str]]:
    """Return every source that was not evaluated, with the reason."""
    reasons = dict(interpretation["not_evaluated"])
    for one in decision["knowledge"]:
        if one["status"] != "evaluated":
            reasons.setdefault(one["name"], "not configured")
    return [{"name": name, "reason": reason} for name, reason in reasons.items()]


def tools_of(decisions: Sequence[Data]) -> list[dict[str, str]]:
    """Return the programs that made the files, by name: the version that the files themselves name, all of them if they differ."""
    versions: dict[str, dict[str, None]] = {}
    for decision in decisions:
        for name, version in decision["versions"].items():
            versions.setdefault(name, {})[str(version)] = None
    pins = read_pins()
    return [
        {"name": name, "version": " and ".join(found), "purpose": pins[name].purpose if name in pins else ""}
        for name, found in sorted(versions.items())
    ]
