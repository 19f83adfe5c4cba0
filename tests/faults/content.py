"""What a results tree holds, told by content: records and values, not dates, hosts, commands or how a file was compressed."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysam

from workflow.release_page import render_release

OF_ONE_RUN = {"started", "when", "from", "host", "command", "commit", "sha256", "bytes", "version", "report_sha256"}
"""Keys that tell of a run and not of results: dates, and digests of pages that hold a date."""
OF_ONE_RECEIPT = {"seal", "cost", "mtime_ns", "receipts"}
"""Keys of a receipt that tell of a run: what it cost, dates, digests of both. What its files hold is compared with the files."""
OF_EARLIER_RELEASES = {"made", "seal"}
"""Keys of release/index.json: when the page was made, and how many versions and lines of the log there were before."""
LEFT_OUT = re.compile(
    r"^(logs|benchmarks|progress|release/versions|release/multiqc|reference)/|multiqc\.html$|run\.json$|change\.json$|lineage\.jsonl?$|small_variants/.*\.\d+\..*tbi$|lost\+found|ballast|\.sig$|log\.jsonl$"
    r"|^release/receipts/index\.tsv$|^\.snakemake_timestamp$"  # made of the receipts at will; of a folder as an object
)
HISTORY = re.compile(r"(?<=^cohort/metrics/)[\d-]+_\w{16}(?=\.jsonl$)")
"""The name of a segment: a day, and a digest of what holds a day and a version. A family that is released again adds no segment."""
DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")


def _digest(lines: list[bytes]) -> str:
    return hashlib.sha256(b"".join(lines)).hexdigest()[:16]


def _cram(file: Path, fasta: Path) -> str:
    with pysam.AlignmentFile(str(file), reference_filename=str(fasta)) as reads:
        return _digest([read.to_string().encode() for read in reads.fetch(until_eof=True)])


def _gzipped(file: Path, fasta: Path) -> str:
    with gzip.open(file) as handle:
        return _digest([line for line in handle if not line.startswith((b"##", b"# "))])


def _index(file: Path, fasta: Path) -> str:
    return "an index" if len(gzip.decompress(file.read_bytes())) > 20 else "an empty index"


def _plain(value: Any, without: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item, without) for key, item in value.items() if key not in without}
    return [_plain(item, without) for item in value] if isinstance(value, list) else value


def _json(file: Path, fasta: Path) -> str:
    content = _plain(json.loads(file.read_bytes()), OF_ONE_RUN | (OF_ONE_RECEIPT if "receipts" in file.parts else set()))
    if file.name == "index.json":
        content = {key: value for key, value in content.items() if key not in OF_EARLIER_RELEASES}
        content["history"].pop("all")  # samples in the centre's store, those of this family from earlier releases among them
    if file.name in {"stored.json", "history.json"}:  # who was new to a store tells of earlier runs; the version must be the one that holds
        content = json.loads(file.read_bytes())["version"] == json.loads((file.parent / "manifest.json").read_bytes())["version"]
    if file.name == "manifest.json":  # what it lists, and what made each file
        content = sorted([one["file"], str(one.get("rule")), str(one.get("inputs"))] for one in content["files"])
    return _digest([json.dumps(content, sort_keys=True).encode()])


def _page(file: Path, fasta: Path) -> str:
    """Return the digest of a page; release/index.html must be the page of the index.json beside it, to the byte."""
    if file.name != "index.html":
        return _text(file, fasta)
    index = json.loads((file.parent / "index.json").read_bytes())
    return "the page of index.json" if file.read_text() == render_release(index) else "not the page of index.json"


def _history(file: Path, fasta: Path) -> str:
    """Return the digest of a segment of the history of metrics, without the number of the version and the day that it was sealed."""
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    return _digest([json.dumps({key: one[key] for key in one if key not in {"version", "sealed"}}).encode() for one in entries])


def _text(file: Path, fasta: Path) -> str:
    lines = file.read_text().splitlines(keepends=True)
    if file.name == "cohort.tsv":  # kind and name of each receipt, and its seal
        lines = [line.rpartition("\t")[0] for line in lines]
    kept = [DATE.sub("", line) for line in lines if not line.startswith(("#", "COMMAND", "[W"))]
    return _digest([line.encode() for line in kept])


READERS: dict[str, Callable[[Path, Path], str]] = {
    ".cram": _cram,
    ".gz": _gzipped,
    ".tbi": _index,
    ".crai": _index,
    ".json": _json,
    ".html": _page,
    ".jsonl": _history,
}


def content(results: Path, fasta: Path) -> dict[str, str]:
    """Return {file relative to the results folder: digest of its content}; a file that cannot be read says so."""
    found = {}
    for file in sorted(results.rglob("*")):
        name = str(file.relative_to(results))
        if file.is_file() and not LEFT_OUT.search(name):
            try:
                found[HISTORY.sub("", name)] = READERS.get(file.suffix, _text)(file, fasta)
            except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
                found[name] = f"cannot be read ({type(error).__name__})"
    return found


def sealed(results: Path) -> dict[str, str]:
    """Return {file of a sealed version: SHA-256 of its bytes}."""
    folder = results / "release" / "versions"
    files = [file for file in folder.rglob("*") if file.is_file() and not any(part.startswith(".part") for part in file.parts)]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
