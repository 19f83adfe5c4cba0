"""Where the genomes of a store could be judged: copies judged against the copies that they have, along contigs, stretches and genes.

The store's region is every base that at least one genome was judged at. The share of a base is the copies judged there by the copies that
all genomes have there by their ploidy (workflow/ploidy.py): a woman has no Y, so she is missing from no share of Y.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import WINDOW
from workflow.cohort_store.judged import ploidy_of
from workflow.cohort_store.view import View
from workflow.reference import lengths

GAP = 50_000
"""Bases between two judged bases from which they are two stretches."""
WELL, HALF = 0.95, 0.5
"""Shares of copies from which a base counts as judged in nearly all, or in half."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Place = tuple[str, str, int, int]
"""Name, contig (without `chr`), start and end, 0-based half-open."""


@dataclass
class Sums:
    """Sums over judged bases: their number, those judged in nearly all copies and in half, copies judged and copies there."""

    bases: float = 0
    well: float = 0
    half: float = 0
    judged: float = 0
    expected: float = 0

    def add(self, more: Iterable[float]) -> None:
        """Add sums of other bases."""
        for name, value in zip(vars(self), more, strict=True):
            setattr(self, name, getattr(self, name) + float(value))

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; `share` is None where no base was judged."""
        share = self.judged / self.expected if self.expected else None
        return {"bases": round(self.bases), "well": round(self.well), "half": round(self.half), "share": share}


@dataclass
class Stretch:
    """Judged bases without a gap of GAP: first and last + 1, 0-based."""

    contig: str
    start: int
    end: int
    sums: Sums = field(default_factory=Sums)


@dataclass(frozen=True)
class Profile:
    """A window as steps: from `places[i]` to `places[i + 1]` (0-based) the weights of row i hold, as `Sums` has them, a base each."""

    places: Ints
    weights: Floats

    def between(self, starts: Ints, ends: Ints) -> Floats:
        """Return the sums from each start to its end, shape (n, 5)."""
        sums = np.vstack([np.zeros(self.weights.shape[1]), np.cumsum(self.weights * np.diff(self.places)[:, None], axis=0)])
        columns = [np.interp(ends, self.places, column) - np.interp(starts, self.places, column) for column in sums.T]
        return np.stack(columns, axis=1)


def copies_there(karyotypes: Mapping[str, int], contig: str, assembly: str) -> tuple[Ints, Ints]:
    """Return places of a contig (0-based, from 0) and the copies that all genomes together have from each of them on."""
    changes: dict[int, int] = {0: 2 * sum(karyotypes.values())}
    for karyotype, number in karyotypes.items():
        for start, end, copies in ploidy_of(karyotype, assembly).get(contig, []):
            changes[start] = changes.get(start, 0) + number * (copies - 2)
            changes[end] = changes.get(end, 0) - number * (copies - 2)
    places = sorted(changes)
    return np.array(places, np.int64), np.cumsum([changes[place] for place in places])


def profile_of(breaks: Ints, judged: Ints, there: tuple[Ints, Ints], least: int = 1) -> Profile:
    """Return a window's profile: copies judged, held against the copies there; bases with fewer than `least` are left out."""
    inner = there[0][(there[0] > breaks[0]) & (there[0] < breaks[-1])]
    places = np.union1d(breaks, inner)
    have = judged[np.searchsorted(breaks, places[:-1], "right") - 1].astype(np.float64)
    expected = there[1][np.searchsorted(there[0], places[:-1], "right") - 1].astype(np.float64)
    seen = have >= least
    weights = [
        seen,
        seen & (have >= WELL * expected),
        seen & (have >= HALF * expected),
        *(np.where(seen, one, 0) for one in (have, expected)),
    ]
    return Profile(places, np.stack(weights, axis=1).astype(np.float64))


class Callability:
    """What is measured, a window at a time."""

    def __init__(self, genes: Sequence[Place] = (), owed: Sequence[Place] | None = None) -> None:
        self.owed, self.there = None if owed is None else Sums(), 0.0
        self.contigs: dict[str, Sums] = defaultdict(Sums)
        self.windows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.stretches: list[Stretch] = []
        self.left_out: set[str] = set()
        self.genes = {place: Sums() for place in genes}
        self._owed_bases = sum(end - start for _, _, start, end in owed or ())
        self._by_window: dict[tuple[str, int], list[tuple[Place, Sums]]] = defaultdict(list)
        wanted = [*self.genes.items(), *((place, self.owed) for place in owed or () if self.owed)]
        for place, sums in wanted:
            for number in range(place[2] // WINDOW, (place[3] - 1) // WINDOW + 1):
                self._by_window[place[1], number].append((place, sums))

    def take(self, contig: str, number: int, profile: Profile) -> None:
        """Add a window; windows of a contig come in order."""
        first, last = profile.places[:1], profile.places[-1:]
        whole = profile.between(first, last)[0]
        if not whole[0]:
            self.left_out.add(contig)
            return
        self.contigs[contig].add(whole)
        self.windows[contig].append((number, float(whole[3] / whole[4])))
        self._take_stretches(contig, profile)
        if asked := self._by_window.get((contig, number)):
            found = profile.between(np.array([one[2] for one, _ in asked]), np.array([one[3] for one, _ in asked]))
            for (_, sums), more in zip(asked, found, strict=True):
                sums.add(more)

    def expect(self, owed: Sequence[Place], there: Mapping[str, tuple[Ints, Ints]]) -> None:
        """Add up the copies that all genomes have of the places that are owed, judged or not."""
        for _, contig, start, end in owed:
            inner = np.clip(np.append(there[contig][0], end), start, end)
            self.there += float((np.diff(inner) * there[contig][1]).sum())

    def _share_of_owed(self) -> float | None:
        return self.owed.judged / self.there if self.owed and self.there else None

    def _take_stretches(self, contig: str, profile: Profile) -> None:
        seen = np.flatnonzero(profile.weights[:, 0])
        starts, ends = profile.places[seen], profile.places[seen + 1]
        first = np.flatnonzero(np.append(True, starts[1:] - ends[:-1] >= GAP))
        begins, finishes = starts[first], ends[np.append(first[1:] - 1, len(ends) - 1)]
        for start, end, sums in zip(begins.tolist(), finishes.tolist(), profile.between(begins, finishes), strict=True):
            last = self.stretches[-1] if self.stretches else None
            if last is None or last.contig != contig or start - last.end >= GAP:
                last = Stretch(contig, start, end)
                self.stretches.append(last)
            last.end = end
            last.sums.add(sums)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; stretches 1-based, both ends included; genes without a judged base are left out."""
        return {
            "hidden": len(self.left_out - self.contigs.keys()),
            "owed": self.owed and {"bases": self._owed_bases, "in_somebody": round(self.owed.bases), "share": self._share_of_owed()},
            "contigs": [{"contig": name, **sums.as_record(), "windows": self.windows[name]} for name, sums in self.contigs.items()],
            "stretches": [{"contig": one.contig, "start": one.start + 1, "end": one.end, **one.sums.as_record()} for one in self.stretches],
            "genes": [
                {"gene": name, "contig": contig, "start": start + 1, "end": end, **sums.as_record()}
                for (name, contig, start, end), sums in self.genes.items()
                if sums.bases
            ],
        }


def callability(view: View, genes: Sequence[Place] = (), owed: Sequence[Place] | None = None, people: int = 1) -> Callability:
    """Measure where the genomes of a version could be judged.

    Args:
        view: the version.
        genes: of which it is told apart.
        owed: places, merged, of all of which together it is told.
        people: fewest people judged at a base that counts. Copies are known, not people, so that twice as many copies are asked for,
            and four times as many on X and Y, of which a karyotype may have more.
    """
    karyotypes: Counter[str] = Counter()
    for member, sign in view.members():
        karyotypes[member.karyotype] += sign
    order, found = list(lengths(view.facts.assembly)), Callability(genes, owed)
    there = {contig: copies_there(karyotypes, contig, view.facts.assembly) for contig in order}
    found.expect(owed or (), there)
    for contig, number in sorted(view.windows, key=lambda window: (order.index(window[0]), window[1])):
        breaks, judged = view.judged((contig, number))
        if len(breaks) and judged.any():
            least = 1 if people == 1 else people * (4 if contig in {"X", "Y"} else 2)
            found.take(contig, number, profile_of(breaks, judged, there[contig], least))
    return found
