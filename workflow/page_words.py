"""How the page of a case puts values into words: the filters of its templates. Each takes plain data of report.json and returns text."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Data = Mapping[str, Any]
NOT_EVALUATED = "not evaluated"


def plain(value: object) -> str:
    """Return a code name as words: `missense_variant` → missense variant, `a&b` → a, b."""
    return str(value if value is not None else "").replace("&", ", ").replace("_", " ")


def number(value: float) -> str:
    """Return a count with thousands apart."""
    return f"{value:,}"


def percent(share: float) -> str:
    """Return a share as percent, never rounded up to 100 nor down to 0."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{min(share, 0.999) if share < 1 else 1:.1%}".replace(".0%", "%").replace("%", " %")


def score(value: object) -> str:
    """Return a score with its sign and two decimals; text (not evaluated) as it is."""
    return signed(float(value)) if isinstance(value, int | float) else plain(value)


def signed(value: float) -> str:
    """Return a number with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", "−")


def largest(terms: Iterable[Data]) -> float:
    """Return the largest contribution, in either direction: the full length of a bar; 1 if all are 0."""
    return max((abs(term["log_lr"]) for term in terms), default=0) or 1


def who(question: Data) -> str:
    """Return one line on the case: proband, relatives, reference, number of features."""
    proband = next(member for member in question["members"] if member["sample"] == question["proband"])
    others = [f"{member['role']} {member['sample']}" for member in question["members"] if member is not proband]
    observed = sum(not term["excluded"] for term in question["terms"])
    parts = [
        f"{proband['role'].capitalize()} {proband['sample']} ({proband['sex']})",
        " and ".join(others) if others else "no relatives sequenced",
        f"{observed} feature{'s' * (observed != 1)} given" if observed else "no features given",
        f"reference {question['reference']}",
    ]
    return " · ".join(parts)


def role_of(question: Data, sample: str) -> str:
    """Return the role of a sample in its case."""
    return str(next(member["role"] for member in question["members"] if member["sample"] == sample))


def variant_name(one: Data) -> str:
    """Return a variant's shortest full name in one line."""
    return " ".join(variant_names(one))


def variant_names(one: Data) -> list[str]:
    """Return a variant's c. and p. names without transcript, else its g. name, else the record itself."""
    names = [one[key].rsplit(":", 1)[-1] for key in ("hgvs_c", "hgvs_p") if one[key] and one[key] != NOT_EVALUATED]
    return names or [str(one["hgvs_g"]) or place(one)]


def place(one: Data) -> str:
    """Return a variant as its VCF record has it."""
    return f"{one['chrom']}:{one['pos']:,} {one['ref']}>{one['alt']}"


def support(one: Data, sample: str) -> str:
    """Return how many of a sample's reads carry the variant, by the caller's own count."""
    call = one["members"].get(sample, {})
    if call.get("alt_reads") is None or not call.get("depth"):
        return "reads not counted by the caller"
    return f"{call['alt_reads']} of {call['depth']} reads"


def score_scale(candidates: Iterable[Data]) -> tuple[float, float]:
    """Return the lowest and highest part of any candidate's score, 0 included: what the bars of a page are drawn to."""
    parts = [part for one in candidates for part in _parts(one)]
    return min([0, *parts]), max([0, *parts])


def score_bars(one: Data, scale: tuple[float, float]) -> dict[str, Any]:
    """Return where zero is and where the phenotype's and the variant's bar begin and how long they are, in percent of the scale."""
    low, high = scale
    unit = 100 / ((high - low) or 1)
    bars = [((min(part, 0) - low) * unit, abs(part) * unit) for part in _parts(one)]
    return {"zero": -low * unit, "bars": bars}


def _parts(one: Data) -> list[float]:
    return [float(part) if _is_number(part) else 0.0 for part in (one["phenotype_score"], one["variant_score"])]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def reads_in_words(view: Data) -> str:
    """Return what the reads at a site show, in one line."""
    counts = {allele: sum(both.values()) for allele, both in view["alleles"].items()}
    total = sum(counts.values())
    if not total:
        return "no read tells the alleles apart here; that is not the same as the reference"
    return f"{counts['alt']} of {total} reads show the variant" + (f", {counts['other']} something else" if counts["other"] else "")


def left_out(view: Data, min_mapping_quality: int) -> str:
    """Return which reads are not drawn, or drawn and not counted."""
    low, duplicates = view["excluded"]["low_mapping_quality"], view["excluded"]["duplicate"]
    parts = [
        f"Drawn: {view['shown']} of {view['of']} reads"
        + ("" if view["shown"] == view["of"] else ", chosen by a fixed rule; all are counted")
    ]
    parts += [f"below mapping quality {min_mapping_quality}, faint and not counted: {low}"] if low else []
    parts += [f"duplicates, left out: {duplicates}"] if duplicates else []
    return "; ".join(parts) + ". Two mates that overlap count twice. A read counts where it spans the whole of the variant."


def has_gap(exon: Data) -> bool:
    """Tell whether any member lacks depth somewhere in an exon."""
    return any(bases < exon["bases"] for bases in exon["callable"].values())


def exons_in_words(gene: Data, proband: str) -> str:
    """Return the exons that could not be judged whole in the proband: `2, 5 to 7 of 12`."""
    if not gene["exons"]:
        return "–"
    numbers = sorted({exon["number"] for exon in gene["exons"] if exon["callable"][proband] < exon["bases"]})
    total = gene["exons"][0]["of"]
    if not numbers:
        return "none"
    return f"{', '.join(_runs(numbers))} of {total}" if len(numbers) < total else f"all {total}"


def _runs(numbers: list[int]) -> list[str]:
    """Return ascending numbers with neighbours joined: 1, 2, 3, 5 → `1 to 3`, `5`."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def value(metric: Data) -> str:
    """Return a metric's value with its unit."""
    return _measured(metric["value"], metric["unit"])


def limit(metric: Data) -> str:
    """Return a metric's limit and its direction, which the sign of the margin tells."""
    given, margin_ = metric["limit"], metric["margin"]
    if given is None:
        return "none"
    if margin_ is None or isinstance(given, bool):
        return _measured(given, metric["unit"])
    at_least = abs((metric["value"] - given) - margin_) <= abs((given - metric["value"]) - margin_)
    return f"{'at least' if at_least else 'at most'} {_measured(given, metric['unit'])}"


def margin(metric: Data) -> str:
    """Return a metric's margin: above zero on the good side of its limit."""
    given = metric["margin"]
    return "–" if given is None else ("+" if given >= 0 else "−") + _measured(abs(given), metric["unit"])


def _measured(given: object, unit: str) -> str:
    if given is None:
        return "not measured"
    if isinstance(given, bool) or not isinstance(given, int | float):
        return {True: "yes", False: "no"}.get(given, str(given)) if isinstance(given, bool) else str(given)
    if unit == "fraction":
        return f"{100 * given:.3g} %"
    text = f"{given:,.0f}" if abs(given) >= 1000 else f"{given:.4g}"
    return f"{text} {unit}".rstrip()


FILTERS: dict[str, Callable[..., object]] = {
    one.__name__: one
    for one in (
        plain, number, percent, score, signed, largest, who, role_of, variant_name, variant_names, place, support, score_scale, score_bars,
        reads_in_words, left_out, has_gap, exons_in_words, value, limit, margin,
    )
}  # fmt: skip
