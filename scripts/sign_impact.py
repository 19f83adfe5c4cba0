"""Sign a report on a change of version.

    python -m scripts.sign_impact impact/<from>_<to> --by NAME --verdict accepted|rejected [--comment WHY] [--key KEY]

Writes `impact/<from>_<to>.json`, or adds to it; the next run of the new version tells it on every page. With KEY, the person's own private
key, the signature proves who it is of; where `release.people` is configured, no other counts.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError
from workflow.run_record import now
from workflow.signing import load_private_key
from workflow.signoff import Verdict, sign

INPUT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, sign, say where; return 0, or 2 with one sentence if it cannot be signed."""
    parser = argparse.ArgumentParser(prog="sign_impact", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="the folder <from>_<to> that `make impact` wrote")
    parser.add_argument("--by", required=True, metavar="NAME", help="who signs")
    parser.add_argument("--verdict", required=True, choices=[one.value for one in Verdict])
    parser.add_argument("--comment", default="", help="why")
    parser.add_argument("--key", type=Path, help="private key of who signs; NAME is then as in `release.people`")
    options = parser.parse_args(arguments)
    try:
        key = load_private_key(options.key) if options.key else None
        file = sign(options.report, who=options.by, when=now(), verdict=Verdict(options.verdict), comment=options.comment, key=key)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    print(f"{file}: {options.verdict}; run the new version again, and its pages say so")
    return 0


if __name__ == "__main__":
    sys.exit(main())
