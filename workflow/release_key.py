"""The key that the centre signs releases with: the configured one, or a demo key that proves no one's identity.

The main process looks at the configured key before the first job and leaves its place in the environment, where the local job that seals
finds it: as a param, another path of the same key would be a reason to seal again.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.digests import ROOT
from workflow.ed25519 import id_of, line_of
from workflow.errors import InputError
from workflow.release_log import FILE, Log, unbroken
from workflow.settings import Settings
from workflow.signing import load_private_key, make_private_key, public_bytes, signature_of

PLACE = "GENVEJ_RELEASE_KEY"  # in the environment: {"file": path or null, "replaces": id or null, "id": id or "demo"}
DEMO = "demo"
DEMO_WORDS = "signed with a demo key: proves no one's identity"
OUTSIDE = "keep private keys apart from what is delivered, shared or kept in git"


@dataclass(frozen=True)
class Signer:
    """A key that signs releases; `private` is an object of the package `cryptography`."""

    private: Any
    demo: bool

    @property
    def public(self) -> bytes:
        """Return the 32 bytes of the public key."""
        return public_bytes(self.private)

    @property
    def id(self) -> str:
        """Return the short name of the key."""
        return id_of(self.public)

    def sign(self, content: bytes) -> str:
        """Return the signature of some content, as a line of base64."""
        return signature_of(content, self.private)

    def described(self) -> dict[str, Any]:
        """Return what manifest and log say of the key."""
        note = {"note": DEMO_WORDS} if self.demo else {}
        return {"key": self.id, "public_key": line_of(self.public), "demo": self.demo, **note}


def check_key(settings: Settings) -> dict[str, Any]:
    """Look at the configured key before the first job, leave its place to the job that seals, and return what pages may say of it.

    Returns:
        `{id, demo, words}`: id of the key, or `demo`; whether it is a demo key; what that means in words.

    Raises:
        InputError: the key is missing, open to others, none, within the project or the results, or not the one that signed before; or the
            log of decisions is broken.
    """
    file, results = settings.release.key, settings.results
    log = unbroken(results / "release" / FILE)
    if file is None:
        check_succession(log, DEMO, demo=True, replaces=None, file=settings.file)
        found = DEMO
    else:
        for folder, what in ((ROOT, "Genvej's own folder"), (results, "the results folder")):
            if _inside(file, folder):
                raise InputError(f"the private key lies in {what}", file=file, remedy=OUTSIDE)
        found = id_of(public_bytes(load_private_key(file)))
        check_succession(log, found, demo=False, replaces=settings.release.key_replaces, file=file)
    place = {"file": str(file.absolute()) if file else None, "replaces": settings.release.key_replaces, "id": found}
    os.environ[PLACE] = json.dumps(place)
    words = DEMO_WORDS if file is None else f"signed with key {found}"
    return {"id": found, "demo": file is None, "words": words}


def _inside(file: Path, folder: Path) -> bool:
    """Say whether a file lies in a folder, by its name or by where links lead."""
    return file.resolve().is_relative_to(folder.resolve()) or Path(os.path.abspath(file)).is_relative_to(os.path.abspath(folder))


def check_succession(log: Log, key: str, *, demo: bool, replaces: str | None, file: str | Path) -> None:
    """Refuse a key that is not the one that signed before, unless that was a demo key or the replacement is stated.

    Raises:
        InputError: in one sentence with the id of the key that signed before.
    """
    before: Mapping[str, Any] | None = log.key
    if before is None or before["demo"] or before["key"] in (key, replaces):
        return
    if demo:
        what = f"`release.key` is not given, but earlier versions in this results folder were signed with key {before['key']}"
        raise InputError(what, file=file, remedy="name that key, or a new one with `release.key_replaces`")
    what = f"this is key {key}, but earlier versions in this results folder were signed with key {before['key']}"
    raise InputError(
        what, file=file, remedy=f"name that key, or state that it was replaced: `key_replaces: {before['key']}` beside `release.key`"
    )


def key_in_use() -> str:
    """Return the id of the configured key, or `demo`, as the main process found it; empty elsewhere."""
    return str(json.loads(os.environ.get(PLACE, "{}")).get("id", ""))


def signer_in_use(results: Path, log: Log) -> Signer:
    """Return the key that signs.

    Args:
        results: the results folder, in which no key may lie.
        log: the log of decisions as it stands.

    Raises:
        InputError: the key cannot be used.
    """
    place = json.loads(os.environ.get(PLACE, "{}"))
    file = place.get("file")
    signer = Signer(load_private_key(file), demo=False) if file else Signer(_demo_key(results), demo=True)
    check_succession(log, signer.id, demo=signer.demo, replaces=place.get("replaces"), file=file or "config")
    return signer


def _demo_key(results: Path) -> Any:
    """Return this user's demo key, made when it is first needed; where it cannot be kept, one of this run alone."""
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    file = Path(home) / "genvej" / "demo-key.pem"
    if not file.is_absolute() or any(_inside(file, folder) for folder in (ROOT, results)):
        return _passing_key()
    try:
        if not file.exists():
            make_private_key(file)
    except FileExistsError:
        pass  # another run was faster
    except OSError:
        return _passing_key()
    return load_private_key(file)


def _passing_key() -> Any:
    """Return a key that is kept nowhere."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()
