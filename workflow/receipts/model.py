"""What a receipt holds, how it is read back, and how a unit of the cohort is judged by it."""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.errors import InputError

FORMAT = 2
"""Of the receipts that this version writes and reads; 1 had neither parts nor a seal, and is written anew."""
FOLDER = "release/receipts"
COHORT_NAME = "cohort"
COHORT_RECEIPT = f"{FOLDER}/{COHORT_NAME}.json"
ANEW = "delete the receipt and run the same command again: the sample or case is checked and its receipt written anew"
Parts = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""{stage: {code, tools, parameters or knowledge: {name: digest or value}}}."""


class Kind(enum.StrEnum):
    """What a receipt can be about."""

    SAMPLE = "sample"
    CASE = "case"
    COHORT = "cohort"


_FOLDERS = {Kind.SAMPLE: "samples/", Kind.CASE: "cases/", Kind.COHORT: ""}


class State(enum.StrEnum):
    """What is to be done about a unit: nothing, what is out of date, everything, or nothing before a person has looked."""

    DONE = "done"
    STALE = "stale"
    NEW = "new"
    DAMAGED = "damaged"


@dataclass(frozen=True, order=True)
class Unit:
    """A sample, a case, or the cohort as a whole: what leaves a receipt of its own."""

    kind: Kind
    name: str

    @property
    def file(self) -> str:
        """The receipt, relative to the results folder."""
        return f"{FOLDER}/{_FOLDERS[self.kind]}{self.name}.json"


@dataclass(frozen=True)
class Output:
    """A file as it was when it was checked: relative to the results folder; bytes; date in nanoseconds since 1970."""

    file: str
    size: int
    mtime_ns: int
    sha256: str
    stage: str = ""


@dataclass(frozen=True)
class Source:
    """A file of this unit alone that people gave: reads or a phenopacket.

    Attributes:
        name: `reads LANE 1`, `phenopacket SAMPLE`.
        size, mtime_ns: as it was when it was read; None where it was gone by then.
        digest: SHA-256 of reads; of a phenopacket, of what it asks.
    """

    name: str
    file: str
    size: int | None
    mtime_ns: int | None
    digest: str


@dataclass(frozen=True)
class Cost:
    """What a stage took, out of its jobs' benchmark files: CPU and wall seconds summed, peak memory in MB (10^6 bytes) of the largest."""

    cpu_s: float
    wall_s: float
    max_rss_mb: float
    jobs: int


@dataclass(frozen=True)
class Receipt:
    """A finished unit.

    Attributes:
        assembly: name of the reference.
        inputs: {logical name: digest} of what the config and the sheets say of this unit alone; of the cohort, `receipts`: over all seals.
        sources: its files of reads or its phenopackets.
        parts: what its stages were made by.
        outputs: its deliverables.
        cost: by stage.
        files: every cell of the grid as `scripts/check_deliverables.py` found it, those that are waived or not applicable too.
        seal: SHA-256 over all of the above.
    """

    unit: Unit
    assembly: str
    inputs: Mapping[str, str]
    parts: Parts
    outputs: tuple[Output, ...]
    sources: tuple[Source, ...] = ()
    cost: Mapping[str, Cost] = field(default_factory=dict)
    files: tuple[Mapping[str, Any], ...] = ()
    seal: str = ""
    format: int = FORMAT


@dataclass(frozen=True)
class Reason:
    """Why a unit is not done.

    Attributes:
        part: code, tools, parameters, knowledge, inputs, upstream (another unit's files come anew), files (one is gone), or receipt.
        stage: the stage that is out of date; empty for all of them.
        words: what a person reads, without the unit's name, so that equal reasons of many units are told once.
        items: names of what changed: rules and scripts, tools, keys of the config, knowledge sources, logical inputs.
    """

    part: str
    stage: str
    words: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What is to be done about a unit and why; `stages` are those out of date, later ones that follow from them included."""

    state: State
    reasons: tuple[Reason, ...] = ()
    stages: frozenset[str] = frozenset()


def seal_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a receipt's content without its seal, whatever the order of its keys."""
    rest = {key: value for key, value in content.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load(path: str | Path, assembly: str | None = None) -> Receipt:
    """Return the receipt in a file.

    Args:
        path: the file.
        assembly: the name of the reference in use; None = not compared.

    Raises:
        InputError: it is no receipt, was changed by hand, is of a newer version of Genvej, or of another assembly.
    """
    content = _content(Path(path))
    number = content.get("format")
    if isinstance(number, int) and number > FORMAT:
        what = f"this receipt is of a newer version of Genvej (format {number}; this version reads up to {FORMAT})"
        raise InputError(what, file=path, remedy="go on with that version, or use another results folder")
    if number != FORMAT or content.get("seal") != seal_of(content):
        raise InputError("this receipt is not as it was written: it was changed by hand, or is damaged", file=path, remedy=ANEW)
    if assembly and content["assembly"] != assembly:
        what = f"this receipt is of {content['assembly']}, and the config names {assembly}"
        raise InputError(what, file=path, remedy="name the reference of these results, or another folder in `results`")
    return _receipt(content)


def is_of_format_1(path: Path) -> bool:
    """Say whether a file is a receipt of a version before seals: a list of files and nothing else."""
    return set(_content(path)) == {"files"}


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"this receipt cannot be read ({error.strerror})", file=path, remedy=ANEW) from None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InputError("this is no receipt: it was changed by hand, or is damaged", file=path, remedy=ANEW)
    return content


def _receipt(content: Mapping[str, Any]) -> Receipt:
    unit = Unit(Kind(content["unit"]["kind"]), content["unit"]["name"])
    outputs = tuple(
        Output(one["file"], one["bytes"], one["mtime_ns"], one["sha256"], one["stage"])
        for one in content["files"]
        if one["status"] == "produced"
    )
    cost = {stage: Cost(**one) for stage, one in content["cost"].items()}
    sources = tuple(Source(one["name"], one["file"], one["bytes"], one["mtime_ns"], one["digest"]) for one in content["sources"])
    inputs, parts, files = content["inputs"], content["parts"], tuple(content["files"])
    return Receipt(unit, content["assembly"], inputs, parts, outputs, sources, cost, files, content["seal"], content["format"])
