"""The evidence of one variant put together: computed lines, people's lines and vetoes, points, class, conflicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.acmg_points import Line, Strength, class_of, conflicts, total, uncounted, without_doubles

SHEET = "evidence sheet"
Judgement = Mapping[str, Any]


def persons_line(one: Judgement) -> Line:
    """Return the line that a row of the evidence sheet stands for."""
    return Line(
        one["criterion"], Strength(one["strength"]), one["fact"], SHEET, one["date"], one["date"], one["author"], one["reference"]
    )  # fmt: skip


def join_lines(computed: Sequence[Line], judgements: Sequence[Judgement]) -> tuple[list[Line], list[dict[str, str]]]:
    """Return all lines, each shown and marked where it does not count, and the vetoes with what each one met.

    A person's line takes the place of the computed one of its criterion; of several people's the latest counts. A veto takes computed lines
    out, never a person's.
    """
    vetoes = [one for one in judgements if one["direction"] == "veto"]
    own = sorted((persons_line(one) for one in judgements if one["direction"] != "veto"), key=lambda line: line.date)
    latest = {line.criterion: line for line in own}
    told = [_latest_only(line, latest[line.criterion]) for line in own]
    lines = [_met(line, latest.get(line.criterion), vetoes) for line in computed]
    shown = [
        {
            "criterion": one["criterion"],
            "author": one["author"],
            "date": one["date"],
            "reason": one["fact"],
            "met": _what_met(one, computed),
        }
        for one in vetoes
    ]
    return without_doubles([*told, *lines]), shown


def _latest_only(line: Line, latest: Line) -> Line:
    return line if line is latest else uncounted(line, f"{latest.author} judged anew on {latest.date}")


def _met(line: Line, person: Line | None, vetoes: Sequence[Judgement]) -> Line:
    veto = next((one for one in vetoes if one["criterion"] == line.criterion), None)
    if veto:
        return uncounted(line, f"vetoed by {veto['author']} on {veto['date']}: {veto['fact']}")
    return uncounted(line, f"replaced by {person.author}'s judgement of {person.date}") if person else line


def _what_met(veto: Judgement, computed: Sequence[Line]) -> str:
    met = [line for line in computed if line.criterion == veto["criterion"]]
    if not met:
        return "nothing: the criterion was not computed for this variant"
    return f"{met[0].code}, {met[0].points:+d} points" if met[0].counts else f"{met[0].code}, which did not count"


def ledger(
    computed: Sequence[Line], judgements: Sequence[Judgement], missing: Mapping[str, str], clinvar: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return `{evidence_lines, acmg_points, class, conflicts, vetoes, criteria_not_evaluated}` of one variant as plain data."""
    lines, vetoes = join_lines(computed, judgements)
    points = total(lines)
    return {
        "evidence_lines": [line.as_record() for line in lines],
        "acmg_points": points,
        "class": class_of(points),
        "conflicts": [*conflicts(lines), *_against_clinvar(class_of(points), clinvar)],
        "vetoes": vetoes,
        "criteria_not_evaluated": dict(missing),
    }


def _against_clinvar(own: str, clinvar: Mapping[str, Any] | None) -> list[str]:
    """Return in words where ClinVar, which is shown and not counted, says something else, or contradicts itself."""
    if not clinvar or not clinvar["known"]:
        return []
    stars = "stars not told" if clinvar["stars"] is None else f"{clinvar['stars']} stars"
    told = f"ClinVar {clinvar['release']} says {clinvar['significance'] or 'nothing'} ({stars})"
    words = [f"ClinVar's submitters disagree: {', '.join(clinvar['conflicts'])}"] if clinvar["conflicts"] else []
    ours, theirs = _side(own), _side(clinvar["significance"])
    return [*words, f"{told}, the points say {own}"] if theirs and theirs != ours else words


def _side(words: str) -> str:
    text = words.lower()
    if "conflicting" in text:
        return ""
    return "pathogenic" if "pathogenic" in text else "benign" if "benign" in text else "uncertain" if "uncertain" in text else ""


def evidence_text(record: Mapping[str, Any]) -> str:
    """Return the counted lines in a cell: `PVS1 +8: an early stop, …; PM2_Supporting +1: not found`."""
    counted = [line for line in record["evidence_lines"] if line["points"]]
    by = "{code} {points:+d}: {fact}"
    return "; ".join(by.format_map(line) + (f" ({line['author']}, {line['date']})" if "author" in line else "") for line in counted)
