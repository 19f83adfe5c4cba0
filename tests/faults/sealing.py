"""A release that is killed at each of its steps: every file that is opened for writing, made, linked, moved, protected or removed.

The step is met from outside, by Python's audit events, so that the workflow itself knows nothing of it. After each kill the same job is
done again; then the sealed version of before must be as it was, and all that is there must pass `scripts/verify_release.py`.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults.chains import Outcome
from tests.faults.work import ROOT, Work, remove
from workflow.deliverables import RUN
from workflow.files import sha256_of

FAULT = "kill -9 between the steps of a release"
STEPS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.truncate", "shutil.copyfile"}
DRIVER = f"""
import os, signal, sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, {str(ROOT)!r})
from scripts.seal_release import main
last, count = int(sys.argv[1]), 0
def heard(event, arguments):
    global count
    if event in {STEPS!r} or (event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
receipts = sorted(map(str, Path("results/release/receipts").glob("*/*.json")))
sys.addaudithook(heard)
main(
    input=SimpleNamespace(receipts=receipts),
    output=["results/release/manifest.json"],
    params=SimpleNamespace(results="results", files={list(RUN[:-1])!r}),
)
print(count)
"""


def seal(work: Work, last: int = 0) -> tuple[int, str]:
    """Do the job of `seal_release`, killed at a step (0 = not at all); return its status and what it said."""
    done = subprocess.run([sys.executable, "-c", DRIVER, str(last)], cwd=work.folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def changed(base: Work, folder: Path) -> Work:
    """Return a released folder in which one deliverable has changed since, so that a second version is due."""
    shutil.copytree(base.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("reference", ".snakemake", "said"))
    work = Work(folder)
    file = work.results / "samples/anna/qc.json"
    file.write_text(file.read_text() + "\n")
    receipt = work.results / "release/receipts/samples/anna.json"
    content = json.loads(receipt.read_text())
    for entry in content["files"]:
        if entry["file"] == "samples/anna/qc.json":
            entry |= {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
    receipt.write_text(json.dumps(content))
    return work


def killed_at(base: Work, folder: Path, step: int) -> str:
    """Kill a release at a step and do it again; return what is wrong then, empty if nothing."""
    work = changed(base, folder)
    try:
        kept = work.sealed()
        status, said = seal(work, step)
        if status != -9:
            return f"the release was not killed at step {step}: {said[-300:]}"
        for again in (False, True):
            if again and (found := seal(work))[0]:
                return f"the release cannot be finished after a kill at step {step}: {found[1][-500:]}"
            now = work.sealed()
            if lost := [name for name, digest in kept.items() if now.get(name) != digest]:
                return f"a sealed file was lost or changed by a kill at step {step}: {lost[0]}"
        if not (work.results / "release/versions/0002/manifest.json").is_file():
            return f"there is no second version after a kill at step {step}"
        if left := [path.name for path in (work.results / "release/versions").glob(".part*")]:
            return f"an unfinished version was left by a kill at step {step}: {left}"
        verified, said = work.verified()
        return "" if verified else f"after a kill at step {step}: {said[-600:]}"
    finally:
        remove(folder)


def kill_each_step(base: Work, folder: Path, tell: Callable[[str], None], every: int = 1) -> list[Outcome]:
    """Kill a release at every (or each `every`-th) of its steps."""
    work = changed(base, folder)
    status, said = seal(work)
    remove(folder)
    if status:
        return [Outcome(FAULT, "sealing", "not reached", said[-600:])]
    steps = int(said.split()[-1])
    tried = [*range(1, steps, every), steps]
    wrong = [bad for step in tried if (bad := killed_at(base, folder, step))]
    tell(f"{FAULT}: {len(tried)} of {steps} steps, {len(wrong)} bad {wrong[:2]}")
    outcome = f"killed at {len(tried)} of {steps} steps: each time finished by the same command, nothing sealed lost, all of it verified"
    return [Outcome(FAULT, "sealing", outcome, "; ".join(wrong[:3]))]
