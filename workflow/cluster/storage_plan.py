"""Cases for a node that shares no file system: the objects that they read, and as text what the Snakefile reads as it is parsed.

Sheets, config and phenopackets are read by each Snakemake before it knows any job, so that no rule can ask storage for them. They go into
a plan, an object a job. The node writes them into its scratch folder, puts the large files beside them, and runs the cases there. A job is
a case, or those whose samples the sheet says are of one person (`together`); it has the name of the first.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.cluster.shard_folder import write_shard
from workflow.cluster.shards import Shard
from workflow.cluster.storage_client import Bucket
from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.settings import Settings

IN = "in"
MANIFEST = "results/{case}/release/manifest.json"
BESIDE = (".fai", ".gzi", ".tbi", ".csi")
OWN = frozenset({"samples.tsv", "units.tsv", "config.yaml", "evidence.tsv", "consents.tsv"})
NOT_SHIPPED = frozenset({"key"})
"""Keys of the config whose files stay where they are: a private key does not travel."""


@dataclass(frozen=True)
class StagedJob:
    """Cases that run as one job: their texts by name, and the files that they read by their key below the prefix."""

    cases: tuple[str, ...]
    texts: dict[str, str]
    files: dict[str, Path]

    @property
    def name(self) -> str:
        """The first case, whose name the job and its results have."""
        return self.cases[0]

    def plan(self) -> str:
        """Return the plan as the node reads it; `files` tells a changed read file by its size."""
        sizes = {key: path.stat().st_size for key, path in sorted(self.files.items())}
        return json.dumps({"cases": self.cases, "texts": self.texts, "files": sizes}, indent=1, sort_keys=True)

    def plans(self) -> dict[str, str]:
        """Return what is stored below `plans/`, by name of a case: the plan, and for each further case where it is."""
        return {self.name: self.plan()} | {case: json.dumps({"with": self.name}) for case in self.cases[1:]}


def together(cases: Sequence[str], cohort: Cohort) -> list[tuple[str, ...]]:
    """Return the cases in jobs, each once, in the order given: those that share a declared person go together.

    Only samples of one run are compared at variants of their own; few sites of a panel alone cannot tell whether two are one person.
    """
    jobs = {case: [case] for case in cases}
    first: dict[str, str] = {}
    for case in cases:
        for person in sorted({one.person for one in cohort.cases[case].members if one.person}):
            host, own = jobs[first.setdefault(person, case)], jobs[case]
            if host is not own:
                host.extend(own)
                jobs.update(dict.fromkeys(own, host))
    places = {case: at for at, case in enumerate(cases)}
    return [tuple(sorted(job, key=places.__getitem__)) for case, job in jobs.items() if case == min(job, key=places.__getitem__)]


def stage(cases: Sequence[str], folder: Path, config: Mapping[str, Any], settings: Settings, cohort: Cohort) -> StagedJob:
    """Return cases as a node needs them.

    Args:
        cases: their names.
        folder: where its working directory is written for a look; nothing of it is shared.
        config: the content of the config.
        settings: the same, checked; paths relative to the present directory.
        cohort: what the sheets say.

    Raises:
        InputError: a file lies outside of the present directory, and so has no key; or a knowledge base is configured.
    """
    if settings.knowledge_base:
        what = "judgements of a knowledge base cannot be shown by runs on object storage"
        raise InputError(what, file=settings.file, remedy="leave `knowledge_base` out")
    write_shard(Shard(cases[0], tuple(cases)), folder, config, settings, cohort)
    texts = {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in _small(folder)}
    files: dict[str, Path] = {}
    own = yaml.safe_load(texts["config.yaml"])
    own.pop("truth", None)
    own.pop("impact", None)
    own.pop("frequency_store", None)
    own["identity"]["store"] = None
    texts["config.yaml"] = yaml.safe_dump(_moved(own, files), sort_keys=False, allow_unicode=True)
    for name in ("units.tsv", "samples.tsv"):
        texts[name] = "\n".join("\t".join(_cell(cell, files) for cell in line.split("\t")) for line in texts[name].split("\n"))
    return StagedJob(tuple(cases), texts, files)


def _small(folder: Path) -> Iterator[Path]:
    """Give the files of a working directory that are read as the Snakefile is."""
    for file in sorted(folder.rglob("*")):
        part = file.relative_to(folder).parts[0]
        if file.is_file() and (part in OWN or part in {"phenopackets", "decisions", "verdicts"}):
            yield file


def _moved(value: Any, files: dict[str, Path], name: str = "") -> Any:
    """Return a config whose absolute paths point into the node's folder, and note their files."""
    if isinstance(value, dict):
        return {key: _moved(one, files, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, files) for one in value]
    if name in NOT_SHIPPED or not isinstance(value, str) or not os.path.isabs(value):
        return value
    return _cell(value, files)


def _cell(value: str, files: dict[str, Path]) -> str:
    """Return a path as the node has it, if the value is one; note its file, or those in its folder, and the indexes beside."""
    if not os.path.isabs(value) or not os.path.exists(value):
        return value
    key = key_of(value)
    found = sorted(file for file in Path(value).rglob("*") if file.is_file()) if os.path.isdir(value) else [Path(value)]
    for file in [*found, *(Path(f"{value}{end}") for end in BESIDE if os.path.isfile(f"{value}{end}"))]:
        files[key_of(file)] = file
    return f"{IN}/{key}"


def key_of(path: str | Path) -> str:
    """Return the key of a file: its path below the present directory.

    Raises:
        InputError: it is not below.
    """
    key = os.path.relpath(path)
    if key.startswith(".."):
        raise InputError(
            f"{path} is outside of the working directory, so that it has no place in the storage", remedy="put it below, or link it there"
        )
    return key


def released(cases: Sequence[str], bucket: Bucket, there: Mapping[str, int]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return the jobs that have results in the store, {name: (its cases, its plan)}, of those that took one of these cases."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for case in cases:
        if f"plans/{case}.json" not in there:
            continue
        text = bucket.read(f"plans/{case}.json")
        name = json.loads(text).get("with", case)
        if MANIFEST.format(case=name) in there and name not in found:
            plan = text if name == case else bucket.read(f"plans/{name}.json")
            if case in (of := tuple(json.loads(plan)["cases"])):
                found[name] = of, plan
    return found


def refuse_changed(job: StagedJob, plan: str, bucket: Bucket) -> None:
    """Refuse to go on where results in the store were made from something else: they are released, and not written over.

    Raises:
        InputError: as said.
    """
    if job.plan() != plan:
        what = f"case `{job.name}` has a release below {bucket.url} that was made from other files or sheets"
        raise InputError(what, remedy="a released file is not written over: choose another prefix in `--storage`")
