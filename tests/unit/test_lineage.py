"""What made a file: out of a graph of jobs, kept over runs that make something else or end before a job began."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from workflow import lineage
from workflow.files import write_json
from workflow.lineage import describe, read_lineage, versions_of, write_lineage

VERSIONS = {"genvej": "1", "workflow": "abc", "samtools": "1.16", "mosdepth": "0.3", "gatk": "4"}


@dataclass(frozen=True)
class Rule:
    name: str
    conda_env: str = "../envs/python.yaml"


class File(str):
    """A file as Snakemake names it."""

    is_ancient = False


class Ancient(File):
    is_ancient = True


@dataclass(eq=False)
class Job:
    rule: Rule
    input: list[File]
    output: list[File]
    wildcards_dict: dict[str, str] = field(default_factory=dict)


@dataclass
class Dag:
    jobs: list[Job]
    running: list[Job]

    @property
    def dependencies(self) -> dict[Job, dict[Job, set[str]]]:
        makers = {file: job for job in self.jobs for file in job.output}
        return {
            job: {
                maker: {file for file in job.input if makers.get(file) is maker}
                for maker in self.jobs
                if set(maker.output) & set(job.input)
            }
            for job in self.jobs
        }

    def needrun_jobs(self) -> list[Job]:
        return self.running


def graph(results: Path, samples: int = 1) -> Dag:
    """Reads → CRAM → depth (not kept) → qc.json of each sample; a gate over all reads; one table of all."""
    jobs, qcs = [], []
    gate = f"{results}/intake/accepted.json"
    for number in range(samples):
        name = f"s{number}"
        cram, depth, qc = (f"{results}/{path}" for path in (f"samples/{name}/{name}.cram", f"depth/{name}.txt", f"samples/{name}/qc.json"))
        wildcards = {"sample": name}
        reads = [File(f"/home/somebody/{name}.fq.gz")]
        jobs += [
            Job(Rule("align", "../envs/alignment.yaml"), [*reads, Ancient(gate)], [File(cram)], wildcards),
            Job(Rule("mosdepth", "../envs/coverage.yaml"), [File(cram)], [File(depth)], wildcards),
            Job(Rule("collect_qc"), [File(depth)], [File(qc)], wildcards),
        ]
        qcs.append(File(qc))
    jobs.append(Job(Rule("accept"), [File(f"/home/somebody/s{number}.fq.gz") for number in range(samples)], [File(gate)]))
    jobs.append(Job(Rule("tabulate"), qcs, [File(f"{results}/table.tsv")]))
    return Dag(jobs, list(jobs))


class Listed(frozenset[str]):
    """What the manifest lists, of a results folder."""

    def __new__(cls, results: Path, samples: int = 1) -> "Listed":
        found = super().__new__(cls, files(samples))
        found.results = results
        return found

    results: Path

    def place_of(self, path: str) -> str | None:
        file = path.removeprefix(f"{self.results}/")
        return file if file in self else None


def files(samples: int = 1) -> list[str]:
    return [f"samples/s{number}/{name}" for number in range(samples) for name in (f"s{number}.cram", "qc.json")] + ["table.tsv"]


def entry(file: str) -> dict[str, Any]:
    kind, subject = ("sample", file.split("/")[1]) if file.startswith("samples/") else ("run", "")
    return {"file": file, "kind": kind, "subject": subject}


def test_write_lineage_names_rule_inputs_and_versions(tmp_path: Path) -> None:
    write_lineage(graph(tmp_path), tmp_path, Listed(tmp_path), VERSIONS)
    cram, qc, table = describe(tmp_path, [entry(file) for file in files()], read_lineage(tmp_path))
    assert cram == entry("samples/s0/s0.cram") | {
        "rule": "align", "through": [], "inputs": ["s0.fq.gz"], "versions": {"genvej": "1", "workflow": "abc", "samtools": "1.16"},
    }  # fmt: skip
    assert (qc["rule"], qc["through"], qc["inputs"]) == ("collect_qc", ["mosdepth"], ["samples/s0/s0.cram"])
    assert qc["versions"] == {"genvej": "1", "workflow": "abc", "samtools": "1.16", "mosdepth": "0.3"}
    assert (table["through"], table["inputs"], table["versions"]) == ([], ["samples/s0/qc.json"], {"genvej": "1", "workflow": "abc"})
    assert "somebody" not in (tmp_path / lineage.FILE).read_text()


def test_many_inputs_are_told_by_their_pattern(tmp_path: Path) -> None:
    write_lineage(graph(tmp_path, 60), tmp_path, Listed(tmp_path, 60), VERSIONS)
    assert read_lineage(tmp_path)["table.tsv"][0]["inputs"] == ["samples/{sample}/qc.json"]


def test_next_run_keeps_what_it_does_not_make(tmp_path: Path) -> None:
    dag = graph(tmp_path)
    write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS)
    for file in files():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    dag.running = dag.jobs[1:]
    write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS | {"workflow": "new"})
    (tmp_path / "samples/s0/qc.json").write_text("y")
    made = [one["versions"]["workflow"] for one in describe(tmp_path, [entry(file) for file in files()[:2]], read_lineage(tmp_path))]
    assert made == ["abc", "new"]
    before = (tmp_path / lineage.FILE).read_bytes()
    dag.running = []
    write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS | {"workflow": "newest"})
    assert (tmp_path / lineage.FILE).read_bytes() == before


def test_a_job_that_never_ran_has_made_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dag = graph(tmp_path)
    times = iter([100.0, 300.0, 500.0])
    monkeypatch.setattr(lineage.time, "time", lambda: next(times))
    write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS)
    cram = tmp_path / "samples/s0/s0.cram"
    cram.parent.mkdir(parents=True)
    cram.write_text("x")
    os.utime(cram, (200, 200))
    for name in ("killed", "killed again"):
        write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS | {"workflow": name})
    assert describe(tmp_path, [entry(files()[0])], read_lineage(tmp_path))[0]["versions"]["workflow"] == "abc"
    os.utime(cram, (600, 600))
    assert describe(tmp_path, [entry(files()[0])], read_lineage(tmp_path))[0]["versions"]["workflow"] == "killed again"


def test_file_older_than_lineage_has_the_versions_of_its_own_header_or_none(tmp_path: Path) -> None:
    dag = graph(tmp_path)
    dag.running = []
    write_lineage(dag, tmp_path, Listed(tmp_path), VERSIONS)
    write_json(tmp_path / "samples/s0/release.json", {"decision": "release", "versions": {"bwa": "0.7.17"}})
    cram, _, table = describe(tmp_path, [entry(file) for file in files()], read_lineage(tmp_path))
    assert (cram["rule"], cram["versions"]) == ("align", {"bwa": "0.7.17"})
    assert (table["rule"], table["versions"]) == ("tabulate", None)


def test_damaged_lineage_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    for content in ("", "[1]", "{"):
        (tmp_path / lineage.FILE).write_text(content)
        write_lineage(graph(tmp_path), tmp_path, Listed(tmp_path), VERSIONS)
        assert read_lineage(tmp_path).keys() == set(files())


def test_versions_of_takes_tools_of_the_environments_and_what_is_no_tool() -> None:
    assert versions_of(["coverage"], VERSIONS) == {"genvej": "1", "workflow": "abc", "samtools": "1.16", "mosdepth": "0.3"}
    assert versions_of([], VERSIONS) == {"genvej": "1", "workflow": "abc"}
