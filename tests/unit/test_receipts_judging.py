"""Units held against their receipts, on files made here; what Snakemake does with it is in tests/pipeline/test_receipts.py."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workflow.cohort import Case, Cohort, Sample
from workflow.cohort import Unit as Lane
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.receipts import Kind, State, Unit, judge, load
from workflow.receipts.index import FILE
from workflow.receipts.model import FORMAT
from workflow.receipts.plain_digest import digest_of_each, digest_of_value
from workflow.receipts.reasons import lines
from workflow.receipts.record import as_it_lies, sealed, write_receipt
from workflow.receipts.stages import downstream, stages_of
from workflow.receipts.unit_inputs import Given, UnitInputs

DECISION = {"sample": "samples/{}/release.json", "case": "cases/{}/release.json"}
ANNA, BO, FAMILY = Unit(Kind.SAMPLE, "anna"), Unit(Kind.SAMPLE, "bo"), Unit(Kind.CASE, "family")
ALONE = Unit(Kind.CASE, "alone")


class Parts:
    """Parts of every stage that a test can change."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}

    def of(self, kind: Kind, limits: str = "default") -> dict[str, Any]:
        empty = {"code": {}, "tools": {}, "parameters": {}, "knowledge": {}}
        return {stage: {**empty, **self.value.get(stage, {})} for stage in stages_of(kind)}


def cohort_of(**changed: str) -> Cohort:
    """Two samples of a family and one alone."""
    rows = (("anna", "family", "proband"), ("bo", "family", "mother"), ("cleo", "alone", "proband"))
    samples = {name: Sample(name, case, role, changed.get(name, "female"), "yes", None, "", "") for name, case, role in rows}
    members = {case: [one for one in samples.values() if one.case == case] for case in ("family", "alone")}
    cases = {name: Case(name, tuple(those), those[0], None) for name, those in members.items()}
    units = {name: (Lane(name, "L1", f"reads/{name}_1", f"reads/{name}_2", "", "", name, "ILLUMINA"),) for name in samples}
    return Cohort(samples, cases, units, {})


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files and receipts of the cohort."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reads").mkdir()
    cohort = cohort_of()
    for name in cohort.samples:
        for mate in (1, 2):
            (tmp_path / f"reads/{name}_{mate}").write_text(f"{name} {mate}")
    inputs = UnitInputs(cohort, Given())
    for unit in [*(Unit(Kind.SAMPLE, name) for name in cohort.samples), *(Unit(Kind.CASE, name) for name in cohort.cases)]:
        write(unit, inputs)
    return tmp_path


def write(unit: Unit, inputs: UnitInputs, assembly: str = "GRCh38") -> None:
    file = Path("results") / DECISION[unit.kind].format(unit.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"decision on {unit.name}")
    cell = {"kind": unit.kind.value, "subject": unit.name, "deliverable": "release decision", "stage": "release"}
    files = [{**cell, "file": DECISION[unit.kind].format(unit.name), "status": "produced", "reason": "", **as_it_lies(file)}]
    sources = [{"name": name, "file": path, "digest": sha256_of(path), **size_and_date(path)} for name, path in inputs.sources(unit)]
    about = {"assembly": assembly, "unit": {"kind": unit.kind.value, "name": unit.name}, "inputs": inputs.digests(unit)}
    write_receipt(Path("results") / unit.file, sealed({**about, "parts": Parts().of(unit.kind)}, files, sources, {}))


def size_and_date(path: str) -> dict[str, int]:
    return {"bytes": os.stat(path).st_size, "mtime_ns": os.stat(path).st_mtime_ns}


def verdicts(cohort: Cohort | None = None, parts: Parts | None = None, given: Given | None = None) -> Any:
    chosen = cohort or cohort_of()
    return judge(Path("results"), "GRCh38", chosen, parts or Parts(), UnitInputs(chosen, given or Given()))  # type: ignore[arg-type]


def stale(found: Any) -> set[str]:
    return {unit.name for unit, verdict in found.items() if verdict.state is not State.DONE and unit.kind is not Kind.COHORT}


def test_what_was_left_is_done_with_index_or_without(work: Path) -> None:
    assert not stale(verdicts())
    assert (work / "results" / FILE).read_text().count("\n") == 11
    before = (work / "results" / FILE).read_bytes()
    assert not stale(verdicts())
    assert (work / "results" / FILE).read_bytes() == before
    for damage in (b"", b"another file\n", before[:-20]):
        (work / "results" / FILE).write_bytes(damage)
        assert not stale(verdicts())


def test_other_dates_are_remembered_after_one_reading(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts()
    for file in (*work.glob("results/samples/*/*"), *work.glob("reads/*"), *work.glob("results/release/receipts/*/*.json")):
        os.utime(file, (5, 5))
    assert not stale(verdicts())
    monkeypatch.setattr("workflow.receipts.judging.sha256_of", lambda path: pytest.fail(f"{path} is read again"))
    assert not stale(verdicts())


def test_changed_file_is_damaged_and_a_gone_one_is_made_again(work: Path) -> None:
    file = work / "results/samples/anna/release.json"
    file.write_text(file.read_text().replace("decision", "decisiom"))
    found = verdicts()
    assert found[ANNA].state is State.DAMAGED
    with pytest.raises(InputError, match=r"samples/anna/release\.json: this is not the file that was checked"):
        found.refuse_damaged(Path("results"))
    file.unlink()
    found = verdicts()
    assert found[ANNA].stages == {"decision"}
    assert "samples/NAME/release.json is gone" in found[ANNA].reasons[0].words
    assert stale(found) == {"anna", "family"}


def test_other_reads_redo_a_sample_and_what_its_case_makes_of_it(work: Path) -> None:
    (work / "reads/anna_1").write_text("other reads")
    found = verdicts()
    assert found[ANNA].stages == set(stages_of(Kind.SAMPLE))
    assert found[BO].stages == {"decision"}
    assert "joint_calls" in found[FAMILY].stages
    assert found[ALONE].state is State.DONE
    (work / "reads/anna_1").unlink()
    assert not stale(verdicts())


def test_sheet_facts_of_one_sample_are_its_own(work: Path) -> None:
    found = verdicts(cohort_of(cleo="male"))
    assert stale(found) == {"cleo", "alone"}
    assert found[Unit(Kind.SAMPLE, "cleo")].stages >= {"coverage", "calls", "decision"}
    assert "alignment" not in found[Unit(Kind.SAMPLE, "cleo")].stages
    shuffled = replace(cohort_of(), samples=dict(reversed(cohort_of().samples.items())))
    assert not stale(verdicts(shuffled))


def test_new_sample_makes_nobody_else_stale(work: Path) -> None:
    cohort = cohort_of()
    dan = replace(cohort.samples["cleo"], name="dan", case="new")
    more = Cohort({**cohort.samples, "dan": dan}, {**cohort.cases, "new": Case("new", (dan,), dan, None)}, {**cohort.units, "dan": ()}, {})
    found = verdicts(more)
    assert stale(found) == {"dan", "new"}
    assert found[Unit(Kind.SAMPLE, "dan")].state is State.NEW
    assert lines(found) == ["1 sample: not done yet", "1 case: not done yet"]


def test_parts_are_told_once_for_all_in_words(work: Path) -> None:
    parts = Parts()
    parts.value = {"interpretation": {"knowledge": {"hpo": "2025-01-16 abc"}}, "decision": {"parameters": {"release.limits.x.limit": 30}}}
    found = verdicts(parts=parts)
    assert found[ALONE].stages == downstream(frozenset({"interpretation", "case_decision"}))
    assert found[ANNA].stages == {"decision"}
    assert "3 samples: release.limits.x.limit now given (decision)" in lines(found)
    assert "2 cases: HPO none → 2025-01-16 (interpretation)" in lines(found)


def test_a_waiver_is_of_one_unit(work: Path) -> None:
    assert stale(verdicts(given=Given(waived={("sample", "cleo", "gVCF"): "waived by A"}))) == {"cleo", "alone"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"GRCh38"', '"GRCh37"'), "changed by hand"),
        (lambda text: text.replace(f'"format": {FORMAT}', '"format": 99'), "newer version of Genvej (format 99"),
        (lambda text: text[:-30], "this is no receipt"),
        (lambda text: "[]", "this is no receipt"),
    ],
)
def test_receipts_that_cannot_be_relied_on_are_refused(work: Path, change: Any, says: str) -> None:
    file = work / "results" / ANNA.file
    file.write_text(change(file.read_text()))
    with pytest.raises(InputError, match=r"anna\.json: ") as caught:
        verdicts()
    assert says in str(caught.value)


def test_receipt_of_another_assembly_is_refused_and_one_without_seal_is_written_anew(work: Path) -> None:
    write(ANNA, UnitInputs(cohort_of(), Given()), assembly="GRCh37")
    with pytest.raises(InputError, match="this receipt is of GRCh37, and the config names GRCh38"):
        verdicts()
    (work / "results" / ANNA.file).write_text('{"files": []}')
    assert verdicts()[ANNA].state is State.NEW


def test_load_gives_what_was_written(work: Path) -> None:
    receipt = load(work / "results" / ANNA.file, "GRCh38")
    assert (receipt.unit, receipt.outputs[0].file, receipt.sources[0].name) == (ANNA, "samples/anna/release.json", "reads L1 1")
    assert receipt.seal == read_json(work / "results" / ANNA.file)["seal"]


def test_digest_of_each_is_that_of_the_list() -> None:
    for values in ([], ["a"], [{"b": 1, "a": None}, "ø", [1, Path("x")]]):
        assert digest_of_each(iter(values)) == digest_of_value(values)


def test_a_judgement_knows_who_is_done_and_nobody_else(work: Path) -> None:
    found = verdicts()
    assert (len(found), len(list(found))) == (6, 6)
    assert found[ANNA].state is State.DONE
    with pytest.raises(KeyError):
        found[Unit(Kind.SAMPLE, "nobody")]
    (work / "results/samples/bo/release.json").unlink()
    (work / "results/samples/anna/release.json").unlink()
    assert verdicts().planned(Kind.SAMPLE) == ["anna", "bo"]
