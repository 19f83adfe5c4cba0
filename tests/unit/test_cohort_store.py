"""The store against a brute-force count: random changes, kills in the middle, and what is left of those who leave."""

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from scripts.cohort_store import main
from tests.cohort_people import Made, brute_force, random_genome
from workflow.cohort_store.verifying import verify
from workflow.cohort_store.versions import create
from workflow.cohort_store.view import open_view

Counted = dict[tuple[str, int, str, str], tuple[int, int, int, int]]
PACKAGE = str(Path(__file__).parents[2] / "workflow" / "cohort_store")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("tiers", "writing"):
        monkeypatch.setattr(f"workflow.cohort_store.{name}.TIER", 3)
    monkeypatch.setattr("workflow.cohort_store.tiers.FANOUT", 2)
    create(tmp_path / "store", "GRCh38", 5)
    return tmp_path / "store"


def told(store: Path, group: str = "all") -> Counted:
    with open_view(store) as view:
        contigs = sorted({contig for contig, _ in view.windows})
        rows = [row for contig in contigs for table in view.region(contig, 1, 250_000_000, group) for row in table]
        return {(view.name_of(one.contig), one.pos, one.ref, one.alt): (found.ac, found.an, found.hom, found.hemi) for one, found in rows}


def add(store: Path, *people: Made, command: str = "add") -> int:
    sources = [one.write(store.parent) for one in people]
    options = ["--store", str(store), "--callable", str(store.parent), "--sample", people[0].name, "--sex", people[0].karyotype]
    return main([command, *options, *(str(vcf) for vcf, _ in sources)])


def withdraw(store: Path, name: str) -> int:
    return main(["withdraw", "--store", str(store), "--sample", name])


def killed(change: Callable[[], object], after: int) -> bool:
    """Run a change in a child process that is killed after so many calls inside the package; say whether it came to that."""
    child = os.fork()
    if not child:
        left = after

        def count(frame: FrameType, event: str, _: object) -> None:
            nonlocal left
            if event in {"call", "return"} and frame.f_code.co_filename.startswith(PACKAGE):
                left -= 1
                if left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        change()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("steps", [40, pytest.param(200, marks=pytest.mark.long)])
def test_random_changes_and_kills_equal_a_brute_force_count(store: Path, steps: int) -> None:
    dice = random.Random(8)
    people: dict[str, Made] = {}
    kinds = {"add": 0, "withdraw": 0, "correct": 0, "killed": 0}
    for step in range(steps):
        kind = dice.choices(["add", "withdraw", "correct"], [5 if len(people) < 14 else 2, 3 if people else 0, 2 if people else 0])[0]
        name = f"p{step:03d}" if kind == "add" else dice.choice(list(people))
        made = random_genome(name, dice)
        after = dict(people)
        if kind == "withdraw":
            del after[name]
        else:
            after[name] = made
        change = (
            (lambda name=name: withdraw(store, name))
            if kind == "withdraw"
            else (lambda made=made, kind=kind: add(store, made, command=kind))
        )
        if dice.random() < 0.4 and killed(change, dice.randint(1, 900)):
            kinds["killed"] += 1
            found = told(store)
            assert found in (brute_force(people.values()), brute_force(after.values()))
            people = people if found == brute_force(people.values()) else after
        else:
            change()
            kinds[kind] += 1
            people = after
        found = told(store)
        assert found == brute_force(people.values()), f"step {step}, {kind}"
        assert all(0 < ac <= an for ac, an, _, _ in found.values())
        if step % 20 == 19:
            main(["compact", "--store", str(store)])
            before = told(store)
            assert verify(store).faults == []
            main(["rebuild", "--store", str(store)])
            assert told(store) == before == brute_force(people.values())
    assert min(kinds.values()) >= steps / 10, kinds
