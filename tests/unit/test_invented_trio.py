import numpy as np

from scripts.bench.invented_trio import FAMILIES, FORMATS, SAMPLES, header, lines


def test_lines_are_sorted_calls_of_the_reference_that_a_population_mostly_knows() -> None:
    dice = np.random.default_rng(1)
    letters = np.frombuffer(b"ACGT", np.uint8)[dice.integers(0, 4, 50_000)]
    found = list(lines("chr1", letters, 2_000, dice))
    rows = [call.rstrip("\n").split("\t") for call, _ in found]
    places = [int(row[1]) for row in rows]
    assert places == sorted(set(places))
    assert all(chr(letters[at - 1]) == row[3] != row[4] for at, row in zip(places, rows, strict=True))
    known = [population for _, population in found if population]
    assert 0.98 < len(known) / len(rows) < 1
    assert all(population.startswith("\t".join(row[:5])) for row, (_, population) in zip(rows, found, strict=True) if population)


def test_families_obey_mendel_but_for_new_variants() -> None:
    assert abs(sum(FAMILIES.values()) - 1) < 1e-9
    inherited = [[call.partition(":")[0] for call in calls] for calls in FAMILIES]
    broken = [calls for calls in inherited if calls[0] == "1/1" and "0/0" in calls[1:]]
    assert broken == []
    assert header("FORMAT", FORMATS, SAMPLES).endswith(b"FORMAT\tkid\tmum\tdad\n")
