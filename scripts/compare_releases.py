"""What a change of version does to results: two finished results trees (or sealed versions) compared, each change with its cause.

    python -m scripts.compare_releases FROM TO [--output impact] [--limits FILE]

Writes `<output>/<from>_<to>/` with changes.tsv (every change), summary.json (totals, limits, what differs) and report.html. Exit status: 0
if all totals are within their limits, 3 if one is beyond, 2 for input that cannot be compared.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workflow.causes import UNEXPLAINED
from workflow.changes import COLUMNS, Change
from workflow.comparison import Comparison, described
from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.impact_limits import WITHIN, judge, read_limits, verdict_of
from workflow.impact_page import MOST_SHOWN, render_impact
from workflow.results_tree import check_comparable, read_tree
from workflow.signoff import CHANGES, REPORT, SUMMARY, read_signoff
from workflow.version_differences import differences

WITHIN_LIMITS, INPUT_ERROR, BEYOND_LIMITS = 0, 2, 3


def write_changes(comparison: Comparison, path: Path) -> dict[str, list[Change]]:
    """Write every change as it is found, and return the first ones of each kind."""
    shown: dict[str, list[Change]] = {}
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        for change in comparison.changes():
            writer.writerow(change.as_row())
            first = shown.setdefault(change.kind.value, [])
            if len(first) < MOST_SHOWN:
                first.append(change)
    return shown


def summarise(comparison: Comparison, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of summary.json for a comparison that was read to its end."""
    measures = [judge(measure, limits) for measure in comparison.measures()]
    alone = {difference.in_words(): difference for difference in comparison.found}
    counts = dict.fromkeys(alone, 0)
    for (_, cause), number in comparison.totals.items():
        if cause in counts:
            counts[cause] += number
    return {
        "schema": "genvej-impact/1",
        "from": described(comparison.before),
        "to": described(comparison.after),
        "differences": [{"name": one.name, "old": one.old, "new": one.new, "changes": counts[text]} for text, one in alone.items()],
        "compared": {"samples": comparison.samples, "cases": comparison.cases},
        "not_compared": comparison.alone(),
        "not_run_anew": {side: tree.older_files() for side, tree in (("from", comparison.before), ("to", comparison.after))},
        "counted": comparison.counted(),
        "changes": comparison.totals.total(),
        "totals": [{"kind": kind, "cause": cause, "changes": number} for (kind, cause), number in comparison.totals.most_common()],
        "limits": f"{limits['name']} of {limits['date']}",
        "measures": measures,
        "verdict": verdict_of(measures),
    }


def compare(before: Path, after: Path, output: Path, limits_file: Path | None) -> tuple[Path, dict[str, Any]]:
    """Compare two trees; return the folder of the report and its summary.

    Raises:
        InputError: the trees cannot be compared, or a report that somebody signed would be written over.
    """
    limits, trees = read_limits(limits_file), (read_tree(before), read_tree(after))
    check_comparable(*trees)
    comparison = Comparison(*trees, differences(*trees))
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{trees[0].id}_{trees[1].id}"
    with ExitStack() as stack:
        part = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=output, prefix=".part-")))
        shown = write_changes(comparison, part / CHANGES)
        summary = summarise(comparison, limits)
        (part / REPORT).write_text(render_impact(summary, shown), encoding="utf-8")
        summary["files"] = {name: sha256_of(part / name) for name in (REPORT, CHANGES)}
        write_json(part / SUMMARY, summary)
        _keep_signed(target, summary["files"][REPORT])
        target.mkdir(exist_ok=True)
        for name in (REPORT, CHANGES, SUMMARY):
            (part / name).replace(target / name)
    return target, summary


def _keep_signed(target: Path, digest: str) -> None:
    """Refuse to write over a report that somebody signed, unless it is the same."""
    signoff = target.with_name(f"{target.name}.json")
    if signoff.is_file() and (target / REPORT).is_file():
        signed = {one["report_sha256"] for one in read_signoff(signoff)["signatures"]}
        if sha256_of(target / REPORT) in signed - {digest}:
            what = "this report was signed, and the new one differs from it"
            raise InputError(
                what, file=target / REPORT, remedy="keep it and give another folder with `--output`, or move report and sign-off away"
            )


def told(target: Path, summary: Mapping[str, Any]) -> str:
    """Return a comparison in a few lines for the terminal."""
    lines = [f"{summary['from']['id']} → {summary['to']['id']}: {summary['changes']:,} changes" if summary["changes"] else "no change"]
    lines += [f"  differs: {one['name']} ({one['old']} → {one['new']})" for one in summary["differences"]]
    lines += [f"  {one['changes']:>8,}  {one['kind']}: {one['cause']}" for one in summary["totals"][:30]]
    lines += [f"  NOT RUN ANEW: {text}" for texts in summary["not_run_anew"].values() for text in texts]
    if any(one["cause"] == UNEXPLAINED for one in summary["totals"]):
        lines.append("  UNEXPLAINED changes: nothing that provenance knows differs upstream of them")
    lines += [
        f"  {one['verdict']}: {one['label']}: {one['value']} (limit {one['limit']})"
        for one in summary["measures"]
        if one["verdict"] != WITHIN
    ]
    sign = f"python -m scripts.sign_impact {target} --by NAME --verdict accepted|rejected"
    return "\n".join([*lines, f"  {summary['verdict']} limits; {target / REPORT}", f"  sign it: {sign}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, compare, say what was found; return the exit status."""
    parser = argparse.ArgumentParser(prog="compare_releases", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, metavar="FROM", help="results tree of the version before, or a sealed version of it")
    parser.add_argument("after", type=Path, metavar="TO", help="results tree of the new version")
    parser.add_argument("--output", type=Path, default=Path("impact"), help="folder of reports (default: impact)")
    parser.add_argument("--limits", type=Path, help="a laboratory's own limits (default: resources/impact/limits.yaml)")
    options = parser.parse_args(arguments)
    try:
        target, summary = compare(options.before, options.after, options.output, options.limits)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    print(told(target, summary))
    return WITHIN_LIMITS if summary["verdict"] == WITHIN else BEYOND_LIMITS


if __name__ == "__main__":
    sys.exit(main())
