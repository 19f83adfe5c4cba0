"""What people work off after a reanalysis: new candidates of open cases whose proband wishes to be contacted, the strongest first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workflow.reanalysis.causes import count
from workflow.reanalysis.difference import CLASS, CLINVAR, FIRST, GAINED, PANEL
from workflow.reanalysis.open_cases import WISHES, YES

STRONG, MODERATE, WEAK = STRENGTHS = ("strong", "moderate", "weak")
WELL_REVIEWED = 2
"""Stars of ClinVar from which on its word is strong: several submitters without conflict, or an expert panel."""
NEAR_THE_TOP = 3
"""Last rank that makes a candidate more than weak by its rank alone: chosen, not measured (docs/decisions/029-reanalysis.md)."""
COLUMNS = (
    "strength", "case", "gene", "chrom", "pos", "ref", "alt", "hgvs_c", "hgvs_p", "rank_before", "rank_now", "class_before", "class_now",
    "why", "cause", "evidence_date", "evidence",
)  # fmt: skip
CHANGE_COLUMNS = ("change", *(name for name in COLUMNS if name != "strength"), "judged")
Data = Mapping[str, Any]


def strength_of(gained: Data) -> str:
    """Return how strongly a new candidate asks for a look.

    Strong: (likely) pathogenic by its evidence, or by ClinVar with two stars. Moderate: by ClinVar with fewer; or among the first with
    something new about the gene itself, and near the top, ordered now, or not among them without the new. Weak: the rest.
    """
    reasons, clinvar = set(gained["reasons"]), gained["clinvar"][1] or {}
    if CLASS in reasons or (CLINVAR in reasons and (clinvar.get("stars") or 0) >= WELL_REVIEWED):
        return STRONG
    if CLINVAR in reasons:
        return MODERATE
    own = gained["own_news"]
    owed = bool(own) and own["rank_without"] - gained["rank"][1] >= 1
    near = gained["rank"][1] <= NEAR_THE_TOP
    return MODERATE if FIRST in reasons and gained["evidence"] and (near or owed or PANEL in reasons) else WEAK


def order_of(entry: Data) -> tuple[Any, ...]:
    """Return by what entries are sorted: strength, whether anything is new about the gene itself, points, rank, newest evidence."""
    points = entry["acmg_points"][1]
    return (
        STRENGTHS.index(entry["strength"]),
        not entry["evidence"],
        -points if isinstance(points, int | float) else 0,
        entry["rank"][1],
        *(-int(part) for part in (entry["evidence_date"] or "0").split("-")),
        entry["case"],
        entry["gene"],
        entry["pos"],
    )


def name_of(one: Data) -> str:
    """Return what a variant is called in verdicts: `chrom-pos-ref-alt`."""
    return "{chrom}-{pos}-{ref}-{alt}".format_map(one)


def entries(records: Iterable[Data], judged: Mapping[str, Mapping[str, Data]], closed: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give the entries: gained candidates of open cases that nobody has judged; `records` are of cases that wish to be contacted."""
    for record in records:
        if record["case"] in closed:
            continue
        for one in record["gained"]:
            if name_of(one) not in judged.get(record["case"], {}):
                yield {"strength": strength_of(one), "case": record["case"], **one}


def work_list(records: Sequence[Data], judged: Mapping[str, Mapping[str, Data]], closed: Mapping[str, str]) -> dict[str, Any]:
    """Return `{entries, judged, of_closed_cases}`: the list in its order, and what was kept out of it; `records` as for `entries`."""
    kept_out = [
        {"case": record["case"], **one, "judged": judged[record["case"]][name_of(one)]}
        for record in records
        for one in record["gained"]
        if record["case"] not in closed and name_of(one) in judged.get(record["case"], {})
    ]
    by_closing = sum(len(record["gained"]) for record in records if record["case"] in closed)
    return {"entries": sorted(entries(records, judged, closed), key=order_of), "judged": kept_out, "of_closed_cases": by_closing}


def counts_by_wish(records: Iterable[Data], wishes: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return by wish how many cases there are, in how many something was gained, and the sums of gained, lost and unchanged."""
    found: dict[str, Counter[str]] = {wish: Counter() for wish in WISHES}
    for record in records:
        of_wish = found[wishes[record["case"]]]
        of_wish.update(cases=1, with_gain=int(bool(record["gained"])), gained=len(record["gained"]), lost=len(record["lost"]))
        of_wish.update(unchanged=record["unchanged"])
    names = ("cases", "with_gain", "gained", "lost", "unchanged")
    return {wish: {name: of_wish[name] for name in names} for wish, of_wish in found.items()}


def totals(records: Sequence[Data]) -> dict[str, Any]:
    """Return the numbers of a whole reanalysis, without a name: by change, cause and reason."""
    changes = [one for record in records for name in (GAINED, "lost") for one in record[name]]
    return {
        "cases": len(records),
        "cases_with_gain": sum(bool(record["gained"]) for record in records),
        "cases_with_loss": sum(bool(record["lost"]) for record in records),
        "gained": sum(len(record["gained"]) for record in records),
        "lost": sum(len(record["lost"]) for record in records),
        "unchanged": sum(record["unchanged"] for record in records),
        "by_cause": {name: count(one["causes"] for one in changes if one["change"] == name) for name in (GAINED, "lost")},
        "by_reason": {
            name: dict(Counter(reason for one in changes if one["change"] == name for reason in one["reasons"]))
            for name in (GAINED, "lost")
        },
        "without_evidence_of_its_own": {
            name: sum(not one["evidence"] for one in changes if one["change"] == name) for name in (GAINED, "lost")
        },
        "cases_with_other_terms": sum(bool(record["notes"]) for record in records),
    }


def cells(entry: Data) -> dict[str, Any]:
    """Return an entry as a row of a table."""
    told = "; ".join(part for part in (entry["in_words"], entry["why"]) if part)
    return {
        **{name: entry.get(name, "") for name in ("strength", "change", "case", "gene", "chrom", "pos", "ref", "alt", "hgvs_c", "hgvs_p")},
        **{
            f"{name}_{side}": _cell(value) for name in ("rank", "class") for side, value in zip(("before", "now"), entry[name], strict=True)
        },
        "why": told,
        "cause": f"{' and '.join(entry['causes'])}: {entry['cause']}",
        "evidence_date": entry["evidence_date"],
        "evidence": " | ".join(f"{one['date']} {one['source']} {one['release']}: {one['what']}" for one in entry["evidence"]),
        "judged": "{verdict}, {author}, {date}".format_map(entry["judged"]) if entry.get("judged") else "",
    }


def _cell(value: object) -> object:
    return "" if value is None else value


def changes_of(records: Iterable[Data], wishes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give what was gained and lost in the cases that wish to be contacted, case by case."""
    for record in records:
        if wishes[record["case"]] == YES:
            yield from ({"case": record["case"], **one} for name in (GAINED, "lost") for one in record[name])
