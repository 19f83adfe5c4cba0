"""The retention policy: what may go, by type of file; and what may never go, whatever a policy says."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from workflow.config_check import check_schema
from workflow.deliverables import AFTERWARDS, CASE, COUNTS, EXPECTED, RUN, SAMPLE, SIGNED
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.schema import schema, with_defaults
from workflow.settings import Settings

SHIPPED = ROOT / "resources" / "retention" / "policy.yaml"
RECORDS: Mapping[str, str] = {
    "release/": "released versions and what was decided",
    "retention/": "the proofs and the log of removals",
    "provenance/": "how results came about",
    "cohort/": "the centre's store",
    "intake/": "what is known of the raw reads",
    "reads/": "measures of the raw reads, which the quality page of every later run reads",
    "alignment/": "measures of the alignments, which every later run reads",
    "coverage/": "measures of the alignments, which every later run reads",
    "identity/": "fingerprints, which every later run reads",
    "progress/": "the state of the run",
}
"""Folders of records below the results folder, and why they are kept: removed, they would be made anew for every sample."""
ANY = "*"


@dataclass(frozen=True)
class Kind:
    """A type of working file: its patterns, whether its files go, and after how many days."""

    name: str
    patterns: tuple[str, ...]
    removed: bool
    days: int


@dataclass(frozen=True)
class Policy:
    """What may go; `removes_reads` after `days` days of a proof."""

    name: str
    file: str
    removes_reads: bool
    days: int
    kinds: tuple[Kind, ...]


def load_policy(settings: Settings) -> Policy:
    """Return the policy of a config, the shipped one where none is named.

    Raises:
        InputError: it cannot be read, is not as its schema asks, or would remove what must be kept.
    """
    path = settings.retention or SHIPPED
    content = with_defaults(_read(path), schema("retention"))
    check_schema("retention", content, str(path))
    kinds = tuple(Kind(one["type"], tuple(one["files"]), one["action"] == "remove", one.get("days", 90)) for one in content["files"])
    for kind in kinds:
        _check_kind(kind, settings, path)
    reads = content["raw_reads"]
    removes = reads["action"] == "remove_after_proof"
    return Policy(content["name"], str(path), removes, reads["days_after_proof"], kinds)


def _read(path: Path) -> Any:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the policy cannot be read ({error.strerror})", file=path, remedy="check `retention.policy`") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError("this is no YAML", file=path, remedy="begin with a copy of resources/retention/policy.yaml") from None
    if not isinstance(content, dict):
        raise InputError("this is no policy", file=path, remedy="begin with a copy of resources/retention/policy.yaml")
    return {key: value.isoformat() if key == "date" and not isinstance(value, str) else value for key, value in content.items()}


def _check_kind(kind: Kind, settings: Settings, path: Path) -> None:
    """Refuse patterns that lead out of the results folder, or by which a deliverable or a record could go."""
    for pattern in kind.patterns:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            what = f"`{kind.name}` has the pattern {pattern}, which leads out of the results folder"
            raise InputError(what, file=path, remedy="give it relative to `results`")
        if kind.removed and (kept := next(_kept_by(pattern, settings), None)):
            file, why = kept
            what = f"`{kind.name}` ({pattern}) would remove {file}: {why}"
            raise InputError(what, file=path, remedy="take the pattern out or make it narrower; deliverables and records are never removed")


def _kept_by(pattern: str, settings: Settings) -> Iterator[tuple[str, str]]:
    """Give (files, why they are kept) of the deliverables and records that a pattern could take."""
    for kept, why in (*deliverables(), *_records(settings)):
        if overlap(pattern, kept) or overlap(pattern.replace("**/", ""), kept):
            yield kept.replace(ANY, "NAME"), why


def deliverables() -> list[tuple[str, str]]:
    """Return (pattern, why it is kept) of each deliverable of any sample and case, and of the records of a release."""
    owed = [(one.path.format(name=ANY), f"`{one.name}` is a deliverable") for one in (*SAMPLE, *CASE)]
    return owed + [(file, "it is a record of the release") for file in (*RUN, *SIGNED, *AFTERWARDS, COUNTS, EXPECTED)]


def _records(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give (pattern, why) of each folder of records; the store may lie below the results folder under any name."""
    yield from ((f"{folder}{ANY}", f"it holds {why}") for folder, why in RECORDS.items())
    if settings.identity.store.is_relative_to(settings.results):
        yield f"{settings.identity.store.relative_to(settings.results)}/{ANY}", f"it holds {RECORDS['cohort/']}"


def is_record(file: str) -> bool:
    """Return whether a file (relative to the results folder) is of a folder of records, or of the deliverables of samples and cases."""
    return file.startswith((*RECORDS, "samples/", "cases/"))


@functools.cache
def overlap(one: str, other: str) -> bool:
    """Return whether some file fits both patterns; a `*` is any letters, slashes too, so that the answer is rather yes than no."""
    one, other = (re.sub(r"\?|\[.*?\]|\*+", ANY, text) for text in (one, other))
    if not one or not other:
        return not (one + other).strip(ANY)
    for first, second in ((one, other), (other, one)):
        if first[0] == ANY:
            return overlap(first[1:], second) or overlap(first, second[1:])
    return one[0] == other[0] and overlap(one[1:], other[1:])
