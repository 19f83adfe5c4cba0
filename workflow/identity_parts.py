"""Who is who, for the page of a release: what identity.json, relations.json and karyotype records say, in one form.

What a sample has no file for is not in the list, and the part says why; "not evaluated" is never taken for "nothing found".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.ploidy import KARYOTYPES, TOLERANCE
from workflow.sex import judge_sex

Data = Mapping[str, Any]
RATE, LANES, PERSON = "cross_contamination_rate", "lanes_agree", "identity_matches_order"


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


def relations(record: Data | None, checks: Mapping[str, Data]) -> dict[str, Any]:
    """Return `{findings, pairs, matrix, compared, untold, because}` of release/relations.json.

    Args:
        record: release/relations.json, None if there is none.
        checks: relations.json by sample.

    Returns:
        `findings`: `{kind, samples, words, where}`, where is run or store; `pairs`: relations of the order `{a, b, relation, found}`,
        found is yes, no or cannot be told; `matrix`: samples and KING's kinship of each pair, None of a large run; `compared`: samples of
        the store; `untold`: samples of which it cannot be said who they are, with the reason.
    """
    if record is None:
        because = "there is no release/relations.json"
        return {"findings": [], "pairs": [], "matrix": None, "compared": 0, "untold": [], "because": because}
    found = [{key: one[key] for key in ("kind", "samples", "words", "where")} for one in record["findings"]]
    pairs = [{"a": one["of"], "b": one["sample"], "relation": one["relation"], "found": one["found"]} for one in record["expected"]]
    untold = [{"sample": sample, "why": why[PERSON]} for sample, why in record["not_evaluated"].items() if PERSON in why]
    compared = max((one["compared"]["store"] for one in checks.values()), default=0)
    return {"findings": found, "pairs": pairs, "matrix": record["matrix"], "compared": compared, "untold": untold, "because": ""}


def of_interest(names: Iterable[str], part: Data, most: int) -> list[str]:
    """Return the samples of a matrix, in the order given: all if they are at most `most`, else those of findings, then relatives."""
    everyone = list(names)
    if len(everyone) <= most:
        return everyone
    odd = {name for one in part["findings"] for name in one["samples"]}
    kin = {name for one in part["pairs"] for name in (one["a"], one["b"])}
    chosen = [name for name in everyone if name in odd] + [name for name in everyone if name in kin - odd]
    return [name for name in everyone if name in set(chosen[:most])]
