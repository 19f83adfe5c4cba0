"""Variants as numbers, so that millions are sorted and compared at once: an allele in 44 bits, a variant of a window in 64.

An allele of up to 17 bases together is packed and can be unpacked; a longer one is a hash of 43 bits beside a flag, as VariantKey does
(Asuni and Wilder, bioRxiv 473744, 2018), and its letters are kept beside it. Two long alleles with one hash at one place are refused when
they meet (`segments.py`), never mixed.
"""

import functools
import hashlib

import numpy as np
from numpy.typing import NDArray

WINDOW_BITS = 20
WINDOW = 1 << WINDOW_BITS
"""Bases of a window: the unit in which segments are written and read."""
CODE_BITS = 64 - WINDOW_BITS
LONG = 1 << (CODE_BITS - 1)
"""Flag of an allele that is a hash."""
BASES = "ACGT"
PACKED_BASES = 17
Keys = NDArray[np.uint64]


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Return an allele in its shortest form, first what is alike at the end, then at the beginning; at least one base each is kept.

    This is the form of a left-aligned call after `bcftools norm`; calls are expected left-aligned, as callers write them.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    cut = 0
    while len(ref) - cut > 1 and len(alt) - cut > 1 and ref[cut] == alt[cut]:
        cut += 1
    return pos + cut, ref[cut:], alt[cut:]


@functools.lru_cache(maxsize=200_000)
def code_of_allele(ref: str, alt: str) -> int:
    """Return an allele as a number of 44 bits."""
    letters = ref + alt
    if len(letters) > PACKED_BASES or max(len(ref), len(alt)) > 15 or set(letters) - set(BASES):
        digest = hashlib.blake2b(f"{ref}>{alt}".encode(), digest_size=8).digest()
        return LONG | (int.from_bytes(digest, "little") & (LONG - 1))
    packed = 0
    for letter in letters:
        packed = packed << 2 | BASES.index(letter)
    return len(ref) << 38 | len(alt) << 34 | packed


@functools.lru_cache(maxsize=200_000)
def allele_of_code(code: int) -> tuple[str, str] | None:
    """Return REF and ALT of a packed allele; None of a hash."""
    if code & LONG:
        return None
    first, second, packed = code >> 38 & 15, code >> 34 & 15, code & ((1 << 34) - 1)
    count = first + second
    letters = "".join(BASES[packed >> 2 * (count - 1 - at) & 3] for at in range(count))
    return letters[:first], letters[first:]


def window_of(pos: int) -> int:
    """Return the number of the window that holds a 1-based position."""
    return (pos - 1) >> WINDOW_BITS


def keys_of(positions: NDArray[np.int32], codes: Keys) -> Keys:
    """Return the numbers that sort the variants of one window, by position and allele."""
    offset = (positions.astype(np.uint64) - np.uint64(1)) & np.uint64(WINDOW - 1)
    return np.asarray(offset << np.uint64(CODE_BITS) | codes)


def codes_of_keys(keys: Keys) -> Keys:
    """Return the alleles of some keys."""
    return np.asarray(keys & np.uint64((1 << CODE_BITS) - 1))


def positions_of_keys(keys: Keys, window: int) -> NDArray[np.int32]:
    """Return the 1-based positions of the keys of a window."""
    return np.asarray((keys >> np.uint64(CODE_BITS)).astype(np.int64) + (window << WINDOW_BITS) + 1, np.int32)
