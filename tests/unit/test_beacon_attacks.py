"""Attacks on the Beacon that need many requests or several releases."""

import gc
import json
import random
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scripts.cohort_store import main as store_main
from scripts.serve_beacon import main as beacon_main
from tests.beacon_client import START, STEP, Client, People, client, faults, new_store, release
from workflow.beacon.records import read_beacon_releases
from workflow.errors import InputError

GROUPS = ("all", "sex=female", "sex=male", "ancestry=A", "ancestry=B")


def told(beacon: Client, sites: int) -> dict[tuple[int, str], int]:
    """Return what the Beacon tells of each site in each group: alleles, by the one way that gives them."""
    found = {}
    for site in range(sites):
        for group in set(GROUPS) & {"all", *beacon.beacon.table.release.groups}:
            term = {} if group == "all" else {"filters": {"sex=female": "NCIT:C16576", "sex=male": "NCIT:C20197"}.get(group, group)}
            _, answer = beacon.ask(f"/g_variants/1-{START + STEP * site}-A-C", requestedGranularity="count", **term)
            if answer["responseSummary"]["exists"]:
                found[site, group] = answer["info"]["alleleCount"]
    return found


def test_no_release_shows_who_came_or_went(tmp_path: Path) -> None:
    """Whatever is told of a site by any two releases, in any group, differs by nothing or by five and more."""
    dice = random.Random(11)
    people = People.made(70, 60, dice)
    store = new_store(tmp_path, people)
    answers: list[dict[tuple[int, str], int]] = []
    refused = moved = 0
    for step in range(6):
        try:
            release(store)
            beacon = client(store)
            answers.append(told(beacon, people.sites))
            beacon.beacon.log.close()
        except InputError as error:
            refused += "came or went" in str(error)
        gone = dice.sample(sorted(people.sex), [5, 1, 3, 0, 7, 0][step])
        for name in gone:
            assert store_main(["withdraw", "--store", str(store), "--sample", name, "--later"]) == 0
            for known in (people.sex, people.ancestry, people.carried):
                known.pop(name)
            people.beacon.discard(name)
        new = [f"n{step}_{at}" for at in range([6, 0, 0, 9, 0, 8][step])]
        for name in new:
            people.join(name, dice)
        people.add(store, new)
    for later in answers:
        for earlier in answers:
            for key in later.keys() & earlier.keys():
                difference = abs(later[key] - earlier[key])
                assert difference == 0 or difference >= 5
                moved += difference >= 5
                site, group = key
                rests = [one[site, "all"] - one[key] for one in (later, earlier) if (site, "all") in one]
                assert group == "all" or all(rest == 0 or rest >= 5 for rest in rests)
    assert refused
    assert len(answers) > 2


def frequencies(folder: Path) -> dict[tuple[int, str], int]:
    """Return the alleles that a release of frequencies tells of each site in each group."""
    rows = pq.read_table(folder / "frequencies.parquet").to_pylist()
    columns = {"ac": "all"} | {f"ac:{name}": name for name in GROUPS[1:]}
    return {
        ((row["pos"] - START) // STEP, columns[name]): value
        for row in rows
        for name, value in row.items()
        if name in columns and value is not None
    }


def differences(one: dict[tuple[int, str], int], other: dict[tuple[int, str], int]) -> list[int]:
    """Return every difference of two tables that somebody who has both can work out: of a group, and of what groups leave of all."""
    found = []
    for site, group in one.keys() & other.keys():
        found.append(abs(one[site, group] - other[site, group]))
        if group != "all" and (site, "all") in one.keys() & other.keys():
            found.append(abs(one[site, "all"] - one[site, group] - other[site, "all"] + other[site, group]))
    return found


def test_a_release_of_frequencies_and_the_beacon_show_nobody_without_consent(tmp_path: Path) -> None:
    """All in the store by the release, those of the Beacon by the Beacon: the difference is nobody, or five and more."""
    people = People.made(70, 80, random.Random(3))
    store = new_store(tmp_path, people)
    assert store_main(["release", "--store", str(store), "--output", str(tmp_path / "out")]) == 0
    release(store)
    beacon = client(store)
    hidden = 0
    public = frequencies(tmp_path / "out")
    for (site, group), count in told(beacon, people.sites).items():
        every = people.carriers(site, group, beacon=False)
        assert every - count == 0 or every - count >= 5
        assert count in {people.carriers(site, group), public.get((site, group))}
    for site in range(people.sites):
        hidden += people.carriers(site) >= 5 and 0 < people.carriers(site, beacon=False) - people.carriers(site) < 5
    assert hidden
    beacon.beacon.log.close()


def test_what_is_absent_is_not_what_one_to_four_people_have(tmp_path: Path) -> None:
    """70 people with consent for the Beacon, 10 without, Beacon, frequencies: no table tells the ten's none from their one to four."""
    people = People.made(80, 120, random.Random(6))
    people.beacon = set(sorted(people.sex)[:70])
    store = new_store(tmp_path, people)
    release(store)
    assert store_main(["release", "--store", str(store), "--output", str(tmp_path / "out")]) == 0
    beacon = client(store)
    ours, public = ({site: ac for (site, group), ac in table.items() if group == "all"} for table in (
        told(beacon, people.sites), frequencies(tmp_path / "out")))  # fmt: skip
    beacon.beacon.log.close()
    few = 0
    for site in range(people.sites):
        mine = people.carriers(site)
        others = people.carriers(site, beacon=False) - mine
        few += mine >= 5 and 0 < others < 5
        assert ours.get(site) == (mine if mine >= 5 else None)
        if others < 5:
            assert public.get(site) == ours.get(site)
    assert few > 10


@pytest.mark.parametrize("seed", [3, 8])
def test_frequencies_after_the_beacon_show_nobody_and_neither_does_the_next_beacon(tmp_path: Path, seed: int) -> None:
    """Beacon, people come and go, frequencies, people come and go, Beacon: any two tables differ by nobody, or by five and more."""
    dice = random.Random(seed)
    people = People.made(80, 120, dice)
    people.beacon |= set(dice.sample(sorted(people.sex), 60))
    store = new_store(tmp_path, people)
    tables = []
    masked = 0
    for step, kind in enumerate(["beacon", "frequencies", "beacon", "frequencies"]):
        if kind == "beacon":
            release(store)
            beacon = client(store)
            tables.append(told(beacon, people.sites))
            beacon.beacon.log.close()
        else:
            out = tmp_path / f"out{step}"
            assert store_main(["release", "--store", str(store), "--output", str(out)]) == 0
            tables.append(frequencies(out))
            counted = {site: people.carriers(site, beacon=False) for site in range(people.sites)}
            masked += sum(count >= 5 and tables[-1].get((site, "all")) != count for site, count in counted.items())
        new = [f"n{step}_{at}" for at in range(12)]
        for name in new:
            people.join(name, dice)
            people.carried[name] = {site for site in range(people.sites) if dice.random() < 0.15}
        people.add(store, new)
    for first, second in combinations(tables, 2):
        assert first.keys() & second.keys()
        assert [one for one in differences(first, second) if 0 < one < 9] == []  # eight alleles are four people's
    assert masked, "there was something to hide"


@pytest.mark.parametrize("kind", ["frequencies", "beacon"])
def test_tables_of_nearly_the_same_people_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """Where one to four people are in the one and not in the other, what only one of them tells is told of these people."""
    dice = random.Random(5)
    people = People.made(30, 20, dice)
    people.beacon = set(people.sex)
    store = new_store(tmp_path, people)
    commands = {
        "beacon": lambda: beacon_main(["release", "--store", str(store)]),
        "frequencies": lambda: store_main(["release", "--store", str(store), "--output", str(tmp_path / "out")]),
    }
    assert commands["beacon" if kind == "frequencies" else "frequencies"]() == 0
    people.join("late", dice)
    people.beacon.add("late")
    people.add(store, ["late"])
    capsys.readouterr()
    assert commands[kind]() == 2
    error = capsys.readouterr().err
    assert error.startswith("error: fewer than 5 people tell ")
    assert error.count("\n") == 1
    for at in range(4):
        people.join(f"more{at}", dice)
        people.beacon.add(f"more{at}")
    people.add(store, [f"more{at}" for at in range(4)])
    assert commands[kind]() == 0


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    people = People.made(12, 3, random.Random(2))
    people.beacon = set(sorted(people.sex)[:4])
    store = new_store(tmp_path, people)
    with pytest.raises(InputError, match="fewer than 5 people"):
        release(store)
    assert read_beacon_releases(store) == []


@pytest.fixture(scope="module")
def beacon(tmp_path_factory: pytest.TempPathFactory) -> Any:
    people = People.made(50, 60, random.Random(9))
    store = new_store(tmp_path_factory.mktemp("attacks"), people)
    release(store)
    made = client(store)
    made.people = people  # type: ignore[attr-defined]
    yield made
    made.beacon.log.close()


@pytest.mark.parametrize("repeats", [pytest.param(1000, marks=pytest.mark.long), 120])
def test_time_does_not_tell_of_few_people(beacon: Client, repeats: int) -> None:
    """A variant of one to four people takes the time of one that nobody has: neither is in the server's memory."""
    people = beacon.people  # type: ignore[attr-defined]
    few = next(site for site in range(people.sites) if 1 <= people.carriers(site) <= 4)
    paths = {"few": f"/g_variants/1-{START + STEP * few}-A-C", "nobody": f"/g_variants/1-{START + STEP * few}-A-G"}
    times: dict[str, list[float]] = {name: [] for name in paths}
    gc.disable()
    for _ in range(repeats):
        for name in random.sample(sorted(paths), 2):
            before = time.perf_counter()
            beacon.sent(paths[name])
            times[name].append(time.perf_counter() - before)
    gc.enable()
    middle = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
    assert abs(middle["few"] - middle["nobody"]) < 0.15 * middle["nobody"]
    table = beacon.beacon.table
    assert not any(one.pos == START + STEP * few for window in table.windows("1", 0, 2_000_000) for one in window.variants)


WORDS = ["1", "chr1", "X", "NC_000001.11", "GRCh38", "hg19", "A", "C", "N", "<DEL>", "", " ", "0", "-1", "1000000", "999999,1000000",
         "1,2,3",
         "true", "null", "NaN", "1e9", "9" * 400, "é", "\x00", "' OR 1=1 --", "../../etc/passwd", "%s%n", "{{7*7}}", "NCIT:C16576", "HIT",
         "count", "record", "BRCA1", "NM_000546.6:c.215C>G", "NC_000001.11:g.1000000A>C", "ACGT" * 500]  # fmt: skip
KEYS = ["assemblyId", "referenceName", "start", "end", "referenceBases", "alternateBases", "variantType", "variantMinLength", "geneId",
        "variantMaxLength", "genomicAlleleShortForm", "filters", "requestedGranularity", "includeResultsetResponses", "skip", "limit",
        "testMode", "mateName", "requestedSchemas", "meta", "query", "requestParameters", "pagination", "g_variant", "__proto__",
        "x"]  # fmt: skip


def value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(8 if depth < 3 else 5)
    if kind < 3:
        return dice.choice(WORDS)
    if kind < 5:
        return dice.choice([0, 1, -1, 999_999, 1_000_000, 2**63, 1.5, True, None])
    if kind == 5:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {dice.choice(KEYS): value(dice, depth + 1) for _ in range(dice.randrange(5))}


def sent_at_random(beacon: Client, dice: random.Random) -> tuple[int, bytes]:
    if dice.random() < 0.5:
        query = (
            value(dice, 2) if dice.random() < 0.7 else {"assemblyId": "GRCh38", "referenceName": "1", "start": 999_000, "end": 1_003_000}
        )
        body: Any = {"meta": {"apiVersion": "2.0"}, "query": {"requestParameters": query}}
        if dice.random() < 0.3:
            body = value(dice)
        elif dice.random() < 0.4:
            body["query"][dice.choice(KEYS)] = value(dice, 1)
        raw = json.dumps(body).encode()
        if dice.random() < 0.2:
            raw = bytes(dice.randrange(256) if dice.random() < 0.05 else one for one in raw)
        return beacon.sent("/g_variants", raw=raw)
    valid = {"assemblyId": "GRCh38", "referenceName": "1", "start": str(999_999 + dice.randrange(3000)), "alternateBases": "C"}
    for _ in range(dice.choice([0, 0, 1, 2, 3])):
        valid[dice.choice(KEYS)] = dice.choice(WORDS)
        valid.pop(dice.choice(sorted(valid)), None)
    path = dice.choice(["/g_variants", "/g_variants", "/g_variants/" + dice.choice(WORDS).replace("?", ""), "/" + dice.choice(KEYS)])
    method = dice.choice([*["GET"] * 8, "POST", "PUT", "DELETE", "OPTIONS"])
    return beacon.sent(path, method=method, token=dice.choice([*[beacon.token] * 4, "", "", "é", "x" * 500]), **valid)


@pytest.mark.parametrize("number", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_random_requests_find_no_fault_and_no_leak(beacon: Client, number: int, capfd: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(number)
    seen: dict[int, int] = {}
    secret = beacon.beacon.table.release.sha256
    for _ in range(number):
        status, content = sent_at_random(beacon, dice)
        seen[status] = seen.get(status, 0) + 1
        answer = json.loads(content)
        granularity = answer["meta"].get("returnedGranularity")
        schema = "beaconErrorResponse" if status != 200 else "beaconCountResponse" if granularity == "count" else "beaconBooleanResponse"
        assert faults(answer, schema) == [] or (status == 200 and "responseSummary" not in answer)
        assert not any(word in content for word in (b"Traceback", b'File "', b"sqlite", b"/tmp/", secret.encode()))
    assert max(seen) < 500
    assert seen[200] > number / 20
    assert capfd.readouterr().err == ""
