"""Laboratory results turned into HPO terms through a table in the format of loinc2hpo (Zhang et al., npj Digit Med 2019;2:32).

Columns (tab-separated): `loincId`, `outcome`, `hpoTermId`, and `negated` where the table has it. Outcomes are L, N and H of a quantity,
POS and NEG of a finding. In loinc2hpo's own file N and NEG name the abnormality that was looked for and not found: an excluded term.
Genvej ships no such table: the curation is free, but LOINC codes come under LOINC's own terms, which a laboratory has accepted.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.cohort import Measurement
from workflow.errors import InputError
from workflow.ontology import Ontology

COLUMNS = ("loincId", "outcome", "hpoTermId")
NORMAL = frozenset({"N", "NEG"})
OUTCOME_WORDS = {"L": "below the reference range", "N": "within the reference range", "H": "above the reference range"}
FINDINGS = {
    "POS": frozenset({"positive", "present", "detected", "abnormal", "reactive"}),
    "NEG": frozenset({"negative", "absent", "not detected", "nonreactive", "non-reactive"}),
    "H": frozenset({"high", "elevated", "increased", "above reference range"}),
    "L": frozenset({"low", "decreased", "below reference range"}),
    "N": frozenset({"normal", "within reference range"}),
}
Table = Mapping[tuple[str, str], tuple[str, bool]]


@dataclass(frozen=True)
class FromLaboratory:
    """Terms that results stand for, as plain data with `kind: laboratory` and a `source`, and notes on results that give none."""

    terms: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


def read_laboratory_table(path: str | Path) -> Table:
    """Return (HPO term, whether it is excluded) by LOINC code and outcome.

    Raises:
        InputError: it is no such table.
    """
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                what = f"the column `{missing[0]}` is missing"
                raise InputError(what, file=path, remedy="give a table in the format of loinc2hpo (config/README.md tells how)")
            return {(row["loincId"], row["outcome"]): (row["hpoTermId"], _excluded(row)) for row in rows}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the laboratory table cannot be read", file=path, remedy="fetch it again") from error


def _excluded(row: Mapping[str, Any]) -> bool:
    told = str(row.get("negated") or "").strip().lower()
    return told in {"true", "1", "yes"} if told else row["outcome"] in NORMAL


def outcome_of(one: Measurement) -> tuple[str, str]:
    """Return (outcome, in words), or ("", why there is none)."""
    if one.value is None:
        found = next((name for name, words in FINDINGS.items() if one.finding.strip().lower() in words), "")
        return found, one.finding if found else "the finding is none of positive, negative, high, low and normal"
    if one.low is None and one.high is None:
        return "", "no reference range is given"
    outcome = "L" if one.low is not None and one.value < one.low else "H" if one.high is not None and one.value > one.high else "N"
    return outcome, OUTCOME_WORDS[outcome]


def terms_of_results(results: Sequence[Measurement], table: Table, release: str, ontology: Ontology) -> FromLaboratory:
    """Return what laboratory results stand for; a code or outcome that the table does not have is told and not refused."""
    terms: dict[str, dict[str, Any]] = {}
    notes = []
    for one in results:
        outcome, words = outcome_of(one)
        term, excluded = table.get((one.loinc, outcome), ("", False))
        now = ontology.current(term) if term else None
        if not outcome:
            notes.append(f"{one.in_words()}: {words}")
        elif not term:
            known = any(loinc == one.loinc for loinc, _ in table)
            notes.append(f"{one.in_words()}: the laboratory table has {'no term for this outcome of' if known else 'not'} the code")
        elif now is None:
            notes.append(f"{one.in_words()}: {term} is not in the HPO release")
        elif terms.setdefault(now, {"excluded": excluded})["excluded"] != excluded:
            terms.pop(now)
            notes.append(f"{one.in_words()}: another result says the opposite of {now}, neither is used")
        else:
            source = f"{one.in_words()}, {words}; laboratory table {release}"
            before = terms[now].get("source")
            terms[now] |= {"id": now, "label": ontology.name(now), "kind": "laboratory"}
            terms[now]["source"] = f"{before}; {source}" if before else source
    return FromLaboratory(tuple(terms.values()), tuple(notes))


def join_terms(terms: Sequence[Mapping[str, Any]], found: FromLaboratory, ontology: Ontology) -> FromLaboratory:
    """Return the clinician's terms with those of the laboratory.

    A laboratory term that the clinician gave too is counted once, with its source; one that contradicts what the clinician observed or
    excluded is told and not counted.
    """
    joined = {term["id"]: dict(term) for term in terms}
    notes = list(found.notes)
    for term in found.terms:
        if same := next((one for one in joined.values() if _contradict(one, term, ontology)), None):
            notes.append(f"{term['source']}: {term['id']} contradicts {same['id']} of the phenopacket and is not used")
        elif term["id"] in joined:
            own = joined[term["id"]]
            own["source"] = f"{own['source']}; {term['source']}" if own.get("source") else term["source"]
        else:
            joined[term["id"]] = dict(term)
    return FromLaboratory(tuple(joined.values()), tuple(notes))


def _contradict(one: Mapping[str, Any], other: Mapping[str, Any], ontology: Ontology) -> bool:
    """Say whether one is observed while the other excludes it or a more general term."""
    if one["excluded"] == other["excluded"]:
        return False
    observed, excluded = (other, one) if one["excluded"] else (one, other)
    return ontology.index[excluded["id"]] in ontology.ancestors(ontology.index[observed["id"]])
