"""Make an Ed25519 key: `python -m scripts.make_key KEY` writes KEY (private, mode 600, to be kept secret) and KEY.pub (to be handed out).

The same as `openssl genpkey -algorithm ed25519 -out KEY` and `openssl pkey -in KEY -pubout -out KEY.pub`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.digests import ROOT
from workflow.files import atomic
from workflow.signing import id_of, line_of, make_private_key, pem_of

INPUT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, make the key, say where; return 0, or 2 with one sentence if it cannot be made."""
    parser = argparse.ArgumentParser(prog="make_key", description=__doc__)
    parser.add_argument("key", type=Path, metavar="KEY", help="file to write, outside of Genvej's folder and of any results folder")
    file: Path = parser.parse_args(arguments).key
    if file.resolve().is_relative_to(ROOT):
        print(f"error: {file}: a private key must not lie in Genvej's own folder; name a file outside of it.", file=sys.stderr)
        return INPUT_ERROR
    try:
        public = make_private_key(file)
        with atomic(f"{file}.pub") as part:
            part.write_text(pem_of(public), encoding="ascii")
    except FileExistsError:
        print(f"error: {file}: there is a file already, and a key is never written over; name another.", file=sys.stderr)
        return INPUT_ERROR
    except OSError as error:
        print(f"error: {file}: the key cannot be written ({error.strerror}); name a folder that can be written.", file=sys.stderr)
        return INPUT_ERROR
    print(f"{file}: private key {id_of(public)}; keep it secret\n{file}.pub: public key {line_of(public)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
