"""The scorer of the target `validation`: there at its pinned release, or built before the first job."""

import os
import subprocess
import sys

from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.tools import complaint, read_pins, real_version

PROGRAMS = {"aardvark": "aardvark", "vcfeval": "rtg"}
SCORING_RULES = {"aardvark_compare", "rtg_format", "rtg_vcfeval"}


def check_scorer(scorer: str) -> None:
    """Refuse a scorer that is absent or of another release than pinned.

    Raises:
        InputError: with the way out.
    """
    name = PROGRAMS[scorer]
    if wrong := complaint(read_pins()[name], real_version(read_pins()[name])):
        raise InputError(wrong, remedy=WAYS_OUT[scorer])


BUILDING = "genvej: setting up aardvark, the scorer of the target `validation`: compiled once for this user, which takes some minutes"
WAYS_OUT = {
    "aardvark": "build it with `make validation-tools`, or let conda bring it with `--sdm conda`",
    "vcfeval": "install RTG Tools, let conda bring them with `--sdm conda`, or set `validation.scorer` to aardvark",
}


def provide_scorer(scorer: str) -> None:
    """Build the scorer if it is not here and can be built, telling so in one line.

    Raises:
        InputError: it is not here and could not be built.
    """
    try:
        check_scorer(scorer)
    except InputError:
        if scorer != "aardvark":
            raise
        print(BUILDING, file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "scripts.setup.tools", "--validation"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[0].removeprefix("make env: ")
            raise InputError(f"aardvark could not be built ({said})", remedy=WAYS_OUT["aardvark"]) from None
        check_scorer(scorer)
