"""The Beacon's answers: by the GA4GH's schemas, true, and none about fewer than five people."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.beacon_client import START, STEP, Client, People, client, faults, new_store, release
from workflow.beacon.lookup_log import LookupLog, lookups
from workflow.beacon.requesters import Allowance
from workflow.errors import InputError

SITES = 150


@pytest.fixture(scope="module")
def people() -> People:
    return People.made(90, SITES, random.Random(5))


@pytest.fixture(scope="module")
def store(people: People, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = new_store(tmp_path_factory.mktemp("beacon"), people)
    release(made)
    return made


@pytest.fixture
def beacon(store: Path) -> Any:
    made = client(store)
    yield made
    made.beacon.log.close()


def zero_based(site: int) -> int:
    return START + STEP * site - 1


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/", "beaconInfoResponse"), ("/info", "beaconInfoResponse"), ("/service-info", "ga4gh-service-info-1-0-0-schema"),
        ("/configuration", "beaconConfigurationResponse"), ("/entry_types", "beaconEntryTypesResponse"), ("/map", "beaconMapResponse"),
        ("/filtering_terms", "beaconFilteringTermsResponse"), ("/g_variants", "beaconBooleanResponse"),
        ("/g_variants?requestedGranularity=count", "beaconCountResponse"), ("/g_variants/1-1000000-A-C", "beaconBooleanResponse"),
        ("/nothing", "beaconErrorResponse"), ("/g_variants?what=1", "beaconErrorResponse"),
        ("/g_variants?assemblyId=GRCh38&referenceName=1&start=999999,1000100&end=1000000,2000000&filters=NCIT:C16576",
         "beaconBooleanResponse"),
    ],
)  # fmt: skip
def test_documents_are_valid(beacon: Client, path: str, schema: str) -> None:
    status, document = beacon.ask(path)
    assert (status == 200) == (schema != "beaconErrorResponse")
    assert faults(document, schema) == []
    assert faults({"meta": {}}, schema)


def test_a_variant_is_told_from_five_people_on(beacon: Client, people: People) -> None:
    seen = Counter[bool]()
    for site in range(SITES):
        ours = people.carriers(site)
        expected = ours >= 5  # whoever else has it: frequencies are held against this table later
        start = zero_based(site)
        assert beacon.count(start=start, referenceBases="A", alternateBases="C") == expected
        assert beacon.count(start=start, alternateBases="N") == expected
        assert beacon.count(start=start, end=start + 1) == expected
        assert beacon.count(start=f"{start},{start + 1}", end=f"{start + 1},{start + 2}") == expected
        status, answer = beacon.ask(f"/g_variants/chr1-{start + 1}-A-C", requestedGranularity="count")
        assert (status, answer["responseSummary"]["exists"]) == (200, expected)
        assert ("alleleCount" in answer["info"]) == expected
        if expected:
            assert (answer["info"]["alleleCount"], answer["info"]["alleleNumber"]) == (ours, 2 * len(people.beacon))
        seen[expected] += 1
    assert min(seen.values()) > 10


def test_no_difference_is_below_five(beacon: Client, people: People) -> None:
    """Filters, what they leave, neighbours, and ranges that differ by one site."""
    groups = ("sex=female", "sex=male", "ancestry=A", "ancestry=B")
    assert set(groups) <= set(beacon.beacon.table.release.groups)
    told = {group: [] for group in groups}  # type: ignore[var-annotated]
    for site in range(SITES):
        start = zero_based(site)
        here = {group for group in groups if beacon.count(group, start=start, referenceBases="A", alternateBases="C")}
        for group in here:
            assert people.carriers(site, group) >= 5
            assert not 0 < people.carriers(site) - people.carriers(site, group) < 5
            told[group].append(site)
        wide, narrow = beacon.count(start=zero_based(0), end=start + 1), beacon.count(start=zero_based(0), end=max(start, 1_000_000))
        assert wide - narrow in ({0} if people.carriers(site) < 5 else {0, 1})
    assert all(told.values())


def test_pages_change_nothing(beacon: Client) -> None:
    numbers = {beacon.count(start=999_000, end=1_020_000, skip=skip, limit=limit) for skip in (0, 1, 7) for limit in (0, 1, 3, 100)}
    assert len(numbers) == 1


def test_post_answers_as_get(beacon: Client) -> None:
    asked = {"assemblyId": "hg38", "referenceName": "chr1", "start": [999_000], "end": [1_020_000]}
    for parameters in (asked, {"g_variant": asked}):
        query = {"requestParameters": parameters, "requestedGranularity": "count", "filters": [{"id": "NCIT:C16576"}]}
        status, answer = beacon.ask("/g_variants", body={"meta": {"apiVersion": "2.0"}, "query": query})
        assert status == 200
        assert faults(answer, "beaconCountResponse") == []
        assert answer["responseSummary"]["numTotalResults"] == beacon.count("sex=female", start=999_000, end=1_020_000) > 0


BAD = [
    {"assemblyId": "GRCh37", "referenceName": "1", "start": 1, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "NC_000001.10", "start": 1, "alternateBases": "C"},
    {"referenceName": "1", "start": 1, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1; DROP TABLE people", "start": 1, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "../../inside/people.sqlite", "start": 1, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": -1, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": "1' OR '1'='1", "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": 10**30, "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": 1, "end": 248_000_000},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": 10, "end": 5},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": 10},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": "1,2,3", "alternateBases": "C"},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": "1,2", "end": 5},
    {"assemblyId": "GRCh38", "referenceName": "1", "start": 1, "alternateBases": "<DEL>"},
    {"geneId": "BRCA1"},
    {"geneId": "BRCA1", "genomicAlleleShortForm": "NC_000001.11:g.1000000A>C"},
    {"genomicAlleleShortForm": "NC_000001.10:g.1000000A>C"},
    {"genomicAlleleShortForm": "NC_000001.11:g.1000000_1000001del"},
    {"filters": "NCIT:C16576,NCIT:C20197"},
    {"filters": "purpose=beacon"},
    {"filters": "all"},
    {"filters": "!NCIT:C16576"},
    {"requestedGranularity": "everything"},
    {"aminoacidChange": "V600E"},
    {"testMode": "maybe"},
    {"skip": "x"},
    {"variantType": "DEL"},
    {"nonsense": "1"},
]


@pytest.mark.parametrize("parameters", BAD)
def test_bad_parameters_are_refused_in_one_sentence(beacon: Client, parameters: dict[str, Any]) -> None:
    status, answer = beacon.ask("/g_variants", **parameters)
    assert status == 400
    assert faults(answer, "beaconErrorResponse") == []
    text = json.dumps(answer)
    assert "Traceback" not in text
    assert not any(word in text for word in ("DROP", "people.sqlite", "OR '1'"))


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b"NaN", 400), (b"[" * 50_000, 400), (b"x" * 70_000, 413),
        (b"\xff\xfe", 400),
        (b'{"meta":[]}', 400), (b'{"meta":{},"query":[]}', 400), (b'{"meta":{},"query":{"requestParameters":{"start":[true]}}}', 400),
        (b'{"meta":{},"query":{"requestParameters":{"start":{"$gt":0}}}}', 400), (b'{"meta":{},"query":{"filters":[1]}}', 400),
        (b'{"meta":{},"query":{"filters":[{"id":"NCIT:C16576","operator":"!"}]}}', 400), (b'{"meta":{},"query":{"pagination":[]}}', 400),
        (b'{"meta":{},"query":{"requestParameters":{"start":[1e400]}}}', 400),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused(beacon: Client, raw: bytes, status: int) -> None:
    found, answer = beacon.ask("/g_variants", raw=raw)
    assert found == status
    assert faults(answer, "beaconErrorResponse") == []


@pytest.mark.parametrize("path", ["/g_variants/../inside/people.sqlite", "/g_variants/%2e%2e%2fstore.json", "/g_variants/1-1-A-C' --",
                                  "/g_variants/1-0-A-C", "/g_variants/1-99999999999-A-C", "/etc/passwd",
                                  "/lookup/../store.json"])  # fmt: skip
def test_bad_paths_are_refused(beacon: Client, path: str) -> None:
    status, answer = beacon.ask(path)
    assert status in {400, 404}
    assert faults(answer, "beaconErrorResponse") == []


def test_tokens_budgets_and_the_log(store: Path) -> None:
    beacon = client(store, budget=3, allowance=Allowance(rate=1e9, address=2, public=5), used=Counter({"public": 4}))
    before = sum(1 for _ in lookups(beacon.beacon.log.file))
    answers = [beacon.ask("/g_variants", requestedGranularity="record") for _ in range(4)]
    assert [status for status, _ in answers] == [200, 200, 200, 429]
    assert answers[0][1]["meta"]["returnedGranularity"] == "count"
    public = [beacon.ask("/g_variants", token="", requestedGranularity="count") for _ in range(2)]  # four of five are used already
    assert [status for status, _ in public] == [200, 429]
    assert "numTotalResults" not in public[0][1]["responseSummary"]
    assert beacon.ask("/g_variants", token="wrong")[0] == 401
    beacon.beacon.log.close()
    lines = list(lookups(beacon.beacon.log.file))[before:]
    assert [line["who"] for line in lines] == ["lab-a"] * 3 + ["public"]
    folder = beacon.beacon.log.file.parent
    assert not any(secret in file.read_text() for file in folder.glob("*.json*") for secret in (beacon.token, "10.1.2.3"))


def test_too_many_at_once_are_refused(store: Path) -> None:
    beacon = client(store, allowance=Allowance(rate=0.001, address=10, public=10))
    beacon.beacon.door._allowance = Allowance(rate=1.5, address=10, public=10)
    assert [beacon.ask("/info")[0] for _ in range(5)] == [200, 200, 200, 429, 429]
    beacon.beacon.log.close()


@pytest.mark.parametrize("how", ["changed", "lost", "put in"])
def test_a_changed_log_is_found(store: Path, tmp_path: Path, how: str) -> None:
    beacon = client(store)
    for _ in range(4):
        beacon.ask("/g_variants")
    beacon.beacon.log.close()
    lines = beacon.beacon.log.file.read_bytes().splitlines(keepends=True)
    log = tmp_path / "log.jsonl"
    made = {
        "changed": [*lines[:-2], lines[-2].replace(b"lab-a", b"lab-b"), lines[-1]],
        "lost": lines[:-2] + lines[-1:],
        "put in": [*lines, lines[-1]],
    }
    log.write_bytes(b"".join(made[how]))
    with pytest.raises(InputError, match="not as it was written"):
        list(lookups(log))


def test_nothing_is_answered_that_cannot_be_written_down(beacon: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(beacon.beacon.log, "add", full)
    status, answer = beacon.ask("/g_variants")
    assert status == 503
    assert faults(answer, "beaconErrorResponse") == []
    assert beacon.ask("/info")[0] == 200


def test_a_line_of_a_killed_server_is_cut_off(store: Path, tmp_path: Path) -> None:
    log = LookupLog(tmp_path / "log.jsonl")
    log.add({"who": "lab-a"})
    log.close()
    with open(log.file, "ab") as handle:
        handle.write(b'{"n":2,"time":"2026')
    assert [line["n"] for line in lookups(log.file)] == [1]  # a server counts today's look-ups before it opens the log
    log = LookupLog(tmp_path / "log.jsonl")
    log.add({"who": "lab-b"})
    log.close()
    assert [(line["n"], line["who"]) for line in lookups(log.file)] == [(1, "lab-a"), (2, "lab-b")]
    log.file.write_bytes(log.file.read_bytes().replace(b"lab-b", b"lab-c"))
    with pytest.raises(InputError, match="was changed"):
        LookupLog(log.file)
