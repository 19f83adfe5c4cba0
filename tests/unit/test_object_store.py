"""A run on object storage without a store: the plan of a case, and what is said where keys, bucket or case are wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from scripts.run_staged_case import lay_out
from workflow.cluster.storage_client import KEYS, open_bucket
from workflow.cluster.storage_jobs import made_here, send
from workflow.cluster.storage_plan import StagedJob, refuse_changed, released, stage, together
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.samples import load_cohort
from workflow.settings import load_settings

CONFIG = {
    "samples": "samples.tsv",
    "units": "units.tsv",
    "reference": {"name": "GRCh38", "fasta": "ref/r.fa"},
    "regions": "regions.bed",
    "phenopackets": "packets",
    "knowledge": {"hpo": {"path": "hpo", "release": "2025"}},
    "identity": {"store": "/elsewhere/store"},
    "release": {"key": "/secret/key.pem"},
}
PACKET = {
    "id": "p",
    "subject": {"id": "kid"},
    "metaData": {"created": "2025-01-01T00:00:00Z", "createdBy": "lab", "phenopacketSchemaVersion": "2.0"},
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "samples.tsv": "sample\tcase\trole\tsex\taffected\nkid\tfam\tproband\tfemale\tyes\nbob\tsolo\tproband\tmale\tyes\n",
        "units.tsv": "sample\tunit\tfastq_1\tfastq_2\nkid\tL1\treads/k_1.gz\treads/k_2.gz\nbob\tL1\treads/b_1.gz\treads/b_2.gz\n",
        "packets/kid.json": json.dumps(PACKET),
    } | dict.fromkeys(
        ["ref/r.fa", "ref/r.fa.fai", "regions.bed", "hpo/hp.obo", *(f"reads/{one}_{mate}.gz" for one in "kb" for mate in (1, 2))], "x"
    )
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def staged(work: Path) -> StagedJob:
    settings = load_settings(CONFIG)
    return stage(["fam"], work / "run", CONFIG, settings, load_cohort(settings))


def test_stage_case_takes_its_own_files_and_sends_no_key(work: Path) -> None:
    case = staged(work)
    assert sorted(case.files) == ["hpo/hp.obo", "reads/k_1.gz", "reads/k_2.gz", "ref/r.fa", "ref/r.fa.fai", "regions.bed"]
    config = yaml.safe_load(case.texts["config.yaml"])
    assert config["reference"]["fasta"] == "in/ref/r.fa"
    assert config["knowledge"]["hpo"]["path"] == "in/hpo"
    assert config["identity"]["store"] is None
    assert config["release"]["key"] == "/secret/key.pem"
    assert "in/reads/k_1.gz" in case.texts["units.tsv"]
    assert "bob" not in case.texts["samples.tsv"]
    assert "phenopackets/kid.json" in case.texts


def test_the_node_lays_out_what_the_plan_says(work: Path) -> None:
    case, node, base = staged(work), work / "node", work / "store"
    for key in case.files:
        (base / key).parent.mkdir(parents=True, exist_ok=True)
        (base / key).write_text("x")
    lay_out(node, json.loads(case.plan()), [base / key for key in case.files], base)
    settings = load_settings(yaml.safe_load((node / "config.yaml").read_text()))
    os.chdir(node)
    assert list(load_cohort(settings).samples) == ["kid"]
    assert settings.reference.fasta.is_file()
    assert Path("in/ref/r.fa.fai").stat().st_mtime > Path("in/ref/r.fa").stat().st_mtime, "an index is younger than its file"


def test_a_file_outside_of_the_folder_is_refused(work: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "k_1.gz"
    other.write_text("x")
    (work / "units.tsv").write_text((work / "units.tsv").read_text().replace("reads/k_1.gz", str(other)))
    with pytest.raises(InputError, match="is outside of the working directory, so that it has no place in the storage"):
        staged(work)


class Client:
    def __init__(self, code: str) -> None:
        self.code = code

    def list_objects_v2(self, **words: Any) -> None:
        if self.code:
            error = Exception(self.code)
            error.response = {"Error": {"Code": self.code}}  # type: ignore[attr-defined]
            raise error


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("SignatureDoesNotMatch", "refuses these keys for the bucket b (SignatureDoesNotMatch)"),
        ("InvalidAccessKeyId", "refuses these keys"),
        ("NoSuchBucket", "there is no bucket b at http://here"),
        ("SlowDown", "does not answer as one (Exception SlowDown)"),
    ],
)
def test_open_bucket_says_what_is_wrong_and_no_key(monkeypatch: pytest.MonkeyPatch, code: str, said: str) -> None:
    for key in KEYS:
        monkeypatch.setenv(key, "hush")
    with pytest.raises(InputError) as refused:
        open_bucket("s3://b/p", "http://here", lambda endpoint: Client(code))
    assert said in str(refused.value)
    assert "hush" not in str(refused.value)
    assert open_bucket("s3://b/p/", "http://here", lambda endpoint: Client("")).url == "s3://b/p"


class Plans:
    """A bucket of plans."""

    url = "s3://b/p"

    def __init__(self, jobs: list[StagedJob], done: list[str]) -> None:
        self.texts = {f"plans/{case}.json": text for job in jobs for case, text in job.plans().items()}
        self.there = dict.fromkeys([*self.texts, *(f"results/{name}/release/manifest.json" for name in done)], 5)

    def read(self, key: str) -> str:
        return self.texts[key]


def test_a_released_case_is_left_alone_or_refused() -> None:
    job = StagedJob(("fam", "twin"), {"a": "1"}, {})
    bucket: Any = Plans([job, StagedJob(("broke",), {}, {})], ["fam"])
    for asked in (["fam", "twin"], ["twin", "new", "broke"]):
        assert released(asked, bucket, bucket.there) == {"fam": (("fam", "twin"), job.plan())}
    refuse_changed(job, job.plan(), bucket)
    with pytest.raises(InputError, match="a released file is not written over"):
        refuse_changed(StagedJob(("fam", "twin"), {"a": "2"}, {}), job.plan(), bucket)


def test_together_puts_cases_of_one_person_into_one_job() -> None:
    def cohort(**people: list[str]) -> Any:
        return SimpleNamespace(
            cases={case: SimpleNamespace(members=[SimpleNamespace(person=one) for one in names]) for case, names in people.items()}
        )

    whole = cohort(a=["x"], b=["y"], c=[""], d=[""], e=["y", "x"], f=["z"])
    assert together(list("abcdef"), whole) == [("a", "b", "e"), ("c",), ("d",), ("f",)]
    assert together(list("fba"), whole) == [("f",), ("b",), ("a",)]
    assert together(list("eb"), whole) == [("e", "b")]


def test_indexes_that_are_older_than_the_reference_stay(work: Path) -> None:
    index, fasta = work / "ref/r.fa.fai", work / "ref/r.fa"
    assert made_here([index], fasta) == {"ref/r.fa.fai": index}
    os.utime(index, (1, 1))
    assert made_here([index], fasta) == {}
    assert made_here([work / "ref/none"], fasta) == {}


def test_indexes_in_the_store_stay_unless_the_reference_changed(work: Path) -> None:
    class Bucket:
        sent: tuple[str, ...] = ()

        def upload(self, files: dict[str, Path], there: dict[str, int]) -> int:
            self.sent += tuple(files)
            return len(files)

    index, fasta = work / "ref/r.fa.fai", work / "ref/r.fa"
    for there, sent, indexed in (
        ({"ref/r.fa": 1, "ref/r.fa.fai": 7}, (), True),
        ({"ref/r.fa": 2, "ref/r.fa.fai": 7}, ("ref/r.fa.fai",), True),
        ({"ref/r.fa": 1}, ("ref/r.fa.fai",), True),
    ):
        bucket: Any = Bucket()
        assert send(bucket, [], [index], fasta, there) == (len(sent), indexed)
        assert bucket.sent == sent
    index.unlink()
    assert send(Bucket(), [], [index], fasta, {"ref/r.fa": 2, "ref/r.fa.fai": 7}) == (0, False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("storage", "said"),
    [("s3://b/p", f"error: the storage's keys are missing: {KEYS[0]} and {KEYS[1]}"), ("b/p", "error: `--storage b/p` is no bucket")],
)
def test_wrong_storage_on_the_command_line(work: Path, storage: str, said: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in KEYS}
    command = [
        sys.executable,
        "-m",
        "scripts.run_on_storage",
        "--config",
        str(work / "config.yaml"),
        "--directory",
        str(work),
        "--storage",
        storage,
    ]
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
