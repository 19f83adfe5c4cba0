"""What runs wrote down about their jobs, read back."""

import json
from pathlib import Path
from typing import Any

import pytest

from workflow.costs.history import JobCost, key_of, read_history
from workflow.costs.places import FOLDER, OUTPUTS, RUNS
from workflow.costs.sacct import Accounted, bytes_of, parse, partition, seconds_of, with_accounting
from workflow.errors import InputError


def line(rule: str, sample: str, *, began: float, cpu: float | None = 2.0, status: int = 0, **more: Any) -> str:
    """Return a line as the watcher writes it."""
    job = {"rule": rule, "wildcards": {"sample": sample}, "threads": 2, "began": began, "wall_s": 1.0, "cpu_s": cpu, "max_rss_mb": 100.0}
    return json.dumps(job | {"read_mb": 1.0, "written_mb": 3.0, "exit": status} | more)


def made(rule: str, sample: str, *, ended: float, gb: float | None, outputs: list[list[Any]]) -> str:
    """Return a line on what a job made."""
    return json.dumps({"rule": rule, "wildcards": {"sample": sample}, "ended": ended, "gb": gb, "outputs": outputs})


def write(results: Path, **files: list[str]) -> Path:
    """Write files of lines."""
    folder = results / FOLDER
    folder.mkdir(parents=True)
    for name, lines in files.items():
        (folder / {"jobs": "node-00000001.jsonl", "outputs": OUTPUTS, "runs": RUNS}[name]).write_text("".join(f"{one}\n" for one in lines))
    return results


def test_read_history_joins_a_job_with_what_it_made(tmp_path: Path) -> None:
    write(
        tmp_path,
        jobs=[line("align_reads", "a", began=100.0), line("align_reads", "a", began=500.0)],
        outputs=[
            made("align_reads", "a", ended=101.2, gb=0.5, outputs=[[10.0, False], [1.0, True]]),
            made("align_reads", "a", ended=501.1, gb=0.6, outputs=[[12.0, False], [1.0, True]]),
        ],
    )
    first, second = read_history([tmp_path]).jobs
    assert (first.gb, first.outputs) == (0.5, ((10.0, False), (1.0, True)))
    assert (second.gb, second.outputs[0]) == (0.6, (12.0, False))
    assert read_history([tmp_path]).sizes == {"a": 0.6}


def test_read_history_passes_over_torn_lines_and_keeps_failed_jobs_apart(tmp_path: Path) -> None:
    write(tmp_path, jobs=[line("x", "a", began=1.0), '{"rule": "x", "wil', "null", line("x", "b", began=2.0, status=1)])
    history = read_history([tmp_path])
    assert [job.ok for job in history.jobs] == [True, False]
    assert [job.wildcards["sample"] for job in history.by_rule()["x"]] == ["a"]


def test_read_history_takes_benchmark_files_only_where_there_is_no_line(tmp_path: Path) -> None:
    write(tmp_path, jobs=[line("align_reads", "a", began=1.0)])
    header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    for rule, name, cpu in (("align_reads", "a", "9.0"), ("align_reads", "b", "7.5"), ("filter_calls", "b", "NA")):
        (tmp_path / "benchmarks" / rule).mkdir(exist_ok=True)
        (tmp_path / "benchmarks" / rule / f"{name}.tsv").write_text(f"{header}4.0\t0:00:04\t50\t60\t40\t45\t1\t2\t80\t{cpu}\n")
    jobs = {(job.rule, job.wildcards["sample"]): job for job in read_history([tmp_path]).jobs}
    assert jobs["align_reads", "a"].source == "kernel"
    assert (jobs["align_reads", "b"].cpu_s, jobs["align_reads", "b"].source) == (7.5, "benchmark")
    assert jobs["filter_calls", "b"].cpu_s is None


def test_since_leaves_out_what_was_before(tmp_path: Path) -> None:
    write(
        tmp_path, jobs=[line("x", "a", began=1.0), line("x", "b", began=9.0)], runs=[json.dumps({"began": 1.0}), json.dumps({"began": 8.0})]
    )
    later = read_history([tmp_path]).since(5.0)
    assert [job.wildcards["sample"] for job in later.jobs] == ["b"]
    assert [run["began"] for run in later.runs] == [8.0]


def test_key_of_does_not_depend_on_the_order_of_wildcards() -> None:
    assert key_of("x", {"a": "1", "b": "2"}) == key_of("x", {"b": "2", "a": "1"})


def test_parse_takes_cpu_of_the_job_and_the_largest_memory_of_its_steps() -> None:
    text = (
        "17|COMPLETED|60|01:00:30|||2026-03-01T12:00:00|2026-03-01T12:02:00|normal\n"
        "17.batch|COMPLETED|60|01:00:30|2048K|120|2026-03-01T12:02:00|2026-03-01T12:02:00|\n"
        "17.0|COMPLETED|60|00:00:30|1G|300|2026-03-01T12:02:00|2026-03-01T12:02:00|\n"
        "18|PENDING|0|00:00:00|||2026-03-01T12:00:00|Unknown|normal\n"
    )
    found = parse(text)
    assert found["17"] == Accounted(3630.0, 1024**3 / 1e6, 300.0, 120.0)
    assert found["18"].waited_s is None


def test_seconds_and_bytes_of_slurm() -> None:
    assert [seconds_of(text) for text in ("1-00:00:01", "02:03", "10:02:03.5", "x", "")] == [86401.0, 123.0, 36123.5, None, None]
    assert [bytes_of(text) for text in ("10K", "1.5M", "7", "", "x")] == [10240.0, 1.5 * 1024**2, 7.0, None, None]


def test_with_accounting_fills_in_what_a_line_lacks_and_nothing_else() -> None:
    job = JobCost("x", {}, None, 1.0, None, None, None, 1, 0.0, slurm="17")
    known = {"17": Accounted(5.0, 80.0, None, None)}
    assert (with_accounting([job], known)[0].cpu_s, with_accounting([job], known)[0].source) == (5.0, "sacct")
    own = JobCost("x", {}, 2.0, 1.0, 10.0, None, None, 1, 0.0, slurm="17")
    assert with_accounting([own], known) == [own]


def programs(folder: Path, **scripts: str) -> Path:
    """Write executable scripts."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


def test_partition_tells_cores_and_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = "\n".join(f"{n}|COMPLETED|1|00:01|||2026-03-01T12:00:00|2026-03-01T12:0{n}:00|normal" for n in range(1, 6))
    fake = programs(
        tmp_path / "bin",
        sinfo='case "$*" in *%R*) echo normal; echo long;; *) echo 10/22/4/36;; esac',
        sacct=f"cat <<'END'\n{waits}\nEND",
    )
    monkeypatch.setenv("PATH", f"{fake}:/usr/bin:/bin")
    found = partition("normal")
    assert (found.cores, found.median_wait_s, found.long_wait_s) == (32, 180.0, 240.0)
    with pytest.raises(InputError, match=r"there is no partition `nromal`.*normal, long"):
        partition("nromal")


def test_partition_without_slurm_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no `sinfo` on this machine"):
        partition("normal")
