"""Consent decides which jobs there are: for each purpose and answer the exact set; a genome is counted, taken out and counted again."""

import datetime
import itertools
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.pipeline.conftest import ROOT
from tests.pipeline.test_bad_input import RAW, Mistake, Outcome, also, column, config, good, run, write
from tests.pipeline.tiny_person import CONFIG, write_person
from workflow.cohort_store.model import BEACON
from workflow.cohort_store.view import open_view
from workflow.consent.records import PURPOSES

__all__ = ["good"]  # the fixture: a folder in which all is well

pytestmark = pytest.mark.slow

TODAY = datetime.date.today().isoformat()
TOMORROW = (datetime.date.today() + datetime.timedelta(2)).isoformat()
BASE = {"version": "1", "date": "2026-01-05", "register": "free", "register_checked": TODAY}
ALL = BASE | dict.fromkeys(PURPOSES, "yes")
STORE = "consent: {sheet: consents.tsv}\nfrequency_store: store\n"
MORE = "release: {overrides: {mean_autosome_coverage: 10, pct_autosomes_15x: 50}}\n"
STATES = ("yes", "no", "unknown")


def sheet(*rows: dict[str, str]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return "".join("\t".join(cells) + "\n" for cells in (columns, *([row.get(name, "") for name in columns] for row in rows)))


def snakemake(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", "2", *more]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def jobs(work: Path, *targets: str) -> dict[str, set[str]]:
    """Return the rules of a dry run by the sample or case that the jobs are of; those of neither under the empty name."""
    done = snakemake(work, "--dry-run", *targets)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, set[str]] = defaultdict(set)
    for rule, block in re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", done.stdout + "\n" + done.stderr, re.MULTILINE):
        names = re.search(r"^    wildcards: .*?(?:sample|case)=([\w-]+)", block, re.MULTILINE)
        if rule == "cohort":  # a target that makes nothing
            continue
        found[names[1].removeprefix("case-") if names else ""].add(rule)
    return dict(found)


# --- every purpose and answer -----------------------------------------------------------------------------------------


def name_of(purpose: str, state: str) -> str:
    return f"{purpose.replace('_', '-')}-{state}"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, str]]]:
    """Return a folder with a person for each purpose and answer, all else of whom is yes; and their consents."""
    work = write_person(tmp_path_factory.mktemp("crowd") / "work")
    people = {name_of(purpose, state): ALL | {purpose: state} for purpose, state in itertools.product(PURPOSES, STATES)}
    consents = {name: {"person": name} | one for name, one in people.items()}
    rows = "".join(f"{name}\tcase-{name}\tproband\tfemale\tyes\n" for name in people)
    (work / "samples.tsv").write_text(f"sample\tcase\trole\tsex\taffected\n{rows}")
    for name, mate in itertools.product(people, "12"):
        (work / f"{name}_{mate}.fq.gz").write_bytes((work / f"r_{mate}.fq.gz").read_bytes())
    rows = "".join(f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\n" for name in people)
    (work / "units.tsv").write_text(f"sample\tunit\tfastq_1\tfastq_2\n{rows}")
    (work / "config.yaml").write_text(CONFIG + STORE)
    return work, consents


def plan(work: Path, consents: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    (work / "consents.tsv").write_text(sheet(*consents.values()))
    return jobs(work, "all", "cohort")


def test_for_every_purpose_and_answer_the_exact_jobs(crowd: tuple[Path, dict[str, dict[str, str]]]) -> None:
    work, consents = crowd
    found = plan(work, consents)
    analysed = found[name_of("research", "yes")] - {"count_genome"}
    assert {"align_reads", "classify_candidates", "render_report"} <= analysed
    for purpose, state in itertools.product(PURPOSES, STATES):
        wanted = analysed | {"count_genome"}
        if purpose == "diagnosis" and state != "yes":
            wanted = set()
        elif purpose == "frequency_store" and state != "yes":
            wanted = analysed
        assert found.get(name_of(purpose, state), set()) == wanted, (purpose, state)
    assert "withdraw_genome" not in set().union(*found.values())


@pytest.mark.long
def test_a_flipped_consent_changes_its_own_jobs_and_no_others(crowd: tuple[Path, dict[str, dict[str, str]]]) -> None:
    work, consents = crowd
    before = plan(work, consents)
    care, counted = name_of("diagnosis", "yes"), name_of("frequency_store", "no")
    flipped = consents | {care: consents[care] | {"diagnosis": "no"}, counted: consents[counted] | {"frequency_store": "yes"}}
    after = plan(work, flipped)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {care, counted}
    assert care not in after
    assert after[counted] - before[counted] == {"count_genome"}
    late = {name: one | {"register_checked": "2026-01-05"} for name, one in consents.items()}
    without = plan(work, late)
    assert {name: rules - {"count_genome"} for name, rules in before.items() if name} == {
        name: rules for name, rules in without.items() if name
    }, "an outdated check of the register blocks counting, and no care"


# --- one life ---------------------------------------------------------------------------------------------------------


def consent(work: Path, **answers: str) -> None:
    (work / "consents.tsv").write_text(sheet({"person": "anna"} | ALL | answers))


def counted(work: Path) -> tuple[int, int]:
    """Return the genomes in the store, and those of them for the Beacon."""
    with open_view(work / "store") as view:
        return view.version.count, view.group_sizes.get(BEACON, 0)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a person was released and counted."""
    work = write_person(tmp_path_factory.mktemp("consent") / "life")
    (work / "config.yaml").write_text(CONFIG + MORE + STORE)
    consent(work)
    done = snakemake(work, "all", "cohort")
    assert done.returncode == 0, done.stderr[-3000:]
    return work


def test_a_genome_is_counted_taken_out_and_counted_again(life: Path) -> None:
    records = life / "results/cohort_store"
    assert json.loads((records / "counted/anna.json").read_text())["counted"] is True
    assert counted(life) == (1, 1)
    assert jobs(life, "all", "cohort") == {}
    page = {"": {"render_cohort"}}
    for answers, wanted_jobs in (
        ({"research": "no", "recontact": "no"}, {}),
        ({"register_checked": "2026-01-05"}, page),  # outdated: nobody is counted anew, nobody taken out, but the page would say so
        ({"beacon": "no"}, page | {"anna": {"count_genome"}}),
        ({"frequency_store": "no"}, page | {"anna": {"withdraw_genome"}}),
        ({"register": "restricted"}, page | {"anna": {"withdraw_genome"}}),
    ):
        consent(life, **answers)
        assert jobs(life, "all", "cohort") == wanted_jobs, answers
    consent(life, secondary_findings="no")
    told = jobs(life, "all", "cohort")
    assert told["case1"] == {"check_case"}, "without a list of secondary findings only the receipt says otherwise"
    assert "anna" not in told
    consent(life, guardian="mum", guardian_until=TODAY)
    lapsed = jobs(life, "all", "cohort")
    assert lapsed["anna"] == {"withdraw_genome"}
    assert lapsed["case1"] == told["case1"], "a lapsed consent is no answer for secondary findings, too"
    for answers, wanted in (({"beacon": "no"}, (1, 0)), ({"frequency_store": "no"}, (0, 0)), ({}, (1, 1))):
        consent(life, **answers)
        done = snakemake(life, "cohort")
        assert done.returncode == 0, done.stderr[-3000:]
        assert counted(life) == wanted
        assert (records / "counted/anna.json").is_file() is bool(wanted[0])
        assert (records / "withdrawn/anna.md").is_file() is (not wanted[0])
        told = json.loads((records / "index.json").read_text())
        assert (told["genomes"], sum(one["samples"] for one in told["left_out"]["reasons"])) == (wanted[0], 1 - wanted[0])
        assert jobs(life, "all", "cohort").get("", set()) == set(), "the page is that of the store as it is now"


# --- bad input --------------------------------------------------------------------------------------------------------


def given(*rows: dict[str, str], more: Callable[[Path], object] = lambda _: None) -> Callable[[Path], None]:
    return also(write("c.tsv", sheet(*rows)), config(consent={"sheet": "c.tsv"}), more)


CHILD = {"person": "child"} | BASE
MISTAKES = [
    Mistake("consent of nobody", given(CHILD, BASE | {"person": "chld"}), ("c.tsv, row 3: there is no person chld", "`child`")),
    Mistake(
        "consents that contradict",
        given(CHILD | {"beacon": "yes"}, CHILD | {"beacon": "no"}),
        ("c.tsv, row 3: the consent of child of 2026-01-05 contradicts row 2 on the Beacon",),
    ),
    Mistake("consent of tomorrow", given(CHILD | {"date": TOMORROW}), ("c.tsv, row 2: `date` is", "which is to come")),
    Mistake(
        "guardian who signed too late",
        given(CHILD | {"guardian": "mum", "guardian_until": "2025-12-24"}),
        ("c.tsv, row 2: the guardian signed on 2026-01-05", "only before 2025-12-24"),
    ),
    Mistake(
        "sample sheet against consent",
        given(CHILD | {"recontact": "no"}, more=column("samples.tsv", "recontact", "yes")),
        ("samples.tsv, row 2: `recontact` of child is yes, but the consent of 2026-01-05 says no",),
    ),
    Mistake("sample of another", given(CHILD | {"samples": "mum"}), ("c.tsv, row 2: sample mum is not of child",)),
    Mistake("nobody consents", given(CHILD), ("c.tsv: no case may be analysed without consent to diagnosis",)),
    Mistake("consents that are not there", config(consent={"sheet": "gone.tsv"}), ("gone.tsv: there is no such file",)),
    Mistake(
        "counting without consents",
        lambda _: None,
        ("config.yaml: the target `cohort` needs `frequency_store`",),
        options=("cohort", "--configfile", "config.yaml"),
    ),
]


@pytest.fixture(scope="module")
def outcomes(good: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Outcome]]:
    home = tmp_path_factory.mktemp("consents")
    with ThreadPoolExecutor(max_workers=2) as pool:
        return {one.name: pool.submit(run, one, good, home / str(number)) for number, one in enumerate(MISTAKES)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_bad_consent_is_refused_in_one_sentence(mistake: Mistake, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[mistake.name].result()
    assert outcome.status != 0, outcome.text
    assert not RAW.search(outcome.text), outcome.text
    assert [line for line in outcome.text.splitlines() if all(part in line for part in mistake.says)], outcome.text
    assert not list((outcome.folder / "results").rglob("*.cram"))
