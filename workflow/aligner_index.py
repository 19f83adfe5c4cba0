"""minibwa's index by its lengths: the aligner notices neither a disk that fills up as it writes one, nor a truncated one as it reads it.

With a part missing it goes on, aligns what it can, and ends well. Both files say in their first bytes how long they must be (`bwt.c` and
`l2bit.c` of minibwa 0.1; little-endian): letters (.l2b) 64 bytes, then 8 a sequence, 16 a run of N or of lower case, 8 a word of bases, and
the names; words (.mbw) 48 bytes, then 8 a word of the transform, the number of its sampled places, and 8 each of them.
"""

import struct
from pathlib import Path

BLOCK, WORDS = 128, 4  # bases in a block of the transform, and its 8-byte words of bases; counts take as many, and as many again at the end
NONE_SAMPLED = 0xFFFFFFFF


def wrong_length(file: Path) -> str:
    """Return what is wrong with the length of an index in half a sentence, an empty string if nothing or if its version is unknown."""
    with open(file, "rb") as handle:
        head = handle.read(64)
    expected = {b"L2B\1": _of_letters, b"MBW\2": _of_words}.get(head[:4])
    if len(head) < 64:
        return "the index is truncated"
    if expected is None:
        return ""
    length, owed = file.stat().st_size, expected(head)
    return "" if length == owed else f"the index is {length:,} bytes long, and {owed:,} by its own account"


def _of_letters(head: bytes) -> int:
    sequences, _, unknown, masked, names, comments, words = struct.unpack_from("<7Q", head, 8)
    return int(64 + 8 * sequences + 16 * (unknown + masked) + 8 * words + names + comments)


def _of_words(head: bytes) -> int:
    sampling, _, _, _, _, bases = struct.unpack_from("<I5Q", head, 4)
    sampled = 0 if sampling == NONE_SAMPLED else (bases + (1 << sampling)) >> sampling
    blocks = -(-bases // BLOCK)
    return int(48 + 8 * WORDS * (2 * blocks + 1) + 8 + 8 * sampled)
