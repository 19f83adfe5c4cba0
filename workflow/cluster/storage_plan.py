"""A case for a node that shares no file system: the objects that it reads, and as text what the Snakefile reads as it is parsed.

Sheets, config and phenopackets are read by each Snakemake before it knows any job, so that no rule can ask storage for them. They go into
a plan, an object a case. The node writes them into its scratch folder, puts the large files beside them, and runs the whole case there.
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
class StagedCase:
    """A case: its texts by name, and the files that it reads by their key below the prefix."""

    name: str
    texts: dict[str, str]
    files: dict[str, Path]

    def plan(self) -> str:
        """Return the plan as the node reads it; `files` tells a changed read file by its size."""
        sizes = {key: path.stat().st_size for key, path in sorted(self.files.items())}
        return json.dumps({"case": self.name, "texts": self.texts, "files": sizes}, indent=1, sort_keys=True)


def stage_case(case: str, folder: Path, config: Mapping[str, Any], settings: Settings, cohort: Cohort) -> StagedCase:
    """Return a case as a node needs it.

    Args:
        case: its name.
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
    write_shard(Shard(case, (case,)), folder, config, settings, cohort)
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
    return StagedCase(case, texts, files)


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


def still_to_run(staged: Sequence[StagedCase], bucket: Bucket, there: dict[str, int]) -> list[StagedCase]:
    """Return the cases without results in the store.

    Raises:
        InputError: a case has results there that were made from something else: they are released, and not written over.
    """
    waiting = []
    for case in staged:
        if MANIFEST.format(case=case.name) not in there:
            waiting.append(case)
        elif bucket.read(f"plans/{case.name}.json") != case.plan():
            what = f"case `{case.name}` has a release below {bucket.url} that was made from other files or sheets"
            raise InputError(what, remedy="a released file is not written over: choose another prefix in `--storage`")
    return waiting
