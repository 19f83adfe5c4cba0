"""Sign a decision of a person (or any other file): `python -m scripts.sign_decision FILE --key KEY` writes FILE.sig beside it.

KEY is the person's own private key; its public half stands in the table of people (`release.people`).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError
from workflow.signing import id_of, load_private_key, public_bytes, sign_file

INPUT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, sign, say where; return 0, or 2 with one sentence if it cannot be signed."""
    parser = argparse.ArgumentParser(prog="sign_decision", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="what is signed")
    parser.add_argument("--key", type=Path, required=True, help="private Ed25519 key (PEM, mode 600)")
    options = parser.parse_args(arguments)
    try:
        key = load_private_key(options.key)
        signature = sign_file(options.file, key)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    print(f"{signature}: signed with key {id_of(public_bytes(key))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
