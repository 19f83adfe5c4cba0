"""The commands of `scripts/serve_beacon.py`."""

import argparse
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.beacon.documents import Documents, Site
from workflow.beacon.lookup_log import FILE, LookupLog, lookups, used_today
from workflow.beacon.names import Names
from workflow.beacon.records import FOLDER, BeaconRelease, read_beacon_releases
from workflow.beacon.releases import TooFewError, empty_release, release_beacon
from workflow.beacon.requesters import Allowance, Door, add_requester, read_requesters, remove_requester
from workflow.beacon.table import ToldTable
from workflow.cohort_store.versions import read_facts
from workflow.cohort_store.writing import open_writer
from workflow.errors import InputError
from workflow.files import atomic

if TYPE_CHECKING:
    from workflow.beacon.server import Beacon


def release(given: argparse.Namespace) -> int:
    """Make a release."""
    made = _release(given.store)
    print(f"release {made.number} of the Beacon, of version {made.version} of the store: {made.told['all']} variants may be told")
    return 0


def _release(store: Path) -> BeaconRelease:
    with open_writer(store, "release of the Beacon"):
        return release_beacon(store)


def token(given: argparse.Namespace) -> int:
    """Make a token."""
    if given.budget < 1:
        raise InputError("the budget is not a number of look-ups", remedy="give 1 or more")
    folder = _folder(given.store)
    if any(one.name == given.name for one in read_requesters(folder).values()):
        print(f"the older token of {given.name} is good no more, once the server is started anew", file=sys.stderr)
    print(add_requester(folder, given.name, given.budget))
    return 0


def revoke(given: argparse.Namespace) -> int:
    """Make a token good no more."""
    remove_requester(_folder(given.store), given.name)
    print("revoked; a server that runs must be started anew")
    return 0


def log(given: argparse.Namespace) -> int:
    """Check the log."""
    file, last, number = _folder(given.store) / FILE, "", 0
    for event in lookups(file):
        last, number = str(event["time"]), number + 1
    print(f"{number} look-ups, the chain is whole{f', the last one at {last}' if last else ''}")
    return 0


def citizen(given: argparse.Namespace) -> int:
    """Write the page of look-ups for one person."""
    from workflow.beacon.citizen_page import citizen_facts, render_citizen

    facts = citizen_facts(given.store, given.sample, Names(read_facts(given.store).assembly, given.reference, given.genes))
    with atomic(given.output) as part:
        part.write_text(render_citizen(facts, variants=given.name_variants), encoding="utf-8")
    given.output.chmod(0o600)
    print(f"{given.output}: for this person only")
    return 0


def _folder(store: Path) -> Path:
    read_facts(store)
    (store / FOLDER).mkdir(exist_ok=True, mode=0o700)
    return store / FOLDER


def serve(given: argparse.Namespace) -> int:
    """Answer look-ups until it is ended."""
    import uvicorn

    from workflow.beacon.server import application

    beacon = prepared(given)
    _refuse_taken(given.host, given.port)
    told, address = beacon.table.release, f"http://{given.host}:{given.port}"
    print(f"release {told.number} of the Beacon ({told.assembly}, {told.told['all']} variants) at {address}")
    if not told.number:
        print(f"fewer than {told.minimum} people are counted for it, so nothing is told yet: every variant is `not found`")
    print(f"look-up page: {address}/lookup (English), {address}/slaa-op (dansk); end with Ctrl-C", flush=True)
    uvicorn.run(
        application(beacon), host=given.host, port=given.port, log_level="critical", access_log=False, server_header=False,
        proxy_headers=given.behind_proxy, limit_concurrency=512, timeout_keep_alive=30, lifespan="on",
    )  # fmt: skip
    return 0


def prepared(given: argparse.Namespace) -> "Beacon":
    """Return what is served.

    Raises:
        InputError: the store, its release, the log or a file named cannot be used.
    """
    from workflow.beacon.pages import Pages
    from workflow.beacon.server import Beacon

    releases = read_beacon_releases(given.store) or [_first_release(given.store)]
    folder = _folder(given.store)
    names = {"id": given.site_id, "name": given.site_name, "organization": given.site_organization}
    url = given.site_url or f"http://{given.host}:{given.port}"
    site = Site(**{name: value for name, value in names.items() if value}, url=url.rstrip("/"), environment=given.environment)
    documents = Documents(site, releases[-1])
    door = Door(read_requesters(folder), Allowance(given.rate, given.address_budget, given.public_budget), used_today(folder / FILE))
    table, known = ToldTable(given.store, releases[-1]), Names(releases[-1].assembly, given.reference, given.genes)
    return Beacon(table, known, door, LookupLog(folder / FILE), documents, Pages(documents), given.public)


def _first_release(store: Path) -> BeaconRelease:
    try:
        return _release(store)
    except TooFewError:
        return empty_release(store)


def _refuse_taken(host: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except (OSError, OverflowError):
        raise InputError(f"port {port} of {host} cannot be listened on", remedy="name another one with `--port`") from None


COMMANDS = {"serve": serve, "release": release, "token": token, "revoke": revoke, "log": log, "citizen": citizen}
