"""The centre's history of metrics: append only, whole or not at all, each sealed decision once, quick to read."""

import json
import os
import random
import stat
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from scripts import keep_metrics
from tests.release_state import ASSAY, usual, write_members, write_sample
from workflow import metric_history
from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.metric_history import FEWEST, Entry, assay_of, comparable, keep, read_history, summarise


def entry(sample, day="2026-01-05", release="", assay=ASSAY, **metrics):
    facts = ("genvej-germline 2026-11-01", "", "release", release or f"digest of {sample}")
    return Entry(sample, "0001", day, assay, *facts, metrics or {"x": 1.0})


def test_keep_adds_each_sealed_decision_once_and_never_writes_a_segment_again(tmp_path):
    assert [one.sample for one in keep(tmp_path, [entry("a"), entry("b")])] == ["a", "b"]
    (first,) = (tmp_path / "metrics").iterdir()
    before = first.read_bytes()
    assert keep(tmp_path, [entry("a"), entry("b")]) == []
    assert [one.sample for one in keep(tmp_path, [entry("b"), entry("c", day="2026-02-01")])] == ["c"]
    assert first.read_bytes() == before
    assert stat.S_IMODE(first.stat().st_mode) == 0o444
    assert [one.sample for one in read_history(tmp_path).entries] == ["a", "b", "c"]


def test_a_sample_released_anew_stands_twice_and_is_compared_by_its_newest_values(tmp_path):
    keep(tmp_path, [entry("a", x=1.0), entry("me"), entry("other", assay="panel")])
    keep(tmp_path, [entry("a", day="2026-03-01", release="second", x=2.0)])
    history = read_history(tmp_path)
    assert len(history.entries) == 4
    (only,) = comparable(history, ASSAY, ["me"])
    assert (only.sample, only.metrics["x"]) == ("a", 2.0)


def test_two_runs_at_once_lose_nothing_and_double_nothing(tmp_path):
    keep(tmp_path, [entry("a"), entry("b")])
    keep(tmp_path / "elsewhere", [entry("b"), entry("c")])  # a run that had not seen the first when it began
    for file in (tmp_path / "elsewhere/metrics").iterdir():
        file.rename(tmp_path / "metrics" / file.name)
    assert [one.sample for one in read_history(tmp_path).entries] == ["a", "b", "c"]


def test_a_writer_that_is_killed_leaves_the_history_as_it_was(tmp_path, monkeypatch):
    keep(tmp_path, [entry("a")])
    monkeypatch.setattr(metric_history.os, "fsync", lambda handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        keep(tmp_path, [entry("b")])
    assert [one.sample for one in read_history(tmp_path).entries] == ["a"]
    assert len(list((tmp_path / "metrics").iterdir())) == 1


@pytest.mark.parametrize("change", [lambda text: text[:-20], lambda text: text.replace("1.0", "9.0"), lambda text: text + "{}\n"])
def test_a_damaged_segment_is_left_out_and_named(tmp_path, change):
    keep(tmp_path, [entry("a")])
    keep(tmp_path, [entry("b", day="2026-02-01")])
    damaged = sorted((tmp_path / "metrics").iterdir())[0]
    damaged.chmod(0o644)
    damaged.write_text(change(damaged.read_text()))
    history = read_history(tmp_path)
    assert [one.sample for one in history.entries] == ["b"]
    assert history.damaged == (damaged.name,)


def test_a_store_that_is_a_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(InputError, match=r"history of metrics cannot be written.*identity.store"):
        keep(tmp_path / "store", [entry("a")])


def test_segments_hold_nothing_of_a_person_but_name_and_numbers(tmp_path):
    keep(tmp_path, [entry("a")])
    (segment,) = (tmp_path / "metrics").iterdir()
    assert set(json.loads(segment.read_text())) == {
        "sample", "version", "sealed", "assay", "limits", "order", "decision", "release", "metrics",
    }  # fmt: skip


def test_summarise_tells_quantiles_only_of_enough_samples():
    few = [entry(f"s{n}", x=float(n)) for n in range(FEWEST - 1)]
    assert summarise(few, "x")["quantiles"] == []
    assert summarise(few, "x")["values"] == [float(n) for n in range(FEWEST - 1)]
    enough = summarise([entry(f"s{n}", x=float(n)) for n in range(101)], "x")
    assert (enough["n"], enough["quantiles"], enough["values"]) == (101, [5, 25, 50, 75, 95], [])
    assert summarise(few, "another")["n"] == 0


def test_summarise_tells_the_trend_by_month():
    entries = [entry("a", "2026-01-31", x=1.0), entry("b", "2026-02-01", x=2.0), entry("c", "2026-02-28", x=4.0)]
    assert summarise(entries, "x")["months"] == [
        {"month": "2026-01", "n": 1, "low": 1, "median": 1, "high": 1},
        {"month": "2026-02", "n": 2, "low": 2.5, "median": 3, "high": 3.5},
    ]


def test_ten_thousand_entries_are_read_and_summed_up(tmp_path):
    dice = random.Random(1)
    day = date(2024, 1, 1)
    entries = [entry(f"s{n}", (day + timedelta(days=n // 14)).isoformat(), **usual(dice)) for n in range(10_000)]
    for start in range(0, 10_000, 500):
        keep(tmp_path, entries[start : start + 500]) if start in {0, 9_500} else _segment(tmp_path, entries[start : start + 500])
    found = comparable(read_history(tmp_path), ASSAY, [])
    assert len(found) == 10_000
    assert len(summarise(found, "mean_autosome_coverage")["months"]) == 24


def _segment(store, entries):
    """Write a segment without asking what is known, as `keep` would."""
    keep(store / "part", entries)
    for file in (store / "part/metrics").iterdir():
        os.replace(file, store / "metrics" / file.name)


@pytest.fixture
def sealed(tmp_path):
    """A results folder with one sealed version of two samples."""
    version = tmp_path / "results/release/versions/0001"
    for name in ("anna", "bo"):
        write_sample(version, name, usual(random.Random(name)))
    names = [f"samples/{name}/release.json" for name in ("anna", "bo")]
    listed = [{"file": name, "sha256": sha256_of(version / name), "kind": "sample"} for name in names]
    write_json(version / "manifest.json", {"version": "0001", "files": listed})
    os.utime(version / "manifest.json", (1_770_000_000, 1_770_000_000))
    write_json(tmp_path / "results/release/manifest.json", {"version": "0001", "files": listed})
    return tmp_path


def run(folder):
    params = SimpleNamespace(
        results=str(folder / "results"),
        assembly="GRCh38",
        store=str(folder / "store"),
    )
    write_members(folder / "results", *([name, name, "proband", "female", "", "R-7", "L1"] for name in ("anna", "bo", "not-sealed")))
    given = SimpleNamespace(manifest=str(folder / "results/release/manifest.json"))
    keep_metrics.main(input=given, output=[str(folder / "history.json")], params=params)
    return read_json(folder / "history.json")


def test_keep_metrics_takes_what_was_sealed_and_adds_nothing_twice(sealed):
    assert run(sealed) == {"version": "0001", "added": ["anna", "bo"]}
    assert run(sealed) == {"version": "0001", "added": []}
    entries = read_history(sealed / "store").entries
    assert [(one.sample, one.version, one.sealed, one.order) for one in entries] == [
        ("anna", "0001", "2026-02-02", "R-7"),
        ("bo", "0001", "2026-02-02", "R-7"),
    ]
    release = read_json(sealed / "results/release/versions/0001/samples/anna/release.json")
    assert entries[0].assay == assay_of(release, "GRCh38")
    assert entries[0].metrics["mean_autosome_coverage"] == release["metrics"][0]["value"]


def test_keep_metrics_refuses_a_sealed_decision_that_was_changed(sealed):
    file = sealed / "results/release/versions/0001/samples/anna/release.json"
    file.write_text(file.read_text().replace("release", "fail", 1))
    with pytest.raises(InputError, match="a sealed decision is not what its manifest says"):
        run(sealed)
    assert not (sealed / "store").exists()
