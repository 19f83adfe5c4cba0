"""Check a delivered release, anywhere: `python scripts/verify_release.py FOLDER [--public-key K] [--jobs N]`.

FOLDER is a results folder, one sealed version (`release/versions/<n>`), or a copy of either. Needs Python 3.11 and this clone.
Exit status: 0 everything is as it was signed, 1 something is not (each named), 2 there is nothing that can be checked.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workflow.ed25519 import read_public_key
from workflow.plain_files import UnusableError
from workflow.verification import LONGEST_KEY, Report, verify_folder

WRONG, UNUSABLE = 1, 2
NO_IDENTITY = "The key lies in the folder itself: this shows that nothing was changed since it was signed, and proves no one's identity."


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, check, say what was found; return the exit status."""
    parser = argparse.ArgumentParser(prog="verify_release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="results folder, or a sealed version")
    parser.add_argument(
        "--public-key", metavar="K", help="public key of the centre (PEM file, or the line inside it), not taken from FOLDER"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="files read at once (default: all cores)")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        key = given_key(options.public_key) if options.public_key is not None else None
        report = verify_folder(options.folder, key, options.jobs)
    except UnusableError as error:
        return complain(options.folder, str(error))
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return complain(options.folder, f"cannot be checked ({type(error).__name__})")
    print("\n".join([*map(str, report.faults), *summary(report, given=key is not None)]))
    return WRONG if report.faults else 0


def complain(folder: Path, why: str) -> int:
    """Say in one sentence why nothing can be checked."""
    print(f"error: {ascii(str(folder)).strip(chr(39))}: {why}.", file=sys.stderr)
    return UNUSABLE


def given_key(text: str) -> bytes:
    """Return the public key of the command line.

    Raises:
        UnusableError: it is none.
    """
    if key := read_public_key(text):
        return key
    try:
        with open(text, "rb") as handle:
            key = read_public_key(handle.read(LONGEST_KEY).decode(errors="replace"))
    except (OSError, ValueError):
        raise UnusableError("the public key that was given cannot be read") from None
    if key is None:
        raise UnusableError("the public key that was given is no Ed25519 key in PEM")
    return key


def summary(report: Report, *, given: bool) -> list[str]:
    """Return the closing lines."""
    wrong = len(report.faults)
    versions = f"{report.versions} sealed version{'' if report.versions == 1 else 's'}"
    whole = f"All {report.files} files are as they were signed ({versions}, {report.lines} lines of the log)."
    lines = [f"{wrong} fault{'' if wrong == 1 else 's'} in {report.files} files ({versions})." if wrong else whole]
    if report.unsigned:
        lines.append(f"Sealed before releases were signed, vouched for by the log alone: {', '.join(report.unsigned)}.")
    if report.key:
        lines.append(f"Signed with key {report.key}{', a demo key: proves no one' + chr(39) + 's identity' if report.demo else ''}.")
    return lines if given else [*lines, NO_IDENTITY]


if __name__ == "__main__":
    sys.exit(main())
