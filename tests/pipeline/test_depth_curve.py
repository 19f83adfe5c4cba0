"""The command `depth_curve`, through the command line: a curve of the tiny person, a second call, and every mistake."""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.test_validation import run, snakemake, table, write_work
from workflow.files import read_json

DEPTHS = "5,10,30"


def depth_curve(work: Path, *more: str, config: str = "config.yaml") -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "scripts.depth_curve", "--config", str(work / config), "--cores", "2", *more], work)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the tiny person was scored with all reads, and then by depth."""
    work = write_work(tmp_path_factory.mktemp("curve"))
    done = snakemake(work, "validation", "results/samples/anna/callable.bed.gz")
    assert done.returncode == 0, done.stderr[-4000:]
    done = depth_curve(work, "--depths", DEPTHS)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert "left out for it: 30" in done.stderr
    assert "These samples are too small to derive a limit" in done.stdout
    return work


def rows(work: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of SNVs over all genotypes by the depth that was asked for."""
    found = table(work / "results/depth_curve/curve.tsv")
    return {row["depth_wished"]: row for row in found if (row["variant_type"], row["zygosity"]) == ("SNV", "all")}


def test_depth_curve_reaches_the_depths_that_were_asked_for(finished: Path) -> None:
    found = rows(finished)
    assert set(found) == {"5", "10", "all"}
    for wished in ("5", "10"):
        assert float(found[wished]["depth_measured"]) == pytest.approx(float(wished), rel=0.15)
        assert float(found[wished]["fraction"]) == pytest.approx(float(wished) / float(found["all"]["depth_measured"]), abs=1e-6)
    assert float(found["all"]["callable_share"]) > float(found["10"]["callable_share"]) > float(found["5"]["callable_share"])


def test_depth_curve_counts_what_is_not_there_and_where_it_was_claimed(finished: Path) -> None:
    for row in rows(finished).values():
        assert (row["truth_total"], row["fp"]) == ("2", "0")
        assert int(row["tp"]) + int(row["fn"]) == 2
        assert int(row["fn_callable"]) + int(row["fn_not_callable"]) == int(row["fn"])
    whole = rows(finished)["all"]
    assert (whole["tp"], whole["fn"], whole["fn_callable"]) == ("1", "1", "1"), "the truth has one variant that the reads do not show"
    by_depth = table(finished / "results/depth_curve/by_depth.tsv")
    assert sum(int(row["observed"]) for row in by_depth if row["samples"] == "anna") == 2 * 3
    assert read_json(finished / "results/depth_curve/limit.json")["limit"] is None


def test_depth_curve_draws_nested_whole_fragments(finished: Path) -> None:
    names: dict[str, list[set[str]]] = {}
    for depth in ("d05", "d10"):
        for mate in (1, 2):
            with gzip.open(finished / f"results/depth_curve/reads/anna-{depth}.L1_{mate}.fastq.gz", "rt") as lines:
                names.setdefault(depth, []).append({line.split("/")[0] for at, line in enumerate(lines) if at % 4 == 0})
    assert names["d05"][0] == names["d05"][1]
    assert names["d10"][0] == names["d10"][1]
    assert names["d05"][0] < names["d10"][0]


def test_depth_curve_called_again_makes_nothing_anew(finished: Path) -> None:
    folder = finished / "results/depth_curve"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts}
    done = depth_curve(finished, "--depths", DEPTHS)
    assert done.returncode == 0, done.stderr[-4000:]
    after = {path: path.stat().st_mtime_ns for path in before}
    assert [path.name for path in before if before[path] != after[path]] == []


def test_depth_curve_page_is_there(finished: Path) -> None:
    page = (finished / "results/depth_curve/depth_curve.html").read_text()
    assert "Accuracy by depth" in page
    assert "Left out, since anna is not that deep: 30." in page


def check_refusal(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_depth_curve_refuses_mistakes_in_one_sentence_before_anything_is_made(tmp_path: Path) -> None:
    work = write_work(tmp_path / "work")
    check_refusal(depth_curve(work), "results of sample `anna` are missing; make them first: snakemake ", "all validation")
    check_refusal(depth_curve(work, "--depths", "5,ten"), "--depths has `ten`, which is no depth; give whole numbers")
    check_refusal(depth_curve(work, "--samples", "ana"), "--samples names `ana`, which has no truth set (did you mean `anna`?)")
    check_refusal(depth_curve(work, "--derive", "erik"), "--derive names `erik`, which has no truth set")
    check_refusal(depth_curve(work, config="none.yaml"), "none.yaml: the file cannot be read (No such file or directory); check --config")
    config = (work / "config.yaml").read_text()
    (work / "config.yaml").write_text(config.partition("truth:")[0])
    check_refusal(depth_curve(work), "config.yaml: no sample has a truth set; name one under `truth`")
    (work / "config.yaml").write_text(config + "tuth: {}\n")
    check_refusal(depth_curve(work), "unknown key `tuth` (did you mean `truth`?)")
    assert not (work / "results").exists()


def test_depth_curve_refuses_depths_that_no_sample_has(finished: Path) -> None:
    done = depth_curve(finished, "--depths", "200")
    assert done.returncode == 1
    assert "no sample has more reads than the least depth that is asked for; ask for less with --depths" in done.stderr.splitlines()[-1]
