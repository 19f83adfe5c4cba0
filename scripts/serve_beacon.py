"""The Beacon over the frequency store: `python scripts/serve_beacon.py COMMAND --store DIR …` (`make beacon STORE=DIR PORT=5050` serves).

Exit status: 0 done; 2 the command, the store or the log cannot be used.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workflow.jobs import run_command

INPUT_ERROR = 2
PACKAGES = Path(__file__).resolve().parent.parent / ".venv" / "beacon"
HELP = {
    "serve": "answer look-ups; the first release of the Beacon is made if there is none",
    "release": "take what may be told anew out of the store",
    "token": "make a token for a requester, and print it once",
    "revoke": "make a requester's token good no more",
    "citizen": "write the page of look-ups for one person who is counted: who asked, and which answers they were part of",
    "log": "check the chain of the log of look-ups, and print where it ends",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="serve_beacon", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {}
    for name, text in HELP.items():
        made[name] = one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--store", type=Path, required=True, metavar="DIR", help="folder of the frequency store")
    for name in ("token", "revoke"):
        made[name].add_argument("--name", required=True, metavar="NAME", help="institution or project, never a person")
    made["token"].add_argument("--budget", type=int, default=20_000, metavar="N", help="look-ups a day (default 20000)")
    serve = made["serve"]
    serve.add_argument("--port", type=int, default=5050, metavar="N", help="port (default 5050)")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (default loopback; TLS is the proxy's)")
    serve.add_argument("--behind-proxy", action="store_true", help="believe X-Forwarded-For of a proxy on this machine")
    serve.add_argument("--public", choices=("boolean", "count"), default="boolean", help="answer without a token (default boolean)")
    serve.add_argument("--rate", type=float, default=300.0, metavar="N", help="requests a second of each requester (default 300)")
    serve.add_argument("--address-budget", type=int, default=10_000, metavar="N", help="look-ups a day of an address without token")
    serve.add_argument("--public-budget", type=int, default=200_000, metavar="N", help="look-ups a day without token, of all together")
    for one in (serve, made["citizen"]):
        one.add_argument("--reference", type=Path, metavar="FASTA", help="indexed reference, for HGVS names")
        one.add_argument("--genes", type=Path, metavar="GFF3", help="gene models, for genes and HGVS names on transcripts")
    _citizen(made["citizen"])
    for name, text in {"id": "reversed domain", "name": "name", "organization": "who runs it", "url": "address as clients see it"}.items():
        serve.add_argument(f"--site-{name}", metavar="TEXT", help=f"the Beacon's {text}")
    serve.add_argument("--environment", choices=("prod", "test", "dev", "staging"), default="test", help="as told by /info")
    return top


def _citizen(one: argparse.ArgumentParser) -> None:
    one.add_argument("--sample", required=True, metavar="S", help="the person's sample")
    one.add_argument("--output", type=Path, required=True, metavar="FILE", help="the page (.html), for this person only")
    one.add_argument("--name-variants", action="store_true", help="say what was asked: it tells the person which variants they have")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do it; return the exit status."""
    given = parser().parse_args(arguments)
    if PACKAGES.is_dir():
        sys.path.append(str(PACKAGES))
    try:
        from workflow.beacon.commands import COMMANDS

        return run_command(lambda: COMMANDS[given.command](given))
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed; run `make beacon-env`.", file=sys.stderr)
    except OSError as error:
        print(f"error: {given.store}: {error.strerror or error}.", file=sys.stderr)
    return INPUT_ERROR


if __name__ == "__main__":
    sys.exit(main())
