"""Sealed versions of a release: every deliverable's bytes kept for good under `release/versions/<n>/`.

Invariants:
- A version holds bytes that nobody writes to again. A file of at most COPIED bytes is copied; a larger one is hard-linked, and
  keeps its bytes because the workflow never writes into an existing file: Snakemake removes an output before its rule runs, and
  rules move a finished file into place. A file that is the same as in the version before is linked to that version.
- The manifest is signed, and the public key lies beside: each version can be handed over and checked by itself.
- Folders, copies and manifests are read-only. The mode of a linked large file is left alone: it is also the live file's, and
  Snakemake refuses to make an output anew that is write-protected.
- A version is written under another name and renamed when it is whole. There is a new one only if a hash differs from the last, or the
  last was not signed with this key.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.ed25519 import pem_of
from workflow.errors import InputError
from workflow.files import atomic, read_json, sync

if TYPE_CHECKING:
    from workflow.release_key import Signer

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.json.sig", "manifest.json.pub"
COPIED = 16 * 2**20  # bytes up to which a file is copied and not linked
Manifest = dict[str, Any]
Entry = Mapping[str, Any]


def versions(folder: Path) -> list[Path]:
    """Return the sealed versions in a folder, oldest first."""
    return sorted((path for path in folder.glob("[0-9]*") if path.name.isdigit()), key=lambda path: int(path.name))


def last_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of the newest version, None if there is none."""
    sealed = versions(folder)
    return dict(read_json(sealed[-1] / MANIFEST)) if sealed else None


def hashes(manifest: Manifest) -> dict[str, str]:
    """Return {file: SHA-256} of the deliverables of a manifest: what makes a version differ; records of a run do not."""
    return {entry["file"]: entry["sha256"] for entry in manifest["files"] if entry["kind"] != "run"}


def signed_with(manifest: Manifest) -> str | None:
    """Return the id of the key that a manifest was signed with, None for one that is older than signatures."""
    key = manifest.get("key")
    return str(key["key"]) if key else None


def seal(results: Path, folder: Path, manifest: Manifest, signer: "Signer") -> str:
    """Add a version if a deliverable or the key differs from the last one, and return the number of the version that holds.

    Args:
        results: the folder that the files of the manifest are relative to.
        folder: the folder of the versions.
        manifest: `files` with file, bytes and sha256 of each.
        signer: the key.

    Raises:
        InputError: a file is not as long as the manifest says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder)
    before = last_manifest(folder)
    if before and hashes(before) == hashes(manifest) and signed_with(before) == signer.id:
        return str(before["version"])
    number = f"{int(before['version'] if before else 0) + 1:04d}"
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
    known = {entry["sha256"]: folder / before["version"] / entry["file"] for entry in before["files"]} if before else {}
    for entry in manifest["files"]:
        _keep(results / entry["file"], part / entry["file"], entry, known.get(entry["sha256"]))
    write_signed(part, as_text({"version": number, **manifest}), signer)
    _protect(part)
    part.rename(folder / number).chmod(0o555)
    return number


def as_text(manifest: Manifest) -> bytes:
    """Return a manifest as it is written and signed."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_signed(folder: Path, manifest: bytes, signer: "Signer") -> None:
    """Write a manifest, its signature and the public key into a folder, the manifest last."""
    contents = {SIGNATURE: f"{signer.sign(manifest)}\n".encode(), KEY: pem_of(signer.public).encode(), MANIFEST: manifest}
    for name, content in contents.items():
        with atomic(folder / name) as part:
            part.write_bytes(content)
            sync(part)


def _keep(live: Path, kept: Path, entry: Entry, known: Path | None) -> None:
    """Put one file into a version: a link to the version before, a copy, or a link to the live file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    if known and known.is_file() and known.stat().st_size == entry["bytes"] and _link(known, kept):
        return
    if live.stat().st_size != entry["bytes"]:
        raise InputError("the file has changed since it was checked", file=live, remedy="run the same command again")
    if entry["bytes"] <= COPIED or not _link(live, kept):
        shutil.copy2(live, kept)
        kept.chmod(0o444)
    sync(kept)


def _link(source: Path, target: Path) -> bool:
    """Make a hard link; return False where the file system refuses."""
    with contextlib.suppress(OSError):
        os.link(source, target)
        return True
    return False


def _protect(part: Path) -> None:
    """Take away the right to write from a version's manifest, its signature and key, and the folders in it."""
    for name in (MANIFEST, SIGNATURE, KEY):
        (part / name).chmod(0o444)
    for folder, _, _ in os.walk(part, topdown=False):
        if Path(folder) != part:
            os.chmod(folder, 0o555)


def remove_unfinished(folder: Path) -> None:
    """Remove what an interrupted seal left."""
    for part in folder.glob(".part-*"):
        for inner, _, _ in os.walk(part):
            os.chmod(inner, 0o755)
        shutil.rmtree(part)


def entries(received: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the manifest's entries of received deliverables."""
    keys = ("file", "bytes", "sha256", "kind", "subject", "deliverable", "stage")
    return [{key: one[key] for key in keys} for one in received if one["status"] == "produced"]
