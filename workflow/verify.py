"""Every byte of what was released, compared with its SHA-256: `python -m workflow.verify RESULTS`, from the folder of Genvej.

A run compares sizes and dates, which a failing disk does not change; this reads all sealed versions and the live files to their end.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow.files import read_json, sha256_of
from workflow.sealing import versions

Digests = dict[tuple[int, int], str]


def manifests(results: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Give each sealed version's folder, and the results folder itself, with the entries of its manifest."""
    for version in versions(results / "release" / "versions"):
        yield version, read_json(version / "manifest.json")["files"]
    live = results / "release" / "manifest.json"
    if live.is_file():
        yield results, [entry for entry in read_json(live)["files"] if entry["kind"] != "run"]


def faults(results: Path) -> Iterator[tuple[Path, str]]:
    """Give each file with what became of it: as sealed (an empty string), gone, or not the bytes that were sealed."""
    digests: Digests = {}
    for folder, entries in manifests(results):
        for entry in entries:
            file = folder / entry["file"]
            same = file.is_file() and _digest(file, digests) == entry["sha256"]
            yield file, "" if same else "is not what was sealed" if file.is_file() else "is gone"


def _digest(file: Path, known: Digests) -> str:
    """Return the SHA-256 of a file; bytes that several versions share by hard links are read once."""
    status = file.stat()
    key = (status.st_dev, status.st_ino)
    known[key] = known.get(key) or sha256_of(file)
    return known[key]


def main(results: Path) -> int:
    """Print what is wrong, then how many files are as they were sealed; return 1 if any is not, or if nothing was sealed."""
    found = list(faults(results))
    wrong = [f"{file} {what}" for file, what in found if what]
    print("\n".join([*wrong, f"{len(found) - len(wrong)} of {len(found)} files are as they were sealed."]))
    return int(bool(wrong) or not found)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
