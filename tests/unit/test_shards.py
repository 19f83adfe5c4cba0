import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workflow.cluster.shard_run import LOCK, Standing, reason_of, run_shards, take_lock
from workflow.cluster.shard_summary import line_of, summary_of, write_summary
from workflow.cluster.shards import Shard, Wanted, divide, in_turn, read_division, read_list, whole_list, write_division
from workflow.cohort import Case, Cohort, Sample
from workflow.errors import InputError


def sample(name: str, case: str, role: str = "proband") -> Sample:
    return Sample(name, case, role, "female", "yes", None, "", "", 2)


def cohort(cases: dict[str, list[str]]) -> Cohort:
    samples = {name: sample(name, case, "mother" if at else "proband") for case, names in cases.items() for at, name in enumerate(names)}
    members = {case: tuple(samples[name] for name in names) for case, names in cases.items()}
    return Cohort(samples, {case: Case(case, those, those[0], None) for case, those in members.items()}, {}, {})


TRIOS = {f"c{number}": [f"s{number}", f"m{number}"] for number in range(1, 8)}


def listed(folder: Path, text: str) -> Path:
    path = folder / "list.tsv"
    path.write_text(text)
    return path


def test_read_list_gives_whole_cases_with_shard_and_priority(tmp_path: Path) -> None:
    path = listed(tmp_path, "sample\tshard\tpriority\ns1\tA\turgent\nm1\tA\turgent\ns2\t\t\nm2\t\troutine\n")
    assert read_list(path, cohort(TRIOS)) == [Wanted("c1", "A", True), Wanted("c2")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("s1\tA\nm1\tA\ns1\tA\n", "row 4: sample `s1` is in row 2 already; name each sample once"),
        ("s1\tA\nm1\tB\n", "row 3: case `c1` is over two shards, `A` and `B`; give all its samples one shard"),
        ("s1\tA\ns2\tA\nm2\tA\n", "row 2: case `c1` lacks `m1`, who belongs to it; list all samples of a case, or none"),
        ("s9\tA\n", "row 2: there is no sample `s9`"),
    ],
)
def test_read_list_refuses_in_one_sentence(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_list(listed(tmp_path, f"sample\tshard\n{rows}"), cohort(TRIOS))
    assert said in str(refused.value)


def test_divide_never_cuts_a_case_and_gives_an_urgent_one_a_shard() -> None:
    shards = divide(whole_list(cohort(TRIOS), ["c5"]), 3)
    assert shards == [Shard("0001", ("c5",), True), Shard("0002", ("c1", "c2", "c3")), Shard("0003", ("c4", "c6", "c7"))]


def test_divide_leaves_each_case_where_it_was(tmp_path: Path) -> None:
    first = divide(whole_list(cohort({name: TRIOS[name] for name in ("c1", "c2", "c3")}), []), 2)
    write_division(tmp_path / "shards.json", first)
    again = divide(whole_list(cohort(TRIOS), ["c3"]), 2, read_division(tmp_path / "shards.json"))
    assert again[:2] == [Shard("0001", ("c1", "c2")), Shard("0002", ("c3",), True)]
    assert [shard.cases for shard in again[2:]] == [("c4", "c5"), ("c6", "c7")]
    assert len({shard.name for shard in again}) == 4


def test_divide_refuses_a_case_over_two_shards() -> None:
    wanted = whole_list(cohort(TRIOS), [])
    with pytest.raises(InputError, match="case `c1` is over two shards, `a` and `b`"):
        divide(wanted, 2, [Shard("a", ("c1",)), Shard("b", ("c2", "c1"))])
    with pytest.raises(InputError, match="case `c1` was in shard `a` and is now listed in `b`"):
        divide([Wanted("c1", "b")], 2, [Shard("a", ("c1",))])


def test_read_division_refuses_damage_and_newer_versions(tmp_path: Path) -> None:
    (tmp_path / "shards.json").write_text("{}")
    with pytest.raises(InputError, match="no division into shards"):
        read_division(tmp_path / "shards.json")
    (tmp_path / "shards.json").write_text(json.dumps({"version": 9, "shards": []}))
    with pytest.raises(InputError, match="of a newer version"):
        read_division(tmp_path / "shards.json")


def test_in_turn_starts_urgent_first_and_lets_routine_go_on() -> None:
    urgent, routine = [Shard(f"u{n}", (), True) for n in range(6)], [Shard(f"r{n}", ()) for n in range(4)]
    names = [shard.name for shard in in_turn([*routine, *urgent], 2)]
    assert names == ["u0", "u1", "r0", "u2", "u3", "r1", "u4", "u5", "r2", "r3"]
    assert [shard.name for shard in in_turn(routine, 2)] == ["r0", "r1", "r2", "r3"]


def standings(folder: Path, shards: list[Shard]) -> list[Standing]:
    for shard in shards:
        (folder / shard.name).mkdir(exist_ok=True)
    return [Standing(shard, folder / shard.name, "d") for shard in shards]


def sleep(seconds: float, status: int = 0) -> list[str]:
    return [sys.executable, "-c", f"import sys, time; time.sleep({seconds}); print('error: no such luck'); sys.exit({status})"]


def test_run_shards_keeps_the_bound_and_urgent_ones_wait_less(tmp_path: Path) -> None:
    shards = in_turn([*(Shard(f"r{n}", ()) for n in range(6)), *(Shard(f"u{n}", (), True) for n in range(3))], 2)
    those, most, begun = standings(tmp_path, shards), [0], time.time()

    def told(now: list[Standing]) -> None:
        most[0] = max(most[0], sum(one.state == "running" for one in now))

    assert run_shards(those, lambda one: sleep(0.2), 2, told) == 0
    content = summary_of(those, cohort({}), begun)
    assert most[0] == 2
    assert content["states"] == {"done": 9}
    assert content["mean_wait_s"]["urgent"] < content["mean_wait_s"]["routine"] / 2
    write_summary(tmp_path, content)
    assert line_of(content) == "[shards] 9: 9 done"
    assert (tmp_path / "summary.tsv").read_text().count("\n") == 10


def test_run_shards_tells_why_one_failed_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    those = standings(tmp_path, [Shard("a", ()), Shard("b", ())])
    run_shards(those, lambda one: sleep(0, int(one.shard.name == "b")), 2, lambda now: None)
    assert [(one.state, one.reason) for one in those] == [("done", ""), ("failed", "no such luck")]
    again, ran = standings(tmp_path, [Shard("a", ()), Shard("b", ())]), []
    for one in again:
        one.recall()
    run_shards(again, lambda one: ran.append(one.shard.name) or sleep(0), 2, lambda now: None)
    assert ran == ["b"]
    changed = Standing(Shard("a", ()), tmp_path / "a", "another digest")
    changed.recall()
    assert changed.state == "waiting"


def test_run_shards_leaves_a_shard_to_the_call_that_has_it(tmp_path: Path) -> None:
    those = standings(tmp_path, [Shard("a", ())])
    with take_lock(tmp_path / "a") as held:
        assert held.name.endswith(LOCK)
        run_shards(those, lambda one: sleep(0), 1, lambda now: None)
    assert those[0].state == "elsewhere"


def test_the_lock_lives_as_long_as_the_shards_process(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with take_lock(tmp_path / "a") as lock:
        orphan = subprocess.Popen(sleep(1), pass_fds=[lock.fileno()], stdout=subprocess.DEVNULL)
    assert take_lock(tmp_path / "a") is None
    orphan.wait()
    take_lock(tmp_path / "a").close()


def test_reason_of_takes_the_sentence_before_the_last_line(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("Building DAG of jobs...\nWorkflowError:\nsamples.tsv, row 2: no sex.\nAt least one job failed\n")
    assert reason_of(log) == "samples.tsv, row 2: no sex."
    log.write_text("killed\n")
    assert reason_of(log) == "killed"
