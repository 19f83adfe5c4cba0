"""A finished results tree, or a sealed version of one, as a comparison of two reads it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow.change import id_in
from workflow.errors import InputError
from workflow.files import read_json

CASE_FILES = ("cases/{name}/{name}.vcf.gz", "cases/{name}/candidates.tsv", "cases/{name}/release.json", "cases/{name}/report.json")
SAMPLE_FILES = ("samples/{name}/release.json", "samples/{name}/fastq.json")


@dataclass(frozen=True)
class Tree:
    """A results tree: `run` is provenance/run.json; samples and cases are those of its manifest."""

    folder: Path
    run: Mapping[str, Any]
    samples: tuple[str, ...]
    cases: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return the id of the version of the workflow that made it."""
        return id_in(self.run)

    @property
    def identity(self) -> Mapping[str, Any] | None:
        """Return the parts of that version by name, None if the tree is older than they are."""
        found: Mapping[str, Any] | None = self.run.get("workflow")
        return found

    @cached_property
    def tools(self) -> dict[str, str]:
        """Return the versions that each tool answered, joined if environments differ; empty where nobody asked."""
        found: dict[str, set[str]] = {}
        file = self.folder / "provenance" / "tools.json"
        for one in read_json(file)["tools"] if file.is_file() else ():
            found.setdefault(one["name"], set()).add(one["version"] or "no answer")
        return {name: ", ".join(sorted(versions)) for name, versions in found.items()}

    def older_files(self) -> list[str]:
        """Return in words which tools are now of another version than the one that made files of samples, as their headers say.

        A changed pin makes nothing anew by itself, so that such files do not show what the new version does.
        """
        found: Counter[str] = Counter()
        for sample in self.samples:
            for name, made in self.release("sample", sample).get("versions", {}).items():
                now = self.tools.get(name, made)
                if not (now.startswith(made) or made.startswith(now)):
                    found[f"{name} {made} made the files, {name} {now} is in use"] += 1
        return [f"{text} ({count} of {len(self.samples)} samples)" for text, count in found.items()]

    def vcf(self, case: str) -> Path:
        """Return the annotated calls of a case."""
        return self.folder / f"cases/{case}/{case}.vcf.gz"

    def candidates(self, case: str) -> Path:
        """Return the ranked candidates of a case."""
        return self.folder / f"cases/{case}/candidates.tsv"

    def question(self, case: str) -> dict[str, Any]:
        """Return what was asked for a case: members and terms."""
        return dict(read_json(self.folder / f"cases/{case}/report.json")["question"])

    def release(self, kind: str, name: str) -> dict[str, Any]:
        """Return the release.json of a sample or case; `kind` is sample or case."""
        return dict(read_json(self.folder / f"{kind}s/{name}/release.json"))

    def reads(self, sample: str) -> list[str]:
        """Return the digests of a sample's read sets, lane by lane."""
        units = read_json(self.folder / f"samples/{sample}/fastq.json")["units"]
        return sorted(unit[mate]["reads_sha256"] for unit in units for mate in ("fastq_1", "fastq_2"))


def read_tree(folder: Path) -> Tree:
    """Return the results tree in a folder.

    Raises:
        InputError: the folder holds none, or the run in it has not ended.
    """
    run, manifest = folder / "provenance" / "run.json", folder / "release" / "manifest.json"
    sealed = folder / "manifest.json"
    if not folder.is_dir() or not any((folder / name).exists() for name in ("samples", "cases", "provenance")):
        raise InputError("this is no results tree of Genvej", file=folder, remedy="name the `results` folder of a finished run")
    live = manifest.is_file() and (folder / "release" / "completeness.json").is_file()
    if not run.is_file() or not (sealed.is_file() or live):
        raise InputError("the run in this folder has not ended", file=folder, remedy="run it to its end, or name a sealed version of it")
    files = _json(manifest if live else sealed)["files"]
    subjects = {kind: tuple(dict.fromkeys(one["subject"] for one in files if one["kind"] == kind)) for kind in ("sample", "case")}
    tree = Tree(folder, _json(run), subjects["sample"], subjects["case"])
    _check_files(tree)
    return tree


def _json(file: Path) -> Any:
    try:
        return read_json(file)
    except ValueError:
        raise InputError("this is no whole JSON", file=file, remedy="run the workflow again in that folder") from None


def _check_files(tree: Tree) -> None:
    """Refuse a tree of which a file that is compared is gone."""
    wanted = [one.format(name=name) for name in tree.cases for one in CASE_FILES]
    wanted += [one.format(name=name) for name in tree.samples for one in SAMPLE_FILES]
    for name in wanted:
        if not (tree.folder / name).is_file():
            raise InputError("this file of the manifest is gone", file=tree.folder / name, remedy="run the workflow again in that folder")


def check_comparable(before: Tree, after: Tree) -> None:
    """Refuse two trees that say nothing about each other.

    Raises:
        InputError: they are of different assemblies, or have no sample and no case in common.
    """
    assemblies = before.run["reference"]["name"], after.run["reference"]["name"]
    if assemblies[0] != assemblies[1]:
        what = f"{before.folder} is on {assemblies[0]} and {after.folder} on {assemblies[1]}"
        raise InputError(what, remedy="compare results on one assembly")
    if not set(before.samples) & set(after.samples):
        raise InputError(f"{before.folder} and {after.folder} have no sample in common", remedy="run both versions on the same samples")
