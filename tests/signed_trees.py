"""Signed results trees in a few kilobytes: what sealing, the log and verification read, made by the code that makes real ones."""

import json
from pathlib import Path
from typing import Any

from scripts.seal_release import build_manifest
from workflow.files import sha256_of, write_json
from workflow.release_key import PLACE
from workflow.releasing import release
from workflow.signing import id_of, make_private_key

RUN = ("release/completeness.tsv", "release/change.json", "provenance/run.json")
FILES = {
    "samples/s1/s1.cram": b"reads " * 50,
    "samples/s1/qc.json": b'{"depth": 34}\n',
    "samples/s1/release.json": b'{"decision": "release"}\n',
    "cases/c1/report.html": b"<html></html>\n",
    "cases/c1/release.json": b'{"decision": "hold"}\n',
    "release/completeness.tsv": b"file\tstatus\n",
    "release/change.json": b'{"workflow": "aaaaaaaaaaaa", "status": "first version"}\n',
    "provenance/run.json": b'{"genvej": {"version": "0.1", "commit": null, "code": "c0de"}}\n',
}


def put(path: Path, content: bytes) -> None:
    """Write as Snakemake and the rules do: the old file is removed, a new one made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def write_tree(results: Path, **changed: bytes) -> Path:
    """Write the deliverables and records of a run; `changed` replaces the content of a file by the name without its folder and ending."""
    for name, content in FILES.items():
        put(results / name, changed.get(Path(name).stem, content))
    return results


def manifest_of(results: Path, run: tuple[str, ...] = RUN) -> dict[str, Any]:
    """Return the manifest of a tree, by way of receipts as a run writes them."""
    receipts = []
    for kind, subject in (("sample", "s1"), ("case", "c1")):
        files = [name for name in FILES if name.startswith(f"{kind}s/")]
        receipts.append(results / f"release/receipts/{kind}s/{subject}.json")
        write_json(receipts[-1], {"files": [received(results, name, kind, subject) for name in files]})
    return build_manifest(results, list(map(str, receipts)), run)


def received(results: Path, name: str, kind: str, subject: str) -> dict[str, Any]:
    deliverable = "release decision" if name.endswith("release.json") else name
    found = {"file": name, "bytes": (results / name).stat().st_size, "sha256": sha256_of(results / name), "status": "produced"}
    return found | {"kind": kind, "subject": subject, "deliverable": deliverable, "stage": "x", "reason": ""}


def release_tree(results: Path, **changed: bytes) -> str:
    """Write a tree and release it as the rule does, whose outputs are taken away first; return the version."""
    write_tree(results, **changed)
    for name in ("manifest.json", "manifest.json.sig", "manifest.json.pub"):
        (results / "release" / name).unlink(missing_ok=True)
    return release(results, manifest_of(results))


def use_key(monkeypatch: Any, file: Path | None, replaces: str | None = None) -> str:
    """Let releases be signed with a key, which is made if there is none (None = the demo key); return its id."""
    found = "demo"
    if file:
        if not file.exists():
            make_private_key(file)
        from workflow.signing import load_private_key, public_bytes

        found = id_of(public_bytes(load_private_key(file)))
    monkeypatch.setenv(PLACE, json.dumps({"file": str(file) if file else None, "replaces": replaces, "id": found}))
    return found


def events(results: Path) -> list[dict[str, Any]]:
    """Return the lines of the log as they can be read."""
    return [json.loads(line) for line in (results / "release/log.jsonl").read_text().splitlines()]
