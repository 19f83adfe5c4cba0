"""The page of look-ups of one person: every look-up that touched them and no other, by a count of another way; nothing of anybody else."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.serve_beacon import main, parser
from tests.beacon_client import START, STEP, Client, People, client, new_store, release
from workflow.beacon.citizen_page import citizen_facts
from workflow.beacon.commands import prepared
from workflow.beacon.lookup_log import FILE, LookupLog
from workflow.beacon.names import Names
from workflow.beacon.records import FOLDER
from workflow.cohort_store.people import People as Map

SITES, NUMBER = 30, 40
Asked = dict[str, Any]


def place(site: int) -> int:
    return START + STEP * site


@pytest.fixture(scope="module")
def people() -> People:
    return People.made(NUMBER, SITES, random.Random(4))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, people: People) -> Path:
    """Return a store whose Beacon was asked: each site alone, ranges, all at once, among women; by a gene, which the log only names."""
    made = new_store(tmp_path_factory.mktemp("citizen"), people)
    release(made)
    asking = client(made)
    for site in range(SITES):
        asking.ask(f"/g_variants/1-{place(site)}-A-C", requestedGranularity="count")
    asking.ask(f"/g_variants/1-{place(0)}-A-T")
    for first in range(0, SITES, 3):
        asking.ask("/g_variants", token="", assemblyId="GRCh38", referenceName="1", start=place(first) - 1, end=place(first + 2))
    asking.ask("/g_variants")
    for site in range(SITES):
        given = {"assemblyId": "GRCh38", "referenceName": "1", "start": place(site) - 1, "referenceBases": "A", "alternateBases": "C"}
        asking.ask("/g_variants", filters="NCIT:C16576", **given)
    asking.beacon.log.add(
        {"who": "lab-a", "release": 1, "asked": {"geneId": "CFTR"}, "group": "all", "granularity": "boolean", "found": True}
    )
    asking.beacon.log.close()
    return made


def expected(people: People, name: str) -> int:
    """Count the look-ups that touched somebody: sites that they carry and that five people or more carry, as the Beacon may tell them."""
    if name not in people.beacon:
        return 0

    def told(site: int, group: str = "all") -> bool:
        return people.carriers(site, group) >= 5

    def told_of_women(site: int) -> bool:
        """Women are told if they, and those who are no women, are five or more, or none."""
        small = 0 < people.carriers(site) - people.carriers(site, "sex=female") < 5
        return told(site) and told(site, "sex=female") and not small

    mine = [site for site in range(SITES) if site in people.carried[name] and told(site)]
    ranges = sum(any(first <= site < first + 3 for site in mine) for first in range(0, SITES, 3))
    women = sum(told_of_women(site) for site in mine) if people.sex[name] == "female" else 0
    return len(mine) + ranges + women


def test_own_lookups_are_those_whose_answer_had_the_person_in_it(store: Path, people: People) -> None:
    numbers = set()
    for name in people.sex:
        found = citizen_facts(store, name, Names("GRCh38"))["found"]
        assert len(found.touched) == expected(people, name), name
        assert (found.lines, found.lost, found.before) == (SITES * 2 + SITES // 3 + 3, 0, 0)
        assert (found.everything, found.untold) == ((1, 1) if name in people.beacon else (0, 0))
        numbers.add(len(found.touched))
    assert len(numbers) > 5


def page(store: Path, folder: Path, name: str, *more: str) -> str:
    assert main(["citizen", "--store", str(store), "--sample", name, "--output", str(folder / "page.html"), *more]) == 0
    assert (folder / "page.html").stat().st_mode & 0o77 == 0
    return (folder / "page.html").read_text()


def test_page_names_institutions_and_no_variant_nor_anybody_else(store: Path, people: People, tmp_path: Path) -> None:
    name = max(people.beacon, key=lambda one: expected(people, one))
    text = page(store, tmp_path, name)
    assert text.index("opslag fik et svar, som du var en del af") < text.index("look-ups got an answer that you were part of")
    assert ">lab-a<" in text
    assert "uden adgangsnøgle (ingen ved hvem)" in text
    assert f"{expected(people, name)} look-ups got" in text
    assert not re.search(rf"1-{place(0) // 1000}\d\d\d-A", text)
    others = {other for other in people.sex if other != name} & set(re.findall(r"\bp\d+\b", text))
    assert others == set()
    with Map(store / "inside") as rows:
        assert not [row.token for row in rows.all() if row.token in text]
    assert "Not evaluated:" in text
    assert not re.search(r"<script|https?://|<img", text)
    assert re.search(rf"1-{START // 1000}\d\d\d-A-C", page(store, tmp_path, name, "--name-variants"))


def test_page_of_somebody_outside_says_that_and_no_more(store: Path, people: People, tmp_path: Path) -> None:
    nobody = page(store, tmp_path, "nobody")
    assert "Dette genom er ikke talt med i dag" in nobody
    without = next(name for name in people.sex if name not in people.beacon)
    text = page(store, tmp_path, without)
    assert "Dit samtykke dækker ikke Beacon" in text
    assert "lab-a" not in nobody + text


def test_lookups_of_a_release_before_the_person_came_are_counted_apart(tmp_path: Path, people: People) -> None:
    early = People(people.sites, dict(people.sex), dict(people.ancestry), set(people.beacon), dict(people.carried))
    late = sorted(early.beacon)[0]
    made = new_store(
        tmp_path,
        People(early.sites, {one: sex for one, sex in early.sex.items() if one != late}, early.ancestry, early.beacon, early.carried),
    )
    release(made)
    asking = client(made)
    asking.ask(f"/g_variants/1-{place(1)}-A-C")
    asking.beacon.log.close()
    early.add(made, [late])
    found = citizen_facts(made, late, Names("GRCh38"))["found"]
    assert (found.before, found.touched, found.everything) == (1, [], 0)


def test_broken_chain_makes_no_page(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = store / FOLDER / FILE
    whole = log.read_bytes()
    try:
        log.write_bytes(whole.replace(b'"lab-a"', b'"lab-b"', 1))
        assert main(["citizen", "--store", str(store), "--sample", "p1", "--output", str(tmp_path / "page.html")]) == 2
    finally:
        log.write_bytes(whole)
    told = capsys.readouterr().err
    assert "the log of look-ups is not as it was written" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_log_of_a_beacon_that_told_nothing_touches_nobody(tmp_path: Path) -> None:
    few = People(3)
    for name in ("p1", "p2", "p3"):
        few.join(name, random.Random(1))
    few.beacon = {"p1", "p2"}
    made = new_store(tmp_path, few)
    (made / FOLDER).mkdir()
    log = LookupLog(made / FOLDER / FILE)
    log.add({"who": "public", "release": 0, "asked": {"id": f"1-{START}-A-C"}, "group": "all", "granularity": "boolean", "found": False})
    log.close()
    found = citizen_facts(made, sorted(few.beacon)[0], Names("GRCh38"))["found"]
    assert (found.lines, found.touched, found.lost) == (1, [], 0)
    assert json.loads((made / FOLDER / FILE).read_text())["found"] is False


def test_beacon_of_few_people_starts_tells_nothing_and_says_so(tmp_path: Path) -> None:
    few = People(3)
    for name in ("p1", "p2", "p3", "p4"):
        few.join(name, random.Random(1))
        few.beacon.add(name)
        few.carried[name] = {0, 1}
    made = new_store(tmp_path, few)
    asking = Client(prepared(parser().parse_args(["serve", "--store", str(made)])), "")
    for path in (f"/g_variants/1-{START}-A-C", "/g_variants"):
        status, answer = asking.ask(path)
        assert (status, answer["responseSummary"]["exists"]) == (200, False)
    status, answer = asking.ask("/g_variants", assemblyId="GRCh38", referenceName="1", start=START - 1, end=START + 2000)
    assert (status, answer["responseSummary"]["exists"]) == (200, False)
    assert "Fewer than 5 people are counted here so far" in asking.sent("/lookup")[1].decode()
    assert "Færre end 5 personer er talt med her endnu" in asking.sent("/slaa-op")[1].decode()
    asking.beacon.log.close()
    assert not list((made / FOLDER).glob("[0-9]*"))
    for name in ("p5", "p6"):
        few.join(name, random.Random(1))
        few.beacon.add(name)
        few.carried[name] = {0, 1}
    few.add(made, ["p5", "p6"])
    release(made)
    told = client(made)
    assert told.ask(f"/g_variants/1-{START}-A-C")[1]["responseSummary"]["exists"] is True
    assert "Fewer than 5 people are counted here" not in told.sent("/lookup")[1].decode()
    told.beacon.log.close()
    assert citizen_facts(made, "p1", Names("GRCh38"))["found"].lines == 4
