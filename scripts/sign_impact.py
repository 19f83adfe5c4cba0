"""Sign a report on a change of version: `python -m scripts.sign_impact impact/<from>_<to> --by NAME --verdict accepted|rejected`.

Writes `impact/<from>_<to>.json`, or adds to it. The next run of the new version tells it on every page.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError
from workflow.run_record import now
from workflow.signoff import Verdict, sign

INPUT_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, sign, say where; return 0, or 2 with one sentence if it cannot be signed."""
    parser = argparse.ArgumentParser(prog="sign_impact", description=__doc__)
    parser.add_argument("report", type=Path, help="the folder <from>_<to> that `make impact` wrote")
    parser.add_argument("--by", required=True, metavar="NAME", help="who signs")
    parser.add_argument("--verdict", required=True, choices=[one.value for one in Verdict])
    parser.add_argument("--comment", default="", help="why")
    options = parser.parse_args(arguments)
    try:
        file = sign(options.report, who=options.by, when=now(), verdict=Verdict(options.verdict), comment=options.comment)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    print(f"{file}: {options.verdict}; run the new version again, and its pages say so")
    return 0


if __name__ == "__main__":
    sys.exit(main())
