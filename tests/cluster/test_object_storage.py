"""Cases on nodes that share nothing but an object store: a real SLURM, jobs in empty folders with ours covered, a local server."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.conftest import ROOT, wait_for
from tests.faults.content import content
from tests.pipeline.conftest import RESULTS, demo_work
from tests.pipeline.tiny_person import write_person
from workflow.cluster.storage_client import KEYS, PACKAGES
from workflow.receipts.model import COHORT_RECEIPT

pytestmark = pytest.mark.cluster
DEMO = ROOT / "resources/reference/demo"
NAME_FOLDERS = ("intake/*/*.json", "samples/*/fastq.json", "release/variants/*.stats.txt", "release/receipts/*/*.json")
FOLDERS = {'"in/': '"', "results/demo/": "results/", "config/demo/phenopackets/": "phenopackets/"}
ACTIONS = 4  # what is done below without keys: a user, its keys, its rights, a bucket


@dataclass
class Store:
    """A server with one bucket, `genomes`, and a user's keys."""

    endpoint: str
    keys: dict[str, str]
    client: Any

    def names(self, prefix: str) -> set[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="genomes", Prefix=prefix)
        return {one["Key"].removeprefix(prefix) for page in pages for one in page.get("Contents", ())}

    def fetch(self, prefix: str, folder: Path) -> Path:
        for name in self.names(prefix):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            self.client.download_file("genomes", f"{prefix}{name}", str(folder / name))
        return folder


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Start a server that takes any keys: moto checks signatures, but not of keys with a slash, which all of ours have."""
    yield from served({})


@pytest.fixture(scope="module")
def guarded() -> Iterator[Store]:
    """Start a server that asks for the right keys."""
    yield from served({"INITIAL_NO_AUTH_ACTION_COUNT": str(ACTIONS)})


def served(settings: dict[str, str]) -> Iterator[Store]:
    """Start a server and stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["moto_server", "-p", str(port)], env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: answers(port), 60)
        yield with_user(f"http://127.0.0.1:{port}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def with_user(endpoint: str) -> Store:
    """Make a user with all rights and the bucket; return it with the user's keys."""
    sys.path.append(str(PACKAGES))
    import boto3

    def client(service: str, key: str, secret: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)

    people = client("iam", "any", "any")
    people.create_user(UserName="genvej")
    made = people.create_access_key(UserName="genvej")["AccessKey"]
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    people.put_user_policy(UserName="genvej", PolicyName="all", PolicyDocument=json.dumps(rights))
    client("s3", "any", "any").create_bucket(Bucket="genomes")
    keys = made["AccessKeyId"], made["SecretAccessKey"]
    return Store(endpoint, dict(zip(KEYS, keys, strict=True)), client("s3", *keys))


def run(
    work: Path, store: Store, *more: str, storage: str = "s3://genomes/run", config: str = "config.yaml", **keys: str
) -> subprocess.CompletedProcess[str]:
    """Run the cases of a folder through the profile, its jobs isolated: they see neither the folder nor the demo's prepared data."""
    hidden = [str(work), str(work.parent / "run"), str(DEMO)]
    environment = os.environ | {"GENVEJ_HOME": str(ROOT), "GENVEJ_HIDDEN": " ".join(hidden)} | store.keys | keys
    command = [sys.executable, "-m", "scripts.run_on_storage", "--config", str(work / config), "--directory", str(work)]
    command += [
        "--storage",
        storage,
        "--endpoint",
        store.endpoint,
        "--run",
        hidden[1],
        "--cores",
        "2",
        "--mem-mb",
        "8000",
        "--index-mb",
        "4000",
    ]
    submit = "--job-name {rule} --cpus-per-task {threads} --mem {resources.mem_mb} --time {resources.runtime}"
    command += ["--hours", "2", *more, "--", "--seconds-between-status-checks", "3"]
    command += ["--cluster-generic-submit-cmd", f"{ROOT}/tests/cluster/submit_isolated.sh {submit}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=3000)


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_person(tmp_path_factory.mktemp("storage") / "work")


def test_a_person_through_the_store_gives_what_one_machine_gives(person: Path, store: Store) -> None:
    done = run(person, store)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert not (person / "results").exists(), "nothing was made here"
    found = store.fetch("run/results/case1/", person.parent / "fetched")
    alone = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(person)]
    local = subprocess.run(
        [*alone, "--configfile", str(person / "config.yaml"), "--cores", "2"], cwd=person, capture_output=True, text=True
    )
    assert local.returncode == 0, local.stderr[-3000:]
    assert_same(person / "results", found, person / "reference.fa")
    again = run(person, store)
    assert again.returncode == 0
    assert "all 1 cases are done below s3://genomes/run" in again.stdout


def test_the_demo_through_the_store_gives_what_one_machine_gives(demo_alone: Path, store: Store, tmp_path: Path) -> None:
    work = demo_work(tmp_path / "work")
    done = run(work, store, storage="s3://genomes/demo", config="config/demo.yaml")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "control with lmna, of one person: s3://genomes/demo/results/lmna/" in done.stdout
    assert not (work / RESULTS).exists(), "nothing was made here"
    found = store.fetch("demo/results/lmna/", tmp_path / "fetched")
    verify = [sys.executable, str(ROOT / "scripts/verify_release.py"), str(found)]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    assert list(found.glob("samples/*/*.cram"))
    assert_same(demo_alone / RESULTS, found, DEMO / "GRCh38.chr1.fa")


def assert_same(here: Path, there: Path, fasta: Path) -> None:
    """Assert that two results folders hold the same, but for two digests of what names folders, in the cohort's receipt."""
    expected, found = (content(without_folders(results), fasta) for results in (here, there))
    assert expected
    assert set(found) == set(expected)
    assert {name for name in expected if expected[name] != found[name]} <= {COHORT_RECEIPT}
    parts = [json.loads((results / COHORT_RECEIPT).read_text())["parts"] for results in (here, there)]
    assert all(one["cohort"]["parameters"].pop(name) for one in parts for name in ("config", "page"))
    assert parts[0] == parts[1]
    same = [name for name in expected if (file := here / name).is_file() and file.read_bytes() == (there / name).read_bytes()]
    print(f"{len(expected)} files are the same by content, {len(same)} to the byte")


def without_folders(results: Path) -> Path:
    """Return a copy of results in which files that tell where something lay, relative to the working directory, do so in one way."""
    copy = results.with_name(f"{results.name}.plain")
    shutil.copytree(results, copy, dirs_exist_ok=True)
    for pattern in NAME_FOLDERS:
        for file in copy.glob(pattern):
            file.chmod(0o644)
            text = file.read_text()
            for told, plain in FOLDERS.items():
                text = text.replace(told, plain)
            file.write_text(text)
    return copy


def test_a_release_in_the_store_is_not_written_over(person: Path, store: Store) -> None:
    sheet = (person / "samples.tsv").read_text()
    (person / "samples.tsv").write_text(sheet.replace("female\tyes", "female\tno"))
    done = run(person, store)
    (person / "samples.tsv").write_text(sheet)
    assert done.returncode == 2
    assert "case `case1` has a release below s3://genomes/run that was made from other files or sheets" in done.stderr


@pytest.mark.parametrize(
    ("storage", "keys", "said"),
    [
        ("s3://genomes/run", {KEYS[0]: ""}, f"the storage's keys are missing: {KEYS[0]}"),
        ("s3://genomes/run", {KEYS[0]: "wrong"}, "refuses these keys for the bucket genomes"),
        ("s3://genomes/run", {KEYS[1]: "wrong"}, "refuses these keys for the bucket genomes"),
        ("s3://elsewhere/run", {}, "there is no bucket elsewhere at http://127.0.0.1:"),
        ("genomes/run", {}, "`--storage genomes/run` is no bucket; write s3://BUCKET/PREFIX"),
    ],
)
def test_wrong_keys_and_buckets_are_refused_in_one_sentence(
    person: Path, guarded: Store, storage: str, keys: dict[str, str], said: str
) -> None:
    done = run(person, guarded, storage=storage, **keys)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_that_is_none_is_refused(person: Path, store: Store) -> None:
    done = run(person, store, "--cases", "case2")
    assert done.returncode == 2
    assert "there is no case `case2` (did you mean `case1`?)" in done.stderr


def test_a_new_case_runs_alone_and_sees_what_was_released(person: Path, store: Store) -> None:
    for mate in (1, 2):
        shutil.copyfile(person / f"r_{mate}.fq.gz", person / f"b_{mate}.fq.gz")
    with open(person / "samples.tsv", "a") as samples, open(person / "units.tsv", "a") as units:
        samples.write("berta\tcase2\tproband\tfemale\tyes\n")
        units.write("berta\tL1\tb_1.fq.gz\tb_2.fq.gz\n")
    done = run(person, store)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "1 of 2 cases to run; 2 files were missing" in done.stdout
    assert "index_reference" not in done.stderr, "the reference's indexes are in the store"
    found = store.fetch("run/results/case2/", person.parent / "case2")
    assert json.loads((found / "release/index.json").read_text())["history"]["all"] == 1
    assert len(list((found / "cohort/metrics").iterdir())) == 1
    assert len(store.names("run/store/GRCh38/metrics/")) == 2
