"""The Beacon's command line, with a server in a process of its own, on loopback."""

import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.beacon_client import START, People, faults, new_store

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "serve_beacon.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=60)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def get(port: int, path: str, token: str = "") -> tuple[int, Any]:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_store(tmp_path_factory.mktemp("beacon"), People.made(40, 30, random.Random(4)))


@pytest.fixture(scope="module")
def served(store: Path) -> Iterator[tuple[int, str, subprocess.Popen[str]]]:
    token = run("token", "--store", str(store), "--name", "hospital-a").stdout.strip()
    port = free_port()
    command = [sys.executable, str(SCRIPT), "serve", "--store", str(store), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert "release 1 of the Beacon" in server.stdout.readline()
    for _ in range(100):
        try:
            get(port, "/info")
            break
        except OSError:
            time.sleep(0.1)
    yield port, token, server
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=20)
    assert errors == ""


def test_it_answers_and_writes_it_down(store: Path, served: tuple[int, str, subprocess.Popen[str]]) -> None:
    port, token, _ = served
    status, answer = get(port, "/g_variants?requestedGranularity=count", token)
    assert status == 200
    assert faults(answer, "beaconCountResponse") == []
    assert answer["responseSummary"]["numTotalResults"] > 5
    status, answer = get(port, f"/g_variants/1-{START}-A-C")
    assert faults(answer, "beaconBooleanResponse") == []
    status, answer = get(port, "/g_variants?assemblyId=GRCh37&referenceName=1&start=5&alternateBases=A")
    assert (status, answer["error"]["errorCode"]) == (400, 400)
    checked = run("log", "--store", str(store))
    assert checked.returncode == 0
    assert checked.stdout.startswith("2 look-ups, the chain is whole")
    log = (store / "beacon" / "lookups.jsonl").read_text()
    assert "127.0.0.1" not in log
    assert token not in log


def test_two_servers_do_not_write_one_log(store: Path, served: tuple[int, str, subprocess.Popen[str]]) -> None:
    second = run("serve", "--store", str(store), "--port", str(free_port()))
    assert second.returncode == 2
    assert "another server writes this log" in second.stderr
    third = run("serve", "--store", str(store), "--port", str(served[0]))
    assert third.returncode == 2
    assert third.stderr.count("\n") == 1


def test_bad_commands_are_one_sentence(tmp_path: Path, store: Path) -> None:
    few = new_store(tmp_path, People.made(45, 3, random.Random(4)))
    for arguments, words in [
        (("serve", "--store", str(tmp_path / "none")), "there is no store"),
        (("token", "--store", str(store), "--name", "Jens Hansen"), "no name of a requester"),
        (("token", "--store", str(store), "--name", "public"), "no name of a requester"),
        (("token", "--store", str(store), "--name", "lab", "--budget", "0"), "budget"),
        (("revoke", "--store", str(store), "--name", "nobody"), "no requester has that name"),
        (("serve", "--store", str(few), "--port", "99999"), "cannot be listened on"),
        (("serve", "--store", str(few), "--genes", str(tmp_path / "no.gff3")), "GFF3"),
    ]:
        ended = run(*arguments)
        assert ended.returncode == 2
        assert words in ended.stderr
        assert ended.stderr.count("\n") == 1
    table = few / "beacon" / "1" / "told.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    ended = run("serve", "--store", str(few), "--port", str(free_port()))
    assert (ended.returncode, "not as it was written" in ended.stderr) == (2, True)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; `make env` installs it on Debian")
@pytest.mark.parametrize(
    ("page", "asked", "words"),
    [
        ("lookup", "1:990,000-1,100,000", ">Yes<"), ("lookup", "1-1000000-A-T", ">Not found<"),
        ("slaa-op", "1-1000000-A-T", ">Ikke fundet<"),
        ("lookup", "BRCA1", "no gene models are configured"), ("lookup", "<img src=x>", ">No answer<"),
    ],
)  # fmt: skip
def test_a_browser_looks_up(served: tuple[int, str, subprocess.Popen[str]], tmp_path: Path, page: str, asked: str, words: str) -> None:
    options = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --virtual-time-budget=5000 --dump-dom"
    address = f"http://127.0.0.1:{served[0]}/{page}#{urllib.parse.quote(asked)}"
    command = [str(CHROMIUM), *options.split(), f"--user-data-dir={tmp_path}", address]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert words in shown
    assert "<img" not in shown
