"""`make beacon-env`: the web server of the Beacon, beside the run-time environment and not in it: no job of the workflow imports it.

    .venv/bin/python -m scripts.setup.beacon [--tests]

`scripts/serve_beacon.py` looks into the folder. `--tests` adds the GA4GH's schemas, as files.
"""

import shutil
import sys
from pathlib import Path

from scripts.setup.cluster import install_folder
from scripts.setup.common import ENVS, ROOT, SetupError, digest, say

HOME = ROOT / ".venv" / "beacon"
SCHEMAS = ROOT / ".venv" / "beacon-schemas"


def install(lock: Path, home: Path) -> None:
    """Install the packages of a lock file into a folder unless they are there.

    Raises:
        SetupError: pip failed.
    """
    if not (home / digest(lock)).is_file():
        say(f"installing {lock.name}")
        shutil.rmtree(home, ignore_errors=True)
        install_folder(lock, home)
        (home / digest(lock)).touch()


def main(arguments: list[str]) -> int:
    """Install; a failure becomes one message."""
    try:
        install(ENVS / "beacon.lock", HOME)
        if "--tests" in arguments:
            install(ENVS / "beacon_test.lock", SCHEMAS)
    except (SetupError, OSError) as error:
        print(f"make beacon-env: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
