"""What SLURM says, read; what it is told; why a job failed. No SLURM is needed."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from workflow.cluster import leftover_jobs
from workflow.cluster.attempts import times_attempt
from workflow.cluster.job_ends import End, Why, end_of, in_words, remedy, told_errors, why_failed
from workflow.cluster.leftover_jobs import end_leftovers
from workflow.cluster.site_check import check_account, check_site
from workflow.cluster.slurm import (
    Partition,
    QueuedJob,
    Record,
    job_name,
    mark_of,
    megabytes,
    minutes_of,
    read_partitions,
    read_queue,
    read_records,
)
from workflow.cluster.submission import adapted, fitting, shared_wildcards
from workflow.cluster.watching import MISSED, Watch
from workflow.digests import ROOT
from workflow.errors import InputError

SHORT, LONG = Partition("short", 60, 64_000, 32, is_default=True), Partition("long", None, 256_000, 64)
HERE = {"short": SHORT, "long": LONG}


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("5:00", 5), ("1:00:00", 60), ("2-00:00:00", 2880), ("1-06:30:00", 1830), ("30", 30), ("infinite", None), ("UNLIMITED", None)],
)
def test_minutes_of_slurms_times(text: str, minutes: int | None) -> None:
    assert minutes_of(text) == minutes


def test_read_partitions_takes_the_largest_node() -> None:
    text = "short*|up|1:00:00|64000|32\nlong|up|infinite|128000+|16\nlong|up|infinite|256000|64\nold|down|infinite|1000|2\n"
    assert read_partitions(text) == HERE | {"old": Partition("old", None, 1000, 2, is_up=False)}


def test_read_queue_keeps_the_jobs_of_one_folder(tmp_path: Path) -> None:
    mark = mark_of(tmp_path)
    text = f"1|RUNNING|{job_name('align_reads', ['HG 002'], mark)}\n2|PENDING|align_reads.HG002@00000000\n"
    assert read_queue(text, mark) == [QueuedJob("1", "RUNNING", f"align_reads.HG_002{mark}")]
    assert len(job_name("x" * 200, [], mark)) == 120


def test_read_records_and_sizes() -> None:
    found = read_records("7|7|CANCELLED by 0|0:15||00:00:10|1-00:00:00|n1\n7.0|7.0|OUT_OF_MEMORY|0:125|2048K|00:00:10||n1\nbroken line\n")
    assert [(one.number, one.state, one.max_rss_mb) for one in found] == [("7", "CANCELLED", 0), ("7.0", "OUT_OF_MEMORY", 2)]
    assert [megabytes(text) for text in ("1.5G", "300M", "")] == [1536, 300, 0]


CALL = "sbatch --parsable --job-name run_1 --output x.log --export=ALL --comment rule_a -A 'lab' -p short,long -t 240 --mem 1000 --ntasks=1"


def test_adapted_names_the_job_and_takes_the_partitions_that_fit() -> None:
    call = adapted(CALL, "a.b@1", HERE)
    assert "--job-name a.b@1 " in call
    assert "--export=ALL,GENVEJ_CLUSTER_JOB=1 " in call
    assert " -p long -t 240 --mem 1400 " in call
    assert " -p short,long -t 30 " in adapted(CALL.replace("-t 240", "-t 30"), "a", HERE)


def test_adapted_asks_for_no_more_than_there_is() -> None:
    here = {"short": SHORT, "mid": Partition("mid", 600, 128_000, 32)}
    call = adapted(CALL.replace("short,long", "'short,mid'").replace("-t 240", "-t 900").replace("--mem 1000", "--mem 900000"), "a", here)
    assert " -p mid -t 600 --mem 128000 " in call


def test_fitting_leaves_out_partitions_that_are_down() -> None:
    assert fitting([SHORT, Partition("x", None, 10**6, 4, is_up=False)], 10, 10) == [SHORT]


def job(**resources: Any) -> Any:
    return SimpleNamespace(resources=resources, is_group=lambda: False, rule=SimpleNamespace(name="align_reads"), wildcards=["HG002"])


@pytest.mark.parametrize(
    ("resources", "accounts", "said"),
    [
        ({"slurm_partition": "shrot,long"}, None, "the partition 'shrot', which this cluster does not have; did you mean short?"),
        ({"slurm_partition": "short"}, {"lab"}, "names no account, and this cluster asks for one."),
        ({"slurm_partition": "short", "slurm_account": "lav"}, {"lab"}, "the account 'lav', which"),
        (
            {"slurm_partition": "short", "runtime": 90, "mem_mb": 10},
            None,
            "align_reads asks for 10 MB and 90 min; the largest partition of the profile, short",
        ),
        ({"runtime": 90, "mem_mb": 10}, None, "the largest partition of the profile, short"),
        ({"slurm_partition": "long", "mem_mb": 300_000}, None, "gives 256,000 MB and any time"),
        (
            {"slurm_partition": "short,long", "_cores": 80},
            None,
            "asks for 80 processors, no node of the profile's partitions has more than 64",
        ),
    ],
)
def test_check_site_refuses_in_one_sentence(resources: dict[str, Any], accounts: set[str] | None, said: str) -> None:
    with pytest.raises(InputError) as refused:
        check_site([job(**resources)], HERE, accounts)
    assert said in str(refused.value)


def test_check_site_takes_what_fits() -> None:
    check_site([job(slurm_partition="short,long", slurm_account="Lab", runtime=90, mem_mb=200_000, _cores=64)], HERE, {"lab"})
    check_account(None, None)


@pytest.mark.parametrize(
    ("record", "steps", "log", "why"),
    [
        (Record("1", "OUT_OF_MEMORY"), [], "", Why.MEMORY),
        (Record("1", "FAILED", "1:0"), [Record("1.0", "OUT_OF_MEMORY")], "", Why.MEMORY),
        (Record("1", "FAILED", "1:0"), [], "slurmstepd: error: StepId=1.0 exceeded memory limit (2000 > 1000), being killed", Why.MEMORY),
        (Record("1", "FAILED", "1:0"), [Record("1.0", "FAILED", "0:9")], "", Why.MEMORY),
        (Record("1", "TIMEOUT"), [], "", Why.TIME),
        (Record("1", "NODE_FAIL"), [], "", Why.NODE),
        (Record("1", "PREEMPTED"), [], "", Why.PREEMPTED),
        (Record("1", "CANCELLED", "0:15"), [], "", Why.CANCELLED),
        (Record("1", "FAILED", "1:0"), [], "error: no", Why.OWN),
    ],
)
def test_why_failed(record: Record, steps: list[Record], log: str, why: Why) -> None:
    assert why_failed(record, steps, log) == why
    assert End(why, record).is_worth_a_retry == (why not in {Why.OWN, Why.CANCELLED})


def test_a_job_that_its_own_watcher_stopped_was_out_of_time(tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", str(ROOT / "workflow/bounded.py"), "0.1", "slow a", str(os.getpid()), str(tmp_path / "lock")]
    stopped = subprocess.run([*words, "sleep", "9"], stderr=subprocess.PIPE, text=True, check=False)
    assert stopped.returncode == 124
    assert why_failed(Record("1", "FAILED", "1:0"), (), stopped.stderr) == Why.TIME


def test_the_reason_is_one_sentence_with_numbers_and_a_remedy(tmp_path: Path) -> None:
    log = tmp_path / "7.log"
    log.write_text("error: StepId=7.0 exceeded memory limit\n")
    end = end_of(Record("7", "FAILED", "1:0", nodes="n1"), [Record("7.0", "FAILED", "0:9", max_rss_mb=1234)], log)
    assert in_words(end, "align_reads HG002", 1000, 60) == (
        "align_reads HG002 ran out of memory on n1 (1,000 MB asked for, 1,234 MB were seen in use) [SLURM job 7]"
    )
    assert "`--set-resources align_reads:mem_mb=2000`" in remedy(end, "align_reads", 1000, 60)
    own = End(Why.OWN, Record("7", "FAILED", "3:0"), said=told_errors("error: a: no.\nerror: a: no.\nelse\n"))
    assert in_words(own, "a", None, None) == "a failed: a: no [SLURM job 7]"
    assert "ended with status 3" in in_words(End(Why.OWN, Record("7", "FAILED", "3:0")), "a", None, None)


def test_watch_concludes_nothing_from_silence_at_first_and_from_one_word_of_preemption() -> None:
    watch = Watch()
    assert [watch.verdict("1", None) for _ in range(MISSED)][-2:] == ["working", "failed"]
    assert [watch.verdict("2", Record("2", "PREEMPTED")) for _ in range(2)] == ["working", "failed"]
    assert [watch.verdict("3", Record("3", state)) for state in ("PENDING", "RUNNING", "COMPLETED", "FAILED")] == [
        "working",
        "working",
        "done",
        "failed",
    ]


def test_leftovers_are_cancelled_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(leftover_jobs.time, "sleep", lambda seconds: None)
    queue = [[QueuedJob("5", "RUNNING", "align_reads.HG002@1")]] * 3 + [[]]
    stopped: list[str] = []
    assert end_leftovers("@1", ask=lambda mark: queue.pop(0), stop=stopped.extend) == 1
    assert (stopped, queue) == (["5"], [])
    assert "an earlier run left 1 jobs in SLURM: align_reads.HG002@1 (5, running)" in capsys.readouterr().err


def test_leftovers_of_another_machine_and_those_that_stay_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(leftover_jobs.time, "sleep", lambda seconds: None)
    here = [QueuedJob("5", "RUNNING", "a@1")]
    with pytest.raises(InputError, match="1 cancelled jobs of an earlier run are still there"):
        end_leftovers("@1", patience=-1, ask=lambda mark: here, stop=lambda numbers: None)
    leftover_jobs.note_run()
    monkeypatch.setattr(leftover_jobs.socket, "gethostname", lambda: "elsewhere")
    with pytest.raises(InputError, match="a run may be alive there"):
        end_leftovers("@1", ask=lambda mark: here, stop=lambda numbers: None)


def test_a_groups_name_has_the_wildcards_of_its_jobs() -> None:
    members = [
        SimpleNamespace(rule=SimpleNamespace(name=name), wildcards=values)
        for name, values in (("b", ["x"]), ("a", ["x", "1"]), ("c", ["y", "z", "q"]))
    ]
    assert shared_wildcards(SimpleNamespace(is_group=lambda: True, jobs=members)) == ["x", "1", "y"]


def test_the_profiles_groups_name_rules_that_are_submitted() -> None:
    text = "".join(file.read_text() for file in sorted((ROOT / "rules").glob("*.smk")))
    rules = set(re.findall(r"^(?:use )?rule .*?(\w+)(?: with)?:$", text, re.M))
    local = {name.strip() for part in re.findall(r"^localrules:\n((?:    \w+,\n)+)", text, re.M) for name in part.split(",")}
    grouped = set(yaml.safe_load((ROOT / "config/profiles/slurm/config.yaml").read_text())["groups"])
    assert grouped <= rules
    assert not grouped & local


def test_memory_grows_with_the_attempt() -> None:
    assert [times_attempt(1500)(None, attempt) for attempt in (1, 2, 3)] == [1500, 3000, 4500]
