"""Who is who, for the page of a release: what identity.json, relations.json and karyotype records say, in one form.

What a sample has no file for is not in the list, and the part says why; "not evaluated" is never taken for "nothing found".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.ploidy import KARYOTYPES, TOLERANCE
from workflow.sex import judge_sex

Data = Mapping[str, Any]
RATE, LANES = "cross_contamination_rate", "lanes_agree"


def contamination(identities: Mapping[str, Data], sources: Data | None) -> dict[str, Any]:
    """Return `{rows, because}`: estimate with interval, smallest detectable level and likely source by sample, all fractions of reads.

    `value` is None where it was not evaluated, with `why`. `because` says why there is no row.
    """
    named = (sources or {}).get("contaminated", {})
    rows = [_contaminated(sample, one, named.get(sample, {})) for sample, one in identities.items()]
    return {"rows": rows, "because": "" if rows else "no sample has an identity.json"}


def _contaminated(sample: str, identity: Data, named: Data) -> dict[str, Any]:
    found = identity.get("contamination") or {}
    evaluated = RATE in identity["metrics"]
    low, high = found.get("interval") or (None, None)
    return {
        "sample": sample,
        "value": identity["metrics"][RATE]["value"] if evaluated else None,
        "low": low if evaluated else None,
        "high": high if evaluated else None,
        "detected": bool(found.get("detected")),
        "detectable": found.get("smallest_detectable"),
        "source": named.get("source") or "",
        "why": "" if evaluated else identity["not_evaluated"].get(RATE, "it was not estimated"),
        "finding": named.get("finding") or "",
    }


def sexes(karyotypes: Mapping[str, Data]) -> dict[str, Any]:
    """Return `{rows, regions, because}`: depth of X and Y over the autosomes, ordered and measured karyotype by sample.

    `agrees` is as the release decision takes it: a mosaic, and depths that fit no karyotype, are not as ordered. `regions` are the boxes in
    which ratios count as a karyotype: `{name, x, y, tolerance}`.
    """
    rows = []
    for sample, one in karyotypes.items():
        agrees, facts = judge_sex(one)
        measured = f"mosaic {one['mosaic']}" if one.get("mosaic") else one["measured"]
        told = {"sample": sample, "ordered": one["declared"], "measured": measured, "agrees": agrees, "why": facts}
        rows.append(told | {"x": one["x_depth_ratio"], "y": one["y_depth_ratio"]})
    regions = [{"name": name, "x": x / 2, "y": y / 2, "tolerance": TOLERANCE} for name, (x, y) in KARYOTYPES.items()]
    return {"rows": rows, "regions": regions, "because": "" if rows else "no sample has a karyotype record"}


def lanes(identities: Mapping[str, Data]) -> dict[str, Any]:
    """Return `{rows, because}`: whether the lanes of each sample are of one person; `agrees` is None where it cannot be said."""
    rows = []
    for sample, one in identities.items():
        agrees = one["metrics"].get(LANES, {}).get("value")
        why = one["not_evaluated"].get(LANES, "") if agrees is None else one.get("details", {}).get(LANES, "")
        rows.append({"sample": sample, "agrees": agrees, "why": why})
    return {"rows": rows, "because": "" if rows else "no sample has an identity.json"}


def relations(record: Data | None) -> dict[str, Any]:
    """Return `{pairs, store, because}` of release/relations.json.

    A pair is `{a, b, expected, found, agrees, why}` within the run; a hit of `store.hits` the same with `b` a sample released before.
    """
    if record is None:
        return {"pairs": [], "store": {"compared": 0, "hits": []}, "because": "there is no release/relations.json"}
    return {
        "pairs": [_pair(one) for one in record["pairs"]],
        "store": {"compared": record["store"]["compared"], "hits": [_pair(one) for one in record["store"]["hits"]]},
        "because": record.get("because") or "",
    }


def _pair(one: Data) -> dict[str, Any]:
    return {key: one.get(key) for key in ("a", "b", "expected", "found", "agrees", "why")}


def of_interest(names: Iterable[str], pairs: Iterable[Data], most: int) -> list[str]:
    """Return the samples of a matrix, in the order given: all if they are at most `most`, else those that disagree or are related."""
    everyone = list(names)
    if len(everyone) <= most:
        return everyone
    told = list(pairs)
    odd = {name for one in told if one["agrees"] is False for name in (one["a"], one["b"])}
    kin = {name for one in told if one["expected"] != "unrelated" for name in (one["a"], one["b"])}
    chosen = [name for name in everyone if name in odd] + [name for name in everyone if name in kin - odd]
    return [name for name in everyone if name in set(chosen[:most])]
