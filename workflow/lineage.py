"""What made each deliverable: rule, inputs and versions, out of the graph of jobs, written by the main process before they run.

`release/lineage.jsonl` is added to, a line a claim `{file, since, rule, through, inputs, versions}`: a job that was about to run then
would make the file. The newest claim that is not younger than the file is true of it, so that a run which ends before a job began tells
no lie.
"""

import contextlib
import functools
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from workflow.deliverables import EXPECTED
from workflow.files import read_json
from workflow.tools import read_pins

FILE = "release/lineage.jsonl"
BEFORE = "release/lineage.json"
"""Of earlier versions, `{file: [claims]}`; read and never written."""
MAIN_PROCESS = "written by the main process before the first job"
MOST = 50  # inputs of one file listed by name; of more, those of one rule are told by the pattern of their names
Claim = dict[str, Any]
Lineage = dict[str, list[Claim]]


class Names(Protocol):
    """What tells which files the manifest lists."""

    def place_of(self, path: str) -> str | None:
        """Return a path as the manifest names it, None for a file that it does not list."""


def write_lineage(dag: Any, results: Path, names: Names, versions: Mapping[str, str]) -> None:
    """Add to lineage.jsonl what the jobs of this run are about to make, and what made files that it does not know yet.

    Args:
        dag: Snakemake's graph of jobs.
        results: the results folder.
        names: what the manifest will list.
        versions: version by name of every tool in use, and of Genvej itself.
    """
    since = time.time()
    makers = {place: job for job in dag.jobs for output in job.output if (place := names.place_of(str(output)))}
    running = set(dag.needrun_jobs())
    graph = Graph(dag, names)
    known = {} if all(job in running for job in makers.values()) else read_lineage(results)
    claims = []
    for file, job in makers.items():
        if job in running or file not in known:
            made = versions_of(graph.environments(job), versions) if job in running else None
            claims.append({"file": file, "since": since, **graph.described(job), "versions": made})
    kept = results / FILE
    written = kept.stat().st_mtime if kept.is_file() else 0.0
    if (results / EXPECTED).is_file() and (results / EXPECTED).stat().st_mtime > written:
        made_then = {"rule": MAIN_PROCESS, "through": [], "inputs": [], "versions": versions_of([], versions)}
        claims.append({"file": EXPECTED, "since": (results / EXPECTED).stat().st_mtime, **made_then})
    if claims:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with open(kept, "a", encoding="utf-8") as handle:
            handle.write("\n" if _is_torn(kept) else "")
            handle.write("".join(f"{json.dumps(claim, ensure_ascii=False)}\n" for claim in claims))


def _is_torn(file: Path) -> bool:
    """Say whether the last line of a file has no end: a run was killed while it wrote."""
    with open(file, "rb") as handle:
        if not handle.seek(0, 2):
            return False
        handle.seek(-1, 2)
        return handle.read(1) != b"\n"


def read_lineage(results: Path) -> Lineage:
    """Return every claim by file, oldest first; a line that a killed run left torn is passed over."""
    found: Lineage = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        found = {file: list(claims) for file, claims in read_json(results / BEFORE).items()}
    with contextlib.suppress(OSError), open(results / FILE, encoding="utf-8", errors="replace") as handle:
        for line in handle:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                claim = dict(json.loads(line))
                found.setdefault(claim.pop("file"), []).append(claim)
    return found


def versions_of(environments: Iterable[str], versions: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of Genvej and of the tools that some environments hold."""
    tools = {name for name, tool in read_pins().items() if set(tool.envs) & set(environments)}
    return {name: version for name, version in versions.items() if name in tools or name not in read_pins()}


def describe(results: Path, entries: Sequence[Mapping[str, Any]], lineage: Lineage) -> list[dict[str, Any]]:
    """Return the entries of a manifest with `rule`, `through` (rules on the way whose files are not kept), `inputs` and `versions`.

    Versions of a file that was made before lineage was kept are those of its sample's or case's release.json, which come from the
    files' own headers; where neither knows them they are null.
    """
    found = []
    for entry in entries:
        claim = next(iter(_true_of(results / entry["file"], lineage.get(entry["file"], []))), {})
        versions = claim.get("versions") or _in_headers(results, entry)
        found.append({**entry, **{key: claim.get(key) for key in ("rule", "through", "inputs")}, "versions": versions})
    return found


def _true_of(file: Path, claims: Sequence[Claim]) -> list[Claim]:
    """Return the newest claim that is not younger than the file, in a list; the newest at all if each is (a clock may jump)."""
    if not claims or not file.exists():
        return list(claims[-1:])
    made = file.stat().st_mtime
    return [next((claim for claim in reversed(claims) if claim["since"] <= made), claims[-1])]


def _in_headers(results: Path, entry: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the versions in the release.json of an entry's sample or case."""
    file = results / f"{entry['kind']}s" / entry["subject"] / "release.json"
    return dict(read_json(file).get("versions", {})) if entry["kind"] != "run" and file.is_file() else None


class Graph:
    """Snakemake's jobs, asked for what stands behind a file that the manifest lists."""

    def __init__(self, dag: Any, names: Names) -> None:
        self.dag, self.place_of = dag, functools.cache(names.place_of)
        self._behind: dict[Any, tuple[dict[str, str], dict[str, None]]] = {}

    def described(self, job: Any) -> dict[str, Any]:
        """Return rule, rules on the way and inputs of a job: listed files as the manifest names them, others by their name alone."""
        inputs, through = self._gathered(job)
        names = list(inputs) if len(inputs) <= MOST else list(dict.fromkeys(inputs.values()))
        return {"rule": job.rule.name, "through": list(through), "inputs": sorted(names)}

    def environments(self, job: Any) -> set[str]:
        """Return the environments of a job and of those on the way to it."""
        names = {job.rule.name, *self._gathered(job)[1]}
        return {
            Path(str(one.rule.conda_env)).stem for one in (job, *self._on_the_way(job)) if one.rule.name in names and one.rule.conda_env
        }

    def _gathered(self, job: Any) -> tuple[dict[str, str], dict[str, None]]:
        """Return ({input: how it is told among many}, {rule on the way}) of a job."""
        if job not in self._behind:
            inputs: dict[str, str] = {}
            through: dict[str, None] = {}
            for file, maker in self._inputs(job):
                if place := self.place_of(file):
                    inputs[place] = _pattern(maker, place)
                elif maker is None:
                    inputs[Path(file).name] = Path(file).name
                else:
                    through[maker.rule.name] = None
                    more = self._gathered(maker)
                    inputs |= more[0]
                    through |= more[1]
            self._behind[job] = inputs, through
        return self._behind[job]

    def _inputs(self, job: Any) -> Iterator[tuple[str, Any]]:
        """Give (input, the job that makes it or None); made files that only have to be there first (`ancient`) are left out."""
        makers = {str(file): maker for maker, files in self.dag.dependencies[job].items() for file in files}
        for file in job.input:
            maker = makers.get(str(file))
            if maker is None or not getattr(file, "is_ancient", False):
                yield str(file), maker

    def _on_the_way(self, job: Any) -> Iterator[Any]:
        """Give the jobs between a job and the listed files and sources behind it."""
        waiting, seen = [job], set()
        while waiting:
            for file, maker in self._inputs(waiting.pop()):
                if maker is not None and not self.place_of(file) and maker not in seen:
                    seen.add(maker)
                    waiting.append(maker)
                    yield maker


def _pattern(maker: Any, told: str) -> str:
    """Return a listed file with the values of its maker's wildcards as their names: `samples/{sample}/release.json`."""
    words = told.split("/")
    for name, value in maker.wildcards_dict.items() if maker else ():
        words = [word.replace(value, f"{{{name}}}", 1) if value else word for word in words]
    return "/".join(words)
