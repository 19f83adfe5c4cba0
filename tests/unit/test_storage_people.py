"""What cases tell each other through an object store, without one: a bucket that is a dictionary."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.unit.family_tree import founder, sequenced, spread_sites
from workflow.cluster.storage_client import Bucket
from workflow.cluster.storage_people import UNDECIDED, People
from workflow.fingerprint_store import last_records, open_store
from workflow.fingerprints import Fingerprint, Sites, write_fingerprint
from workflow.receipts.members import TABLE
from workflow.store_search import search

SITES = spread_sites(660)


class Client:
    """As much of boto3's client as a bucket asks."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's names
        return [{"Contents": [{"Key": key, "Size": len(one)} for key, one in self.objects.items() if key.startswith(Prefix)]}]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"Body": type("Body", (), {"read": lambda _: self.objects[Key]})()}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto3's names
        self.objects[Key] = Body

    def upload_file(self, file: str, bucket: str, key: str) -> None:
        self.objects[key] = Path(file).read_bytes()

    def download_file(self, bucket: str, key: str, file: str) -> None:
        Path(file).write_bytes(self.objects[key])


def case(folder: Path, client: Client, one: Fingerprint) -> People:
    """Lay out the results of a case up to its fingerprint."""
    results = folder / one.sample / "results"
    (results / TABLE).parent.mkdir(parents=True)
    (results / TABLE).write_text(f"sample\tcase\trole\tsex\tperson\torder\tunits\n{one.sample}\t{one.sample}\tproband\tfemale\t\t\tL1\n")
    (results / "identity").mkdir()
    write_fingerprint(results / "identity" / f"{one.sample}.fingerprint.npz", one)
    return People(Bucket("b", "run", None, client), results, one.sites.assembly)


def sealed(people: People, decision: str) -> People:
    """Write what a sealed release leaves: the decision, and a segment of the history."""
    name = people.results.parent.name
    file = people.results / "samples" / name / "release.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"decision": decision}))
    (people.store / "metrics").mkdir(parents=True, exist_ok=True)
    (people.store / "metrics" / f"2026-01-01_{name}.jsonl").write_text(f"{name}\n")
    return people


def person(name: str, quality: Any = None, sites: Sites = SITES) -> Fingerprint:
    dice = np.random.default_rng(len(name))
    return Fingerprint(name, sites, quality) if quality is not None else sequenced(name, founder(sites, dice), sites, dice)


def test_of_two_cases_at_the_same_time_the_later_one_sees_the_earlier(tmp_path: Path) -> None:
    client, anna = Client(), person("anna")
    first, second = case(tmp_path, client, anna), case(tmp_path, client, person("twin", anna.quality))
    first.tell()
    assert first.hear() == 0
    second.tell()
    assert second.hear() == 1
    (known,) = search(second.store, person("twin", anna.quality), without=["twin"]).known
    assert (known.pair.name, known.pair.relation, known.told["decision"]) == ("anna", "same person", UNDECIDED)


def test_what_was_decided_is_told_and_what_is_of_others_leaves(tmp_path: Path) -> None:
    client = Client()
    first, second = case(tmp_path, client, person("anna")), case(tmp_path, client, person("berta"))
    first.tell()
    sealed(first, "release").settle()
    second.tell()
    second.hear()
    assert sorted(file.name for file in (second.store / "metrics").iterdir()) == ["2026-01-01_anna.jsonl"]
    sealed(second, "hold").settle()
    assert [file.name for file in (second.store / "metrics").iterdir()] == ["2026-01-01_berta.jsonl"]
    assert [told["sample"] for _, _, told in last_records(open_store(second.store, SITES.assembly))] == ["berta"]
    third = case(tmp_path, client, person("clara"))
    third.hear()
    records = last_records(open_store(third.store, SITES.assembly))
    assert {told["sample"]: told["decision"] for _, _, told in records} == {"anna": "release", "berta": "hold"}
    assert len(list((third.store / "metrics").iterdir())) == 2


def test_a_sample_with_reads_at_hardly_any_site_is_not_told(tmp_path: Path) -> None:
    client, few = Client(), spread_sites(6)
    one = case(tmp_path, client, person("anna", sites=few))
    one.tell()
    assert client.objects == {}


def test_an_earlier_attempt_of_ones_own_is_not_heard(tmp_path: Path) -> None:
    client = Client()
    one = case(tmp_path, client, person("anna"))
    one.tell()
    assert one.hear() == 0
