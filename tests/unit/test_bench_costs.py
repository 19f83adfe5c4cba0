import json
import os
import subprocess
import sys

import pytest

from scripts.bench.costs import MEASURE, Cost, costs, folder_bytes
from scripts.bench.measure import JOBS, SHIM, rule_of


def measure(tmp_path, command):
    environment = {**os.environ, JOBS: str(tmp_path / "jobs"), SHIM: "/nowhere"}
    done = subprocess.run([sys.executable, str(MEASURE), "-c", command], env=environment, cwd=tmp_path, capture_output=True, text=True)
    return done, json.loads((tmp_path / "jobs").read_text())


def test_measure_counts_children_in_a_pipe(tmp_path):
    busy = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.4: pass'"
    done, job = measure(tmp_path, f"{busy} | {busy} > logs_none; true logs/some_rule/x.log")
    assert done.returncode == 0
    assert 0.7 < job["cpu_s"] < 3
    assert job["rule"] == "some_rule"


def test_measure_counts_memory_of_the_largest_process(tmp_path):
    _, job = measure(tmp_path, f"{sys.executable} -c 'a = bytearray(80_000_000); a[::4096] = bytes(len(a[::4096]))' | cat")
    assert 80 < job["memory_mb"] < 160


def test_measure_keeps_the_exit_status(tmp_path):
    assert measure(tmp_path, "exit 7")[0].returncode == 7


def test_measure_tells_a_killed_job(tmp_path):
    assert measure(tmp_path, "kill -9 $$")[0].returncode == 137


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("bwa mem 2> logs/bwa_mem/a.0.log", "bwa_mem"),
        ("samtools dict 2> results/logs/samtools_dict.log", "samtools_dict"),
        ("python .snakemake/scripts/tmpa1_x.decide_karyotype.py", "decide_karyotype"),
        ("echo", "other"),
    ],
)
def test_rule_of_reads_script_and_log(command, rule):
    assert rule_of(command) == rule


def test_costs_sums_jobs_and_keeps_the_largest_memory():
    job = {"rule": "a", "cpu_s": 1, "wall_s": 2, "memory_mb": 30, "written_mb": 4}
    found = costs(map(json.dumps, [job, {**job, "rule": "b", "cpu_s": 5}, {**job, "memory_mb": 20}]))
    assert list(found.values()) == [Cost("b", 1, 5, 2, 30, 4), Cost("a", 2, 2, 4, 30, 8)]


def test_folder_bytes_counts_a_hard_link_once(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 10)
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/d").write_bytes(b"y" * 5)
    assert folder_bytes(tmp_path) == 15
