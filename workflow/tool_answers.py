"""How the tools of each environment are asked for their versions inside it, and what their answers say."""

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from workflow.tools import read_pins


def questions(names: Collection[str]) -> dict[str, list[str]]:
    """Return `name command …` of every tool by the environment that holds it.

    An environment named after a tool is for that tool's sake: it is left alone (and never built) if the tool is not in use.
    """
    asked: dict[str, list[str]] = {}
    used = set(names)
    for name in names:
        for env in read_pins()[name].envs:
            if env in used or env not in read_pins():
                asked.setdefault(env, []).append(f"{name} {shlex.join(read_pins()[name].command)}")
    return asked


def read_answers(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (tool, PATH or conda, what it printed) of each answer; an answer begins with `## tool place`."""
    answers: list[tuple[str, str, list[str]]] = []
    for line in lines:
        if header := re.match(r"## (\S+) (PATH|conda)$", line):
            answers.append((header[1], header[2], []))
        elif answers:
            answers[-1][2].append(line)
    return [(name, place, "\n".join(printed)) for name, place, printed in answers]


def tool_records(answers: Sequence[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    """Return one record a tool and version: what is pinned, what answered, whether both agree, where it was found, for what it is used.

    Args:
        answers: (environment, tool, place, what it printed).
    """
    records: dict[tuple[str, str | None], dict[str, Any]] = {}
    for env, name, place, printed in answers:
        tool = read_pins()[name]
        version = tool.version_in(printed)
        fresh: dict[str, Any] = {
            "name": name,
            "version": version,
            "pinned": tool.version,
            "agrees": bool(version and tool.agrees(version)),
            "source": place,
            "environments": [],
            "purpose": tool.purpose,
            "licence": tool.licence,
        }
        records.setdefault((name, version), fresh)["environments"].append(env)
    return list(records.values())
