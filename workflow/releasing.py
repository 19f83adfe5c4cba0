"""A release is made: a sealed version, its lines in the log of decisions, the live manifest, in this order.

A run that is killed in between leaves no version, or one that the log does not name yet, or one without its live manifest. The next run
finishes each of them: nothing is sealed twice, and nothing that was sealed is lost.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.ed25519 import decode_base64, read_public_key, verify
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.release_events import Event, events_of, told
from workflow.release_key import Signer, signer_in_use
from workflow.release_log import FILE, LOST, Log, OpenLog, batch, opened
from workflow.run_record import now
from workflow.sealing import MANIFEST, SIGNATURE, Manifest, as_text, last_manifest, seal, versions, write_signed


def release(results: Path, manifest: Manifest) -> str:
    """Seal, log and list a manifest; return the number of the version that holds.

    Args:
        results: the results folder.
        manifest: what `scripts/seal_release.py` makes; `version`, `key` and `log` are added here.

    Raises:
        InputError: the key cannot be used, the log is broken, or a file has changed since it was checked.
    """
    folder = results / "release" / "versions"
    with opened(results / "release" / FILE) as log:
        signer = signer_in_use(results, log.log)
        _finish(folder, log, signer)
        content = {"key": signer.described(), "log": log.log.head} | manifest
        before = last_manifest(folder)
        number = seal(results, folder, content, signer)
        text = _text(folder / number, {"version": number} | content)
        digest = hashlib.sha256(text).hexdigest()
        if number not in log.log.told("sealed", "adopted"):
            _add(log, [*_opening(log.log, signer, folder, number), *events_of(folder / number, json.loads(text), before, digest)], signer)
        elif log.log.manifest != digest:
            _add(log, [*_opening(log.log, signer, folder, number), told("listed", number, digest, len(manifest["files"]))], signer)
        write_signed(results / "release", text, signer)
    return number


def unlogged(folder: Path, log: Log) -> Path | None:
    """Return the version that was sealed by a run which was killed before it could log it, None if there is none.

    Args:
        folder: the folder of the versions.
        log: the log of decisions.

    Raises:
        InputError: a version is gone, or one is not in the log and not because a run was interrupted.
    """
    sealed, known = versions(folder), log.told("sealed", "adopted")
    names = {version.name for version in sealed}
    if gone := next((name for name in known if name not in names), None):
        raise InputError("this sealed version, which the log speaks of, is gone", file=folder / gone, remedy=LOST)
    missing = [version for version in sealed if version.name not in known and (log.lines or (version / SIGNATURE).exists())]
    for version in missing:
        manifest = _manifest(version)
        if version != sealed[-1] or manifest.get("log") != log.head:
            raise InputError("the log does not speak of this sealed version: lines of the log are gone", file=version, remedy=LOST)
    return missing[0] if missing else None


def _manifest(version: Path) -> Manifest:
    try:
        return dict(read_json(version / MANIFEST))
    except (OSError, ValueError, TypeError):
        raise InputError("the manifest of a sealed version is gone or damaged", file=version / MANIFEST, remedy=LOST) from None


def _finish(folder: Path, log: OpenLog, signer: Signer) -> None:
    """Log a version that was sealed and not logged.

    Raises:
        InputError: it is not signed with a key that may sign here.
    """
    version = unlogged(folder, log.log)
    if version is None:
        return
    manifest = _manifest(version)
    key, named = manifest.get("key") or {}, log.log.key or {"key": signer.id, "demo": signer.demo}
    may_sign = key.get("key") in (named["key"], signer.id) or (key.get("demo") and named["demo"])
    if not may_sign or not is_signed(version, key):
        raise InputError("this sealed version is not in the log and not signed with a key that may sign here", file=version, remedy=LOST)
    earlier = [one for one in versions(folder) if one.name < version.name]
    before = _manifest(earlier[-1]) if earlier else None
    events = _opening(log.log, signer, folder, version.name, key)
    digest = sha256_of(version / MANIFEST)
    _add(log, [*events, *events_of(version, manifest, before, digest, by_a_later_run=True)], signer)
    version.chmod(0o555)


def is_signed(folder: Path, key: Mapping[str, Any]) -> bool:
    """Say whether the signature of the manifest in a folder is that of the key which it names."""
    public = read_public_key(str(key.get("public_key", "")))
    signature = decode_base64((folder / SIGNATURE).read_bytes()) or b""
    return public is not None and verify((folder / MANIFEST).read_bytes(), signature, public)


def _opening(log: Log, signer: Signer, folder: Path, number: str, sealed_with: Mapping[str, Any] | None = None) -> list[Event]:
    """Return the events that come before those of version `number`: keys new to the log, and versions older than any log.

    `sealed_with` is the key that the version was signed with, if it is not the one that signs the log now.
    """
    events: list[Event] = []
    current = log.key["key"] if log.key else None
    for key in (*([sealed_with] if sealed_with else []), signer.described()):
        if key["key"] != current:
            events.append({"event": "key", **key, "replaces": current})
            current = key["key"]
    if not log.lines:
        older = [version for version in versions(folder) if version.name < number or not (version / SIGNATURE).exists()]
        events += [{"event": "adopted", "version": one.name, "manifest_sha256": sha256_of(one / MANIFEST)} for one in older]
    return events


def _add(log: OpenLog, events: Sequence[Event], signer: Signer) -> None:
    log.add(batch(log.log.head, events, now(), signer.sign))


def _text(version: Path, manifest: Manifest) -> bytes:
    """Return the bytes of the live manifest: those of the sealed one, unless records of the run have changed since."""
    sealed, live = (version / MANIFEST).read_bytes(), as_text(manifest)
    return sealed if json.loads(sealed) | {"log": None} == json.loads(live) | {"log": None} else live
