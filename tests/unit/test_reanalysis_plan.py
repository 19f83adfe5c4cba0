"""Which releases and cases a reanalysis takes, what it refuses, and that a finished one is fixed."""

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysam
import pytest

from tests.unit.small_hpo import write_hpo
from workflow.cohort import Case, Cohort, Sample
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import write_json
from workflow.reanalysis import asked
from workflow.reanalysis.check import check_reanalysis
from workflow.reanalysis.difference import CLASS, CLINVAR, FIRST, PANEL, moved, reasons_of, unchanged
from workflow.reanalysis.open_cases import judged_of, why_closed, why_not, wish_of
from workflow.reanalysis.plan import batches, cases_of, is_finished, keep_plan, make_plan, name_of, refuse_older
from workflow.reanalysis.releases import Age, age, date_of, day_in
from workflow.reanalysis.work_list import MODERATE, STRONG, WEAK, strength_of, work_list
from workflow.settings import Settings, load_settings

IDENTITY = {"id": "aaaaaaaaaaaa"}
LEAST: dict[str, Any] = {"samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "ref.fa"}}


def settings_of(tmp_path: Path, **reanalysis: Any) -> Settings:
    """Return settings with an HPO release in use, and a new one under `reanalysis`."""
    for name, release in (("old", "2023-06-17"), ("new", "2025-01-16")):
        if not (tmp_path / name).exists():
            write_hpo(tmp_path / name, release, [("AAA", "HP:0001250", "1/2", release)])
    section = {"knowledge": {"hpo": {"path": str(tmp_path / "new"), "release": "2025-01-16"}}} | reanalysis
    config = LEAST | {"results": str(tmp_path / "results"), "reanalysis": section}
    return load_settings(config | {"knowledge": {"hpo": {"path": str(tmp_path / "old"), "release": "2023-06-17"}}}, "config.yaml")


def cohort_of(tmp_path: Path, names: str = "a b c", recontact: str = "yes", unfinished: str = "") -> Cohort:
    """Return cases of one person each, with the files of finished results."""
    cases = {}
    for name in names.split():
        sample = Sample(name, name, "proband", "female", "yes", None, "", "", recontact=recontact)
        cases[name] = Case(name, (sample,), sample, None)
        files = [f"cases/{name}/{file}" for file in (f"{name}.vcf.gz", f"{name}.vcf.gz.tbi", "candidates.tsv", "report.json")]
        files += [f"interpretation/{name}.json", f"family/{name}.family.json", f"family/{name}.phased.vcf"]
        for file in files if name not in unfinished else ():
            (tmp_path / "results" / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "results" / file).write_text(name)
    run = {"knowledge": [{"name": "hpo", "release": "2023-06-17"}], "workflow": IDENTITY}
    write_json(tmp_path / "results/provenance/run.json", run)
    return Cohort({name: case.proband for name, case in cases.items()}, cases, {})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-01-16", (2025, 1, 16)),
        ("clinvar_20240305.vcf", (2024, 3, 5)),
        ("2024-02", (2024, 2, 1)),
        ("v2023-10-09 of PanelApp", (2023, 10, 9)),
        ("GENCODE 44", None),
        ("2023-02-30", (2023, 2, 1)),
    ],
)
def test_day_in(text: str, day: tuple[int, int, int] | None) -> None:
    assert day_in(text) == (datetime.date(*day) if day else None)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("2023-06-17", "2025-01-16", Age.NEWER),
        ("2025-01-16", "2023-06-17", Age.OLDER),
        ("3.2.0", "3.10.0", Age.NEWER),
        ("v44", "v43", Age.OLDER),
        ("ours", "theirs", Age.UNKNOWN),
        ("2024-01-01", "v44", Age.UNKNOWN),
        ("x", "x", Age.SAME),
    ],
)
def test_age(old: str, new: str, found: Age) -> None:
    assert age(*(Knowledge("x", Path("none"), release, "panels", ()) for release in (old, new))) is found


def test_date_of_a_release_without_one_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "clinvar.vcf").write_text("##fileformat=VCFv4.1\n##fileDate=2025-02-03\n")
    assert date_of(Knowledge("clinvar", tmp_path / "clinvar.vcf", "February", "vcf", ())) == datetime.date(2025, 2, 3)
    write_hpo(tmp_path / "hpo", "2024-03-06", [])
    assert date_of(Knowledge("hpo", tmp_path / "hpo", "ours", "hpo", ())) == datetime.date(2024, 3, 6)


def test_older_release_is_refused_unless_it_is_said(tmp_path: Path) -> None:
    older = {"knowledge": {"hpo": {"path": str(tmp_path / "new"), "release": "2020-10-12"}}}
    with pytest.raises(
        InputError, match=r"`reanalysis.knowledge.hpo.release` is 2020-10-12, older than 2023-06-17, which is in use; .*allow_older: true"
    ):
        refuse_older(settings_of(tmp_path, **older))
    refuse_older(settings_of(tmp_path, **older, allow_older=True))
    unknown = {"knowledge": {"hpo": {"path": str(tmp_path / "nowhere"), "release": "ours"}}}
    with pytest.raises(InputError, match="of unknown age beside 2023-06-17"):
        refuse_older(settings_of(tmp_path, **unknown))
    refuse_older(settings_of(tmp_path))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"knowledge": {}}, "`reanalysis.knowledge` names no new knowledge"),
        (
            {"knowledge": {"gene_models": {"path": "x", "release": "1"}}},
            "names gene models, with which every consequence is worked out anew",
        ),
        (
            {"knowledge": {"hpo": {"path": "nowhere", "release": "2025-01-16"}}},
            "`reanalysis.knowledge.hpo.path` names nowhere, which is not there",
        ),
    ],
)
def test_check_refuses(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_reanalysis(settings_of(tmp_path, **change), cohort_of(tmp_path), {}, IDENTITY, "")


def write_fasta(tmp_path: Path) -> str:
    (tmp_path / "ref.fa").write_text(">chr1\nN\n")
    pysam.faidx(str(tmp_path / "ref.fa"))
    return str(tmp_path / "ref.fa")


def test_check_refuses_results_of_another_release_than_the_config_says_and_a_run_that_has_not_ended(tmp_path: Path) -> None:
    settings, cohort, fasta = settings_of(tmp_path), cohort_of(tmp_path), write_fasta(tmp_path)
    check_reanalysis(settings, cohort, {}, IDENTITY, fasta)
    run = tmp_path / "results/provenance/run.json"
    write_json(run, {"knowledge": [{"name": "hpo", "release": "2020-10-12"}], "workflow": IDENTITY})
    with pytest.raises(
        InputError, match=r"made with hpo 2020-10-12, but `knowledge.hpo` is 2023-06-17; keep the release in use under `knowledge.hpo`"
    ):
        check_reanalysis(settings, cohort, {}, IDENTITY, fasta)
    run.unlink()
    with pytest.raises(InputError, match="the run in this folder has not ended"):
        check_reanalysis(settings, cohort, {}, IDENTITY, fasta)


def test_check_refuses_where_no_case_is_open(tmp_path: Path) -> None:
    verdicts = {name: [{"conclusion": "explained", "author": "N. N.", "date": "2025-01-01", "variants": []}] for name in "abc"}
    with pytest.raises(InputError, match="no case can be done again: 3 are closed or not finished"):
        check_reanalysis(settings_of(tmp_path), cohort_of(tmp_path), verdicts, IDENTITY, write_fasta(tmp_path))


def test_case_is_closed_by_its_last_verdict_alone() -> None:
    first, last = ({"conclusion": word, "author": "N. N.", "date": "2025-01-01", "variants": []} for word in ("explained", "not explained"))
    assert why_closed([first]) == "explained: N. N., 2025-01-01"
    assert why_closed([first, last]) == why_closed([last]) == why_closed([]) == ""


def test_later_judgement_on_a_variant_counts() -> None:
    variant = {"chrom": "chr1", "pos": 5, "ref": "A", "alt": "G"}
    verdicts = [
        {"author": who, "date": "2025-01-01", "variants": [variant | {"verdict": word}]}
        for who, word in (("A", "uncertain"), ("B", "causative"), ("C", ""))
    ]
    assert judged_of(verdicts) == {"chr1-5-A-G": {"verdict": "causative", "author": "B", "date": "2025-01-01"}}


def test_plan_takes_finished_open_cases_in_batches_and_says_why_not_the_others(tmp_path: Path) -> None:
    cohort, settings = cohort_of(tmp_path, "a b c d", unfinished="d"), settings_of(tmp_path, batch=2)
    verdicts = {"b": [{"conclusion": "explained", "author": "N. N.", "date": "2025-01-01", "variants": []}]}
    plan = make_plan(settings, cohort, verdicts, IDENTITY)
    assert (name_of(settings), batches(plan), cases_of(plan, "0001")) == ("hpo-2025-01-16", ["0001"], ["a", "c"])
    assert plan["not_done"] == {"b": "explained: N. N., 2025-01-01", "d": "not finished: there is no cases/d/d.vcf.gz"}
    assert plan["knowledge"]["hpo"]["new"]["date"] == "2025-01-16"
    assert why_not(cohort.cases["a"], [], settings.results) == ""


def test_finished_reanalysis_keeps_its_cases_and_is_refused_for_other_releases(tmp_path: Path) -> None:
    settings, cohort = settings_of(tmp_path), cohort_of(tmp_path, "a b")
    plan = make_plan(settings, cohort, {}, IDENTITY)
    keep_plan(settings, plan)
    (tmp_path / "results/reanalysis/hpo-2025-01-16/difference.json").write_text("{}")
    assert is_finished(settings)
    assert make_plan(settings, cohort_of(tmp_path, "a b c"), {}, IDENTITY) == plan
    with pytest.raises(
        InputError, match=r"was made with other workflow, and is never written over; give the new one another `reanalysis.name`"
    ):
        make_plan(settings, cohort, {}, {"id": "bbbbbbbbbbbb"})
    other = settings_of(tmp_path, name="hpo-2025-01-16", top=5)
    reading = replace(other.reanalysis, knowledge={"hpo": replace(other.reanalysis.knowledge["hpo"], release="2025-02-01")})
    with pytest.raises(InputError, match="was made with other knowledge"):
        make_plan(replace(other, reanalysis=reading), cohort, {}, IDENTITY)


def test_plan_is_written_only_for_its_own_jobs(tmp_path: Path) -> None:
    settings, cohort = settings_of(tmp_path), cohort_of(tmp_path)

    def job(name: str) -> Any:
        return type("Job", (), {"rule": type("Rule", (), {"name": name})})

    asked.plan_of(settings, cohort, {}, IDENTITY)
    assert not asked.fix_plan(settings, [job("rank_candidates")])
    assert not asked.fix_plan(settings, [])
    file = tmp_path / "results/reanalysis/hpo-2025-01-16/plan.json"
    assert not file.exists()
    assert asked.fix_plan(settings, [job("reanalyse_cases"), job("list_work"), job("reanalysis")])
    assert list(json.loads(file.read_text())["cases"]) == ["a", "b", "c"]
    assert not asked.fix_plan(settings, [job("reanalyse_cases"), job("align_reads")])


@pytest.mark.parametrize(("cell", "wish"), [("", "unknown"), ("unknown", "unknown"), ("no", "no"), ("yes", "yes")])
def test_wish_of_a_case_is_that_of_the_proband(cell: str, wish: str) -> None:
    kid = Sample("kid", "fam", "proband", "female", "yes", None, "", "", recontact=cell)
    mother = Sample("mum", "fam", "mother", "female", "no", None, "", "", recontact="yes")
    assert wish_of(Case("fam", (mother, kid), kid, None)) == wish


def row(gene: str, rank: int, **changes: Any) -> dict[str, Any]:
    found = {"gene": gene, "rank": rank, "chrom": "chr1", "pos": 5, "ref": "A", "alt": "G", "class": "uncertain significance", "tier": ""}
    return found | {"clinvar_record": None} | changes


def clinvar(severity: str, stars: int | None) -> dict[str, Any]:
    return {"known": True, "severity": severity, "stars": stars, "significance": severity, "allele": "7"}


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"rank": 10}, {FIRST}),
        ({"rank": 11}, set()),
        ({"rank": 99, "class": "likely pathogenic"}, {CLASS}),
        ({"rank": 99, "clinvar_record": clinvar("pathogenic", 1)}, {CLINVAR}),
        ({"rank": 99, "clinvar_record": clinvar("pathogenic", None)}, {CLINVAR}),
        ({"rank": 99, "clinvar_record": clinvar("pathogenic", 0)}, set()),
        ({"rank": 99, "clinvar_record": clinvar("", 3)}, set()),
        ({"rank": 99, "tier": "1"}, {PANEL}),
    ],
)
def test_reasons_of(changes: dict[str, Any], reasons: set[str]) -> None:
    assert reasons_of(row("X", 1) | changes, 10) == reasons


def test_moved_tells_gains_and_losses_by_reason_and_counts_the_rest() -> None:
    old = [row("A", 1), row("B", 2), row("C", 3), row("D", 4, **{"class": "pathogenic"})]
    new = [row("C", 1), row("A", 2), row("D", 3), row("E", 4, tier="1")]
    found = {(one.key[0], one.change): one.reasons for one in moved(old, new, 2)}
    assert found == {
        ("C", "gained"): (FIRST,),
        ("E", "gained"): (PANEL,),
        ("B", "lost"): (FIRST,),
        ("D", "lost"): (CLASS,),
    }
    assert unchanged(old, new, 2) == 1


def gained(
    reasons: list[str], rank: int = 9, stars: int | None = None, evidence: bool = True, without: int | None = None
) -> dict[str, Any]:
    own = None if without is None else {"rank_without": without, "log10": 1.0}
    told = [{"date": "2025-01-01", "source": "hpo", "release": "x", "what": "y"}] if evidence else []
    return {
        **{"gene": "G", "chrom": "chr1", "pos": 5, "ref": "A", "alt": "G", "reasons": reasons, "rank": [50, rank], "own_news": own},
        **{"clinvar": [None, {"stars": stars}], "acmg_points": [0, 1], "evidence": told, "evidence_date": "2025-01-01" if evidence else ""},
    }


@pytest.mark.parametrize(
    ("one", "strength"),
    [
        (gained([CLASS]), STRONG),
        (gained([CLINVAR], stars=2), STRONG),
        (gained([CLINVAR], stars=1), MODERATE),
        (gained([FIRST], rank=3), MODERATE),
        (gained([FIRST], rank=3, evidence=False), WEAK),
        (gained([FIRST], rank=9, without=40), MODERATE),
        (gained([FIRST], rank=9, without=9), WEAK),
        (gained([FIRST, PANEL], rank=9), MODERATE),
        (gained([PANEL]), WEAK),
    ],
)
def test_strength_of(one: dict[str, Any], strength: str) -> None:
    assert strength_of(one) == strength


def test_work_list_is_ordered_by_strength_then_by_what_is_new() -> None:
    found = [gained([FIRST], rank=3, evidence=False), gained([FIRST], rank=2), gained([CLASS], rank=80), gained([FIRST], rank=1)]
    records = [{"case": f"c{number}", "gained": [one]} for number, one in enumerate(found)]
    assert [one["case"] for one in work_list(records, {}, {})["entries"]] == ["c2", "c3", "c1", "c0"]


@pytest.mark.parametrize(
    ("line", "asked_for"),
    [
        ("snakemake --cores 2 reanalysis", True),
        ("snakemake --dry-run reanalysis", True),
        ("snakemake --cores 2 -- reanalysis reanalysis_preview", True),
        ("snakemake --directory reanalysis --cores 2", False),
        ("snakemake --cores 2", False),
    ],
)
def test_reanalysis_is_asked_for_by_its_target_and_not_by_a_folder_of_that_name(line: str, asked_for: bool) -> None:
    assert asked.is_asked_for(line.split()) is asked_for
