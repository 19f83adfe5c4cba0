"""A person who is not to be analysed any more is forgotten by the centre's memory of fingerprints, and nobody else is."""

import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.cohort_store import main as cohort_store
from scripts.withdraw_genome import main as withdraw_genome
from tests.unit.test_fingerprint_store import FACTS, SITES, filled, people, records
from workflow.cohort_store.versions import create
from workflow.consent import fingerprint_erasure
from workflow.consent.answers import Consents, load_consents
from workflow.consent.fingerprint_erasure import erase_fingerprints, no_longer_analysed
from workflow.consent.source import ConsentSource
from workflow.errors import InputError
from workflow.files import read_json
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, Sites, planes
from workflow.store_search import check_store, search

TODAY = datetime.date(2026, 6, 1)


def consents(folder: Path, **answers: str) -> Consents:
    rows = "".join(f"{person}\t1\t2026-01-05\t{answer}\n" for person, answer in answers.items())
    (folder / "consents.tsv").write_text(f"person\tversion\tdate\tdiagnosis\n{rows}")
    found = load_consents(ConsentSource(folder / "consents.tsv", 30), TODAY)
    assert found is not None
    return found


def holds(folder: Path, one: Fingerprint) -> list[str]:
    """Return what of a fingerprint is found in the bytes of any file below a folder."""
    content = b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
    parts = {"name": f'"{one.sample}"'.encode(), "likelihoods": one.quality.tobytes(), "bits": planes(one.quality).tobytes()}
    return [name for name, part in parts.items() if part in content]


def test_erase_fingerprints_leaves_no_byte_of_a_person_and_all_of_the_others(tmp_path: Path) -> None:
    some = filled(tmp_path)
    append(tmp_path, [(some[2], {**FACTS, "decision": "hold"})])  # a second record of the name
    few = Sites("GRCh38", SITES.keys[:400], SITES.frequencies[:400])
    append(tmp_path, [(Fingerprint("P2", few, some[2].quality[:400]), FACTS)])  # and one of another panel
    before = [known.pair for known in search(tmp_path, some[1]).known if known.pair.name != "P2"]
    size = records(tmp_path).stat().st_size
    assert holds(tmp_path, some[2]) == ["name", "likelihoods", "bits"]

    assert erase_fingerprints(tmp_path, "GRCh38", ["P2"]) == 3

    assert holds(tmp_path, some[2]) == []
    found = search(tmp_path, Fingerprint("again", SITES, some[2].quality))
    assert "same person" not in {known.pair.relation for known in found.known}
    assert found.compared == 4
    assert {known.pair.name for known in found.known} == {"P0", "P1", "P3", "P4"}
    assert [known.pair for known in search(tmp_path, some[1]).known] == before
    assert records(tmp_path).stat().st_size == size
    check_store(tmp_path, "GRCh38")
    assert erase_fingerprints(tmp_path, "GRCh38", ["P2", "nobody"]) == 0


def test_a_forgotten_person_may_come_back_and_others_enter(tmp_path: Path) -> None:
    some = filled(tmp_path)
    erase_fingerprints(tmp_path, "GRCh38", ["P2"])
    assert append(tmp_path, [(some[2], FACTS), (people(6)[5], FACTS)]) == ["P2", "P5"]
    found = search(tmp_path, Fingerprint("again", SITES, some[2].quality))
    assert [known.pair.name for known in found.known if known.pair.relation == "same person"] == ["P2"]
    assert found.compared == 6


def test_a_killed_erasure_is_loud_and_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = filled(tmp_path)
    real = fingerprint_erasure._overwrite

    def killed(file: Path, offset: int, content: bytes) -> None:
        if file.name == "records.bin":
            raise KeyboardInterrupt
        real(file, offset, content)

    monkeypatch.setattr(fingerprint_erasure, "_overwrite", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_fingerprints(tmp_path, "GRCh38", ["P2"])
    with pytest.raises(InputError, match="checksum"):
        check_store(tmp_path, "GRCh38")
    monkeypatch.setattr(fingerprint_erasure, "_overwrite", real)
    assert no_longer_analysed(tmp_path, "GRCh38", consents(tmp_path, P2="no")) == {"P2": "the answer for diagnosis is no"}
    erase_fingerprints(tmp_path, "GRCh38", ["P2"])
    assert holds(tmp_path / "fingerprints", some[2]) == []
    check_store(tmp_path, "GRCh38")


def test_only_a_no_to_diagnosis_itself_takes_a_fingerprint_out(tmp_path: Path) -> None:
    store = tmp_path / "store"
    filled(store)
    append(store, [(Fingerprint("P9", SITES, people(1, 9)[0].quality), {**FACTS, "person": "pia"})])
    answers = consents(tmp_path, P0="no", P1="yes", P2="", pia="no")
    assert sorted(no_longer_analysed(store, "GRCh38", answers)) == ["P0", "P9"]
    assert no_longer_analysed(tmp_path / "none", "GRCh38", answers) == {}


@pytest.mark.parametrize("stopped", ["", "the answer for diagnosis is no"])
def test_withdraw_genome_says_what_stays_and_what_is_gone(tmp_path: Path, stopped: str) -> None:
    some = filled(tmp_path / "cohort")
    create(tmp_path / "store", "GRCh38", 5)
    output = SimpleNamespace(
        record=str(tmp_path / "results/cohort_store/withdrawn/P2.json"), statement=str(tmp_path / "results/cohort_store/withdrawn/P2.md")
    )
    params = SimpleNamespace(
        store=str(tmp_path / "store"), why="the answer for the frequency store is no", stopped=stopped,
        fingerprints=str(tmp_path / "cohort"), assembly="GRCh38",
    )  # fmt: skip
    withdraw_genome(output=output, params=params, wildcards=SimpleNamespace(sample="P2"))
    assert holds(tmp_path / "cohort", some[2]) == ([] if stopped else ["name", "likelihoods", "bits"])
    assert read_json(output.record)["fingerprint_erased"] is bool(stopped)
    text = Path(output.statement).read_text()
    assert ("is erased too" in text, "er også slettet" in text) == (bool(stopped), bool(stopped))
    assert ("stays with the" in text) is not bool(stopped)


def test_the_command_erases_a_fingerprint_when_it_is_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = filled(tmp_path / "cohort")
    create(tmp_path / "store", "GRCh38", 5)
    command = ["withdraw", "--store", str(tmp_path / "store"), "--sample", "P2", "--readers", "0"]
    assert cohort_store(command) == 0
    assert holds(tmp_path / "cohort", some[2])
    assert cohort_store([*command, "--fingerprints", str(tmp_path / "cohort")]) == 0
    assert holds(tmp_path / "cohort", some[2]) == []
    head = tmp_path / "cohort/fingerprints/store.json"
    head.write_text(head.read_text().replace("GRCh38", "GRCh37"))
    capsys.readouterr()
    assert cohort_store([*command, "--fingerprints", str(tmp_path / "cohort")]) == 2
    assert "the fingerprint store is of GRCh37" in capsys.readouterr().err
    assert np.any(some[2].quality)
