"""Verification in plain Python: the RFC's vectors, the package `cryptography` as a second opinion, and what must never pass."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflow.ed25519 import ORDER, SPKI, P, id_of, is_public_key, line_of, pem_of, read_public_key, verify

# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = {
    "TEST 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}
ONE = (1).to_bytes(32, "little")
SMALL_ORDER = [
    ONE,
    (P - 1).to_bytes(32, "little"),
    bytes(32),
    bytes(31) + b"\x80",
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
]
"""All eight points of small order, in the encoding that RFC 8032 gives them."""


def key_of(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(random.Random(seed).randbytes(32))


def agreed(content: bytes, signature: bytes, public: bytes) -> bool:
    """Return what `cryptography` says."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("name", VECTORS)
def test_verify_vectors_of_the_rfc(name: str) -> None:
    secret, public, message, signature = map(bytes.fromhex, VECTORS[name])
    key = Ed25519PrivateKey.from_private_bytes(secret)
    assert key.public_key().public_bytes_raw() == public
    assert key.sign(message) == signature
    assert verify(message, signature, public)
    assert not verify(message + b"\0", signature, public)


def test_verify_says_what_cryptography_says_of_many_messages() -> None:
    dice = random.Random(8032)
    for number in range(150):
        key, content = key_of(number), dice.randbytes(dice.choice([0, 1, 31, 64, 1000]))
        public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(content))
        assert verify(content, bytes(signature), public)
        signature[dice.randrange(64)] ^= 1 << dice.randrange(8)
        assert verify(content, bytes(signature), public) is agreed(content, bytes(signature), public) is False


def test_verify_refuses_a_second_signature_made_of_a_first() -> None:
    public, signature = key_of(1).public_key().public_bytes_raw(), key_of(1).sign(b"release")
    scalar = int.from_bytes(signature[32:], "little")
    for more in range(1, 16):
        if (other := scalar + more * ORDER) < 1 << 256:
            assert not verify(b"release", signature[:32] + other.to_bytes(32, "little"), public)


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_verify_refuses_a_key_of_small_order_under_which_anything_would_be_signed(public: bytes) -> None:
    assert not is_public_key(public)
    assert not any(verify(str(number).encode(), ONE + bytes(32), public) for number in range(20))


@pytest.mark.parametrize(
    "content",
    [
        P.to_bytes(32, "little"),
        (P + 1).to_bytes(32, "little"),
        b"\xff" * 32,
        (2).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
        b"",
        b"\1" * 31,
        b"\1" * 33,
    ],
    ids=["y is p", "y is p + 1", "y above p", "not on the curve", "minus zero", "empty", "short", "long"],
)
def test_bytes_that_encode_no_point_are_neither_key_nor_signature(content: bytes) -> None:
    key = key_of(2)
    assert not is_public_key(content)
    assert not verify(b"x", key.sign(b"x"), content)
    assert not verify(b"x", content + key.sign(b"x")[32:], key.public_key().public_bytes_raw())


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_verify_refuses_a_signature_of_another_length(length: int) -> None:
    assert not verify(b"x", (key_of(3).sign(b"x") * 2)[:length], key_of(3).public_key().public_bytes_raw())


def test_public_key_comes_back_from_pem_and_from_its_line() -> None:
    public = key_of(4).public_key().public_bytes_raw()
    assert read_public_key(pem_of(public)) == read_public_key(line_of(public)) == read_public_key(f"{line_of(public)}\r\n") == public
    assert len(id_of(public)) == 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "MCowBQYDK2VwAyEA",
        "é" * 60,
        line_of(bytes(32)),
        line_of(b"\2" * 31),
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
        pem_of(key_of(5).public_key().public_bytes_raw()) * 2,
        line_of(key_of(5).public_key().public_bytes_raw())[:-1],
        line_of(key_of(5).public_key().public_bytes_raw()).replace(line_of(b"")[:4], "MCow\n", 1),
    ],
)
def test_read_public_key_refuses_everything_else(text: str) -> None:
    assert read_public_key(text) is None


def test_pem_is_what_other_programs_write() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = key_of(6).public_key()
    assert key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() == pem_of(key.public_bytes_raw())
    assert key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == SPKI + key.public_bytes_raw()
