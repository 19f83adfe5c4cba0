"""Interval arrays against sets of bases, and repeats against regular expressions."""

import random
import re
from pathlib import Path

import numpy as np
import pytest

from workflow import repeats
from workflow.interval_arrays import IntervalArray, read_interval_arrays

LENGTH = 80


def drawn(dice: random.Random) -> tuple[IntervalArray, set[int]]:
    """Return random intervals in random order, some empty, and the bases that they cover."""
    starts = [dice.randrange(60) for _ in range(dice.randrange(7))]
    ends = [start + dice.randrange(9) for start in starts]
    return IntervalArray.of(starts, ends), {base for start, end in zip(starts, ends, strict=True) for base in range(start, end)}


def covered(intervals: IntervalArray) -> set[int]:
    return {base for start, end in zip(intervals.starts, intervals.ends, strict=True) for base in range(start, end)}


@pytest.mark.parametrize("seed", range(60))
def test_interval_array_does_what_sets_of_bases_do(seed: int) -> None:
    dice = random.Random(seed)
    (first, bases), (second, others) = drawn(dice), drawn(dice)
    assert covered(first) == bases
    assert all(np.diff(np.column_stack([first.starts, first.ends]).ravel()) > 0), "ascending, apart, none empty"
    assert first.bases == len(bases)
    assert first.shared_with(second) == len(bases & others)
    assert covered(first.intersection(second)) == bases & others
    assert covered(first.without(second)) == bases - others
    assert covered(first.widened(2, LENGTH)) == {near for base in bases for near in range(max(base - 2, 0), min(base + 3, LENGTH))}
    for width in (1, 3):
        spans = [set(range(start, start + width)) for start in range(70)]
        assert first.overlaps(range(70), range(width, 70 + width)).tolist() == [bool(span & bases) for span in spans]
        assert first.covers(range(70), range(width, 70 + width)).tolist() == [span <= bases for span in spans]


def test_read_interval_arrays_joins_lines_of_any_order_and_keeps_names_apart(tmp_path: Path) -> None:
    bed = tmp_path / "x.bed"
    bed.write_text("#c\nchr2\t5\t9\ta\nchr1\t40\t50\ta\nchr1\t10\t20\tb\nchr1\t15\t30\ta\n")
    whole = read_interval_arrays(bed)
    assert {contig: list(zip(names[""].starts, names[""].ends, strict=True)) for contig, names in whole.items()} == {
        "chr2": [(5, 9)],
        "chr1": [(10, 30), (40, 50)],
    }
    assert sorted(read_interval_arrays(bed, by_name=True)["chr1"]) == ["a", "b"]


def pieces(dice: random.Random) -> str:
    kinds = ["A", "C", "AC", "ACG", "G", "T", "TTTTTTTT", "ACACACACACAC", "GATA" * 6, "N", "acgt", "CAGTT" * 6, "CAG" * 30]
    return "".join(dice.choice(kinds) for _ in range(60))


def runs_of(text: str, unit: int) -> list[tuple[int, int]]:
    """Return every longest stretch in which each base equals the one `unit` before it, base by base."""
    found, at = [], 0
    while at < len(text) - unit:
        end = at
        while end + unit < len(text) and text[end] == text[end + unit] != "N":
            end += 1
        if end > at:
            found.append((at, end + unit))
        at = max(end, at) + 1
    return found


@pytest.mark.parametrize("seed", range(20))
def test_repeat_strata_finds_what_a_search_base_by_base_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "BLOCK", 97)  # so that repeats lie across the edges of blocks
    text = pieces(random.Random(seed))
    found = repeats.repeat_strata(lambda start, end: text[start:end], len(text))
    upper = text.upper()
    wanted: dict[str, list[tuple[int, int]]] = {name: [] for name in found if name != "not_repeat"}
    runs = [(run, repeats.HOMOPOLYMERS) for run in ((m.start(), m.end()) for m in re.finditer(r"([ACGT])\1*", upper))]
    for unit, least in repeats.SHORTEST_TANDEM_REPEAT.items():
        for start, end in runs_of(upper, unit):
            if end - start >= least and len(set(upper[start : start + unit])) > 1:
                runs.append(((start, end), repeats.TANDEM_REPEATS))
    for (start, end), classes in runs:
        for name, (low, high) in classes.items():
            if low <= end - start <= (high or len(text)):
                wanted[name].append((start, end))
    for name, bounds in wanted.items():
        expected = IntervalArray.of([start for start, _ in bounds], [end for _, end in bounds]).widened(5, len(text))
        assert covered(found[name]) == covered(expected), name
    in_repeats = set().union(*(covered(found[name]) for name in wanted))
    assert covered(found["not_repeat"]) == set(range(len(text))) - in_repeats


def test_gc_strata_puts_each_window_into_one_class() -> None:
    text = "AT" * 50 + "GC" * 50 + "N" * 100 + "ATGC" * 10 + "N" * 60 + "G" * 7
    found = repeats.gc_strata(lambda start, end: text[start:end], len(text))
    where = {name: list(zip(one.starts, one.ends, strict=True)) for name, one in found.items() if len(one)}
    assert where == {"gc_lt25": [(0, 100)], "gc_ge70": [(100, 200), (400, 407)], "gc_30to55": [(300, 400)]}
