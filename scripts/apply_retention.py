"""List what the retention policy lets go, and with --apply remove it; each removal is written to `<results>/retention/log.jsonl`.

    python -m scripts.apply_retention --config WORK/config.yaml [--directory WORK] [--apply]

The whole list, with the reason for each file, is written to `<results>/retention/list.tsv`. Raw reads go only where the CRAM was proved to
hold every one of them; CRAM and FASTQ are read once more, byte by byte, just before.
"""

import csv
import sys
from collections.abc import Iterable, Sequence

from workflow.files import atomic
from workflow.jobs import run_command
from workflow.progress_view.recorder import earlier_facts
from workflow.progress_view.state import STATE
from workflow.retention.command import Run, alone, load_run, parser
from workflow.retention.peak_disk import beyond_bound
from workflow.retention.policy import load_policy
from workflow.retention.removal import Item, list_items, remove
from workflow.settings import Settings

SHOWN = 20  # files named on the terminal
COLUMNS = ("type", "sample", "file", "bytes", "goes", "why")


def write_list(items: Iterable[Item], settings: Settings) -> None:
    """Write `<results>/retention/list.tsv`."""
    with atomic(settings.results / "retention" / "list.tsv") as part, part.open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle, delimiter="\t", lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows((one.kind, one.sample, one.path, one.size, "yes" if one.goes else "no", one.why) for one in items)


def in_words(items: Sequence[Item]) -> str:
    """Return by type what goes and what is kept, why, and the first files that go."""
    lines = []
    for kind in dict.fromkeys(one.kind for one in items):
        of_kind = [one for one in items if one.kind == kind]
        going = [one for one in of_kind if one.goes]
        lines.append(f"{kind}: {_many(going)} of {_many(of_kind)} may go")
        reasons = dict.fromkeys(one.why for one in of_kind if not one.goes)
        lines += [f"  kept: {why} ({_many([one for one in of_kind if one.why == why])})" for why in reasons]
    named = [one for one in items if one.goes]
    lines += [f"  {one.path}" for one in named[:SHOWN]] + ([f"  … and {len(named) - SHOWN:,} more"] if len(named) > SHOWN else [])
    return "\n".join(lines or ["nothing is there that a policy could let go"])


def _many(items: Sequence[Item]) -> str:
    return f"{len(items):,} file{'' if len(items) == 1 else 's'} ({_bytes(sum(one.size for one in items))})"


def _bytes(number: int) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e8 else f"{number / 1e6:,.1f} MB"


def peaks_in_words(settings: Settings) -> str:
    """Return how much disk samples took at most while they were worked on, and which took more than a run asks for."""
    peaks = earlier_facts(settings.results / STATE)["disk"]
    if not peaks:
        return "most disk at once: no run has measured it here yet"
    most = max(peaks, key=lambda name: peaks[name])
    lines = [f"most disk at once: {_bytes(peaks[most])} ({most}), of {len(peaks):,} samples and cases"]
    lines += [
        f"  beyond the bound: {name} {_bytes(peak)}, of {_bytes(bound)}" for name, peak, bound in beyond_bound(settings.results, peaks)
    ]
    return "\n".join(lines)


def work(run: Run, apply: bool) -> None:
    """List, and remove where that is asked for."""
    policy = load_policy(run.settings)
    items = list_items(run.settings, run.cohort, policy)
    write_list(items, run.settings)
    print(f"policy `{policy.name}` ({policy.file})")
    print(in_words(items))
    print(peaks_in_words(run.settings))
    if apply:
        gone = remove(items, run.settings, policy, lambda words: print(f"genvej: {words}", file=sys.stderr))
        print(f"removed: {_many(gone)}; each is in {run.settings.results / 'retention' / 'log.jsonl'}")
    else:
        print("nothing was removed; APPLY=yes (--apply) removes what may go")


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    options = parser(__doc__, "apply_retention")
    options.add_argument("--apply", action="store_true", help="remove, and not only list")
    chosen = options.parse_args(arguments)
    run = load_run(chosen.config, chosen.directory)
    with alone():
        work(run, chosen.apply)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
