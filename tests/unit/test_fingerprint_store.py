"""The store: what goes in comes out; killed writers, flipped bits, other assemblies and panels."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from tests.unit.family_tree import founder, sequenced, spread_sites
from workflow.errors import InputError
from workflow.fingerprint_store import append, open_store
from workflow.fingerprints import Fingerprint, Sites, read_fingerprint, write_fingerprint
from workflow.store_search import check_store, search

FACTS = {"when": "2026-05-01", "decision": "release"}
SITES = spread_sites(660)


def people(count: int, seed: int = 3, sites: Sites = SITES) -> list[Fingerprint]:
    """Return some people."""
    dice = np.random.default_rng(seed)
    return [sequenced(f"P{number}", founder(sites, dice), sites, dice) for number in range(count)]


def filled(folder: Path, count: int = 5) -> list[Fingerprint]:
    """Return people who are in a store."""
    some = people(count)
    append(folder, [(one, FACTS) for one in some])
    return some


def records(folder: Path) -> Path:
    """Return the store's one file of records."""
    return next(folder.glob("fingerprints/*/records.bin"))


def test_search_finds_oneself_and_nobody_else(tmp_path: Path) -> None:
    """A person of the store is found as the same, everybody else as unrelated."""
    some = filled(tmp_path)
    found = search(tmp_path, Fingerprint("again", SITES, some[2].quality))
    assert found.compared == 5
    assert {known.pair.name: known.pair.relation for known in found.known} == {
        one.sample: "same person" if one is some[2] else "unrelated" for one in some
    }


def test_append_twice_adds_nothing(tmp_path: Path) -> None:
    """What says the same does not enter again, on another day neither; another decision does, and is the one that holds."""
    some = filled(tmp_path)
    assert append(tmp_path, [(one, {**FACTS, "when": "2027-01-01"}) for one in some]) == []
    assert append(tmp_path, [(some[0], {**FACTS, "when": "2025-01-01", "decision": "hold"})]) == ["P0"]
    known = {known.pair.name: known.told for known in search(tmp_path, some[0]).known}
    assert len(known) == 5
    assert known["P0"]["decision"] == "hold"


def test_names_that_are_left_out(tmp_path: Path) -> None:
    """Samples of the same run are not looked up; own records and those of the own person are, however far they are."""
    some = filled(tmp_path, 3)
    append(tmp_path, [(Fingerprint("earlier", SITES, people(1, 9)[0].quality), {**FACTS, "person": "pia"})])
    found = search(tmp_path, Fingerprint("P0", SITES, some[1].quality), without={"P1"}, person="pia")
    assert {known.pair.name for known in found.known} == {"P0", "P2", "earlier"}


def test_killed_writer_leaves_no_trace(tmp_path: Path) -> None:
    """Half a record behind the last whole one is not read, and goes when the next one is written."""
    some = filled(tmp_path)
    file = records(tmp_path)
    whole = file.stat().st_size
    for path, rest in ((file.with_name("quality.bin"), 5000), (file, 700)):
        with path.open("ab") as handle:
            handle.write(os.urandom(rest))
    assert search(tmp_path, some[0]).compared == 5
    new = people(6)[5]
    append(tmp_path, [(new, FACTS)])
    assert file.stat().st_size == whole // 5 * 6
    assert check_store(tmp_path, "GRCh38") == 6
    assert max(search(tmp_path, Fingerprint("x", SITES, new.quality)).known, key=lambda known: max(known.pair.odds)).pair.name == "P5"


@pytest.mark.parametrize(
    ("name", "at"), [("records.bin", 0), ("records.bin", 6), ("records.bin", 30), ("records.bin", 600), ("quality.bin", 11)]
)
def test_flipped_bit_is_found(tmp_path: Path, name: str, at: int) -> None:
    """A bit that flipped anywhere in a record is an error in one sentence, not another answer."""
    some = filled(tmp_path)
    path = records(tmp_path).with_name(name)
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputError, match="the fingerprint store is damaged"):
        search(tmp_path, some[0])
    with pytest.raises(InputError, match="the fingerprint store is damaged"):
        check_store(tmp_path, "GRCh38")


def test_truncated_quality_is_found(tmp_path: Path) -> None:
    """Likelihoods that are gone are an error for readers and writers."""
    some = filled(tmp_path)
    path = records(tmp_path).with_name("quality.bin")
    os.truncate(path, 100)
    for action in (lambda: search(tmp_path, some[0]), lambda: append(tmp_path, [(people(6)[5], FACTS)])):
        with pytest.raises(InputError, match="shorter than its records need"):
            action()


def test_lost_head_is_found(tmp_path: Path) -> None:
    """Records without store.json are no new store."""
    some = filled(tmp_path)
    (tmp_path / "fingerprints/store.json").unlink()
    with pytest.raises(InputError, match=r"no store\.json"):
        search(tmp_path, some[0])
    with pytest.raises(InputError, match=r"no store\.json"):
        append(tmp_path, [(people(6)[5], FACTS)])


def test_other_assembly_is_refused(tmp_path: Path) -> None:
    """A store of GRCh38 takes and answers nothing of GRCh37."""
    filled(tmp_path)
    other = Fingerprint("x", Sites("GRCh37", SITES.keys, SITES.frequencies), people(1)[0].quality)
    for action in (lambda: search(tmp_path, other), lambda: append(tmp_path, [(other, FACTS)])):
        with pytest.raises(InputError, match="the fingerprint store is of GRCh38, and the samples are of GRCh37"):
            action()


def test_other_panel_is_compared_at_common_sites(tmp_path: Path) -> None:
    """After a change of the panel, people are found at the sites that both have; with hardly any, they are counted as left out."""
    some = filled(tmp_path)
    fewer = Sites("GRCh38", SITES.keys[:400], SITES.frequencies[:400])
    found = search(tmp_path, Fingerprint("again", fewer, some[2].quality[:400]))
    best = max(found.known, key=lambda known: max(known.pair.odds)).pair
    assert (best.name, best.relation, best.sure <= 400) == ("P2", "same person", True)
    append(tmp_path, [(Fingerprint("new", fewer, some[0].quality[:400]), FACTS)])
    assert len(open_store(tmp_path, "GRCh38")) == 2
    assert search(tmp_path, some[0]).compared == 6
    few = Sites("GRCh38", SITES.keys[:10], SITES.frequencies[:10])
    assert search(tmp_path, Fingerprint("few", few, some[0].quality[:10])).left_out == 6


def _enter(folder: Path, number: int) -> None:
    append(folder, [(Fingerprint(f"W{number}", SITES, people(1, number)[0].quality), FACTS)])


def test_writers_at_once(tmp_path: Path) -> None:
    """Four processes that write at once lose nothing."""
    jobs = [multiprocessing.get_context("fork").Process(target=_enter, args=(tmp_path, number)) for number in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert [job.exitcode for job in jobs] == [0] * 4
    assert check_store(tmp_path, "GRCh38") == 4


def test_fingerprint_file_round_trip(tmp_path: Path) -> None:
    """A fingerprint is read as it was written; a truncated file is refused."""
    one = people(1)[0]
    write_fingerprint(tmp_path / "one.npz", one)
    again = read_fingerprint(tmp_path / "one.npz")
    assert (again.sample, again.digest) == (one.sample, one.digest)
    (tmp_path / "half.npz").write_bytes((tmp_path / "one.npz").read_bytes()[:5000])
    with pytest.raises(InputError, match="no whole fingerprint"):
        read_fingerprint(tmp_path / "half.npz")
