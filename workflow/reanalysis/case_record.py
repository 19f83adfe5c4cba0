"""The difference of one case as plain data: what was gained and lost, why, and by which dated evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.reanalysis.causes import CaseCauses
from workflow.reanalysis.difference import CLASS, CLINVAR, FIRST, GAINED, PANEL, Moved, Row, by_key, in_words, unchanged
from workflow.reanalysis.evidence import Record, newest, of_cases, of_clinvar, of_criteria, of_hpo, of_panels
from workflow.reanalysis.lifting import Lifting, rank_without
from workflow.reanalysis.news import News

MOST_AHEAD = 5
NOT_ITS_OWN = "the release changed how much each feature weighs, or what other genes score"
SIDES = ("rank", "score", "phenotype_score", "class", "acmg_points")
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Releases:
    """What evidence is gathered from: news of HPO, models of both HPO releases, and names and days of each source (old, new)."""

    news: News | None
    lifting: Lifting | None
    names: Mapping[str, tuple[str, str]]
    days: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """A case before and after: interpretations as the scripts write them, what moved, and why.

    Attributes:
        judged: people's judgements by `chrom-pos-ref-alt`.
        notes: terms that the new release has otherwise.
    """

    name: str
    old: Data
    new: Data
    moved: Sequence[Moved]
    causes: CaseCauses
    judged: Mapping[str, Data]
    notes: Sequence[str]


def case_record(done: Done, releases: Releases, top: int) -> dict[str, Any]:
    """Return the difference of a case; `gained` and `lost` in the order of rank, `unchanged` a number."""
    changes = [_change(one, done, releases, top) for one in done.moved]
    return {
        "case": done.name,
        "gained": [one for one in changes if one["change"] == GAINED],
        "lost": [one for one in changes if one["change"] != GAINED],
        "unchanged": unchanged(done.old["candidates"], done.new["candidates"], top),
        "candidates": {"before": len(done.old["candidates"]), "now": len(done.new["candidates"])},
        "not_evaluated": {"before": sorted(done.old["not_evaluated"]), "now": sorted(done.new["not_evaluated"])},
        "notes": list(done.notes),
    }


def _change(one: Moved, done: Done, releases: Releases, top: int) -> dict[str, Any]:
    gene, chrom, pos, ref, alt = one.key
    row = one.new or one.old or {}
    evidence = list(_evidence(one, done, releases))
    causes, told = done.causes.of_change(one)
    own = _own(one, done, releases)
    return {
        "change": one.change,
        "gene": gene, "chrom": chrom, "pos": pos, "ref": ref, "alt": alt,
        "hgvs_c": row["hgvs_c"], "hgvs_p": row["hgvs_p"], "consequence": row["consequence"], "zygosity_model": row["zygosity_model"],
        **{name: [side[name] if side else None for side in (one.old, one.new)] for name in SIDES},
        "clinvar": [side.get("clinvar_record") if side else None for side in (one.old, one.new)],
        "reasons": list(one.reasons),
        "in_words": in_words(one),
        "causes": causes,
        "cause": told,
        "evidence": evidence,
        "evidence_date": newest(evidence),
        "own_news": own,
        "why": _why(one, done, evidence, own, top),
        "judged": done.judged.get(f"{chrom}-{pos}-{ref}-{alt}"),
    }  # fmt: skip


def _evidence(one: Moved, done: Done, releases: Releases) -> Iterator[Record]:
    if FIRST in one.reasons or CLASS in one.reasons:
        if "hpo" in releases.names:
            yield from of_hpo(one, done.new["terms"], releases.news, releases.days["hpo"])
        if "solved_cases" in releases.names:
            counts = _solved(done.old, one.key[0]), _solved(done.new, one.key[0])
            yield from of_cases(one.key[0], counts, releases.names["solved_cases"][1], releases.days["solved_cases"][1])
    if "clinvar" in releases.names and (CLINVAR in one.reasons or one.old is None or one.new is None):
        yield from of_clinvar(one, releases.names["clinvar"], releases.days["clinvar"][1])
    if PANEL in one.reasons and "panels" in releases.names:
        yield from of_panels(one, releases.names["panels"][1], releases.days["panels"][1])
    if CLASS in one.reasons:
        yield from of_criteria(one)


def _solved(interpretation: Data, gene: str) -> int:
    return next((int(one.get("solved_cases", 0)) for one in interpretation["genes"] if one["symbol"] == gene), 0)


def _own(one: Moved, done: Done, releases: Releases) -> dict[str, Any] | None:
    """Return how much of the score is owed to news of the gene itself, and the rank without it; None where that cannot be told."""
    if FIRST not in one.reasons or releases.lifting is None or one.new is None:
        return None
    own = releases.lifting.own(one.key[0], done.new["terms"])
    if own is None:
        return None
    return {"log10": round(own, 3), "rank_without": rank_without(one.new, done.new["candidates"], own)}


def _why(one: Moved, done: Done, evidence: Sequence[Record], own: Data | None, top: int) -> str:
    """Return in a sentence what lifted or lowered a candidate among the first; empty for other reasons, which their evidence tells."""
    if FIRST not in one.reasons:
        return ""
    if one.change == GAINED:
        if own and own["rank_without"] > top:
            return f"without what is new about {one.key[0]} its rank would be {own['rank_without']}"
        if own and own["rank_without"] <= top:
            return f"without what is new about {one.key[0]} its rank would be {own['rank_without']} too: {NOT_ITS_OWN}"
        return "" if evidence else NOT_ITS_OWN
    ahead = _ahead(one, done)
    names = ", ".join(dict.fromkeys(row["gene"] for row in ahead[:MOST_AHEAD]))
    more = f" and {len(ahead) - MOST_AHEAD} more" if len(ahead) > MOST_AHEAD else ""
    return f"now ahead of it: {names}{more}" if ahead else ""


def _ahead(one: Moved, done: Done) -> list[Row]:
    """Return the candidates that stand before a lost one now and did not before."""
    before = by_key(done.old["candidates"])
    if one.old is None:
        return []
    last = one.new["rank"] if one.new else len(done.new["candidates"]) + 1
    return [
        row
        for key, row in by_key(done.new["candidates"]).items()
        if row["rank"] < last and (key not in before or before[key]["rank"] > one.old["rank"])
    ]
