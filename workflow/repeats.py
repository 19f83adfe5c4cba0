"""Homopolymers, tandem repeats and GC content of a contig, computed from its sequence a block at a time.

Classes and their names follow Genome in a Bottle's stratifications (release 3, folders LowComplexity and GCcontent), so that tables can
be laid side by side: perfect repeats only, each with 5 bases on either side ("slop5").
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from workflow.interval_arrays import IntervalArray, Positions

Sequence = Callable[[int, int], str]
"""Gives the bases of a stretch [start, end) of one contig."""

BLOCK = 4_000_000
SLOP = 5
HOMOPOLYMERS = {"homopolymer_4to6": (4, 6), "homopolymer_7to11": (7, 11), "homopolymer_ge12": (12, None)}
TANDEM_REPEATS = {"tandem_repeat_le50": (0, 50), "tandem_repeat_51to200": (51, 200), "tandem_repeat_ge201": (201, None)}
SHORTEST_TANDEM_REPEAT = {2: 10, 3: 14, 4: 19, 5: 24, 6: 29}
"""Least length in bases by unit: GIAB's for diTR, triTR and quadTR (five copies less one base, at least ten); 5 and 6 go on so."""

GC_WINDOW = 100
GC_EDGES = (25, 30, 55, 60, 65, 70)
"""Percent of G and C at which classes meet: GIAB's, with the rarest joined."""

Classes = dict[str, tuple[int, int | None]]


def repeat_strata(sequence: Sequence, length: int) -> dict[str, IntervalArray]:
    """Return homopolymers and tandem repeats of a contig of `length` bases by class, and `not_repeat`, which is everything else."""
    single = equal_runs(sequence, length, 1, min(low for low, _ in HOMOPOLYMERS.values()))
    strata = _by_length(single, HOMOPOLYMERS, length)
    tandem = [_without_homopolymers(equal_runs(sequence, length, unit, least), sequence) for unit, least in SHORTEST_TANDEM_REPEAT.items()]
    starts, ends = (np.concatenate(bounds) for bounds in zip(*tandem, strict=True))
    strata |= _by_length((starts, ends), TANDEM_REPEATS, length)
    every = IntervalArray.of(*(np.concatenate([getattr(one, side) for one in strata.values()]) for side in ("starts", "ends")))
    return strata | {"not_repeat": IntervalArray.of([0], [length]).without(every)}


def equal_runs(sequence: Sequence, length: int, unit: int, least: int) -> tuple[Positions, Positions]:
    """Return starts and ends of all stretches of at least `least` bases in which each known base equals the one `unit` before it.

    Stretches of one unit may overlap by less than a unit, where one repeat passes into another.
    """
    found = [_runs_in_block(sequence, start, min(start + BLOCK + least, length), unit, least) for start in range(0, length, BLOCK)]
    starts, ends = (np.concatenate(bounds) for bounds in zip(*found, strict=True)) if found else (np.zeros(0, np.int32),) * 2
    if len(starts):
        joined = IntervalArray.of(starts, ends - unit)  # pieces of one run from two blocks overlap; two runs never touch
        starts, ends = joined.starts, joined.ends + np.int32(unit)
    return starts, ends


def _runs_in_block(sequence: Sequence, start: int, end: int, unit: int, least: int) -> tuple[Positions, Positions]:
    bases = _bases(sequence(start, end))
    if len(bases) <= unit:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    same = np.zeros(len(bases) - unit + 2, np.int8)
    same[1:-1] = (bases[unit:] == bases[:-unit]) & (bases[unit:] != 0)
    edges = np.diff(same)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + unit
    long = ends - starts >= least
    return (starts[long] + start).astype(np.int32), (ends[long] + start).astype(np.int32)


_CODES = np.zeros(256, np.uint8)
for _number, _letters in enumerate(("Aa", "Cc", "Gg", "Tt"), start=1):
    _CODES[[ord(_letter) for _letter in _letters]] = _number


def _bases(text: str) -> npt.NDArray[np.uint8]:
    """Return 1 to 4 for A, C, G, T of either case and 0 for what is not known."""
    return _CODES[np.frombuffer(text.encode("ascii"), np.uint8)]


def _without_homopolymers(runs: tuple[Positions, Positions], sequence: Sequence) -> tuple[Positions, Positions]:
    """Leave out the runs whose unit is one base repeated."""
    starts, ends = runs
    kept = np.array([len(set(sequence(start, start + 6).upper())) > 1 for start in starts.tolist()], bool)
    return starts[kept], ends[kept]


def _by_length(runs: tuple[Positions, Positions], classes: Classes, length: int) -> dict[str, IntervalArray]:
    """Return the runs by class of length (in bases, both bounds in it), with slop."""
    starts, ends = runs
    size = ends - starts
    chosen = {name: (size >= low) & (size <= (high or length)) for name, (low, high) in classes.items()}
    return {name: IntervalArray.of(starts[flag], ends[flag]).widened(SLOP, length) for name, flag in chosen.items()}


def gc_strata(sequence: Sequence, length: int) -> dict[str, IntervalArray]:
    """Return windows of 100 bases, counted from the contig's start, by their percentage of G and C among known bases.

    Windows without a known base are in no class.
    """
    parts: dict[str, list[tuple[Positions, Positions]]] = {name: [] for name in gc_names()}
    for start, classes in _gc_classes(sequence, length):
        for number, name in enumerate(parts):
            at = np.flatnonzero(classes == number) * GC_WINDOW + start
            parts[name].append((at.astype(np.int32), np.minimum(at + GC_WINDOW, length).astype(np.int32)))
    return {name: IntervalArray.of(*map(np.concatenate, zip(*bounds, strict=True))) for name, bounds in parts.items()}


def repeat_names() -> list[str]:
    """Return the names of the classes of repeats, and of what is none."""
    return [*HOMOPOLYMERS, *TANDEM_REPEATS, "not_repeat"]


def gc_names() -> list[str]:
    """Return the names of the classes of GC content, from poor to rich."""
    middle = [f"gc_{low}to{high}" for low, high in itertools.pairwise(GC_EDGES)]
    return [f"gc_lt{GC_EDGES[0]}", *middle, f"gc_ge{GC_EDGES[-1]}"]


def _gc_classes(sequence: Sequence, length: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield (start of a block, class of each of its windows; -1 where no base is known)."""
    for start in range(0, length, BLOCK):
        bases = _bases(sequence(start, min(start + BLOCK, length)))
        windows = np.pad(bases, (0, -len(bases) % GC_WINDOW)).reshape(-1, GC_WINDOW)
        known = (windows > 0).sum(axis=1)
        rich = ((windows == 2) | (windows == 3)).sum(axis=1)
        classes = np.searchsorted(np.array(GC_EDGES), 100 * rich / np.maximum(known, 1), "right")
        yield start, np.where(known > 0, classes, -1)
