"""A delivered release checked anywhere, with Python alone: every byte, every signature, the whole log.

Nothing in the folder is trusted before its signature has been checked, and nothing outside of it is read. Without a public key from
elsewhere only the integrity is shown: whoever can write into the folder can sign all of it anew with a key of their own.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.ed25519 import decode_base64, id_of, pem_of, read_public_key, verify
from workflow.plain_files import Fault, Listed, UnusableError, compare, listed, names_below, read
from workflow.release_log import FILE, Log, parse_log
from workflow.sealing import KEY, MANIFEST, SIGNATURE

LIVE, VERSIONS = "release/", "release/versions/"
SUBJECTS = ("samples/", "cases/")
LONGEST = 2**31  # bytes of a manifest or a log
LONGEST_KEY = 10_000
WORKING = frozenset(
    {FILE, MANIFEST, SIGNATURE, KEY, "completeness.json", "lineage.json", "lineage.jsonl", "expected.tsv", "history.json", "stored.json"}
)
"""Files in `release/` that belong there and need not stand in the manifest."""
WORKING_FOLDERS = frozenset({"versions", "receipts", "variants", "multiqc"})


@dataclass
class Report:
    """What was found: faults, how many files were compared, which key signed, and what else a reader must know."""

    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    versions: int = 0
    lines: int = 0
    key: str = ""
    demo: bool = False
    unsigned: list[str] = field(default_factory=list)


@dataclass
class Part:
    """The live release or one sealed version; `prefix` stands before the names of its files, `place` before those of its manifest."""

    prefix: str
    place: str
    content: bytes = b""
    files: list[Listed] | None = None
    key: bytes | None = None
    demo: bool = False

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the manifest's bytes."""
        return hashlib.sha256(self.content).hexdigest()

    def name(self, file: str) -> str:
        """Return the name of the manifest, its signature or its key in the folder that was handed over."""
        return f"{self.place}{file}"


def verify_folder(folder: Path, key: bytes | None, jobs: int, only: frozenset[str] | None = None) -> Report:
    """Return what is wrong with a results folder, a sealed version, or a copy of either.

    Args:
        folder: the folder.
        key: the public key that the centre handed out, None to check integrity alone.
        jobs: how many files are read at once.
        only: folders of samples and cases (`samples/NAME/`) whose files alone are read; None = all files. Signatures, log and manifests
            are always checked whole.

    Raises:
        UnusableError: there is no release in the folder.
    """
    report = Report()
    if any(os.path.lexists(folder / LIVE / name) for name in (MANIFEST, FILE, "versions")):
        parts = _check_results(folder, report, key)
    elif os.path.lexists(folder / MANIFEST):
        parts = [Part("", "")]
        _check_manifest(folder, parts[0], report, None, "")
        _check_key(parts[0], report, key, KEY)
        report.faults += _added(folder, parts[0])
        report.versions = 1
    else:
        raise UnusableError("holds no release: neither release/manifest.json nor manifest.json is there")
    listed_files = [(part.prefix + one.file, one) for part in parts for one in part.files or ()]
    wanted = [pair for pair in listed_files if only is None or pair[1].file.startswith(tuple(only))]
    report.files = len(wanted)
    report.faults += compare(folder, wanted, jobs)
    report.faults = sorted(dict.fromkeys(report.faults), key=lambda fault: fault.file)
    report.key = report.key or next((id_of(part.key) for part in parts if part.key), "")
    report.demo = report.demo or any(part.demo for part in parts)
    return report


def _check_results(folder: Path, report: Report, key: bytes | None) -> list[Part]:
    """Check log, live release and sealed versions of a results folder, and return the parts whose files are to be compared."""
    log = _check_log(folder, report)
    live = Part("", LIVE)
    sealed = {name: Part(f"{VERSIONS}{name}/", f"{VERSIONS}{name}/") for name in _versions(folder, report)}
    adopted, known = log.told("adopted"), log.told("sealed", "adopted")
    for name in sorted(known.keys() - sealed.keys()):
        report.faults.append(Fault(f"{VERSIONS}{name}", "is gone: the log speaks of this version"))
    for name, part in sealed.items():
        _check_manifest(folder, part, report, log, known.get(name, ""), unsigned=name in adopted)
        report.faults += _added(folder, part, unsigned=name in adopted)
        if name not in known and not log.fault:
            report.faults.append(Fault(LIVE + FILE, f"lines are gone: nothing after line {log.head['n']} speaks of version {name}"))
    _check_manifest(folder, live, report, log, log.manifest or "")
    _lean_on_last(live, sealed, report)
    _check_key(live, report, key, LIVE + KEY)
    report.faults += _added_to_live(folder, live, _of_before(sealed))
    report.unsigned, report.versions, report.lines = sorted(adopted), len(sealed), len(log.lines)
    return [*sealed.values(), live]


def _lean_on_last(live: Part, sealed: Mapping[str, Part], report: Report) -> None:
    """Where the live manifest is not to be trusted, take what the last sealed one says of samples and cases."""
    wrong = {fault.file for fault in report.faults}
    last = sealed[max(sealed, key=int)] if sealed else None
    if live.name(MANIFEST) in wrong and last and last.files and last.name(MANIFEST) not in wrong:
        others = [one for one in live.files or last.files if not one.file.startswith(SUBJECTS)]
        live.files = [one for one in last.files if one.file.startswith(SUBJECTS)] + others


def _check_log(folder: Path, report: Report) -> Log:
    """Return the log, with what is wrong with it in the report."""
    name = LIVE + FILE
    try:
        log = parse_log(read(folder, name, LONGEST))
    except UnusableError as error:
        report.faults.append(Fault(name, str(error)))
        return Log(fault=(1, str(error)))
    if log.fault:
        report.faults.append(Fault(name, f"the chain is broken: line {log.fault[0]} {log.fault[1]}"))
    elif log.torn:
        report.faults.append(
            Fault(name, f"ends in the middle: what follows line {log.head['n']} is not whole; lines were cut off or added")
        )
    elif not log.lines:
        report.faults.append(Fault(name, "is empty"))
    report.demo = bool(log.key and log.key.get("demo"))
    return log


def _versions(folder: Path, report: Report) -> list[str]:
    """Return the names of the sealed versions; what else lies beside them is in the report."""
    try:
        names = sorted(os.listdir(folder / VERSIONS))
    except OSError:
        return []
    found = []
    for name in names:
        path = folder / VERSIONS / name
        if name.isascii() and name.isdigit() and len(name) < 10 and path.is_dir() and not path.is_symlink():
            found.append(name)
        else:
            report.faults.append(Fault(f"{VERSIONS}{name}", "was added: it is no sealed version"))
    return found


def _check_manifest(folder: Path, part: Part, report: Report, log: Log | None, told: str, *, unsigned: bool = False) -> None:
    """Read the manifest of a part and check its signature; what it lists is kept in the part.

    Args:
        folder: the folder that was handed over.
        part: the live release or a sealed version.
        report: takes what is wrong.
        log: the log, None for a version that was handed over by itself.
        told: the SHA-256 of this manifest that the log speaks of, empty if it speaks of none.
        unsigned: it was sealed before releases were signed, so that the log alone vouches for it.
    """
    try:
        part.content = read(folder, part.name(MANIFEST), LONGEST)
        manifest = _json(part.content)
        part.files = listed(manifest)
    except UnusableError as error:
        report.faults.append(Fault(part.name(MANIFEST), str(error)))
        manifest = {}
    if not unsigned:
        report.faults += _signature(folder, part, manifest, log, told)
    elif part.content and told != part.digest:
        report.faults.append(Fault(part.name(MANIFEST), "was changed: it is not the manifest that the log speaks of"))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise UnusableError("was changed: this is no whole JSON") from None


def _signature(folder: Path, part: Part, manifest: Any, log: Log | None, told: str) -> Iterator[Fault]:
    """Give what is wrong with the signature of a manifest, its public key, and what the log says of it.

    Which of the three was changed follows from the other two: the key that the manifest names, and the digest that the log names.
    """
    key, signature = _read_key(folder, part), _read_signature(folder, part)
    named = manifest.get("key") if isinstance(manifest, dict) else None
    inner = read_public_key(str(named.get("public_key", ""))) if isinstance(named, dict) else None
    part.demo = isinstance(named, dict) and bool(named.get("demo"))
    keys = _may_sign(part, log) if log and log.lines else {inner}
    part.key = key if isinstance(key, bytes) and key in keys else None
    yield from (one for one in (key, signature) if isinstance(one, Fault))
    if isinstance(key, bytes) and key not in keys:
        yield Fault(part.name(KEY), f"is key {id_of(key)}, which the {'log' if log and log.lines else 'manifest'} does not name")
    if not part.content:
        return
    fits = isinstance(signature, bytes) and any(verify(part.content, signature, one) for one in keys if one)
    as_told = told == part.digest if log and told and not log.fault else None
    if isinstance(signature, bytes) and not fits and as_told is not False:
        both = "" if as_told else ", or manifest.json was changed"
        yield Fault(part.name(SIGNATURE), f"does not fit manifest.json{both}")
    if as_told is False and fits and not part.prefix:
        yield from _out_of_step(part, log)
    elif as_told is False or (not fits and as_told is None):
        yield Fault(
            part.name(MANIFEST), "was changed: " + ("it does not fit its signature" if not fits else "it is not the one in the log")
        )


def _may_sign(part: Part, log: Log) -> set[bytes | None]:
    """Return the keys that the log names for a part: the one in force for the live release, any of its time for a sealed version."""
    events = [line.event for line in log.lines if line.event["event"] == "key"]
    return {read_public_key(event["public_key"]) for event in (events if part.prefix else events[-1:])}


def _out_of_step(part: Part, log: Log | None) -> Iterator[Fault]:
    """Give why a signed live manifest is not the one that the log speaks of last: it is an older one, or the log lost its last lines."""
    if log and any(line.event.get("manifest_sha256") == part.digest for line in log.lines):
        yield Fault(part.name(MANIFEST), "is an older manifest than the one that the log speaks of last")
    elif log:
        yield Fault(LIVE + FILE, f"lines are gone: nothing after line {log.head['n']} speaks of manifest.json as it is")


def _read_key(folder: Path, part: Part) -> bytes | Fault:
    """Return the public key that lies beside a manifest."""
    try:
        content = read(folder, part.name(KEY), LONGEST_KEY).decode(errors="replace")
    except UnusableError as error:
        return Fault(part.name(KEY), str(error))
    key = read_public_key(content)
    return key if key and content == pem_of(key) else Fault(part.name(KEY), "was changed: this is no public Ed25519 key in PEM")


def _read_signature(folder: Path, part: Part) -> bytes | Fault:
    """Return the signature that lies beside a manifest; it is one line of base64 and nothing else."""
    try:
        content = read(folder, part.name(SIGNATURE), LONGEST_KEY)
    except UnusableError as error:
        return Fault(part.name(SIGNATURE), str(error))
    signature = decode_base64(content[:-1]) if content.endswith(b"\n") and len(content) == 89 else None
    return signature or Fault(part.name(SIGNATURE), "was changed: this is no signature")


def _check_key(part: Part, report: Report, key: bytes | None, name: str) -> None:
    """Compare the key that signed last with the one that the centre handed out."""
    if key is not None and part.key is not None and part.key != key:
        report.faults.append(Fault(name, f"is key {id_of(part.key)}, and not the key {id_of(key)} that was given"))
    elif key is not None and part.key is None:
        report.faults.append(Fault(name, f"it is not shown that key {id_of(key)}, which was given, signed this release"))


def _added(folder: Path, part: Part, *, unsigned: bool = False) -> Iterator[Fault]:
    """Give what lies in a sealed version and is not in its manifest."""
    expected = {one.file for one in part.files or ()} | ({MANIFEST} if unsigned else {MANIFEST, SIGNATURE, KEY})
    for name in names_below(folder / part.prefix):
        if part.files is not None and name not in expected:
            yield Fault(part.prefix + name, "was added: the manifest does not list it")


def _of_before(sealed: Mapping[str, Part]) -> dict[str, Listed]:
    """Return what the sealed versions list, each file as the newest of them has it."""
    return {one.file: one for name in sorted(sealed, key=int) for one in sealed[name].files or ()}


def _added_to_live(folder: Path, part: Part, before: Mapping[str, Listed]) -> Iterator[Fault]:
    """Give what lies in the folder of a sample or case, or directly in `release/`, and is not in the live manifest.

    A file that an earlier version lists (its sample is in no sheet any more, or it is waived now) may lie there as it was: it is compared.
    """
    if part.files is None:
        return
    expected = {one.file for one in part.files} | {LIVE + name for name in WORKING}
    for name in (*names_below(folder, "samples"), *names_below(folder, "cases"), *_files_in(folder, "release")):
        if name not in expected and name.startswith(SUBJECTS) and name in before:
            part.files.append(before[name])
        elif name not in expected:
            yield Fault(name, "was added: the manifest does not list it")


def _files_in(folder: Path, name: str) -> Iterator[str]:
    """Give the files and links in a folder, but not what lies in its working folders."""
    for entry in sorted(os.scandir(folder / name), key=lambda one: one.name):
        if not entry.is_dir(follow_symlinks=False):
            yield f"{name}/{entry.name}"
        elif entry.name not in WORKING_FOLDERS:
            yield from names_below(folder, f"{name}/{entry.name}")
