"""What the log of decisions says of a version: events, made of a signed manifest and of the files that it lists."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.files import read_json
from workflow.sealing import Manifest

DECISION = "release decision"
Entry = Mapping[str, Any]
Event = dict[str, Any]


def events_of(folder: Path, manifest: Manifest, before: Manifest | None, digest: str, *, by_a_later_run: bool = False) -> list[Event]:
    """Return the events of a new version: decisions, waivers, and at last that it was sealed.

    A sample or case all of whose files are as they were in the version before has no new line: its last one stands.

    Args:
        folder: the sealed version.
        manifest: its manifest.
        before: the manifest of the version before, None for the first.
        digest: the SHA-256 of its manifest's bytes.
        by_a_later_run: the run that sealed it was interrupted before it could tell so.
    """
    anew = _changed(manifest, before)
    found: list[Event] = []
    for entry in manifest["files"]:
        if entry["deliverable"] == DECISION and (entry["kind"], entry["subject"]) in anew:
            found.append(_decision(folder, entry, manifest["version"]))
    earlier = waivers(before) if before else []
    found += [{"event": "waiver", "version": manifest["version"], **one} for one in waivers(manifest) if one not in earlier]
    gone = [one for one in _subjects(before or {"files": []}) if one not in _subjects(manifest)]
    found += [{"event": "left out", "version": manifest["version"], "kind": kind, "subject": subject} for kind, subject in gone]
    late = {"note": "sealed by a run that was interrupted; logged by the next one"} if by_a_later_run else {}
    return [*found, told("sealed", manifest["version"], digest, len(manifest["files"])) | late]


def told(event: str, version: str, digest: str, files: int) -> Event:
    """Return the event that a manifest was sealed, or written again (`listed`) since records of the run changed."""
    return {"event": event, "version": version, "manifest_sha256": digest, "files": files}


def waivers(manifest: Manifest) -> list[Event]:
    """Return the deliverables that a manifest names as waived."""
    return list(manifest.get("waived", ()))


def waived(received: Iterable[Entry]) -> list[Event]:
    """Return the waived cells of received deliverables, as a manifest lists them."""
    keys = ("kind", "subject", "deliverable", "file", "reason")
    return [{key: one[key] for key in keys} for one in received if one["status"] == "waived"]


def _decision(folder: Path, entry: Entry, version: str) -> Event:
    """Return the event of one decision; what a person decided otherwise comes along, with who signed it."""
    content = read_json(folder / entry["file"])
    signed = {key: content[key] for key in ("signed_by", "override") if content.get(key)}
    about = {"kind": entry["kind"], "subject": entry["subject"], "decision": content["decision"]}
    return {"event": "decision", "version": version, **about, **signed, "file": entry["file"], "sha256": entry["sha256"]}


def _subjects(manifest: Manifest) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one["kind"], one["subject"]) for one in manifest["files"] if one["kind"] != "run"))


def _changed(manifest: Manifest, before: Manifest | None) -> set[tuple[str, str]]:
    """Return (kind, subject) of all of which a file differs from the version before."""
    old = set(_lines(before)) if before else set()
    new = set(_lines(manifest))
    return {(kind, subject) for kind, subject, *_ in old ^ new}


def _lines(manifest: Manifest) -> Iterator[tuple[str, str, str, str]]:
    return ((one["kind"], one["subject"], one["file"], one["sha256"]) for one in manifest["files"] if one["kind"] != "run")
