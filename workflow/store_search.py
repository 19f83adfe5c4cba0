"""A fingerprint against the store: the nearest people that the centre has ever released, one record a name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.fingerprint_store import LEAST_COMMON, Segment, last_records, open_store
from workflow.fingerprints import Fingerprint, planes
from workflow.matching import Pair, Screen, compare, nearest, screen

COUNTS = ("sure", "alike", "opposite", "kinship")


@dataclass(frozen=True)
class Known:
    """A stored sample: how it stands to the one asked about, and what the store tells of it."""

    pair: Pair
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """What a search found: the nearest, all that were asked for by name or person, and how many were looked at."""

    known: list[Known]
    compared: int
    left_out: int


def search(store: Path, one: Fingerprint, *, without: Collection[str] = (), person: str = "") -> Search:
    """Return the stored samples nearest to a fingerprint, and those of its own name and person whatever they look like.

    Args:
        store: folder of the store.
        one: the fingerprint.
        without: names that are not looked at, since newer facts about them are at hand.
        person: pseudonym of the person, if known.

    Raises:
        InputError: the store is of another assembly or damaged.
    """
    segments = open_store(store, one.sites.assembly)
    last = last_records(segments)
    found, compared, left_out = [], 0, 0
    for number, segment in enumerate(segments):
        rows = np.array([row for at, row, told in last if at == number and told["sample"] not in without], np.intp)
        if len(rows) and segment.common(one.sites) < LEAST_COMMON:
            left_out += len(rows)
            continue
        compared += len(rows)
        found += _in_segment(segment, rows, one, person) if len(rows) else []
    return Search(found, compared, left_out)


def _in_segment(segment: Segment, rows: NDArray[np.intp], one: Fingerprint, person: str) -> list[Known]:
    mine = planes(one.quality)
    whole = [screen(mine, bits) for bits in segment.bits(one.sites)]
    found = Screen(*(np.concatenate([getattr(part, name) for part in whole])[rows] for name in COUNTS))
    people = [segment.people[row] for row in rows.tolist()]
    asked = [at for at, told in enumerate(people) if told["sample"] == one.sample or (person and told.get("person") == person)]
    chosen = np.unique(np.concatenate([nearest(found), np.array(asked, np.intp)]))
    part = Screen(*(getattr(found, name)[chosen] for name in COUNTS))
    names = [people[at]["sample"] for at in chosen.tolist()]
    pairs = compare(one.quality, segment.quality_of(rows[chosen], one.sites), names, one.sites, part)
    return [Known(pair, people[at]) for pair, at in zip(pairs, chosen.tolist(), strict=True)]


def check_store(store: Path, assembly: str) -> int:
    """Return how many records a store has, every one of them read and its checksum checked.

    Raises:
        InputError: the store is of another assembly or damaged.
    """
    segments = open_store(store, assembly)
    for segment in segments:
        if segment.people:
            segment.quality_of(np.arange(len(segment.people)), segment.sites)
    return sum(len(segment.people) for segment in segments)


def no_store(store: Path) -> InputError:
    """Return the error for a store that is not there."""
    return InputError("there is no fingerprint store", file=store, remedy="give the folder that `identity.store` names")
