"""Calls of SLURM's commands, counted by scripts that stand in for them on PATH."""

from dataclasses import dataclass
from pathlib import Path

TOOLS = ("sbatch", "sacct", "squeue", "sinfo", "scontrol", "sacctmgr")
BEGIN, END = "begin", "end"
SCRIPT = """\
#!/bin/bash
echo "$EPOCHREALTIME {tool} begin" >> {log}
answer=$({real} "$@"); code=$?
[ -z "$answer" ] || echo "$answer"
echo "$EPOCHREALTIME {tool} end ${{answer%%[!0-9]*}}" >> {log}
exit $code
"""


@dataclass(frozen=True)
class Call:
    """The begin or end of a call: seconds since 1970, the command, and the number that it answered with, if it did."""

    when: float
    tool: str
    what: str
    number: str = ""


def stand_in(folder: Path, log: Path) -> None:
    """Write the scripts into a folder, which is to be first on PATH; they note calls in `log`."""
    folder.mkdir()
    for tool in TOOLS:
        script = folder / tool
        script.write_text(SCRIPT.format(tool=tool, log=log, real=f"/usr/bin/{tool}"))
        script.chmod(0o755)


def read_calls(log: Path) -> list[Call]:
    """Return the calls that were noted so far, by time."""
    lines = log.read_text().splitlines() if log.is_file() else []
    return sorted((Call(float(when), *words) for when, *words in map(str.split, lines)), key=lambda call: call.when)


def count(calls: list[Call], *tools: str) -> int:
    """Return how many calls of some commands began."""
    return sum(call.what == BEGIN and call.tool in tools for call in calls)


def submitted(calls: list[Call]) -> list[str]:
    """Return the numbers of the jobs that were submitted."""
    return [call.number for call in calls if call.tool == "sbatch" and call.what == END]


def seconds_of(calls: list[Call], tool: str) -> float:
    """Return the seconds from the first call's begin to the last one's end."""
    times = [call.when for call in calls if call.tool == tool]
    return times[-1] - times[0]
