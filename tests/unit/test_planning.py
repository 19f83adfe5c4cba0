"""Plans: the schedule, the forecast, limits, older knowledge, why somebody is affected, what came of a plan."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workflow.costs.energy import EnergyModel
from workflow.costs.history import History, JobCost
from workflow.costs.prices import Prices
from workflow.costs.stages import SNAKEMAKE
from workflow.errors import InputError
from workflow.planning import gates
from workflow.planning.affected import reasons
from workflow.planning.changes import Before, changes
from workflow.planning.forecast import Forecaster, forecast
from workflow.planning.jobs import PlannedJob
from workflow.planning.knowledge_age import NEWER, OLDER, SAME, UNKNOWN, check_knowledge_age, order
from workflow.planning.outcome import outcome
from workflow.planning.page import grouped
from workflow.planning.schedule import play

MODEL = EnergyModel(12, 0.3725, 1.67)
FREE = Prices("DKK", None, None, None, 12)


def planned(number: int, rule: str = "align_reads", *, needs: tuple[int, ...] = (), threads: int = 1, **more: Any) -> PlannedJob:
    """Return a planned job."""
    given = {"wildcards": {"sample": f"s{number}"}, "mem_mb": None, "whys": (), "inputs": (), "outputs": (), "needs": frozenset(needs)}
    return PlannedJob(number, rule, threads=threads, **given | more)  # type: ignore[arg-type]


def test_play_runs_side_by_side_what_fits_and_waits_for_what_is_needed() -> None:
    jobs = [planned(0), planned(1), planned(2), planned(3, needs=(0, 1, 2))]
    walls = {0: 10.0, 1: 10.0, 2: 10.0, 3: 5.0}
    sizes: dict[int, list[float]] = {job.number: [] for job in jobs}
    assert play(jobs, walls, sizes, cores=3).wall_s == 15
    assert play(jobs, walls, sizes, cores=2).wall_s == 25
    assert play(jobs, walls, sizes, cores=8, most_jobs=1).wall_s == 35


def test_play_gives_a_job_at_most_all_cores() -> None:
    jobs = [planned(0, threads=16), planned(1)]
    assert play(jobs, {0: 10.0, 1: 10.0}, {0: [], 1: []}, cores=4).wall_s == 20


def test_play_holds_temporary_files_until_their_last_reader(tmp_path: Path) -> None:
    temporary, kept = str(tmp_path / "t"), str(tmp_path / "k")
    jobs = [
        planned(0, outputs=((temporary, True),)),
        planned(1, needs=(0,), inputs=(temporary,), outputs=((kept, False),)),
        planned(2, needs=(1,), inputs=(kept,)),
    ]
    played = play(jobs, {0: 1.0, 1: 1.0, 2: 1.0}, {0: [100.0], 1: [10.0], 2: []}, cores=1)
    assert (played.peak_mb, played.final_mb) == (110, 10)


def test_play_gives_back_what_is_made_anew_unless_it_is_sealed(tmp_path: Path) -> None:
    old, sealed = tmp_path / "old", tmp_path / "sealed"
    for file in (old, sealed):
        file.write_bytes(bytes(5_000_000))
    (tmp_path / "version").hardlink_to(sealed)
    assert play([planned(0, outputs=((str(old), False),))], {0: 1.0}, {0: [5.0]}, 1).final_mb == 0
    assert play([planned(0, outputs=((str(sealed), False),))], {0: 1.0}, {0: [5.0]}, 1).final_mb == 5


def seen(rule: str, cpu: float, *, wall: float, gb: float = 1.0, threads: int = 1, outputs: tuple[tuple[float, bool], ...] = ()) -> JobCost:
    """Return a job of the history."""
    return JobCost(rule, {"sample": "x"}, cpu, wall, 500.0, 0.0, 0.0, threads, 0.0, gb=gb, outputs=outputs)


class OneSize:
    """Every job has as much to do."""

    def __init__(self, gb: float | None) -> None:
        self.gb = gb

    def of(self, _: Any) -> float | None:
        """Return the size."""
        return self.gb


def forecaster(*jobs: JobCost, gb: float | None = 1.0, runs: tuple[dict[str, Any], ...] = ()) -> Forecaster:
    """Return a forecaster with a history."""
    return Forecaster(History(jobs, runs), OneSize(gb), MODEL)  # type: ignore[arg-type]


def test_forecast_of_what_was_seen_is_what_it_cost() -> None:
    known = forecaster(*[seen("align_reads", 100.0, wall=50.0, threads=2, outputs=((7.0, False),))] * 4)
    plan = forecast([planned(n, threads=2, outputs=((f"o{n}", False),)) for n in range(3)], known, FREE, 2)
    alignment = next(one for one in plan["stages"] if one["name"] == "alignment")
    assert alignment["cpu_hours"]["value"] == pytest.approx(300 / 3600, rel=1e-3)
    assert plan["cpu_hours"]["low"] < plan["cpu_hours"]["value"] < plan["cpu_hours"]["high"]
    assert plan["wall_hours"]["value"] * 3600 == pytest.approx(150, rel=0.05)
    assert plan["final_disk_gb"]["value"] == pytest.approx(0.021)
    assert plan["kwh"]["value"] == pytest.approx(MODEL.kwh(300, 150, 500), rel=0.1)
    assert plan["cost"] is None
    assert plan["sources"]["history"] == ["align_reads"]


def test_forecast_of_a_seal_counts_the_copies_that_it_keeps() -> None:
    seal = JobCost("seal_release", {}, 1.0, 1.0, 50.0, 0.0, 8.0, 1, 0.0, gb=1.0, outputs=((0.01, False), (0.01, False)))
    plan = forecast([planned(0, "seal_release", wildcards={}, outputs=(("m", False), ("s", False)))], forecaster(seal), FREE, 2)
    assert plan["final_disk_gb"]["value"] == pytest.approx(0.008)


def test_forecast_of_an_aligners_index_goes_by_the_size_of_the_reference(tmp_path: Path) -> None:
    (fasta := tmp_path / "g.fa").write_bytes(bytes(1_000_000))
    job = planned(0, "minibwa_index", inputs=(str(fasta),), outputs=((f"{fasta}.l2b", False), (f"{fasta}.mbw", False)))
    assert forecaster().outputs_mb(job) == [0.25, 2.0]


def test_forecast_says_what_it_does_not_know() -> None:
    plan = forecast([planned(0, "align_reads"), planned(1, "check_calls")], forecaster(gb=None), FREE, 2)
    assert (plan["sources"]["default table"], plan["sources"]["nothing known"]) == (["align_reads"], ["check_calls"])
    assert plan["size_unknown"] == ["s0", "s1"]


def test_forecast_counts_snakemake_itself() -> None:
    runs = tuple({"jobs": number, "main_cpu_s": 4 + 0.1 * number, "began": 0.0} for number in (10, 50, 100, 400, 800))
    plan = forecast([planned(0)], forecaster(seen("align_reads", 1.0, wall=1.0), runs=runs), FREE, 2)
    own = next(one for one in plan["stages"] if one["name"] == SNAKEMAKE)
    assert own["cpu_hours"]["value"] * 3600 == pytest.approx(4.1, rel=0.15)


def test_forecast_of_nothing_is_nothing() -> None:
    plan = forecast([], forecaster(), FREE, 2)
    assert (plan["jobs"], plan["cpu_hours"]["value"], plan["wall_hours"]["value"], plan["stages"]) == (0, 0, 0, [])


AMOUNTS: dict[str, tuple[float, float] | None] = {
    "samples": (3, 3), "changed_answers": (2, 2), "cpu_hours": (10.0, 20.0), "wall_hours": (1.0, 2.0), "peak_disk_gb": (5.0, 6.0), "cost":
    None, "kwh": (1.0, 2.0),
}  # fmt: skip


def test_limits_are_held_against_the_upper_end() -> None:
    judged = gates.judge({"cpu_hours": 15.0, "samples": 3.0, "cost": 100.0}, AMOUNTS)
    assert [one["verdict"] for one in judged] == [gates.BEYOND, gates.WITHIN, gates.NOT_EVALUATED]
    said = gates.sentence(judged)
    assert said == "the plan is beyond its limits: CPU hours 10, up to 20 (limit 15); cost cannot be told (limit 100)"
    assert gates.sentence(gates.judge({"samples": 3.0}, AMOUNTS)) == ""


def test_limits_of_the_command_line_go_over_those_of_the_config() -> None:
    assert gates.given(["cpu_hours=5"], {"cpu_hours": 9.0, "kwh": None, "samples": 4}) == {"cpu_hours": 5.0, "samples": 4.0}
    with pytest.raises(InputError, match=r"no limit `cpu_hour`.*cpu_hours"):
        gates.given(["cpu_hour=5"], {})
    with pytest.raises(InputError, match="`many` is no number"):
        gates.given(["samples=many"], {})


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("2024-03-06", "2025-01-16", NEWER),
        ("2025-01-16", "2023-06-17", OLDER),
        ("hp/releases/2025-01-16", "v2024-12", OLDER),
        ("20250113", "2024-12-30", OLDER),
        ("2024", "2024-05", UNKNOWN),
        ("2025-01", "2024", OLDER),
        ("RefSeq 110", "RefSeq 105", OLDER),
        ("115", "114", OLDER),
        ("RefSeq 110", "Ensembl 105", UNKNOWN),
        ("3.1.2", "3.2.0", NEWER),
        ("ours", "ours", SAME),
        ("2024-01 and 2025-01", "2023-01", UNKNOWN),
    ],
)
def test_order_of_releases(before: str, now: str, told: str) -> None:
    assert order(before, now) == told


def settings(results: Path, release: str, allowed: tuple[str, ...] = ()) -> Any:
    """Return the few settings that the check of knowledge looks at."""
    hpo = SimpleNamespace(name="hpo", release=release)
    return SimpleNamespace(results=results, knowledge={"hpo": hpo}, older_knowledge=allowed, file="config.yaml")


def test_older_knowledge_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    record = tmp_path / "provenance" / "knowledge" / "hpo.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"name": "hpo", "release": "2025-01-16"}')
    check_knowledge_age(settings(tmp_path, "2025-01-16"))
    check_knowledge_age(settings(tmp_path, "2025-03-01"))
    with pytest.raises(InputError, match="release 2023-06, older than 2025-01-16"):
        check_knowledge_age(settings(tmp_path, "2023-06"))
    check_knowledge_age(settings(tmp_path, "2023-06", ("hpo",)))
    with pytest.raises(InputError, match="names `clinvar`, which is no configured"):
        check_knowledge_age(settings(tmp_path, "2025-03-01", ("clinvar",)))


def identity(**more: Any) -> dict[str, Any]:
    """Return parts of a version."""
    parts: dict[str, Any] = {
        "id": "x",
        "code": {"scripts/rank_candidates.py": "1"},
        "tools": {"bwa": "1"},
        "parameters": {"caller": "gatk"},
    }
    return parts | {"knowledge": {"hpo": {"release": "2023", "kind": "hpo", "fields": [], "bytes": 1}}} | more


def test_changes_name_what_differs_and_where_it_enters() -> None:
    now = identity(
        knowledge={"hpo": {"release": "2025", "kind": "hpo", "fields": [], "bytes": 2}}, code={"scripts/rank_candidates.py": "2"}
    )
    found = {one.name: (one.old, one.new, set(one.enters)) for one in changes(Before(identity(), {}), now)}
    assert found["knowledge hpo"] == ("2023", "2025", {"knowledge hpo"})
    assert found["code scripts/rank_candidates.py"] == ("1", "2", {"ranking"})
    assert changes(Before(None, {}), now) == []
    assert changes(Before(identity(), {}), identity()) == []


def test_an_option_takes_its_own_tools_and_rules_with_it() -> None:
    old = identity(code={"rules/gatk.smk": "1"}, tools={"gatk": "4"})
    now = identity(code={"rules/freebayes.smk": "1"}, tools={"freebayes": "1"}, parameters={"caller": "freebayes"})
    assert [one.name for one in changes(Before(old, {}), now)] == ["parameter caller"]


def test_content_replaced_under_one_release_is_told() -> None:
    now = identity(knowledge={"hpo": {"release": "2023", "kind": "hpo", "fields": [], "bytes": 2000}})
    (one,) = changes(Before(identity(), {}), now)
    assert (one.old, one.new) == ("2023, 1 bytes, fields usual", "2023, 2,000 bytes, fields usual")


def test_reasons_leave_out_temporary_files() -> None:
    jobs = [
        planned(0, "bcftools_norm", whys=("not there yet: a.split.vcf.gz",), outputs=(("a.split.vcf.gz", True),)),
        planned(1, "rank_candidates", whys=("newer than the result: hp.obo",)),
    ]
    assert list(reasons(jobs)) == ["rank_candidates: newer than the result: hp.obo"]
    assert list(reasons(jobs[:1])) == ["it follows from what else is made anew"]


def test_outcome_holds_a_plan_against_what_ran() -> None:
    amount = {"value": 0.01, "low": 0.005, "high": 0.02}
    costs = {
        "cpu_hours": amount, "wall_hours": amount, "rules": [{"name": "align_reads", "jobs": 2}, {"name": "multiqc", "jobs": 1}],
        "stages": [{"name": "alignment", "cpu_hours": amount}],
    }  # fmt: skip
    plan = {"made": "2026-01-01T00:00:00+00:00", "made_at": 100.0, "forecast": costs}
    jobs = tuple(
        JobCost(rule, {"sample": "a"}, 18.0, 9.0, 1.0, None, None, 1, began)
        for rule, began in (("align_reads", 50.0), ("align_reads", 150.0), ("gather", 160.0))
    )
    run = {"began": 140.0, "wall_s": 36.0, "main_cpu_s": 36.0, "main_rss_mb": 1, "ok": True}
    told = outcome(plan, History(jobs, (run,)))
    assert told
    assert told["jobs"] == {"planned": 3, "ran": 2, "unplanned": {"gather": 1}, "not_run": {"align_reads": 1, "multiqc": 1}}
    assert (told["cpu_hours"]["actual"], told["cpu_hours"]["ratio"], told["cpu_hours"]["inside"]) == (0.02, 2.0, True)
    assert outcome(plan, History(jobs[:1], ())) is None


def test_grouped_answers_put_those_that_stay_last() -> None:
    rows = [
        {"case": "a", "state": "stays", "whys": ["no"], "touched": []},
        {"case": "b", "state": "may change", "whys": ["b moves"], "touched": [{"gene": "X"}]},
        {"case": "c", "state": "stays", "whys": ["no"], "touched": []},
    ]
    assert [(row["state"], row["cases"], row["whys"]) for row in grouped(rows)] == [
        ("may change", ["b"], ["b moves"]),
        ("stays", ["a", "c"], ["no"]),
    ]
