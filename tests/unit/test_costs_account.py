"""Energy, money, capacity, and who bears which cost."""

import datetime
from pathlib import Path

import pytest

from workflow.cohort import Case, Cohort, Sample, Unit
from workflow.costs.by_stage import by_depth, by_sample, by_stage
from workflow.costs.capacity import forecast, months_until, months_until_busy, pace
from workflow.costs.energy import EnergyModel, Meter, packages
from workflow.costs.history import History, JobCost
from workflow.costs.prices import Prices
from workflow.costs.sizes import Sizes
from workflow.costs.stages import SNAKEMAKE, order_of_stages, stage_of, stages

MODEL = EnergyModel(12, 0.3725, 1.67, 100)
TODAY = datetime.date(2026, 7, 1)


def job(rule: str, cpu: float, wall: float = 10.0, *, ok: bool = True, **wildcards: str) -> JobCost:
    """Return a job that ended."""
    return JobCost(rule, wildcards, cpu, wall, 1000.0, 1.0, 2.0, 1, 0.0, ok)


def sample(name: str, case: str, role: str = "proband") -> Sample:
    """Return a sample of a sheet."""
    return Sample(name, case, role, "female", "yes", None, "", "")


def cohort(folder: Path) -> Cohort:
    """Return a trio-less cohort: a family of two and a person alone, with reads of 1, 2 and 3 MB a file."""
    people = {"a": sample("a", "fam"), "b": sample("b", "fam", "mother"), "c": sample("c", "solo")}
    units = {}
    for number, name in enumerate(people, start=1):
        files = [folder / f"{name}_{mate}.gz" for mate in (1, 2)]
        for file in files:
            file.write_bytes(bytes(number * 1_000_000))
        units[name] = (Unit(name, "L1", str(files[0]), str(files[1]), "", "", "", ""),)
    cases = {"fam": Case("fam", (people["a"], people["b"]), people["a"], None), "solo": Case("solo", (people["c"],), people["c"], None)}
    return Cohort(people, cases, units)


def test_kwh_is_power_times_time_times_pue() -> None:
    assert MODEL.kwh(3600, 3600, 4000) == pytest.approx((12 + 4 * 0.3725) * 1.67 / 1000)
    assert MODEL.kg_co2(5) == pytest.approx(0.5)
    assert EnergyModel(12, 0.3725, 1.67).kg_co2(5) is None


def powercap(folder: Path, value: int, most: int = 1000) -> Path:
    """Write a processor's meter with one part of it."""
    for name in ("intel-rapl:0", "intel-rapl:0:0"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "energy_uj").write_text(str(value))
        (folder / name / "max_energy_range_uj").write_text(str(most))
    return folder


def test_meter_counts_across_the_end_of_its_counter(tmp_path: Path) -> None:
    meter = Meter(powercap(tmp_path, 900_000_000, 1_000_000_000), every=1000)
    powercap(tmp_path, 100_000_000, 1_000_000_000)
    meter.look()
    powercap(tmp_path, 150_000_000, 1_000_000_000)
    assert meter.joules() == 250.0


def test_meter_counts_packages_and_not_their_parts(tmp_path: Path) -> None:
    assert [folder.name for folder in packages(powercap(tmp_path, 1))] == ["intel-rapl:0"]


def test_meter_without_rapl_measures_nothing(tmp_path: Path) -> None:
    assert Meter(tmp_path).joules() is None


def test_prices_without_a_table_are_not_evaluated() -> None:
    assert Prices("DKK", None, None, None, 12).of(10, 10, 10) is None
    assert Prices("DKK", 0.5, 0.1, None, 12).of(10, 2, 99) == pytest.approx(5 + 2.4)


def test_sizes_of_sample_unit_case_chunk_and_run(tmp_path: Path) -> None:
    sizes = Sizes(cohort(tmp_path), chunks=4)
    assert sizes.of({"sample": "b"}) == pytest.approx(0.004)
    assert sizes.of({"sample": "b", "unit": "L1"}) == pytest.approx(0.004)
    assert sizes.of({"case": "fam"}) == pytest.approx(0.006)
    assert sizes.of({"case": "fam", "chunk": "001"}) == pytest.approx(0.0015)
    assert sizes.of({}) == 3


def test_size_of_reads_that_are_gone_is_the_one_known_or_none(tmp_path: Path) -> None:
    people = cohort(tmp_path)
    (tmp_path / "a_1.gz").unlink()
    assert Sizes(people).of({"sample": "a"}) is None
    assert Sizes(people).of({"case": "fam"}) is None
    assert Sizes(people, known={"a": 0.5}).of({"case": "fam"}) == pytest.approx(0.504)


def test_by_sample_shares_a_case_among_its_members_and_a_run_among_all(tmp_path: Path) -> None:
    jobs = (job("align_reads", 3600, sample="a"), job("rank_candidates", 7200, case="fam"), job("multiqc", 10_800))
    rows = by_sample(History(jobs, ()), cohort(tmp_path), MODEL, Prices("DKK", 1.0, None, None, 0), {"a": 0.5})
    assert {row["sample"]: row["cpu_hours"] for row in rows} == pytest.approx({"a": 3.5, "b": 2.5})  # nothing was done for c yet
    assert rows[0]["money"] == pytest.approx(3.5)


def test_by_stage_counts_failures_and_snakemake_itself() -> None:
    run = {"began": 0.0, "wall_s": 20.0, "main_cpu_s": 5.0, "main_rss_mb": 150.0, "ok": True}
    rows = {row["stage"]: row for row in by_stage(History((job("align_reads", 10, ok=False), job("align_reads", 20)), (run,)), MODEL)}
    assert (rows["alignment"]["jobs"], rows["alignment"]["failed"], rows["alignment"]["cpu_s"]) == (2, 1, 30.0)
    assert rows[SNAKEMAKE]["cpu_s"] == 5.0


def test_by_depth_tells_bands_apart(tmp_path: Path) -> None:
    jobs = (job("align_reads", 3600, sample="a"), job("align_reads", 7200, sample="c"))
    rows = by_depth(History(jobs, ()), cohort(tmp_path), {"a": 31.0, "c": 8.0})
    assert [(row["band"], row["stage"], row["median"]) for row in rows] == [("below 10x", "alignment", 2.0), ("27.5–35x", "alignment", 1.0)]


def test_every_rule_has_a_stage_in_the_order_of_the_snakefile() -> None:
    included = set(order_of_stages())
    assert {stage for stage in stages().values()} - {"demo", "depth curve", "object storage"} <= included
    assert stage_of("align_reads") == "alignment"
    assert stage_of("no_such_rule") == "other"


def days(every: int, count: int) -> list[datetime.date]:
    """Return days up to today."""
    return [TODAY - datetime.timedelta(days=every * number) for number in range(count)]


def test_pace_is_that_of_the_last_half_year() -> None:
    found = pace([*days(1, 183), *(TODAY - datetime.timedelta(days=400) for _ in range(5))], TODAY)
    assert found
    assert found.value == pytest.approx(30.44, rel=0.02)
    assert found.low < found.value < found.high
    assert pace(days(0, 10), TODAY) is None
    assert pace(days(5, 2), TODAY) is None


def test_pace_that_grows_is_told() -> None:
    finished = [TODAY - datetime.timedelta(days=int(30.44 * back) + 5) for back in range(10) for _ in range(10 - back)]
    found = pace(finished, TODAY)
    assert found
    assert found.change == pytest.approx(1.0, abs=0.15)


def test_months_until_full() -> None:
    assert months_until(1000, 10, 20) == pytest.approx(5)
    assert months_until(1000, 10, 20, 10) == pytest.approx(2.899, abs=0.01)  # 20 m + 5 m² = 100
    assert months_until(1000, 10, 0) is None
    assert months_until(1000, 10, 5, -1) is None  # the pace ends before the disk is full


def test_months_until_busy() -> None:
    hours = 2 * 30.44 * 24
    assert months_until_busy(2, hours / 100, 100, 0) == 0.0
    assert months_until_busy(2, hours / 100, 50, 5) == pytest.approx(10)
    assert months_until_busy(2, hours / 100, 50, None) is None


def test_forecast_says_when_and_why_not() -> None:
    told = forecast(days(3, 60), TODAY, free_gb=1000, gb_per_sample=10, cores=4, cpu_hours=20)
    assert told["disk"]
    assert told["disk"]["soonest"] < told["disk"]["value"] < told["disk"]["latest"]  # type: ignore[index]
    assert told["disk"]["samples_left"] == 100  # type: ignore[index]
    untold = forecast([], TODAY, free_gb=1, gb_per_sample=None, cores=1, cpu_hours=None)
    assert untold["pace"] is None
    assert "no growth can be seen" in str(untold["because"])
