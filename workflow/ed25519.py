"""Ed25519 signatures verified with Python alone (RFC 8032, section 5.1.7), so that a release can be checked where nothing is installed.

Nothing secret is handled here: keys are made and used for signing by the package `cryptography` (`workflow/signing.py`). Points are in
extended homogeneous coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032, section 5.1.4).
"""

import base64
import binascii
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
KEY_BYTES, SIGNATURE_BYTES = 32, 64
SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of a public key in DER: SubjectPublicKeyInfo with the object identifier of Ed25519 (RFC 8410)."""
BEGIN, END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def verify(content: bytes, signature: bytes, public_key: bytes) -> bool:
    """Say whether a signature of 64 bytes is that of `content` by the key of 32 bytes; never raises.

    Stricter than the RFC must be: S has to be below the group's order (no second signature can be made of a first), points have to be
    in their only encoding, and a key of small order, under which one signature would fit any content, is no key.
    """
    if len(signature) != SIGNATURE_BYTES or not is_public_key(public_key):
        return False
    key = _decode(public_key)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER or _decode(signature[:32]) is None:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + content).digest(), "little") % ORDER
    found = _sum_of_products(scalar, BASE, challenge, _negative(key))
    return _encode(found) == signature[:32]


def is_public_key(public_key: bytes) -> bool:
    """Say whether 32 bytes encode a point of the curve whose order is not small."""
    point = _decode(public_key) if len(public_key) == KEY_BYTES else None
    return point is not None and not _is_neutral(_double(_double(_double(point))))


def read_public_key(text: str) -> bytes | None:
    """Return the 32 bytes of a public key in PEM, or of the one line of base64 inside a PEM; None if it is none."""
    lines = text.strip().splitlines()
    if len(lines) == 3 and (lines[0].strip(), lines[2].strip()) == (BEGIN, END):
        lines = lines[1:2]
    content = decode_base64(lines[0]) if len(lines) == 1 else None
    if content is None or len(content) != len(SPKI) + KEY_BYTES or not content.startswith(SPKI):
        return None
    key = content[len(SPKI) :]
    return key if is_public_key(key) else None


def line_of(public_key: bytes) -> str:
    """Return a public key as the line inside its PEM: base64 of its SubjectPublicKeyInfo, 60 characters."""
    return base64.b64encode(SPKI + public_key).decode()


def pem_of(public_key: bytes) -> str:
    """Return a public key in PEM."""
    return f"{BEGIN}\n{line_of(public_key)}\n{END}\n"


def id_of(public_key: bytes) -> str:
    """Return the short name of a key: 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def decode_base64(text: str | bytes) -> bytes | None:
    """Return the bytes of one line of base64 in its only spelling, None if it is none; white space around it does not count."""
    line = (text.encode(errors="replace") if isinstance(text, str) else text).strip()
    try:
        content = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content) == line else None


def _add(one: Point, other: Point) -> Point:
    """Return the sum of two points (RFC 8032, section 5.1.4); complete: it holds for equal and neutral ones too."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    return _add(point, point)


def _negative(point: Point) -> Point:
    return P - point[0], point[1], point[2], P - point[3]


def _is_neutral(point: Point) -> bool:
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


def _sum_of_products(first: int, point: Point, second: int, other: Point) -> Point:
    """Return first · point + second · other, both read bit by bit from the highest (Straus)."""
    table = (NEUTRAL, point, other, _add(point, other))
    total = NEUTRAL
    for bit in range(max(first.bit_length(), second.bit_length()) - 1, -1, -1):
        total = _double(total)
        if chosen := (first >> bit & 1) | (second >> bit & 1) << 1:
            total = _add(total, table[chosen])
    return total


def _encode(point: Point) -> bytes:
    """Return the 32 bytes of a point: y, little-endian, with the lowest bit of x on top (section 5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(KEY_BYTES, "little")


def _decode(content: bytes) -> Point | None:
    """Return the point that 32 bytes encode (section 5.1.3), None if they encode none or do so in a second way."""
    number = int.from_bytes(content, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = _decode(BASE_Y.to_bytes(KEY_BYTES, "little")) or NEUTRAL
"""The base point: y = 4/5, x even (section 5.1)."""
