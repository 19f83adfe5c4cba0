"""Consent decides which jobs there are: for each purpose and answer the exact set; a genome is counted, taken out and counted again."""

import csv
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

import pysam
import pytest

from scripts.cohort_store import main as cohort_store
from scripts.knowledge_base import main as knowledge_base
from tests.pipeline.conftest import ROOT
from tests.pipeline.test_bad_input import RAW, Mistake, Outcome, also, column, config, good, run, write
from tests.pipeline.tiny_person import COMPLEMENT, CONFIG, write_person
from tests.unit.test_fingerprint_store import SITES
from tests.unit.test_fingerprint_store import people as fingerprints
from workflow.cohort_store.model import BEACON, Variant
from workflow.cohort_store.view import open_view
from workflow.consent.records import PURPOSES
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint

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
    known = [Fingerprint(name, SITES, one.quality) for name, one in zip(people, fingerprints(len(people)), strict=True)]
    append(work / "results" / "cohort", [(one, {"when": "2026-01-05", "decision": "release"}) for one in known])
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
            wanted = {"withdraw_genome"} if state == "no" else set()  # the fingerprint of who says no goes, too
        elif purpose == "frequency_store" and state != "yes":
            wanted = analysed
        assert found.get(name_of(purpose, state), set()) == wanted, (purpose, state)
    assert [name for name, rules in found.items() if "withdraw_genome" in rules] == [name_of("diagnosis", "no")]


@pytest.mark.long
def test_a_flipped_consent_changes_its_own_jobs_and_no_others(crowd: tuple[Path, dict[str, dict[str, str]]]) -> None:
    work, consents = crowd
    before = plan(work, consents)
    care, counted = name_of("diagnosis", "yes"), name_of("frequency_store", "no")
    flipped = consents | {care: consents[care] | {"diagnosis": "no"}, counted: consents[counted] | {"frequency_store": "yes"}}
    after = plan(work, flipped)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {care, counted}
    assert after[care] == {"withdraw_genome"}, "a fingerprint is kept for care"
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


VCF = """##fileformat=VCFv4.2
##contig=<ID=chrM,length=16569>
##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"""


def write_strangers(work: Path, ref: str, alt: str) -> list[str]:
    """Write the calls of nine strangers who have the variant of the person, too; return the options that count them."""
    names = [f"stranger{number}" for number in range(9)]
    calls = "\t".join(["FORMAT", *names]) + f"\nchrM\t8001\t.\t{ref}\t{alt}\t50\tPASS\t.\tGT" + "\t1" * len(names) + "\n"
    (work / "strangers.vcf").write_text(f"{VCF}\t{calls}")
    (work / "strangers.bed").write_text("chrM\t0\t16569\n")
    (work / "strangers.tsv").write_text("sample\tsex\n" + "".join(f"{name}\tfemale\n" for name in names))
    options = ["--callable", str(work / "strangers.bed"), "--people", str(work / "strangers.tsv"), "--consent", "frequency_store"]
    return [str(work / "strangers.vcf"), *options, "--declare-caller"]


def write_gnomad(work: Path, ref: str) -> None:
    """Write a source of frequencies that knows another variant of the place."""
    other = next(base for base in "ACGT" if base not in {ref, ref.translate(COMPLEMENT)})
    (work / "gnomad.vcf").write_text(f"{VCF}\nchrM\t8001\t.\t{ref}\t{other}\t.\t.\tAF=0.1\n")
    pysam.tabix_index(str(work / "gnomad.vcf"), preset="vcf", force=True)


def classify(work: Path, *more: str) -> None:
    """Add a classification to the knowledge base."""
    (work / "class.tsv").write_text("variant\tclass\tauthor\tdate\n" + "\t".join(more) + "\n")
    assert knowledge_base(["add", str(work / "class.tsv"), "--base", str(work / "base")]) == 0


def test_the_page_shows_the_centres_counts_without_the_own_person_and_what_was_judged_before(life: Path) -> None:
    with pysam.FastaFile(str(life / "reference.fa")) as fasta:
        ref = fasta.fetch("chrM", 8000, 8001)
    alt = ref.translate(COMPLEMENT)
    assert cohort_store(["add", "--store", str(life / "store"), *write_strangers(life, ref, alt)]) == 0
    with open_view(life / "store") as view:
        assert view.frequency([Variant("MT", 8001, ref, alt)])[0].ac == 10, "the person is counted, too"
        version = view.version.number
    write_gnomad(life, ref)
    assert knowledge_base(["init", "--base", str(life / "base"), "--centre", "here"]) == 0
    classify(life, f"MT-8001-{ref}-{alt}", "likely benign", "A. Berg", "2025-01-05")
    sources = f"inhouse: {{path: store, release: {version}}}, gnomad: {{path: gnomad.vcf.gz, release: 4.1}}"
    text = f"{CONFIG}{MORE}{STORE}knowledge: {{{sources}}}\nknowledge_base: {{path: base, entries: %d}}\n"
    (life / "config.yaml").write_text(text % 1)
    done = snakemake(life, "all")
    assert done.returncode == 0, done.stderr[-3000:]

    with open(life / "results/cases/case1/candidates.tsv", newline="") as handle:
        (row,) = csv.DictReader(handle, delimiter="\t")
    assert row["inhouse"] == "9/9"
    (one,) = json.loads((life / "results/cases/case1/report.json").read_text())["candidates"]
    assert (one["inhouse"]["recurrent"], [said["author"] for said in one["judged_before"]]) == (True, ["A. Berg"])
    page = (life / "results/cases/case1/report.html").read_text()
    for words in ("AC 9 of AN 9", "comes back: artefact?", "Judged before", "A. Berg"):
        assert words in page
    classify(life, f"MT-8001-{ref}-{alt}", "benign", "B. Holm", "2025-02-05")
    assert jobs(life, "all") == {}, "a page shows what it was made with"
    (life / "config.yaml").write_text(text % 2)
    anew = jobs(life, "all")["case1"]
    assert anew >= {"collect_report", "render_report"}
    assert not anew & {"annotate_variants", "rank_candidates", "classify_candidates"}
    (life / "config.yaml").write_text(text % 3)
    refused = snakemake(life, "--dry-run", "all")
    assert refused.returncode != 0
    told = refused.stdout + refused.stderr
    assert "the knowledge base has 2 classifications, but `knowledge_base.entries` is 3" in told
    assert "Traceback" not in told


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
