"""Keys and signatures of people and of the centre: Ed25519 (RFC 8032), PEM files as `openssl genpkey -algorithm ed25519` writes them.

A signature of FILE is FILE.sig: one line of base64. Signing needs the package `cryptography`; verifying needs Python alone.
"""

import base64
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.ed25519 import decode_base64, id_of, is_public_key, line_of, pem_of, read_public_key, verify
from workflow.errors import InputError
from workflow.files import atomic
from workflow.sheets import read_sheet

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Person", "id_of", "is_public_key", "line_of", "load_private_key", "load_public_key", "make_private_key", "pem_of",
    "public_bytes", "read_people", "read_signature", "sign", "sign_file", "signature_of", "signer_of", "verify",
]  # fmt: skip
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
LONGEST_KEY = 10_000  # bytes; a PEM of Ed25519 has 119
ANOTHER = "name a key as `python -m scripts.make_key KEY` or `openssl genpkey -algorithm ed25519 -out KEY` makes one"


@dataclass(frozen=True)
class Person:
    """Somebody who may sign: name, role, and the 32 bytes of the public key."""

    name: str
    role: str
    public_key: bytes


def load_private_key(path: str | Path) -> "Ed25519PrivateKey":
    """Return the private key in a PEM file.

    Raises:
        InputError: the file is missing, others than its owner have access to it, or it holds no Ed25519 key without a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read_private(Path(path))
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise InputError("the private key has a passphrase", file=path, remedy=ANOTHER) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("this is no private key in PEM", file=path, remedy=ANOTHER) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("the private key is not an Ed25519 key", file=path, remedy=ANOTHER)
    return key


def _read_private(path: Path) -> bytes:
    """Return the content of a key file that nobody but its owner has access to."""
    try:
        with open(path, "rb") as handle:
            status = os.fstat(handle.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_mode & OPEN_TO_OTHERS:
                what = f"others than its owner have access to the private key (mode {stat.S_IMODE(status.st_mode):04o})"
                raise InputError(what, file=path, remedy="take it away with `chmod 600`, and make a new key if others may have read it")
            return handle.read(LONGEST_KEY)
    except FileNotFoundError:
        raise InputError(
            "there is no such key", file=path, remedy="mend the path, or make a key with `python -m scripts.make_key`"
        ) from None
    except OSError as error:
        raise InputError(f"the private key cannot be read ({error.strerror})", file=path, remedy=ANOTHER) from None


def make_private_key(path: Path) -> bytes:
    """Write a new private key to a file of mode 600, in a folder of mode 700 if there is none yet; return the public key's 32 bytes.

    Raises:
        FileExistsError: there is a file already; a key is never written over.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.parent / f".part-{os.getpid()}-{path.name}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(handle, "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        os.link(part, path)  # fails where there is one, and never shows half of a key
    finally:
        part.unlink()
    return public_bytes(key)


def public_bytes(key: "Ed25519PrivateKey") -> bytes:
    """Return the 32 bytes of the public key that belongs to a private one."""
    return key.public_key().public_bytes_raw()


def load_public_key(path: str | Path) -> bytes:
    """Return the 32 bytes of the public key in a PEM file.

    Raises:
        InputError: the file is missing or holds no public Ed25519 key.
    """
    try:
        key = read_public_key(Path(path).read_bytes()[:LONGEST_KEY].decode(errors="replace"))
    except OSError as error:
        raise InputError(f"the public key cannot be read ({error.strerror})", file=path, remedy="mend the path") from None
    if key is None:
        raise InputError("this is no public Ed25519 key in PEM", file=path, remedy="name the file that was handed over as the public key")
    return key


def sign(content: bytes, key: "Ed25519PrivateKey") -> bytes:
    """Return the 64 bytes of the signature of some content."""
    return key.sign(content)


def signature_of(content: bytes, key: "Ed25519PrivateKey") -> str:
    """Return the signature of some content as the line of base64 that a `.sig` file holds."""
    return base64.b64encode(sign(content, key)).decode()


def sign_file(file: Path, key: "Ed25519PrivateKey") -> Path:
    """Write `FILE.sig` beside a file, and return it.

    Raises:
        InputError: the file is missing or cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=file, remedy="name the file to be signed") from None
    target = Path(f"{file}.sig")
    with atomic(target) as part:
        part.write_text(signature_of(content, key) + "\n", encoding="ascii")
    return target


def read_signature(file: Path) -> bytes:
    """Return the 64 bytes of the signature in a `.sig` file.

    Raises:
        InputError: the file is missing or holds no signature.
    """
    try:
        content = decode_base64(file.read_bytes()[:LONGEST_KEY])
    except OSError:
        raise InputError("there is no signature", file=file, remedy="sign with `python -m scripts.sign_decision FILE --key KEY`") from None
    if content is None or len(content) != 64:
        raise InputError("this is no signature", file=file, remedy="sign again with `python -m scripts.sign_decision FILE --key KEY`")
    return content


def signer_of(file: Path, people: dict[str, Person]) -> Person:
    """Return who signed a file, by its `.sig` and the public keys of people.

    Raises:
        InputError: it is not signed, changed after it was signed, or signed by nobody in `people`.
    """
    signature = read_signature(Path(f"{file}.sig"))
    content = file.read_bytes()
    for person in people.values():
        if verify(content, signature, person.public_key):
            return person
    what = "the signature is of nobody in `release.people`, or the file was changed after it was signed"
    raise InputError(what, file=file, remedy="let somebody of that table read and sign it again")


def read_people(path: Path) -> dict[str, Person]:
    """Return who may sign, by name: the rows of a table with the columns name, role and public_key.

    `public_key` is the line inside a public key's PEM, or the path of the PEM relative to the table.

    Raises:
        InputError: a row is not as it must be, a name or key is there twice, or a key is none.
    """
    people: dict[str, Person] = {}
    seen: dict[bytes, int] = {}
    for number, row in read_sheet(path, "people"):
        key = read_public_key(row["public_key"]) or _key_beside(path, row["public_key"])
        if key is None:
            what = "`public_key` is no public Ed25519 key and no file with one"
            raise InputError(what, file=path, row=number, remedy="give the line inside the public key's PEM, or the path of that file")
        if row["name"] in people:
            raise InputError(f"{row['name']} is there twice", file=path, row=number, remedy="keep one row a person")
        if seen.setdefault(key, number) != number:
            raise InputError(
                f"this is the key of row {seen[key]} too", file=path, row=number, remedy="let each person have a key of their own"
            )
        people[row["name"]] = Person(row["name"], row["role"], key)
    return people


def _key_beside(table: Path, name: str) -> bytes | None:
    """Return the key in a file that is named relative to a table, None if there is none."""
    try:
        return read_public_key((table.parent / name).read_bytes()[:LONGEST_KEY].decode(errors="replace"))
    except (OSError, ValueError):
        return None
