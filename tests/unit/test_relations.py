"""The check file of a sample: what contradicts the order, what is not in it, what cannot be told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.list_relations import each_once, matrix, pairs
from scripts.relate_sample import facts_of
from tests.unit.family_tree import Haplotypes, child, founder, reads, spread_sites
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, Sites, planes, write_fingerprint
from workflow.kin_order import Person, expected
from workflow.relations import IDENTITY, INBREEDING, RELATIONS, UNEXPECTED, check_file
from workflow.run_fingerprints import Run, read_run, write_run

SITES = spread_sites(1100, 2_400_000)
ORDER = {
    "vega": Person("vega", "family", "proband", "male"),
    "vega-m": Person("vega-m", "family", "mother", "female"),
    "vega-f": Person("vega-f", "family", "father", "male"),
    "vega-s": Person("vega-s", "family", "sibling", "female"),
    "orla": Person("orla", "single", "proband", "female"),
    "tara": Person("tara", "other", "proband", "female"),
    "tara-m": Person("tara-m", "other", "mother", "female"),
}


def genomes(seed: int = 4) -> dict[str, Haplotypes]:
    """Return the genome of everybody in the order, all as ordered."""
    dice = np.random.default_rng(seed)
    people = {name: founder(SITES, dice) for name in ("vega-m", "vega-f", "orla", "tara-m", "tara-f", "stranger")}
    people |= {name: child(people["vega-m"], people["vega-f"], SITES, dice) for name in ("vega", "vega-s", "aunt")}
    return people | {"tara": child(people["tara-m"], people["tara-f"], SITES, dice)}


def run_of(order: Mapping[str, Person], people: Mapping[str, Haplotypes], depth: float = 20, sites: Sites = SITES) -> Run:
    """Return the fingerprints of a run."""
    dice = np.random.default_rng(8)
    quality = np.stack([reads(people[name], dice, depth)[: len(sites)] for name in order])
    return Run(order, sites, quality, planes(quality), {"assembly": "GRCh38"})


def check(sample: str, run: Run, folder: Path) -> dict[str, Any]:
    """Return the check file of a sample."""
    write_fingerprint(folder / "one.npz", Fingerprint(sample, run.sites, run.of(sample)))
    return check_file(facts_of(sample, run, str(folder / "one.npz"), folder / "store"))


def value(found: Mapping[str, Any], name: str) -> Any:
    """Return the value of a metric, None if it was not evaluated."""
    return found["metrics"].get(name, {}).get("value")


def store(folder: Path, name: str, genome: Haplotypes, **facts: str) -> None:
    """Put somebody into the store."""
    quality = reads(genome, np.random.default_rng(5), 25)
    append(folder / "store", [(Fingerprint(name, SITES, quality), {"when": "2026-02-01", "decision": "release", **facts})])


def test_everybody_as_ordered(tmp_path: Path) -> None:
    """A run without mistake: every sample is itself, every relation holds, and nobody is related who need not be."""
    run = run_of(ORDER, genomes())
    for sample in ORDER:
        found = check(sample, run, tmp_path)
        assert value(found, IDENTITY) is True, found["details"]
        assert value(found, RELATIONS) is True, found["details"]
        assert value(found, UNEXPECTED) == 0, found["notes"]
        assert (found["findings"], found["notes"]) == ([], [])
        assert abs(value(found, INBREEDING)) < 0.15
    vega = check("vega", run, tmp_path)
    assert [one["found"] for one in vega["expected"]] == ["yes"] * 3
    assert {one["sample"] for one in vega["matches"]} == {"vega-m", "vega-f", "vega-s"}


def test_same_person_under_two_names(tmp_path: Path) -> None:
    """Both samples name the other, with the odds; the same declared person is no finding."""
    people = genomes()
    people["orla"] = people["tara"]
    run = run_of(ORDER, people)
    for sample, other in (("orla", "tara"), ("tara", "orla")):
        found = check(sample, run, tmp_path)
        assert value(found, IDENTITY) is False
        assert f"the same person as sample {other}" in found["details"][IDENTITY]
        assert found["findings"][0]["kind"] == "same person under two names"
        assert found["findings"][0]["log10_odds"] > 50
    told = dict(ORDER) | {name: Person(name, ORDER[name].case, "proband", "female", "p1") for name in ("orla", "tara")}
    assert value(check("orla", run_of(told, people), tmp_path), IDENTITY) is True


def test_person_under_many_names_is_told_in_few_words(tmp_path: Path) -> None:
    """The decision names two of the others and counts the rest; the list of findings has each."""
    people = genomes()
    names = ("orla", "orla-2", "orla-3", "orla-4")
    order = dict(ORDER) | {name: Person(name, name, "proband", "female") for name in names}
    found = check("orla", run_of(order, people | dict.fromkeys(names, people["orla"])), tmp_path)
    assert found["details"][IDENTITY].count("the same person as sample") == 2
    assert found["details"][IDENTITY].endswith("and 1 more, in relations.json")
    assert [one["samples"][1] for one in found["findings"]] == ["orla-2", "orla-3", "orla-4"]


def test_second_specimen_of_somebody_else(tmp_path: Path) -> None:
    """Two samples of one person who are two people."""
    told = dict(ORDER) | {name: Person(name, ORDER[name].case, "proband", "female", "p1") for name in ("orla", "tara")}
    found = check("orla", run_of(told, genomes()), tmp_path)
    assert value(found, IDENTITY) is False
    assert "same person with tara is not found" in found["details"][IDENTITY]


def test_child_sequenced_as_its_own_mother(tmp_path: Path) -> None:
    """The child's reads under the mother's name fit a parent at every site, and are told as the same person nevertheless."""
    people = genomes()
    people["vega-m"] = people["vega"]
    run = run_of(ORDER, people)
    for sample, other in (("vega", "vega-m"), ("vega-m", "vega")):
        found = check(sample, run, tmp_path)
        assert (value(found, IDENTITY), value(found, RELATIONS)) == (False, False)
        assert f"the same person as sample {other}" in found["details"][IDENTITY]


@pytest.mark.parametrize("parent", ["vega-m", "vega-f"])
def test_false_parent(tmp_path: Path, parent: str) -> None:
    """A stranger and the parent's own child in a parent's place are told, and the true parent is not blamed."""
    other = {"vega-m": "vega-f", "vega-f": "vega-m"}[parent]
    for instead in ("stranger", "orla"):
        people = genomes()
        people[parent] = people[instead]
        order = {name: person for name, person in ORDER.items() if name != "orla"}
        run = run_of(order, people)
        found = check("vega", run, tmp_path)
        assert value(found, RELATIONS) is False
        assert f"parent and child with {parent} is not found" in found["details"][RELATIONS]
        assert value(check(parent, run, tmp_path), RELATIONS) is False
        assert value(check(other, run, tmp_path), RELATIONS) is True


def test_sister_of_a_parent_is_no_parent(tmp_path: Path) -> None:
    """A mother's own sister in her place is told apart, though she is close."""
    dice = np.random.default_rng(2)
    people = genomes()
    elders = founder(SITES, dice), founder(SITES, dice)
    people |= {name: child(*elders, SITES, dice) for name in ("vega-m", "sister")}
    people["vega"] = child(people["vega-m"], people["vega-f"], SITES, dice)
    people["vega-m"] = people["sister"]
    assert value(check("vega", run_of(ORDER, people, 30), tmp_path), RELATIONS) is False


def test_exchange_is_named(tmp_path: Path) -> None:
    """Two probands exchanged: each names the other as the one who fits."""
    people = genomes()
    people["vega"], people["tara"] = people["tara"], people["vega"]
    run = run_of(ORDER, people)
    for sample in ("vega", "tara"):
        found = check(sample, run, tmp_path)
        assert value(found, RELATIONS) is False
        assert "exchanged would explain it: each fits in the place of the other" in found["details"][RELATIONS]
        assert {"vega", "tara"} in [set(one["samples"]) for one in found["findings"] if one["kind"] == "exchange"]
    people = genomes()
    people["vega-f"], people["orla"] = people["orla"], people["vega-f"]
    found = check("vega-f", run_of(ORDER, people), tmp_path)
    assert "orla fits in the place of vega-f; whether vega-f fits in that of orla cannot be told" in found["details"][RELATIONS]


def test_relation_that_is_not_in_the_order(tmp_path: Path) -> None:
    """A sister who comes with a case of her own is counted and noted, and held by nobody but a limit."""
    people = genomes()
    people["orla"] = people["aunt"]
    found = check("orla", run_of(ORDER, people), tmp_path)
    assert (value(found, IDENTITY), value(found, RELATIONS)) == (True, True)
    assert value(found, UNEXPECTED) == 4
    assert any("not in the order: full sibling of sample vega" in note for note in found["notes"])
    assert any("not in the order: parent or child of sample vega-m" in note for note in found["notes"])


def test_store_knows_the_person_under_another_name(tmp_path: Path) -> None:
    """Somebody who was released before under another name is named with the day; the pseudonym of the person settles it."""
    people = genomes()
    store(tmp_path, "earlier", people["orla"], person="p7")
    found = check("orla", run_of(ORDER, people), tmp_path)
    assert value(found, IDENTITY) is False
    assert "the same person as sample earlier, released 2026-02-01" in found["details"][IDENTITY]
    told = dict(ORDER) | {"orla": Person("orla", "single", "proband", "female", "p7")}
    found = check("orla", run_of(told, people), tmp_path)
    assert value(found, IDENTITY) is True
    assert "same person as earlier" in found["details"][IDENTITY]


def test_rerun_does_not_match_itself(tmp_path: Path) -> None:
    """A sample whose own earlier record is in the store is no second name; under its name somebody else is a finding."""
    people = genomes()
    for name in ORDER:
        store(tmp_path, name, people[name])
    run = run_of(ORDER, people)
    assert value(check("orla", run, tmp_path), IDENTITY) is True
    store(tmp_path, "orla", people["stranger"])
    found = check("orla", run, tmp_path)
    assert value(found, IDENTITY) is False
    assert "another person than orla, released 2026-02-01, under the same name" in found["details"][IDENTITY]
    store(tmp_path, "orla", people["stranger"], decision="hold")
    assert value(check("orla", run, tmp_path), IDENTITY) is True


def test_nothing_to_compare_is_not_evaluated(tmp_path: Path) -> None:
    """The only sample of a centre cannot be somebody else, and nobody says so; nor do ten sites tell anything."""
    found = check("orla", run_of({"orla": ORDER["orla"]}, genomes()), tmp_path)
    assert value(found, IDENTITY) is None
    assert "nobody to compare with" in found["not_evaluated"][IDENTITY]
    few = SITES.chosen(np.arange(10))
    found = check("vega", run_of(ORDER, genomes(), 20, few), tmp_path)
    assert "are needed among 6 others" in found["not_evaluated"][IDENTITY]
    assert set(found["not_evaluated"]) >= {IDENTITY, UNEXPECTED, INBREEDING}
    assert value(found, RELATIONS) is not False


def test_child_of_cousins_is_noted(tmp_path: Path) -> None:
    """A child of full siblings (F = 1/4) is noted as a finding and held by no limit."""
    people, dice = genomes(), np.random.default_rng(3)
    people["orla"] = child(people["vega"], people["vega-s"], SITES, dice)
    order = {"orla": ORDER["orla"], "tara": ORDER["tara"]}
    found = check("orla", run_of(order, people), tmp_path)
    assert value(found, INBREEDING) == pytest.approx(0.25, abs=0.12)
    assert any("the parents may be related" in note for note in found["notes"])


def test_expected_relations_of_the_order() -> None:
    """Roles, tumour and normal, and the person give the pairs; a pair once."""
    order = {
        "t": Person("t", "c", "tumour", "male", "p"),
        "n": Person("n", "c", "normal", "male", "p"),
        "again": Person("again", "d", "proband", "male", "p"),
        "rel": Person("rel", "d", "relative", "male"),
    }
    assert sorted((edge.first, edge.second, edge.relation) for edge in expected(order)) == [
        ("n", "again", "same person"),
        ("t", "again", "same person"),
        ("t", "n", "same person"),
    ]
    assert [edge.relation for edge in expected(ORDER)] == ["parent and child", "parent and child", "full siblings", "parent and child"]


def test_run_wide_list(tmp_path: Path) -> None:
    """Findings and pairs once, the matrix symmetric with a half on its diagonal; files of the run are read as written."""
    people = genomes()
    people["orla"] = people["tara"]
    run = run_of(ORDER, people)
    paths = {name: str(tmp_path / name) for name in ("json", "sites", "quality", "planes")}
    write_run(paths, list(ORDER.values()), run.sites, np.asarray(run.quality), {"assembly": "GRCh38"})
    run = read_run(paths)
    assert dict(run.people) == ORDER
    checks = [check(sample, run, tmp_path) for sample in ORDER]
    assert [one["kind"] for one in each_once(checks)].count("same person under two names") == 1
    assert len(pairs(checks)) == 4
    table = matrix(run)
    assert table is not None
    kinship = np.array(table["kinship"])
    assert np.allclose(kinship, kinship.T)
    assert np.allclose(np.diag(kinship), 0.5)
