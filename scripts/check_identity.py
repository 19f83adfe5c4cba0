"""Of one person, and of which sex: contamination, sex against the order, agreement of the lanes, out of what was counted."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workflow.contamination import Estimate, Places, error_prior, estimate, joined, places_of_own, places_of_panel
from workflow.files import read_json, write_json
from workflow.lanes import Pair, agreement, compare_lanes
from workflow.reference import AUTOSOMES, plain_name
from workflow.sex import SEX, judge_sex
from workflow.site_counts import SiteCounts, read_counts
from workflow.site_panel import Panel, read_panel

RATE, UPPER, LANES = "cross_contamination_rate", "cross_contamination_upper_bound", "lanes_agree"
SEEN_AT = 0.02
"""Share that must be visible before a sample without visible contamination counts as evaluated: the strictest limit that ships."""
Check = dict[str, Any]


def places_of(counts: SiteCounts, panel: Panel) -> Places:
    """Return where the sample is taken for homozygous: autosomal sites of the panel, and its own."""
    on_autosomes = np.array([plain_name(contig) in AUTOSOMES for contig in panel.contigs.tolist()], bool)
    ref, alt = (counts_of.sum(0, dtype=np.int64)[on_autosomes] for counts_of in (counts.ref, counts.alt))
    own = counts.more["own_counts"].sum(0, dtype=np.int64)
    return joined(places_of_panel(ref, alt, panel.frequencies[on_autosomes].astype(float)), places_of_own(own[0], own[1]))


def errors_of(counts: SiteCounts) -> tuple[float, float]:
    """Return the prior of the error rate: from the controls, or from bases of neither allele at the panel where there are no controls."""
    bases, wrong = (int(value) for value in counts.more["controls"])
    if bases:
        return error_prior(wrong, bases, 3)
    other = int(counts.other.sum(dtype=np.int64))
    return error_prior(other, other + int(counts.ref.sum(dtype=np.int64) + counts.alt.sum(dtype=np.int64)), 2)


def contamination_check(found: Estimate | None, places: Places) -> Check:
    """Return the metrics of contamination, or why there are none, with the facts.

    A share that is told from none counts, however little could be seen; one that is not counts only if SEEN_AT would have been seen.
    The upper end of the interval counts where contamination was seen, and where SEEN_AT cannot be excluded although it would be in a clean
    sample with these sites: something is there.
    """
    if found is None:
        why = "no site of the panel and no homozygous alternative site of the sample's own is covered in the territory"
        return {"metrics": {}, "not_evaluated": {RATE: why, UPPER: why}, "details": {}, "contamination": None}
    basis = f"{found.sites} sites, {found.reads:,} bases; from {found.smallest:.2%} on it would be seen"
    between = f"95 % interval {found.low:.2%} to {found.high:.2%}, {basis}"
    metrics, missing = {}, {}
    evaluated = found.detected or found.smallest <= SEEN_AT
    if evaluated:
        metrics[RATE] = {"value": round(found.share, 5), "unit": "fraction"}
    else:
        missing[RATE] = f"too little to judge by: {basis}"
    if suspicious := found.detected or (evaluated and found.high >= SEEN_AT):
        metrics[UPPER] = {"value": round(found.high, 5), "unit": "fraction"}
    else:
        missing[UPPER] = f"no contamination was seen: {between}"
    facts = facts_of(found, places) | {"suspicious": suspicious}
    return {"metrics": metrics, "not_evaluated": missing, "details": {RATE: between, UPPER: between}, "contamination": facts}


def facts_of(found: Estimate, places: Places) -> Check:
    """Return an estimate as identity.json holds it."""
    return {
        "share": round(found.share, 5),
        "interval": [round(found.low, 5), round(found.high, 5)],
        "detected": found.detected,
        "smallest_detectable": round(found.smallest, 5),
        "sites": found.sites,
        "sites_of_panel": int((~np.isnan(places.frequency)).sum()),
        "bases": found.reads,
        "error_rate": float(f"{found.error:.2g}"),
        "log10_odds": round(max(0.0, found.gain) / np.log(10), 2),
    }


def sex_check(karyotype: Mapping[str, Any]) -> Check:
    """Return the metric of sex against the order, or why there is none, with the facts."""
    agrees, facts = judge_sex(karyotype)
    return {**_told(SEX, agrees, facts), "sex": {key: value for key, value in karyotype.items() if key != "regions"}}


def _told(name: str, value: bool | None, facts: str) -> Check:
    metrics = {} if value is None else {name: {"value": value, "unit": ""}}
    return {"metrics": metrics, "not_evaluated": {name: facts} if value is None else {}, "details": {name: facts}}


def lane_check(counts: SiteCounts, panel: Panel) -> Check:
    """Return the metric of the lanes' agreement, or why there is none, with the odds of every pair."""
    own = counts.more["own_counts"]
    on_autosomes = np.array([plain_name(contig) in AUTOSOMES for contig in panel.contigs.tolist()], bool)
    ref = np.concatenate([counts.ref[:, on_autosomes], own[:, 0]], axis=1)
    alt = np.concatenate([counts.alt[:, on_autosomes], own[:, 1]], axis=1)
    frequencies = np.concatenate([panel.frequencies[on_autosomes].astype(float), np.full(own.shape[2], np.nan)])
    used = [row for row in range(len(counts.lanes)) if int(ref[row].sum()) + int(alt[row].sum())]
    names = [counts.lanes[row] for row in used]
    pairs = compare_lanes(names, ref[used], alt[used], frequencies)
    bases = {name: int(ref[row].sum()) + int(alt[row].sum()) for name, row in zip(names, used, strict=True)}
    agree, foreign, facts = agreement(names, pairs, bases)
    if len(names) < len(counts.lanes):
        facts += f"; {len(counts.lanes) - len(names)} of {len(counts.lanes)} lanes have no read at any site"
        agree = None if agree else agree
    return {
        **_told(LANES, agree, facts),
        "lanes": {"names": list(counts.lanes), "foreign": foreign, "pairs": [_as_row(pair) for pair in pairs]},
    }


def _as_row(pair: Pair) -> dict[str, Any]:
    return {"lanes": [pair.first, pair.second], "log10_odds": round(pair.log10_odds, 2), "sites": pair.sites}


def merged(sample: str, panel: Panel, checks: list[Check]) -> Check:
    """Return several checks as one file: metrics, reasons and details together, facts side by side."""
    record: Check = {"sample": sample}
    for part in ("metrics", "not_evaluated", "details"):
        record[part] = {key: value for check in checks for key, value in check[part].items()}
    for check in checks:
        record |= {key: value for key, value in check.items() if key not in record}
    return record | {"panel": {"name": panel.name, "release": panel.release, "digest": panel.digest, "sites": len(panel)}}


def main(*, input: Any, output: Any, wildcards: Any, **_: Any) -> None:
    """Write identity.json of one sample (docs/architecture.md names its keys).

    Raises:
        ValueError: the counts are of another panel than the run's.
    """
    panel, counts = read_panel(input.sites), read_counts(input.counts)
    if counts.panel != panel.digest:
        raise ValueError(f"{input.counts} was counted at another panel than {input.sites}")
    places = places_of(counts, panel)
    found = estimate(places, errors_of(counts))
    checks = [contamination_check(found, places), sex_check(read_json(input.karyotype)), lane_check(counts, panel)]
    write_json(output[0], merged(wildcards.sample, panel, checks))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
