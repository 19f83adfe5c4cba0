"""One file over all receipts, so that sixty thousand small ones are not opened at each start.

`release/receipts/index.tsv` is a copy of what the receipts say and is made again from them wherever it is missing or in doubt: it is no
record. Lines are only added; the last one of a unit holds. A line: kind, name, and JSON `[size and date of the receipt, seal, parts,
inputs, layout, [size, date, …] of its files, [name, path, size, date, digest] of its sources]`. Parts and the names of files, which many
units share, stand once in lines of their own.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.files import atomic
from workflow.phenopackets import Known
from workflow.receipts.model import FOLDER, Kind, Receipt, Unit
from workflow.receipts.plain_digest import digest_of_value

FILE = f"{FOLDER}/index.tsv"
FORMAT = "genvej receipts 1 of"
"""The first line, with the assembly."""
SPARE = 2
"""The index is written anew once it has this many lines a unit."""
PARTS, LAYOUT, CHECKED = "parts", "layout", "checked"


@dataclass(slots=True)
class Entry:
    """What the index says of one receipt.

    Attributes:
        at: size and date (ns) of the receipt itself.
        parts: key of `Index.parts`; layout: key of `Index.layouts`.
        inputs: digest over what was given when it was found to be that of the receipt; empty before.
        stats: size and date (ns) of each file of the layout, one after the other.
        sources: [name, path, size, date (ns), digest] of each file of this unit alone.
    """

    at: tuple[int, int]
    seal: str
    parts: str
    inputs: str
    layout: str
    stats: list[int]
    sources: list[list[Any]]

    def as_line(self, unit: Unit) -> str:
        """Return the line of a unit."""
        content = [list(self.at), self.seal, self.parts, self.inputs, self.layout, self.stats, self.sources]
        return f"{unit.kind}\t{unit.name}\t{json.dumps(content, separators=(',', ':'))}\n"


@dataclass
class Index:
    """The index in memory: where each unit's last line begins; lines are parsed when they are asked for.

    `layouts` are the names of files with `{name}` for the unit's, and for each the SHA-256 is in the receipt only.
    """

    file: Path
    assembly: str
    parts: dict[str, Any] = field(default_factory=dict)
    layouts: dict[str, list[str]] = field(default_factory=dict)
    lines: int = 0
    checks: str = ""
    _places: dict[str, dict[str, int]] = field(default_factory=lambda: {kind.value: {} for kind in Kind})
    _added: list[str] = field(default_factory=list)

    def entries(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Entry | None]]:
        """Give each unit with its entry as the file has it, None where there is none; units in the order of the file are quickest."""
        with open(self.file, "rb") if self.file.is_file() else contextlib.nullcontext() as handle:
            for unit in units:
                if handle is not None and (place := self._places[unit.kind].get(unit.name)):
                    handle.seek(place)
                    yield unit, _entry(handle.readline().split(b"\t", 2)[2])
                else:
                    yield unit, None

    def put(self, unit: Unit, entry: Entry) -> None:
        """Take in the entry of a unit, for the next run."""
        self._added.append(entry.as_line(unit))

    def entry_of(self, receipt: Receipt, at: tuple[int, int]) -> Entry:
        """Return the entry of a receipt; its parts and layout are taken in."""
        name = receipt.unit.name
        layout = [output.file.replace(name, "{name}") for output in receipt.outputs]
        if any(one.replace("{name}", name) != output.file for one, output in zip(layout, receipt.outputs, strict=True)):
            layout = [output.file for output in receipt.outputs]
        stats = [number for output in receipt.outputs for number in (output.size, output.mtime_ns)]
        parts = self._shared(PARTS, self.parts, receipt.parts)
        sources = [[one.name, one.file, one.size, one.mtime_ns, one.digest] for one in receipt.sources]
        return Entry(at, receipt.seal, parts, "", self._shared(LAYOUT, self.layouts, layout), stats, sources)

    def checked_under(self, checks: str) -> None:
        """Note what phenopackets are checked against in this run."""
        if self.checks != checks:
            self.checks = checks
            self._added.append(f"{CHECKED}\t{checks}\t[]\n")

    def _shared(self, kind: str, known: dict[str, Any], content: Any) -> str:
        """Return the key of something that many units share, and write it down where it is new."""
        key = digest_of_value(content)
        if key not in known:
            known[key] = content
            self._added.append(f"{kind}\t{key}\t{json.dumps(content, separators=(',', ':'))}\n")
        return key

    def save(self, units: int) -> None:
        """Add what is new to the file, or write the file anew where it is missing or has become long; without access, nothing."""
        if not self._added or not self.file.parent.is_dir():
            return
        with contextlib.suppress(OSError):
            if self.file.is_file() and self.lines < SPARE * units + 1000:
                with open(self.file, "a", encoding="utf-8") as handle:
                    handle.write("".join(self._added))
            else:
                self._write_anew()
        self._added.clear()

    def _write_anew(self) -> None:
        old = {key: entry for key, entry in self._everything()}
        with atomic(self.file) as part, open(part, "w", encoding="utf-8") as handle:
            handle.write(f"{FORMAT} {self.assembly}\n")
            for kind, known in ((PARTS, self.parts), (LAYOUT, self.layouts)):
                handle.writelines(f"{kind}\t{key}\t{json.dumps(content, separators=(',', ':'))}\n" for key, content in known.items())
            handle.write(f"{CHECKED}\t{self.checks}\t[]\n")
            handle.writelines(old.values())

    def _everything(self) -> Iterator[tuple[tuple[str, str], str]]:
        if self.file.is_file():
            with open(self.file, encoding="utf-8") as handle:
                for place in sorted(place for places in self._places.values() for place in places.values()):
                    handle.seek(place)
                    line = handle.readline()
                    yield tuple(line.split("\t", 2)[:2]), line  # type: ignore[misc]
        for line in self._added:
            if not line.startswith((PARTS, LAYOUT, CHECKED)):
                yield tuple(line.split("\t", 2)[:2]), line  # type: ignore[misc]


def read_index(results: Path, assembly: str) -> Index:
    """Return the index of a results folder, empty where there is none, or it is torn, damaged or of another assembly."""
    index = Index(results / FILE, assembly)
    try:
        with open(index.file, "rb") as handle:
            if handle.readline().decode(errors="replace").strip() != f"{FORMAT} {assembly}":
                return _without(index)
            place = handle.tell()
            for line in handle:
                if line.endswith(b"]\n") or line.endswith(b"}\n"):
                    _take(index, line, place)
                place += len(line)
            if not line.endswith(b"\n"):
                return _without(index)
    except (OSError, ValueError, KeyError, UnboundLocalError):
        return _without(index)
    return index


def known_questions(results: Path, assembly: str, checks: str) -> dict[str, Known]:
    """Return the phenopackets that earlier runs checked, by path, out of the index alone; none if it was against other knowledge.

    Args:
        results: the results folder.
        assembly: name of the reference in use.
        checks: a digest of all that phenopackets are checked against.
    """
    found: dict[str, Known] = {}
    with contextlib.suppress(OSError, ValueError, TypeError), open(results / FILE, "rb") as handle:
        if handle.readline().decode().strip() != f"{FORMAT} {assembly}":
            return {}
        under = ""
        for line in handle:
            if line.startswith(b"case\t"):
                found |= _known_of(_entry(line.split(b"\t", 2)[2]))
            elif line.startswith(CHECKED.encode()):
                under = line.split(b"\t")[1].decode()
        return found if under == checks else {}
    return {}


def _known_of(entry: Entry) -> dict[str, Known]:
    return {
        path: Known(name.partition(" ")[2], size, date, not digest.startswith("0 "))
        for name, path, size, date, digest in entry.sources
        if size is not None
    }


def _without(index: Index) -> Index:
    """Return an empty index in place of one that is torn or damaged; the file is removed, to be made again."""
    with contextlib.suppress(OSError):
        index.file.unlink(missing_ok=True)
    return Index(index.file, index.assembly)


def _take(index: Index, line: bytes, place: int) -> None:
    kind, _, rest = line.partition(b"\t")
    name, _, content = rest.partition(b"\t")
    index.lines += 1
    if kind == b"parts":
        index.parts[name.decode()] = json.loads(content)
    elif kind == b"layout":
        index.layouts[name.decode()] = json.loads(content)
    elif kind == b"checked":
        index.checks = name.decode()
    else:
        index._places[kind.decode()][name.decode()] = place


def _entry(content: bytes) -> Entry:
    at, seal, parts, inputs, layout, stats, sources = json.loads(content)
    return Entry((at[0], at[1]), seal, parts, inputs, layout, stats, sources)
