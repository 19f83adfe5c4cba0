"""What is left of a person who was withdrawn: nothing in any byte, and nothing in any decoded table."""

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scripts.cohort_store import main
from tests.cohort_people import SITES, Made, random_genome
from workflow.cohort_store.people import People
from workflow.cohort_store.verifying import verify
from workflow.cohort_store.versions import create

RARE = len(SITES) - 7
"""A site that only the person has: 2:500 C>T."""
NAME, FAMILY, OWN_START = "vilhelmine", "kin-of-vilhelmine", 450


def load(store: Path, *, last: bool) -> None:
    dice = random.Random(5)
    people = [random_genome(f"p{number}", dice) for number in range(7)]
    for one in people:
        one.genotypes.pop(RARE, None)
        one.whole()
    person = Made(NAME, "XX", {RARE: (0, 1)}, {}, [("chr2", OWN_START, 600), ("chr1", 999_000, 1_060_000)])
    for one in [*people, person] if last else [person, *people]:
        vcf, bed = one.write(store.parent)
        family = ["--family", FAMILY] if one is person else []
        main(["add", "--store", str(store), str(vcf), str(bed), "--sample", one.name, "--sex", one.karyotype, *family])
        vcf.unlink()
        bed.unlink()


def decoded(store: Path) -> tuple[set[tuple[int, str]], set[int]]:
    """Return (position, ALT) of every variant in any Parquet file, and every bound of a callable stretch."""
    variants: set[tuple[int, str]] = set()
    bounds: set[int] = set()
    for file in store.rglob("*.parquet"):
        for row in pq.read_table(file).to_pylist():
            if "alt" in row:
                variants.add((row["pos"], row["alt"]))
            elif "token" not in row:
                bounds |= {row[name] for name in ("pos", "start", "end") if name in row}
    return variants, bounds


def words_found(store: Path, words: list[str]) -> list[str]:
    """Return each word that is found in the bytes or the name of any file."""
    content = b"".join(str(file.relative_to(store)).encode() + file.read_bytes() for file in sorted(store.rglob("*")) if file.is_file())
    return [word for word in words if word.encode() in content or bytes.fromhex(word if len(word) == 32 else "ff00ff00ff00ff00") in content]


@pytest.mark.parametrize("place", ["waiting", "segment", "tiers"])
def test_withdraw_leaves_no_byte_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    if place == "tiers":
        for name in ("tiers", "writing"):
            monkeypatch.setattr(f"workflow.cohort_store.{name}.TIER", 2)
        monkeypatch.setattr("workflow.cohort_store.tiers.FANOUT", 2)
    store = tmp_path / "store"
    create(store, "GRCh38", 5)
    load(store, last=place == "waiting")
    if place == "segment":
        main(["compact", "--store", str(store)])
    with People(store / "inside") as people:
        token = people.of("sample", NAME)[0].token
    words = [NAME, FAMILY, token]
    before, bounds = decoded(store)
    rare = (SITES[RARE][1], SITES[RARE][3][0])
    assert rare in before
    assert OWN_START in bounds
    assert words_found(store, words) == words

    assert main(["withdraw", "--store", str(store), "--sample", NAME, "--readers", "0"]) == 0

    after, left = decoded(store)
    assert words_found(store, words) == []
    assert rare not in after
    assert OWN_START not in left
    assert after == before - {rare}
    assert verify(store).faults == []


def test_withdraw_leaves_a_tombstone_without_identity_and_a_dated_statement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, paper = tmp_path / "store", tmp_path / "statement.md"
    create(store, "GRCh38", 5)
    load(store, last=False)
    main(["release", "--store", str(store), "--output", str(tmp_path / "r1")])
    capsys.readouterr()
    main(["withdraw", "--store", str(store), "--sample", NAME, "--statement", str(paper), "--readers", "0"])
    one_who_was_there = capsys.readouterr()
    lines = [json.loads(line) for line in (store / "history.jsonl").read_text().splitlines()]
    assert [line["change"] for line in lines if line["change"]["kind"] == "withdraw"] == [{"kind": "withdraw", "added": 0, "removed": 1}]
    assert "release 1 of" in paper.read_text()
    assert "erased from every file" in paper.read_text()
    main(["withdraw", "--store", str(store), "--sample", "nobody-of-that-name", "--readers", "0"])
    assert capsys.readouterr() == one_who_was_there


def test_withdraw_of_the_beacon_alone_keeps_the_person_counted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    create(store, "GRCh38", 5)
    made = Made("a", "XX", {RARE: (0, 1)}, {}, []).whole()
    vcf, bed = made.write(tmp_path)
    consent = ["--consent", "frequency_store", "--consent", "beacon"]
    main(["add", "--store", str(store), str(vcf), str(bed), "--sample", "a", "--sex", "female", *consent])
    from workflow.cohort_store.model import BEACON, Variant
    from workflow.cohort_store.view import open_view

    variant = [Variant("2", 500, "C", "T")]
    with open_view(store) as view:
        assert [view.frequency(variant, group)[0].ac for group in ("all", BEACON)] == [1, 1]
    paper = tmp_path / "statement.md"
    main(["withdraw", "--store", str(store), "--sample", "a", "--purpose", "beacon", "--readers", "0", "--statement", str(paper)])
    assert "no more counted for the Beacon; it is still counted in the frequency store" in paper.read_text()
    assert "erased from every file" not in paper.read_text()
    with open_view(store) as view:
        assert [view.frequency(variant, group)[0].ac for group in ("all", BEACON)] == [1, 0]
    assert verify(store).faults == []
