"""Back to an earlier version or on from a backup: the state is the earlier one, and nobody comes back who was taken out."""

import json
import random
import shutil
from pathlib import Path

import pytest

from scripts.cohort_store import main
from tests.cohort_people import Made, brute_force, random_genome
from tests.unit.test_cohort_erasure import words_found
from tests.unit.test_cohort_store import add, killed, store, told, withdraw
from workflow.cohort_store.gone import GONE, mark_of
from workflow.cohort_store.people import People
from workflow.cohort_store.verifying import verify
from workflow.cohort_store.versions import VERSIONS, read_version, version_file, version_numbers

__all__ = ["store"]  # the fixture: an empty store with small segments


def crowd(store: Path, number: int, seed: int = 4) -> dict[str, Made]:
    dice = random.Random(seed)
    people = {f"q{seed}{at:02d}": random_genome(f"q{seed}{at:02d}", dice) for at in range(number)}
    for one in people.values():
        assert add(store, one) == 0
    return people


def token_of(store: Path, sample: str) -> str:
    with People(store / "inside") as people:
        return people.of("sample", sample)[0].token


def restore(store: Path, *more: str) -> int:
    return main(["restore", "--store", str(store), "--readers", "0", *more])


@pytest.mark.parametrize("compacted", [False, True])
def test_restore_gives_the_earlier_state_and_erases_who_came_since(
    store: Path, capsys: pytest.CaptureFixture[str], *, compacted: bool
) -> None:
    people = crowd(store, 5)
    number, before = read_version(store).number, told(store)
    late = random_genome("latecomer", random.Random(9)).whole()
    assert add(store, late) == 0
    token = token_of(store, late.name)
    if compacted:
        main(["compact", "--store", str(store)])
    assert told(store) == brute_force([*people.values(), late]) != before
    capsys.readouterr()
    main(["status", "--store", str(store)])
    assert number in json.loads(capsys.readouterr().out)["kept"]

    assert restore(store, "--version", str(number)) == 0

    assert "latecomer: came in since and is erased" in capsys.readouterr().err
    assert told(store) == before
    assert words_found(store, [late.name, token]) == []
    assert verify(store).faults == []
    assert version_numbers(store) == [read_version(store).number]
    assert read_version(store).withdrawn == 1, "a release has to know that somebody left"
    assert add(store, late) == 0
    assert told(store) == brute_force([*people.values(), late])


def test_restore_never_brings_back_who_was_withdrawn(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = crowd(store, 4)
    main(["compact", "--store", str(store)])
    number = read_version(store).number
    kept = store.parent / "kept"
    shutil.copytree(store, kept)
    assert withdraw(store, "q401") == 0
    people.pop("q401")
    capsys.readouterr()
    assert restore(store, "--version", str(number)) == 2
    assert capsys.readouterr().err.startswith(f"error: {store}: version {number} is not kept")
    people["late"] = random_genome("late", random.Random(9))
    assert add(store, people["late"]) == 0
    for folder in ("versions", "segments", "genomes"):  # somebody copies the older files back by hand
        shutil.copytree(kept / folder, store / folder, dirs_exist_ok=True)
    capsys.readouterr()
    assert restore(store, "--version", str(number)) == 2
    assert "holds a genome that was withdrawn or corrected since, and nobody comes back that way" in capsys.readouterr().err
    assert told(store) == brute_force(people.values())


def test_a_backup_loses_again_who_was_erased_since(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = crowd(store, 5)
    backup = store.parent / "backup"
    shutil.copytree(store, backup)
    token = token_of(store, "q402")
    assert withdraw(store, "q402") == 0
    people.pop("q402")
    gone = (store / GONE).read_text()
    assert gone == f"{mark_of(token)}\n"
    assert words_found(store, ["q402", token]) == []

    shutil.copy(store / GONE, backup / GONE)
    assert any("erased is counted again" in fault for fault in verify(backup).faults)
    capsys.readouterr()
    assert restore(backup, "--gone", str(store / GONE)) == 0
    assert "1 that were erased once taken out again" in capsys.readouterr().out
    assert told(backup) == brute_force(people.values())
    assert verify(backup).faults == []
    assert words_found(backup, ["q402", token]) == []
    assert restore(backup, "--gone", str(store / GONE)) == 0
    assert told(backup) == brute_force(people.values())


def test_a_killed_restore_is_one_state_or_the_other(store: Path) -> None:
    people = crowd(store, 4)
    number = read_version(store).number
    late = random_genome("latecomer", random.Random(9)).whole()
    ends = []
    for after in (5, 300, 400, 600, 900, 50_000):
        assert add(store, late) == 0
        came_to_it = killed(lambda version=number: restore(store, "--version", str(version)), after)
        ends.append((came_to_it, told(store) == brute_force(people.values())))
        assert told(store) in (brute_force(people.values()), brute_force([*people.values(), late]))
        main(["compact", "--store", str(store), "--readers", "0"])
        assert verify(store).faults == []
        if told(store) != brute_force(people.values()):
            withdraw(store, late.name)
        number = read_version(store).number
    assert {(True, False), (True, True), (False, True)} <= set(ends), "killed before and after the change, and not at all"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing is named to restore"),
        (["--version", "99"], "version 99 is not kept"),
        (["--version", "NOW"], "already"),
        (["--gone", "none.txt"], "none.txt: the list of erased genomes cannot be read"),
        (["--gone", "other.txt"], "other.txt, row 2: this is no list of erased genomes"),
    ],
)
def test_bad_restores_are_one_sentence(store: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str) -> None:
    crowd(store, 1)
    (store.parent / "other.txt").write_text(f"{'a' * 64}\n010170-1234\n")
    number = read_version(store).number
    before = version_file(store, number).read_bytes()
    capsys.readouterr()
    given = [str(number) if one == "NOW" else str(store.parent / one) if one.endswith(".txt") else one for one in options]
    assert restore(store, *given) == 2
    told_ = capsys.readouterr().err
    assert says in told_
    assert "010170" not in told_
    assert told_.count("\n") == 1
    assert (store / VERSIONS / version_file(store, number).name).read_bytes() == before
