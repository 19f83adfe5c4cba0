"""Which version was before, and whether its change is signed; signing through the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.compare_releases import main as compare
from scripts.sign_impact import main as sign_command
from tests.results_trees import PARTS, RECORDS, make_tree, put
from workflow.change import Sealed, Status, sealed_versions, state_of_change, version_before
from workflow.change_words import banner, words_of
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.signing import line_of, load_private_key, make_private_key, public_bytes
from workflow.signoff import standing

A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"


def seal(results: Path, number: int, workflow: str, status: str) -> None:
    put(results / f"release/versions/{number:04d}/release/change.json", {"workflow": workflow, "status": status})


def state(folder: Path, now: str, previous: str | None = None):
    return state_of_change(folder / "results", folder / "impact", now, previous)


@pytest.fixture
def report(tmp_path):
    """A comparison of A and B in the folder `impact`."""
    old = make_tree(tmp_path / "old")
    new = make_tree(tmp_path / "new", parts=PARTS | {"id": B}, records=RECORDS[1:])
    compare([str(old), str(new), "--output", str(tmp_path / "impact")])
    return tmp_path / f"impact/{A}_{B}"


def sign(report: Path, by: str = "N. N.", verdict: str = "accepted", *more: str) -> int:
    return sign_command([str(report), "--by", by, "--verdict", verdict, *more])


# --- the version before -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newest_first", "now", "before"),
    [
        ([], A, None),
        ([(A, "first version")], A, None),
        ([(A, "first version")], B, A),
        ([(B, "unsigned change"), (A, "first version")], B, A),
        ([(B, "unsigned change"), (B, "unsigned change"), (A, "first version")], C, A),
        ([(B, "rejected change"), (A, "first version")], C, A),
        ([(B, "accepted change"), (B, "unsigned change"), (A, "first version")], B, A),
        ([(B, "accepted change"), (A, "first version")], C, B),
        ([(B, "accepted change"), (A, "first version")], A, B),
        ([(B, "unsigned change"), (A, "first version")], A, None),
    ],
)
def test_version_before_passes_over_its_own_and_unsigned_ones(newest_first, now, before):
    assert version_before((Sealed(name, Status(status)) for name, status in newest_first), now) == before


def test_sealed_versions_are_newest_first_and_know_those_older_than_the_record(tmp_path):
    put(tmp_path / "release/versions/0001/provenance/run.json", {"genvej": {"code": "c0dec0dec0dec0de"}})
    for number in (2, 10):
        seal(tmp_path, number, A, "first version")
    assert [one.workflow for one in sealed_versions(tmp_path)] == [A, A, "c0dec0dec0de"]


@pytest.mark.parametrize("content", ["{", "{}", '{"workflow": "a", "status": "signed"}'])
def test_sealed_versions_refuse_a_damaged_record(tmp_path, content):
    record = tmp_path / "release/versions/0001/release/change.json"
    put(record, {})
    record.write_text(content)
    with pytest.raises(InputError, match="sealed version is damaged"):
        list(sealed_versions(tmp_path))


def test_state_of_change_is_first_then_unsigned_and_stays_so_when_run_again(tmp_path):
    assert state(tmp_path, A)["status"] == "first version"
    seal(tmp_path / "results", 1, A, "first version")
    first = state(tmp_path, B)
    assert (first["status"], first["from"], first["why"]) == ("unsigned change", A, "there is no sign-off")
    seal(tmp_path / "results", 2, B, "unsigned change")
    assert state(tmp_path, B) == first
    assert state(tmp_path, C)["from"] == A


def test_state_of_change_in_a_fresh_folder_takes_the_version_that_the_config_names(tmp_path):
    assert state(tmp_path, B, A)["status"] == "unsigned change"
    tree = make_tree(tmp_path / "tree")
    assert state(tmp_path, B, str(tree))["from"] == A
    assert state(tmp_path, A, str(tree))["status"] == "same version"
    seal(tmp_path / "results", 1, C, "accepted change")
    assert state(tmp_path, B, A)["from"] == C, "what lies in the folder counts before what the config says"


def test_state_of_change_refuses_a_previous_that_is_neither_id_nor_tree(tmp_path):
    for previous in ("v1.2", str(tmp_path), "aaaa/aaaaaaaa"):
        with pytest.raises(InputError, match="neither a results folder"):
            state(tmp_path, B, previous)


# --- the sign-off -----------------------------------------------------------------------------------------------------


def test_sign_makes_the_change_accepted_with_name_and_day(tmp_path, report, capsys):
    seal(tmp_path / "results", 1, A, "first version")
    assert sign(report, "N. N.", "accepted", "--comment", "one call less, looked at") == 0
    content = json.loads((tmp_path / f"impact/{A}_{B}.json").read_text())
    assert (content["from"], content["to"]) == (A, B)
    (signature,) = content["signatures"]
    assert set(signature) == {"who", "when", "verdict", "comment", "report_sha256", "changes_sha256", "summary_sha256"}
    found = state(tmp_path, B)
    assert (found["status"], found["who"], found["when"]) == ("accepted change", "N. N.", signature["when"][:10])
    assert "accepted" in capsys.readouterr().out


def test_sign_with_a_key_proves_who_it_is_where_people_are_named(tmp_path, report, capsys):
    people = tmp_path / "people.tsv"
    for name in ("kim", "ola"):
        make_private_key(tmp_path / f"{name}.pem")
    line = line_of(public_bytes(load_private_key(tmp_path / "kim.pem")))
    people.write_text(f"name\trole\tpublic_key\nKim\tquality manager\t{line}\n")

    def status() -> dict[str, str]:
        return state_of_change(tmp_path / "results", tmp_path / "impact", B, A, people)

    not_theirs = "the last sign-off is not made with the key of the person whom it names"
    for more in ((), ("--key", str(tmp_path / "ola.pem"))):
        sign(report, "Kim", "accepted", *more)
        assert (status()["status"], status()["why"]) == ("unsigned change", not_theirs)
    assert state(tmp_path, B, A)["status"] == "accepted change", "without people, a name is taken on trust"
    sign(report, "Kim", "accepted", "--key", str(tmp_path / "kim.pem"))
    assert (status()["status"], status()["who"]) == ("accepted change", "Kim")
    assert f"by Kim on {status()['when']}, with key {status()['key']}." in words_of(status()).text
    file = tmp_path / f"impact/{A}_{B}.json"
    file.write_text(file.read_text().replace("accepted", "rejected"))
    assert (status()["status"], status()["why"]) == ("unsigned change", not_theirs)
    assert sign(report, "Kim", "accepted", "--key", str(people)) == 2
    assert "others than its owner" in capsys.readouterr().err


def test_sign_again_adds_and_the_last_one_counts(tmp_path, report):
    sign(report, "First", "accepted")
    before = json.loads((tmp_path / f"impact/{A}_{B}.json").read_text())["signatures"]
    sign(report, "Second", "rejected")
    after = json.loads((tmp_path / f"impact/{A}_{B}.json").read_text())["signatures"]
    assert after[:1] == before
    assert state(tmp_path, B, A)["status"] == "rejected change"
    sign(report, "Third", "accepted")
    assert state(tmp_path, B, A)["who"] == "Third"


def test_standing_does_not_count_on_another_report(tmp_path, report):
    sign(report)
    page = report / "report.html"
    page.write_text(page.read_text() + " ")
    assert state(tmp_path, B, A)["why"] == "the report is not the one that was signed"
    page.unlink()
    assert standing(tmp_path / "impact", A, B).why_none == "the report that was signed is not beside its sign-off"


def test_standing_does_not_count_for_other_versions_than_the_sign_off_is_about(tmp_path, report):
    sign(report)
    report.rename(report.with_name(f"{A}_{C}"))
    (tmp_path / f"impact/{A}_{B}.json").rename(tmp_path / f"impact/{A}_{C}.json")
    assert state(tmp_path, C, A)["status"] == "unsigned change"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"from": "a", "to": "b", "signatures": []}', '{"from": 1, "to": 2, "signatures": [{"who": "x"}]}']
)
def test_standing_refuses_a_sign_off_that_is_none(tmp_path, content):
    (tmp_path / f"{A}_{B}.json").write_text(content)
    with pytest.raises(InputError, match="sign-off file"):
        standing(tmp_path, A, B)


@pytest.mark.parametrize("name", ["report.html", "changes.tsv"])
def test_sign_refuses_a_report_that_changed_since_it_was_made(report, name, capsys):
    (report / name).write_text((report / name).read_text() + "x\n")
    assert sign(report) == 2
    assert "the file has changed since the report was made" in capsys.readouterr().err
    assert not report.with_name(f"{report.name}.json").exists()


@pytest.mark.parametrize(
    ("by", "comment", "says"),
    [
        ("", "", "is empty"),
        ("  ", "", "is empty"),
        ("010190-1234", "", "looks like a CPR number"),
        ("N. N.", "patient 0101901234", "looks like a CPR number"),
        ("N\nN", "", "control characters"),
        ("N" * 101, "", "longer than 100"),
    ],
)
def test_sign_refuses_names_and_comments_that_must_not_be_kept(report, capsys, by, comment, says):
    assert sign(report, by, "accepted", "--comment", comment) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "0101" not in said
    assert not report.with_name(f"{report.name}.json").exists()


def test_sign_command_refuses_a_folder_that_is_no_report_and_an_unknown_verdict(tmp_path, report):
    line = [sys.executable, "-m", "scripts.sign_impact"]
    for arguments, says in (
        ([tmp_path, "--by", "x", "--verdict", "accepted"], "this is no report of a change"),
        ([report, "--by", "x", "--verdict", "perhaps"], "invalid choice"),
        ([report, "--verdict", "accepted"], "--by"),
    ):
        done = subprocess.run([*line, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert says in done.stderr


def test_compare_does_not_write_over_a_signed_report_that_differs(tmp_path, report, capsys):
    sign(report)
    page = (report / "report.html").read_bytes()
    new = make_tree(tmp_path / "newer", parts=PARTS | {"id": B}, records=RECORDS[2:])
    assert compare([str(tmp_path / "old"), str(new), "--output", str(tmp_path / "impact")]) == 2
    assert "was signed" in capsys.readouterr().err
    assert (report / "report.html").read_bytes() == page
    assert compare([str(tmp_path / "old"), str(tmp_path / "new"), "--output", str(tmp_path / "impact")]) == 3, (
        "the same report is no matter"
    )
    assert state(tmp_path, B, A)["status"] == "accepted change"


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_words_of_every_status_name_the_version(status):
    change = {"workflow": B, "from": A, "status": status.value, "why": "there is no sign-off", "who": "<N>", "when": "2026-11-25"}
    words = words_of(change)
    assert B in words.text
    assert (words.tone == "bad") == (status in {Status.UNSIGNED, Status.REJECTED})
    assert "<N>" not in banner(change)
