"""The chain of the log: every change of its bytes is found and the line named; an interrupted writing is mended."""

import base64
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflow import release_log
from workflow.errors import InputError
from workflow.release_key import Signer
from workflow.release_log import START, batch, opened, parse_log

SIGNER, OTHER = (Signer(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), demo=False) for number in (1, 2))


def told(version: str, event: str = "sealed") -> dict[str, Any]:
    return {"event": event, "version": version, "manifest_sha256": version * 16}


def decision(subject: str) -> dict[str, Any]:
    return {"event": "decision", "version": "0001", "kind": "sample", "subject": subject, "decision": "release"}


def written(*batches: list[dict[str, Any]], times: tuple[str, ...] = ("2026-01-01T00:00:00+00:00",)) -> bytes:
    content = b""
    for number, events in enumerate(batches):
        content += batch(parse_log(content).head, events, times[number % len(times)], SIGNER.sign)
    return content


GOOD = written(
    [{"event": "key", **SIGNER.described(), "replaces": None}, decision("ærø"), decision("bo"), told("0001")],
    [told("0001", "listed")],
    [decision("bo"), told("0002")],
)


def test_log_reads_back_what_was_written() -> None:
    log = parse_log(GOOD)
    assert log.fault is None
    assert (log.torn, log.end, len(log.lines), log.head["n"]) == (0, len(GOOD), 7, 7)
    assert log.told("sealed") == {"0001": "0001" * 16, "0002": "0002" * 16}
    assert log.manifest == "0002" * 16
    assert log.key is not None
    assert log.key["key"] == SIGNER.id
    assert log.lines[1].event["subject"] == "ærø"


def test_empty_log_has_a_head_to_follow() -> None:
    assert parse_log(b"").head == {"n": 0, "hash": START}


def test_every_flipped_bit_is_found_in_its_line() -> None:
    dice, rows = random.Random(5), GOOD.split(b"\n")
    for _ in range(400):
        place = dice.randrange(len(GOOD))
        changed = bytearray(GOOD)
        changed[place] ^= 1 << dice.randrange(8)
        row = GOOD[:place].count(b"\n") + 1
        log = parse_log(bytes(changed))
        if log.fault:
            assert log.fault[0] == row or (GOOD[place : place + 1] == b"\n" and log.fault[0] == row)
        else:  # the last line end: what is left is the beginning of a batch
            assert log.torn
            assert row == len(rows) - 1
            assert place == len(GOOD) - 1


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize(
    ("change", "row"),
    [
        (lambda rows: rows[1:], 1),
        (lambda rows: [rows[0], *rows[2:]], 2),
        (lambda rows: [*rows[:3], *rows[4:]], 4),
        (lambda rows: [*rows[:2], rows[1], *rows[2:]], 3),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], 2),
        (lambda rows: [*rows, rows[-1]], 8),
        (lambda rows: [*rows[:3], b"", *rows[3:]], 4),
        (lambda rows: [*rows[:3], rows[3] + b" ", *rows[4:]], 4),
        (lambda rows: [*rows[:3], b"\xff\xfe", *rows[4:]], 4),
        (lambda rows: [*rows[:3], b"[" * 100_000, *rows[4:]], 4),
    ],
    ids=["first gone", "one gone", "signed one gone", "twice", "swapped", "last twice", "empty line", "space", "no text", "deep"],
)
def test_lines_taken_out_put_in_or_moved_break_the_chain_there(change: Any, row: int, every: bool) -> None:
    content = b"".join(one + b"\n" for one in change(GOOD.splitlines()))
    log = parse_log(content, every=every)
    assert log.fault is not None
    assert log.fault[0] == row


def chained(events: list[dict[str, Any]], signer: Signer = OTHER) -> bytes:
    return batch({"n": 0, "hash": START}, events, "2026-01-01T00:00:00+00:00", signer.sign)


@pytest.mark.parametrize("every", [True, False])
def test_a_chain_made_anew_without_the_key_has_a_signature_that_does_not_fit(every: bool) -> None:
    events = [json.loads(line) for line in GOOD.splitlines()[:4]]
    fresh = [{key: value for key, value in one.items() if key not in {"n", "time", "previous", "hash", "signature"}} for one in events]
    fresh[1]["decision"] = "fail"
    assert parse_log(chained(fresh), every=every).fault == (4, "has a signature that does not fit")
    assert parse_log(chained(fresh, SIGNER), every=every).fault is None


def test_a_signature_of_an_earlier_batch_is_checked_by_the_full_reading_alone() -> None:
    rows = GOOD.splitlines(keepends=True)
    other = base64.b64encode(bytes(64)).decode().encode()
    rows[3] = rows[3][: rows[3].index(b',"signature":"') + 14] + other + b'"}\n'
    assert parse_log(b"".join(rows)).fault == (4, "has a signature that does not fit")
    assert parse_log(b"".join(rows), every=False).fault is None


@pytest.mark.parametrize(
    "event",
    [
        {"event": "key", "key": "0" * 16, "public_key": SIGNER.described()["public_key"]},
        {"event": "key", "key": SIGNER.id, "public_key": "none"},
        {"event": "key", "key": SIGNER.id},
        {"event": "key", "key": SIGNER.id, "public_key": 5},
        {"event": 5},
        {"event": None},
        {"event": "decision"},
    ],
)
def test_a_log_that_names_no_key_vouches_for_nothing(event: dict[str, Any]) -> None:
    assert parse_log(chained([event, told("0001")], SIGNER)).fault is not None


def test_a_key_that_replaces_another_signs_from_then_on() -> None:
    content = GOOD + batch(
        parse_log(GOOD).head, [{"event": "key", **OTHER.described(), "replaces": SIGNER.id}, told("0003")], "t", OTHER.sign
    )
    assert parse_log(content).fault is None
    again = content + batch(parse_log(content).head, [told("0004")], "t", SIGNER.sign)
    assert parse_log(again).fault == (10, "has a signature that does not fit")


def test_a_clock_that_jumps_back_breaks_nothing() -> None:
    key = {"event": "key", **SIGNER.described(), "replaces": None}
    content = written([key, told("0001")], [told("0002")], [told("0003")], times=("2026-05-01", "1970-01-01", "2026-05-02"))
    assert [line.event["time"] for line in parse_log(content).lines] == ["2026-05-01", "2026-05-01", "1970-01-01", "2026-05-02"]
    assert parse_log(content).fault is None


@pytest.mark.parametrize("end", [1, 50, 400, 700])
def test_opened_mends_a_batch_whose_writing_was_interrupted(tmp_path: Path, end: int) -> None:
    first = written([{"event": "key", **SIGNER.described(), "replaces": None}, told("0001")])
    more = batch(parse_log(first).head, [decision("a"), decision("b"), told("0002")], "t", SIGNER.sign)
    (tmp_path / "log").write_bytes(first + more[:end])
    with opened(tmp_path / "log") as log:
        assert (tmp_path / "log").read_bytes() == first
        log.add(more)
    assert (tmp_path / "log").read_bytes() == first + more


def test_opened_refuses_a_broken_chain_and_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(GOOD.replace(b'"subject":"bo"', b'"subject":"no"', 1))
    before = (tmp_path / "log").read_bytes()
    with pytest.raises(InputError, match=r"log, row 3: the log has a broken chain: this line was changed: .*; put it back from a copy"):
        opened(tmp_path / "log").__enter__()
    assert (tmp_path / "log").read_bytes() == before


@pytest.mark.parametrize("how", ["short", "full"])
def test_add_on_a_full_disk_takes_back_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    write = os.write

    def full(handle: int, content: bytes) -> int:
        done = write(handle, content[:30])
        if how == "full":
            raise OSError(28, "No space left on device")
        return done

    (tmp_path / "log").write_bytes(GOOD)
    with opened(tmp_path / "log") as log:
        monkeypatch.setattr(release_log.os, "write", full)
        with pytest.raises(InputError, match="the log cannot be written"):
            log.add(batch(log.log.head, [told("0003")], "t", SIGNER.sign))
    assert (tmp_path / "log").read_bytes() == GOOD
