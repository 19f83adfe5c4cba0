"""Consents: what is refused, which purpose holds on which day, and what becomes of a cohort."""

import datetime
import json
import os
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.cohort_store import main
from tests.cohort_people import random_genome
from workflow.case_order import consents_of
from workflow.cluster.shard_folder import consents_on
from workflow.cohort import Case, Cohort, Sample
from workflow.cohort_store.model import BEACON
from workflow.cohort_store.people import People, Row
from workflow.cohort_store.versions import create
from workflow.cohort_store.view import open_view
from workflow.consent.answers import Consents, check_consents, load_consents, told, with_consents
from workflow.consent.counting import MADE_OF, Counting
from workflow.consent.left_out import standing
from workflow.consent.records import PURPOSES, SECONDARY_USE, read_consents
from workflow.consent.source import ConsentSource
from workflow.errors import InputError
from workflow.reanalysis.open_cases import wish_of
from workflow.receipts.model import Kind, Unit
from workflow.receipts.unit_inputs import INPUT_ENTERS, Given, UnitInputs

TODAY = datetime.date(2026, 6, 1)
SHEET = Path("samples.tsv")
GOOD = {"person": "p1", "version": "1", "date": "2026-01-05", "register": "free", "register_checked": "2026-05-20"}
ALL = dict.fromkeys(PURPOSES, "yes")


def sheet(folder: Path, *rows: dict[str, str]) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(columns), *("\t".join(row.get(name, "") for name in columns) for row in rows)]
    (folder / "consents.tsv").write_text("\n".join(lines) + "\n")
    return folder / "consents.tsv"


def consents(folder: Path, *rows: dict[str, str], today: datetime.date = TODAY) -> Consents:
    found = load_consents(ConsentSource(sheet(folder, *rows), 30), today)
    assert found is not None
    return found


def person(name: str, case: str = "", role: str = "proband", affected: str = "yes", **more: Any) -> Sample:
    return Sample(name, case or name, role, "female", affected, None, "", "", **more)


def cohort_of(*samples: Sample) -> Cohort:
    cases = {}
    for name in dict.fromkeys(one.case for one in samples):
        members = tuple(one for one in samples if one.case == name)
        cases[name] = Case(name, members, next(one for one in members if one.role == "proband"), None)
    return Cohort({one.name: one for one in samples}, cases, {one.name: () for one in samples})


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([GOOD | {"diagnosis": "maybe"}], "`diagnosis` is 'maybe'"),
        ([GOOD | {"date": "2026-06-02"}], "`date` is 2026-06-02, which is to come"),
        ([GOOD | {"register_checked": "2026-06-02"}], "`register_checked` is 2026-06-02, which is to come"),
        ([GOOD | {"date": "2026-02-30"}], "`date` is no day: 2026-02-30"),
        ([GOOD | {"register_checked": ""}], "`register` is free, but not when it was asked"),
        ([GOOD | {"guardian": "mum"}], "`guardian` and `guardian_until` belong together"),
        ([GOOD | {"guardian": "p1", "guardian_until": "2030-01-01"}], "nobody is their own guardian"),
        ([GOOD | {"guardian": "mum", "guardian_until": "2026-01-05"}], "the guardian signed on 2026-01-05, but could do so only before"),
        ([GOOD | {"beacon": "yes"}, GOOD | {"beacon": "no"}], "row 3: the consent of p1 of 2026-01-05 contradicts row 2 on the Beacon"),
        ([GOOD, GOOD | {"samples": "a"}], "row 3: the consent of p1 of 2026-01-05 repeats row 2"),
        ([GOOD | {"person": "010170-1234"}], "CPR"),
    ],
)
def test_a_consent_that_cannot_hold_is_refused(tmp_path: Path, rows: list[dict[str, str]], says: str) -> None:
    with pytest.raises(InputError, match=r"consents\.tsv, row") as error:
        read_consents(sheet(tmp_path, *rows), TODAY)
    assert says in str(error.value)


def test_two_consents_of_one_day_about_different_samples_are_no_contradiction(tmp_path: Path) -> None:
    found = consents(tmp_path, GOOD | ALL | {"samples": "a, b"}, GOOD | {"samples": "c", "beacon": "no"})
    assert [found.answer("p1", "beacon", name) for name in "abcd"] == ["yes", "yes", "no", "unknown"]


def test_a_folder_of_json_says_the_same_as_a_sheet(tmp_path: Path) -> None:
    row = GOOD | ALL
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "p1.json").write_text(json.dumps(row | {"samples": ["a", "b"]}))
    (one,) = read_consents(tmp_path / "json", TODAY)
    (other,) = read_consents(sheet(tmp_path, row | {"samples": "a,b"}), TODAY)
    assert one == replace(other, file=one.file, row=0)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"person": "p1"}', '{"person": "p1", "version": "1", "date": "2026-01-01", "beacons": ""}']
)
def test_json_that_is_no_consent_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "p1.json").write_text(content)
    with pytest.raises(InputError, match=r"p1\.json: "):
        read_consents(tmp_path, TODAY)


def test_unknown_is_no_and_the_last_consent_counts(tmp_path: Path) -> None:
    found = consents(tmp_path, GOOD | ALL, GOOD | {"date": "2026-03-01", "beacon": "no"}, GOOD | {"person": "p2"})
    for purpose in PURPOSES:
        assert not found.allows("p1", purpose), "the last one says no or nothing"
        assert not found.allows("p2", purpose)
        assert not found.allows("nobody", purpose)


@pytest.mark.parametrize(
    ("register", "why"),
    [
        ({"register_checked": "2026-05-02"}, ""),  # 30 days
        ({"register_checked": "2026-05-01"}, "asked 31 days ago, limit 30"),
        ({"register": "restricted"}, "forbids secondary use"),
        ({"register": "unknown"}, "was not asked"),
        ({"register": "", "register_checked": ""}, "was not asked"),
    ],
)
def test_the_register_blocks_secondary_use_and_never_care(tmp_path: Path, register: dict[str, str], why: str) -> None:
    found = consents(tmp_path, GOOD | ALL | register)
    for purpose in PURPOSES:
        blocked = bool(why) and purpose in SECONDARY_USE
        assert found.allows("p1", purpose) is not blocked
        assert (why in found.why_not("p1", purpose)) is (blocked or not why)
    assert bool(found.why_withdrawn("p1", "frequency_store")) is (register.get("register") == "restricted")


def test_a_guardians_consent_lapses_for_all_but_diagnosis(tmp_path: Path) -> None:
    row = GOOD | ALL | {"guardian": "mum", "guardian_until": "2026-06-01"}
    day_before = consents(tmp_path, row, today=TODAY - datetime.timedelta(1))
    assert [purpose for purpose in PURPOSES if not day_before.allows("p1", purpose)] == []
    found = consents(tmp_path, row)
    assert [purpose for purpose in PURPOSES if found.allows("p1", purpose)] == ["diagnosis"]
    assert "lapsed on 2026-06-01" in found.why_withdrawn("p1", "frequency_store")
    assert [*told(found, cohort_of(person("p1")), {})] == ["p1: all but diagnosis is unknown: the guardian's consent lapsed on 2026-06-01"]


@pytest.mark.parametrize(
    ("row", "samples", "says"),
    [
        ({"person": "p2"}, [person("p1")], "there is no person p2 in samples.tsv"),
        ({"samples": "b"}, [person("p1")], "there is no sample b in samples.tsv"),
        ({"samples": "b"}, [person("p1"), person("b")], "sample b is not of p1"),
        ({"recontact": "no"}, [person("p1", recontact="yes")], "`recontact` of p1 is yes, but the consent of 2026-01-05 says no"),
        ({}, [person("p1", secondary_findings="yes")], "`secondary_findings` of p1 is yes, but the consent of 2026-01-05 says unknown"),
        ({"recontact": "yes"}, [person("a", person="p1", recontact="no")], "`recontact` of a is no, but"),
    ],
)
def test_consents_that_do_not_go_with_the_sheet_are_refused(tmp_path: Path, row: dict[str, str], samples: list[Sample], says: str) -> None:
    with pytest.raises(InputError) as error:
        check_consents(consents(tmp_path, GOOD | row), cohort_of(*samples), SHEET)
    assert says in str(error.value)


def test_the_sheet_may_say_the_same_or_nothing(tmp_path: Path) -> None:
    found = consents(tmp_path, GOOD | {"recontact": "yes"})
    for cell in ("", "unknown", "yes"):
        check_consents(found, cohort_of(person("p1", recontact=cell, secondary_findings="no")), SHEET)


def test_answers_take_the_place_of_the_sheets_columns(tmp_path: Path) -> None:
    found = consents(tmp_path, GOOD | {"diagnosis": "yes", "recontact": "yes", "secondary_findings": "no"})
    cohort, left_out = with_consents(cohort_of(person("p1")), found, None)
    assert left_out == {}
    assert wish_of(cohort.cases["p1"]) == "yes"
    assert consents_of(cohort.cases["p1"]) == {"p1": "no"}
    assert cohort.cases["p1"].proband is cohort.samples["p1"]


def test_a_case_is_analysed_only_if_each_of_its_people_consents(tmp_path: Path) -> None:
    people = [person("kid", "fam"), person("mum", "fam", "mother", "no"), person("lone")]
    given = [GOOD | {"person": name, "diagnosis": "yes"} for name in ("kid", "lone")]
    found = consents(tmp_path, *given)
    cohort, left_out = with_consents(cohort_of(*people), found, None)
    assert (list(cohort.cases), list(cohort.samples), list(cohort.units)) == (["lone"], ["lone"], ["lone"])
    assert left_out == {"fam": "mum: there is no consent that covers it"}
    assert [*told(found, cohort, left_out)] == [
        "case fam is not analysed without consent to diagnosis: mum: there is no consent that covers it"
    ]
    with pytest.raises(InputError, match="no case may be analysed"):
        with_consents(cohort_of(*people[:2]), found, SHEET)
    same = cohort_of(*people)
    assert with_consents(same, None, None) == (same, {})


def test_a_changed_consent_is_another_input_of_what_depends_on_it_alone(tmp_path: Path) -> None:
    """The receipt of a case names consents for secondary findings; no other purpose and no other case has anything that changes."""
    people = cohort_of(person("p1"), person("p2"))

    def digests(**answers: str) -> dict[tuple[str, str], str]:
        found = consents(tmp_path, GOOD | ALL | answers, GOOD | ALL | {"person": "p2"})
        inputs = UnitInputs(with_consents(people, found, None)[0], Given())
        units = [Unit(kind, name) for kind in (Kind.SAMPLE, Kind.CASE) for name in ("p1", "p2")]
        return {(f"{one.kind.value} {one.name}", key): value for one in units for key, value in inputs.digests(one).items()}

    before = digests()
    for purpose in PURPOSES[1:]:
        changed = {key for key, value in digests(**{purpose: "no"}).items() if before[key] != value}
        assert changed == ({("case p1", "consents")} if purpose == "secondary_findings" else set()), purpose
    assert INPUT_ENTERS["consents"] == ("scope", "evidence")


def counting(tmp_path: Path, cohort: Cohort, *rows: dict[str, str]) -> Counting:
    identity = SimpleNamespace(store=tmp_path / "cohort")
    settings: Any = SimpleNamespace(
        frequency_store=tmp_path / "store", results=tmp_path / "results", identity=identity, reference=SimpleNamespace(name="GRCh38")
    )
    return Counting(settings, cohort, consents(tmp_path, *rows))


def test_one_of_a_family_is_counted_of_those_who_consent(tmp_path: Path) -> None:
    people = cohort_of(person("kid", "fam"), person("sis", "fam", "sibling", "no"), person("mum", "fam", "mother", "no"))
    rows = {name: GOOD | ALL | {"person": name} for name in ("kid", "sis", "mum")}
    assert counting(tmp_path, people, *rows.values()).counted() == ["mum"]
    rows["mum"] |= {"frequency_store": "no"}
    found = counting(tmp_path, people, *rows.values())
    assert found.counted() == ["sis"]
    assert found.person("mum")["purposes"] == [], "the Beacon's yes is nothing without the store's"
    rows["sis"] |= {"register_checked": "2026-01-01"}
    found = counting(tmp_path, people, *rows.values())
    assert found.counted() == ["kid"]
    assert dict(found.outdated()) == {"sis": "the register of restrictions was asked 151 days ago, limit 30"}


def test_a_person_is_counted_once_and_who_is_in_the_store_stays(tmp_path: Path) -> None:
    people = cohort_of(person("a", person="p1"), person("b", person="p1"), person("kid", "fam"), person("mum", "fam", "mother", "no"))
    rows = [GOOD | ALL | {"person": name} for name in ("p1", "kid", "mum")]
    found = counting(tmp_path, people, *rows)
    assert found.counted() == ["a", "mum"]
    told = standing(found, ["case9"])
    assert (list(told.chosen), told.cases) == (["a", "mum"], 1)
    assert told.why == {"the same person is counted by another sample": ["b"], "another of the family is counted": ["kid"]}
    create(tmp_path / "store", "GRCh38", 5)
    with People(tmp_path / "store/inside") as map_:
        map_.add([Row(name, name, who, "f", 2, "2026-01-01", "", "", "XX", "{}") for name, who in (("b", "p1"), ("kid", "kid"))])
    assert counting(tmp_path, people, *rows).counted() == ["b", "kid"]


def test_a_store_that_is_gone_is_filled_again_and_one_that_is_there_is_not(tmp_path: Path) -> None:
    found = counting(tmp_path, cohort_of(person("a", person="p1")), GOOD | ALL)
    record = tmp_path / "results/cohort_store/counted/a.json"
    for name in MADE_OF:
        file = tmp_path / "results" / name.format(sample="a", case="a")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    record.parent.mkdir(parents=True)
    assert (found.is_due("a"), found.lost("a")) == (True, ""), "there is no record"
    record.write_text(json.dumps({"counted": True, "sample": "a", "person": "p1", "told": found.person("a")}))
    assert found.is_due("a")
    assert found.lost("a") == str(record.stat().st_mtime_ns), "and no store: the job's params differ, so that it runs again"
    create(tmp_path / "store", "GRCh38", 5)
    assert (found.is_due("a"), found.lost("a")) == (False, ""), "taken out by hand is no loss"


def test_who_was_counted_and_consents_no_more_is_taken_out(tmp_path: Path) -> None:
    record = tmp_path / "results/cohort_store/counted/a.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"counted": True, "sample": "a", "person": "p1"}))
    create(tmp_path / "store", "GRCh38", 5)
    people = cohort_of(person("a", person="p1"))
    found = counting(tmp_path, people, GOOD | ALL)
    assert found.targets() == ["cohort_store/counted/a.json"], "nothing says that it was counted as it is now"
    for name in MADE_OF:
        file = tmp_path / "results" / name.format(sample="a", case="a")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    record.write_text(json.dumps({"counted": True, "sample": "a", "person": "p1", "told": found.person("a")}))
    assert found.targets() == []
    assert counting(tmp_path, people, GOOD | ALL | {"beacon": "no"}).targets() == ["cohort_store/counted/a.json"]
    os.utime(tmp_path / "results/samples/a/release.json", ns=(2**62, 2**62))
    assert found.targets() == ["cohort_store/counted/a.json"], "decided anew"
    assert counting(tmp_path, people, GOOD | ALL | {"register_checked": "2026-01-01"}).targets() == [], "outdated: neither nor"
    gone = counting(tmp_path, people, GOOD | ALL | {"frequency_store": "no"})
    assert gone.targets() == ["cohort_store/withdrawn/a.json"]
    assert gone.withdrawn() == {"a": "the answer for the frequency store is no"}


def test_a_shard_gets_the_consents_of_its_own_people(tmp_path: Path) -> None:
    given = sheet(tmp_path, GOOD | ALL | {"samples": "a, b"}, GOOD | {"samples": "c"}, GOOD | {"person": "p2"})
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "consents.tsv").write_text(consents_on(given, [person("a", person="p1")]))
    (one,) = read_consents(tmp_path / "cut" / "consents.tsv", TODAY)
    assert (one.person, one.samples, one.answers) == ("p1", ("a",), ALL)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"frequency_store": "no"}, "a is not added: the answer for the frequency store is no"),
        ({"frequency_store": "yes", "register": "restricted"}, "a is not added: the register of restrictions forbids secondary use"),
        ({"frequency_store": "yes", "register_checked": "2026-01-06"}, "a is not added: the register of restrictions was asked"),
        ({"person": "b", "frequency_store": "yes"}, "a is not added: there is no consent that covers it"),
    ],
)
def test_the_stores_command_line_refuses_who_is_not_covered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, str], says: str
) -> None:
    today = datetime.date.today().isoformat()
    given = sheet(tmp_path, {"person": "a", "version": "1", "date": "2026-01-05", "register": "free", "register_checked": today} | row)
    assert add_to_store(tmp_path, "--consents", str(given)) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert says in told
    assert told.count("\n") == 1


def test_the_stores_command_line_counts_for_the_purposes_that_are_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    today = datetime.date.today().isoformat()
    row = {"person": "a", "version": "1", "date": "2026-01-05", "register": "free", "register_checked": today, "frequency_store": "yes"}
    given = sheet(tmp_path, row)
    assert add_to_store(tmp_path, "--consents", str(given), "--consent", "beacon") == 2
    assert "`--consent` and `--consents` are both given" in capsys.readouterr().err
    for beacon, group in (("no", 0), ("yes", 1)):
        assert add_to_store(tmp_path / beacon, "--consents", str(sheet(tmp_path, row | {"beacon": beacon}))) == 0
        with open_view(tmp_path / beacon / "store") as view:
            assert (view.version.count, view.group_sizes.get(BEACON, 0)) == (1, group)


def add_to_store(folder: Path, *more: str) -> int:
    """Add one invented genome, `a`, to a store of its own; return the exit status."""
    folder.mkdir(exist_ok=True)
    made = random_genome("a", random.Random(1)).whole()
    made.karyotype = "XX"
    vcf, bed = made.write(folder)
    if not (folder / "store").exists():
        create(folder / "store", "GRCh38", 5)
    return main(["add", "--store", str(folder / "store"), str(vcf), str(bed), "--sample", "a", "--sex", "female", *more])
