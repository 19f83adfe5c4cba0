"""Reads thinned by fragment: pairs stay pairs, parts are nested and of the size asked for, and a broken pair is refused."""

import gzip
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.thinning import place_of, thin


def write_pair(folder: Path, count: int, *, second: int | None = None) -> tuple[Path, Path]:
    """Write `count` pairs; `second` is how many the second file has, if another number."""
    files = folder / "r_1.fq.gz", folder / "r_2.fq.gz"
    for mate, (file, number) in enumerate(zip(files, (count, count if second is None else second), strict=True), start=1):
        with gzip.open(file, "wt") as out:
            out.writelines(f"@q:{at} {mate}:N:0\nACGT\n+\nIII{mate}\n" for at in range(number))
    return files


def lines_of(file: Path) -> list[str]:
    with gzip.open(file, "rt") as handle:
        return handle.readlines()


def names(file: Path) -> list[str]:
    return [line.split()[0] for line in lines_of(file) if line.startswith("@")]


def thinned(folder: Path, files: tuple[Path, Path], fraction: float) -> tuple[list[str], list[str]]:
    targets = folder / f"{fraction}_1.fq.gz", folder / f"{fraction}_2.fq.gz"
    kept, total = thin(files, targets, fraction)
    found = names(targets[0]), names(targets[1])
    assert (len(found[0]), total) == (kept, 4000)
    return found


def test_thin_keeps_pairs_together_in_nested_parts_of_the_size_asked_for(tmp_path: Path) -> None:
    files = write_pair(tmp_path, 4000)
    quarter, half = thinned(tmp_path, files, 0.25), thinned(tmp_path, files, 0.5)
    assert quarter[0] == quarter[1]
    assert half[0] == half[1]
    assert set(quarter[0]) < set(half[0])
    assert abs(len(quarter[0]) - 1000) < 5 * 27  # five standard deviations of a binomial
    assert abs(len(half[0]) - 2000) < 5 * 32
    assert half[0] == sorted(half[0], key=lambda name: int(name[3:])), "the order of the file stays"


def test_thin_copies_whole_records(tmp_path: Path) -> None:
    files = write_pair(tmp_path, 4000)
    thin(files, (tmp_path / "a.gz", tmp_path / "b.gz"), 1.0)
    for source, copy in zip(files, ("a.gz", "b.gz"), strict=True):
        assert lines_of(tmp_path / copy) == lines_of(source)


def test_place_of_is_the_same_for_both_names_of_a_pair_each_time_and_even() -> None:
    places = [place_of(b"q%d" % number) for number in range(2000)]
    assert places == [place_of(b"q%d" % number) for number in range(2000)]
    assert [sum(low / 4 <= place < (low + 1) / 4 for place in places) for low in range(4)] == pytest.approx([500] * 4, abs=97)
    assert place_of(b"q1", seed=b"another") != place_of(b"q1")


@pytest.mark.parametrize("second", [9, 11])
def test_thin_refuses_files_of_different_length(tmp_path: Path, second: int) -> None:
    files = write_pair(tmp_path, 10, second=second)
    with pytest.raises(InputError, match=r"r_1.fq.gz: the file parts at .* from its pair .*r_2.fq.gz"):
        thin(files, (tmp_path / "a.gz", tmp_path / "b.gz"), 0.5)


def test_thin_refuses_files_in_another_order(tmp_path: Path) -> None:
    one, two = write_pair(tmp_path, 10)
    lines = lines_of(two)
    with gzip.open(two, "wt") as out:
        out.writelines(lines[4:] + lines[:4])
    with pytest.raises(InputError, match="parts at @q:0 from its pair"):
        thin((one, two), (tmp_path / "a.gz", tmp_path / "b.gz"), 0.5)
