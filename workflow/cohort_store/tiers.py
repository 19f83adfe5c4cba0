"""When genomes and segments are compacted: 32 waiting genomes make a segment, eight segments of one size make one of the next."""

from collections.abc import Mapping
from pathlib import Path

from workflow.cohort_store.genome_file import CALLABLE, CALLS
from workflow.cohort_store.model import GenomeEntry
from workflow.cohort_store.versions import GENOMES
from workflow.errors import InputError
from workflow.files import sha256_of

TIER, FANOUT = 32, 8
"""Genomes that wait before they are compacted; segments of one size that are joined to one of the next."""


def due(sizes: Mapping[str, int], waiting: int, *, everything: bool) -> list[str] | None:
    """Return the segments to join now, None if nothing is due; an empty list: the waiting genomes alone.

    Args:
        sizes: genomes by segment.
        waiting: genomes that no segment holds.
        everything: to a single segment, whatever the sizes.
    """
    if everything:
        return list(sizes) if waiting or len(sizes) > 1 else None
    if waiting >= TIER:
        return []
    tiers: dict[int, list[str]] = {}
    for name, count in sizes.items():
        tiers.setdefault(tier_of(count), []).append(name)
    return next((names for _, names in sorted(tiers.items()) if len(names) >= FANOUT), None)


def check_files(store: Path, entry: GenomeEntry) -> None:
    """Compare a genome's files with their digests.

    Raises:
        InputError: one is damaged or gone.
    """
    folder = store / GENOMES / entry.member.token
    for name, digest in ((CALLS, entry.calls), (CALLABLE, entry.callable)):
        if not (folder / name).is_file() or sha256_of(folder / name) != digest:
            what = "a genome's file is damaged or gone"
            raise InputError(what, file=folder / name, remedy="put it back from the backup, or correct the sample with its VCF")


def tier_of(count: int) -> int:
    """Return the size class of a segment: 0 below 256 genomes, then a class for each factor of 8."""
    tier = 0
    while count >= TIER * FANOUT:
        count, tier = count // FANOUT, tier + 1
    return tier
