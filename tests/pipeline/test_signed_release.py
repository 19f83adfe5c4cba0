"""A signed release through the command lines: what a run signs, every tampering found by a plain Python, keys that are refused."""

import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.pipeline.conftest import ROOT, fresh_clone
from tests.pipeline.tiny_person import write_person
from workflow.release_log import START, batch
from workflow.signing import pem_of, public_bytes

pytestmark = pytest.mark.slow
SEEDS = range(72)


def run(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", "2", *more]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "XDG_DATA_HOME": f"{work}/data"}
    return subprocess.run(command, cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)


def make_key(path: Path) -> str:
    """Make a key as a person does, and return the line of its public half."""
    subprocess.run([sys.executable, "-m", "scripts.make_key", str(path)], cwd=ROOT, check=True, capture_output=True)
    return Path(f"{path}.pub").read_text().splitlines()[1]


def configure(work: Path, **release: object) -> None:
    config = yaml.safe_load((work / "config.yaml").read_text())
    config["release"] = config.get("release", {}) | release
    (work / "config.yaml").write_text(yaml.safe_dump({key: value for key, value in config.items() if value}))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working folder with two sealed versions: the second one has other limits."""
    work = write_person(tmp_path_factory.mktemp("signed") / "work")
    make_key(work.parent / "keys/centre.pem")
    configure(work, key="../keys/centre.pem")
    first = run(work)
    assert first.returncode == 0, first.stderr[-3000:]
    configure(work, overrides={"mean_autosome_coverage": 5})
    second = run(work)
    assert second.returncode == 0, second.stderr[-3000:]
    return work


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone as somebody has who received a release: no virtual environment beside it."""
    return fresh_clone(tmp_path_factory.mktemp("clone"))


def verify(clone: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Verify with a Python that sees no installed package."""
    command = [sys.executable, "-I", "-S", str(clone / "scripts/verify_release.py"), str(folder), *more]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, env={"LC_ALL": "C"}, timeout=120)


def copy(tree: Path, target: Path) -> Path:
    """Copy what is delivered of a results folder, by hard links: a tampering replaces the file and leaves the other name alone."""
    subprocess.run(["cp", "-al", str(tree / "results"), str(target)], check=True)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return target


# --- what is signed -----------------------------------------------------------------------------------------------------


def test_manifest_tells_what_made_each_file(tree: Path) -> None:
    manifest = json.loads((tree / "results/release/manifest.json").read_text())
    entries = {one["file"]: one for one in manifest["files"]}
    assert all(one["rule"] and one["versions"]["genvej"] and one["inputs"] is not None for one in entries.values())
    cram = entries["samples/anna/anna.cram"]
    assert (cram["rule"], "r_1.fq.gz" in cram["inputs"], "minibwa" in cram["versions"]) == ("align_reads", True, True)
    calls = entries["cases/case1/case1.vcf.gz"]
    assert "samples/anna/anna.g.vcf.gz" in calls["inputs"] or "samples/anna/anna.cram" in calls["inputs"]
    assert {"freebayes", "bcftools"} <= calls["versions"].keys()
    assert not [name for one in entries.values() for name in one["inputs"] if name.startswith("/")]


def test_second_run_keeps_the_versions_of_what_it_did_not_make(tree: Path) -> None:
    first, second = (json.loads((tree / f"results/release/versions/{number}/manifest.json").read_text()) for number in ("0001", "0002"))
    made = [{one["file"]: one["versions"]["workflow"] for one in manifest["files"]} for manifest in (first, second)]
    assert made[0]["samples/anna/anna.cram"] == made[1]["samples/anna/anna.cram"]
    assert made[0]["samples/anna/release.json"] != made[1]["samples/anna/release.json"] == second["workflow"]["workflow"]


def test_log_tells_each_decision_of_each_version(tree: Path) -> None:
    log = [json.loads(line) for line in (tree / "results/release/log.jsonl").read_text().splitlines()]
    told = [(one["event"], one.get("version"), one.get("subject"), one.get("decision")) for one in log]
    assert told == [
        ("key", None, None, None),
        ("decision", "0001", "anna", "resequence"),
        ("decision", "0001", "case1", "resequence"),
        ("sealed", "0001", None, None),
        ("decision", "0002", "anna", "resequence"),
        ("decision", "0002", "case1", "resequence"),
        ("sealed", "0002", None, None),
    ]


def test_untouched_release_holds_wherever_it_is(tree: Path, clone: Path, tmp_path: Path) -> None:
    public = f"{tree.parent}/keys/centre.pem.pub"
    shutil.copytree(tree / "results", tmp_path / "copy")
    shutil.copytree(tree / "results/release/versions/0001", tmp_path / "handed over")
    for folder in (tree / "results", tmp_path / "copy", tmp_path / "handed over"):
        for more in ((), ("--public-key", public), ("--public-key", Path(public).read_text().splitlines()[1], "--jobs", "1")):
            done = verify(clone, folder, *more)
            assert done.returncode == 0, done.stdout + done.stderr
            assert ("proves no one's identity" in done.stdout) is not bool(more)
    other = make_key(tmp_path / "other.pem")
    done = verify(clone, tmp_path / "handed over", "--public-key", other)
    assert done.returncode == 1
    assert done.stdout.startswith("manifest.json.pub: is key ")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_manifest_can_be_verified_with_openssl_alone(tree: Path, tmp_path: Path) -> None:
    release = tree / "results/release"
    (tmp_path / "signature").write_bytes(base64.b64decode((release / "manifest.json.sig").read_text()))
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(release / "manifest.json.pub")]
    subprocess.run([*command, "-sigfile", str(tmp_path / "signature"), "-in", str(release / "manifest.json")], check=True)


def test_same_command_again_does_nothing(tree: Path) -> None:
    done = run(tree)
    assert "Nothing to be done" in done.stdout + done.stderr


# --- tamperings ---------------------------------------------------------------------------------------------------------

Change = Callable[[Path, random.Random], list[str]]
LOG = "release/log.jsonl"


def replace(folder: Path, name: str, content: bytes) -> list[str]:
    """Put other bytes under a name of a copy, and leave the file that it was linked to alone."""
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_bytes(content)
    return [name]


def delivered(folder: Path) -> list[str]:
    """Return every file that is delivered or vouches for what is."""
    live = [one["file"] for one in json.loads((folder / "release/manifest.json").read_text())["files"]]
    sealed = [str(file.relative_to(folder)) for file in sorted((folder / "release/versions").rglob("*")) if file.is_file()]
    return [*live, *sealed, LOG, *(f"release/manifest.json{end}" for end in ("", ".sig", ".pub"))]


def flip(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(delivered(folder))
    content = bytearray((folder / name).read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    return replace(folder, name, bytes(content))


def truncate(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(delivered(folder))
    content = (folder / name).read_bytes()
    return replace(folder, name, content[: dice.choice([len(content) - 1, dice.randrange(len(content))])])


def append(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(delivered(folder))
    return replace(folder, name, (folder / name).read_bytes() + dice.choice([b"\n", b" ", b"\0", dice.randbytes(9)]))


def insert(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(delivered(folder))
    content = (folder / name).read_bytes()
    place = dice.randrange(len(content))
    return replace(folder, name, content[:place] + dice.randbytes(1) + content[place:])


def delete(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(delivered(folder))
    (folder / name).unlink()
    return [name]


def add(folder: Path, dice: random.Random) -> list[str]:
    place = dice.choice(
        ["samples/anna", "cases/case1", "samples", "release", "release/versions/0001", "release/versions/0002/samples/anna"]
    )
    name = f"{place}/{dice.choice(['.hidden', 'anna2.cram', 'note.txt', 'release.json.bak', 'new/deep.tsv'])}"
    (folder / name).parent.mkdir(exist_ok=True)
    return replace(folder, name, dice.randbytes(20))


def swap(folder: Path, dice: random.Random) -> list[str]:
    one, other = dice.sample([name for name in delivered(folder) if name.startswith("samples/")], 2)
    content = (folder / one).read_bytes()
    return replace(folder, one, (folder / other).read_bytes()) + replace(folder, other, content)


def link(folder: Path, dice: random.Random) -> list[str]:
    """A link to the very same bytes elsewhere: whoever is handed the folder would be handed nothing."""
    name = dice.choice(delivered(folder))
    (folder.parent / "elsewhere").write_bytes((folder / name).read_bytes())
    (folder / name).unlink()
    (folder / name).symlink_to("../" * name.count("/") + "../elsewhere")
    return [name]


def forge_entry(folder: Path, dice: random.Random) -> list[str]:
    """Another file, and a manifest that fits it, without the key."""
    place = dice.choice(["release/", "release/versions/0001/", "release/versions/0002/"])
    manifest = json.loads((folder / place / "manifest.json").read_text())
    entry = dice.choice([one for one in manifest["files"] if one["kind"] != "run"])
    content = dice.randbytes(30)
    other = replace(folder, ("" if place == "release/" else place) + entry["file"], content)
    entry |= {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    return (other if place == "release/" else []) + replace(
        folder, f"{place}manifest.json", (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    )


def strike_entry(folder: Path, dice: random.Random) -> list[str]:
    """A file that is gone, and a manifest that does not list it, without the key."""
    place = dice.choice(["release/", "release/versions/0001/"])
    manifest = json.loads((folder / place / "manifest.json").read_text())
    gone = manifest["files"].pop(dice.randrange(len(manifest["files"])))
    (folder / ("" if place == "release/" else place) / gone["file"]).unlink()
    return replace(folder, f"{place}manifest.json", (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())


def change_key(folder: Path, dice: random.Random) -> list[str]:
    place = dice.choice(["release/", "release/versions/0001/", "release/versions/0002/"])
    return replace(folder, f"{place}manifest.json.pub", pem_of(public_bytes(Ed25519PrivateKey.generate())).encode())


def change_signature(folder: Path, dice: random.Random) -> list[str]:
    place = dice.choice(["release/", "release/versions/0001/", "release/versions/0002/"])
    content = dice.choice([bytes(64), Ed25519PrivateKey.generate().sign((folder / place / "manifest.json").read_bytes())])
    return replace(folder, f"{place}manifest.json.sig", base64.b64encode(content) + b"\n")


def sign_anew(folder: Path, dice: random.Random) -> list[str]:
    """Manifest, signature and public key, all of somebody else."""
    place = dice.choice(["release/", "release/versions/0001/", "release/versions/0002/"])
    key = Ed25519PrivateKey.generate()
    content = (folder / place / "manifest.json").read_bytes().replace(b'"decision', b'"Decision', 1).replace(b"resequence", b"release")
    replace(folder, f"{place}manifest.json", content)
    replace(folder, f"{place}manifest.json.sig", base64.b64encode(key.sign(content)) + b"\n")
    return replace(folder, f"{place}manifest.json.pub", pem_of(public_bytes(key)).encode())


def log_lines(change: Callable[[list[bytes], random.Random], list[bytes]]) -> Change:
    def changed(folder: Path, dice: random.Random) -> list[str]:
        lines = (folder / LOG).read_bytes().splitlines(keepends=True)
        return replace(folder, LOG, b"".join(change(lines, dice)))

    return changed


def drop(lines: list[bytes], dice: random.Random) -> list[bytes]:
    place = dice.randrange(len(lines))
    return lines[:place] + lines[place + 1 :]


def double(lines: list[bytes], dice: random.Random) -> list[bytes]:
    place = dice.randrange(len(lines))
    return [*lines[: place + 1], *lines[place:]]


def reorder(lines: list[bytes], dice: random.Random) -> list[bytes]:
    place = dice.randrange(len(lines) - 1)
    return [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]


def cut(lines: list[bytes], dice: random.Random) -> list[bytes]:
    return lines[: dice.randrange(len(lines))]


def cut_a_batch(lines: list[bytes], dice: random.Random) -> list[bytes]:
    """All lines of the last version: the chain that is left is whole and signed."""
    return lines[:4]


def chain_anew(lines: list[bytes], dice: random.Random) -> list[bytes]:
    """Another decision, and every hash after it made anew, signed with the wrong key."""
    events = [json.loads(line) for line in lines]
    kept = [{key: one[key] for key in one if key not in {"n", "time", "previous", "hash", "signature"}} for one in events]
    kept[1]["decision"] = "release"
    key = Ed25519PrivateKey.generate()
    return [batch({"n": 0, "hash": START}, kept, "now", lambda content: base64.b64encode(key.sign(content)).decode())]


def older_manifest(folder: Path, dice: random.Random) -> list[str]:
    """The live release of the version before, whole and signed."""
    for end in ("", ".sig", ".pub"):
        replace(folder, f"release/manifest.json{end}", (folder / f"release/versions/0001/manifest.json{end}").read_bytes())
    return ["release/manifest.json"]


def lose_version(folder: Path, dice: random.Random) -> list[str]:
    name = dice.choice(["release/versions/0001", "release/versions/0002"])
    shutil.rmtree(folder / name)
    return [name]


def invent_version(folder: Path, dice: random.Random) -> list[str]:
    """A version that was never sealed: a copy of one that was."""
    shutil.copytree(folder / "release/versions/0001", folder / "release/versions/0003")
    return [LOG]


KINDS: dict[str, Change] = {
    "byte flipped": flip, "cut short": truncate, "bytes appended": append, "byte inserted": insert, "file deleted": delete,
    "file added": add, "two files swapped": swap, "link for a file": link, "file and manifest forged": forge_entry,
    "file and entry struck": strike_entry, "public key replaced": change_key, "signature replaced": change_signature,
    "signed anew": sign_anew, "log: line dropped": log_lines(drop), "log: line doubled": log_lines(double),
    "log: lines swapped": log_lines(reorder), "log: end cut": log_lines(cut), "log: last batch cut": log_lines(cut_a_batch),
    "log: chained anew": log_lines(chain_anew), "older manifest": older_manifest, "version deleted": lose_version,
    "version invented": invent_version,
}  # fmt: skip


@dataclass(frozen=True)
class Tampering:
    kind: str
    seed: int


def tamperings() -> Iterator[Tampering]:
    """Give each kind in turn; the seed chooses file and place."""
    names = list(KINDS)
    for seed in SEEDS:
        yield Tampering(names[seed % len(names)], seed)


@pytest.mark.parametrize("tampering", list(tamperings()), ids=lambda one: f"{one.seed} {one.kind}")
def test_tampering_is_found_and_named(tree: Path, clone: Path, tmp_path: Path, tampering: Tampering) -> None:
    folder = copy(tree, tmp_path / "results")
    touched = KINDS[tampering.kind](folder, random.Random(tampering.seed))
    done = verify(clone, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    named = {line.partition(": ")[0] for line in done.stdout.splitlines()}
    assert set(touched) <= named, done.stdout
    strangers = {name for name in named if "/" in name and not any(name == one or one.startswith(("release/", name)) for one in touched)}
    assert not strangers, done.stdout


def test_release_signed_anew_by_somebody_else_is_told_by_the_key_alone(tree: Path, clone: Path, tmp_path: Path) -> None:
    """Whoever may write everything can sign everything: only a key from elsewhere tells."""
    work = tmp_path / "work"
    shutil.copytree(tree, work, symlinks=True)
    release = work / "results/release"
    for folder in (release / "versions", *(release / "versions").rglob("*")):
        folder.chmod(0o755)
    shutil.rmtree(release / "versions")
    for name in ("log.jsonl", "manifest.json", "manifest.json.sig", "manifest.json.pub"):
        (release / name).unlink()
    make_key(tmp_path / "forger.pem")
    configure(work, key=str(tmp_path / "forger.pem"))
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    assert verify(clone, work / "results").returncode == 0
    caught = verify(clone, work / "results", "--public-key", f"{tree.parent}/keys/centre.pem.pub")
    assert caught.returncode == 1
    assert "release/manifest.json.pub: is key " in caught.stdout


# --- hostile folders ----------------------------------------------------------------------------------------------------


def escape(name: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        manifest = json.loads((folder / "release/manifest.json").read_text())
        manifest["files"][0]["file"] = name
        replace(folder, "release/manifest.json", json.dumps(manifest).encode())

    return change


def pipe(folder: Path) -> None:
    (folder / "samples/anna/qc.json").unlink()
    os.mkfifo(folder / "samples/anna/qc.json")


def content(name: str, text: bytes) -> Callable[[Path], object]:
    return lambda folder: replace(folder, name, text)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "absolute path": (escape("/etc/passwd"), "release/manifest.json: names a file outside of its folder ('/etc/passwd')"),
    "path upwards": (escape("samples/../../../etc/passwd"), "release/manifest.json: names a file outside of its folder"),
    "line end in a name": (escape("a\nAll 3 files are as they were signed"), "'a\\nAll 3 files are as they were signed': is gone"),
    "NUL in a name": (escape("a\0b"), "release/manifest.json: names a file outside of its folder"),
    "surrogate in a name": (escape("a\udce6"), "'a\\udce6': is gone"),
    "deep JSON": (content("release/manifest.json", b"[" * 200_000), "release/manifest.json: was changed: this is no whole JSON"),
    "no JSON": (content("release/manifest.json", b"\xff\0"), "release/manifest.json: was changed: this is no whole JSON"),
    "other JSON": (content("release/manifest.json", b'{"files": {"a": 1}}'), "release/manifest.json: is no manifest"),
    "JSON list": (content("release/manifest.json", b"[]"), "release/manifest.json: is no manifest"),
    "number for a size": (content("release/manifest.json", b'{"files": [{"file": "a", "bytes": 1e999, "sha256": "x"}]}'), "is no manifest"),
    "empty manifest": (content("release/manifest.json", b""), "release/manifest.json: was changed: this is no whole JSON"),
    "empty log": (content(LOG, b""), f"{LOG}: is empty"),
    "log of zeros": (content(LOG, bytes(100_000)), f"{LOG}: ends in the middle"),
    "log of lines": (content(LOG, b"\n" * 100_000), f"{LOG}: the chain is broken: line 1 is no line of a log"),
    "pipe for a file": (pipe, "samples/anna/qc.json: is no plain file"),
    "folder for a signature": (
        lambda folder: ((folder / "release/manifest.json.sig").unlink(), (folder / "release/manifest.json.sig").mkdir()),
        "release/manifest.json.sig: is no plain file",
    ),
    "link for a folder": (
        lambda folder: ((folder / "samples").rename(folder.parent / "away"), (folder / "samples").symlink_to(folder.parent / "away")),
        "samples/anna/anna.cram: is a symbolic link, or lies behind one",
    ),
    "link for the release": (
        lambda folder: ((folder / "release").rename(folder.parent / "away"), (folder / "release").symlink_to(folder.parent / "away")),
        "release/manifest.json: is a symbolic link, or lies behind one",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_folder_is_told_in_plain_sentences(tree: Path, clone: Path, tmp_path: Path, name: str) -> None:
    folder = copy(tree, tmp_path / "results")
    HOSTILE[name][0](folder)
    done = verify(clone, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert HOSTILE[name][1] in done.stdout
    assert not done.stderr


@pytest.mark.parametrize(
    ("make", "more", "says"),
    [
        (lambda folder: folder.mkdir(), (), "holds no release"),
        (lambda folder: None, (), "holds no release"),
        (lambda folder: folder.write_text("x"), (), "holds no release"),
        (lambda folder: folder.mkdir(), ("--public-key", "/nowhere"), "the public key that was given cannot be read"),
        (lambda folder: folder.mkdir(), ("--public-key", "/dev/null"), "the public key that was given is no Ed25519 key"),
    ],
)
def test_nothing_to_verify_is_an_error_in_one_sentence(
    clone: Path, tmp_path: Path, make: Callable[[Path], object], more: tuple[str, ...], says: str
) -> None:
    make(tmp_path / "folder")
    done = verify(clone, tmp_path / "folder", *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"error: \S+: {re.escape(says)}.*\.\n", done.stderr)


# --- keys of a run ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BadKey:
    name: str
    change: Callable[[Path], object]
    says: str


def keyed(work: Path, **release: object) -> Path:
    """Give a working folder a key of its own."""
    make_key(work / "own.pem")
    configure(work, key="own.pem", **release)
    return work / "own.pem"


def in_results(work: Path) -> None:
    shutil.copy(work.parent / "keys/centre.pem", work / "results/centre.pem")
    configure(work, key="results/centre.pem")


def break_log(work: Path) -> None:
    lines = (work / "results" / LOG).read_bytes().replace(b'"resequence"', b'"release"', 1)
    replace(work / "results", LOG, lines)


BAD_KEYS = [
    BadKey("missing", lambda work: configure(work, key="none.pem"), "none.pem: there is no such key; mend the path"),
    BadKey(
        "world-readable", lambda work: keyed(work).chmod(0o644), "own.pem: others than its owner have access to the private key (mode 0644)"
    ),
    BadKey("no key", lambda work: keyed(work).write_text("x"), "own.pem: this is no private key in PEM"),
    BadKey("of somebody else", keyed, "but earlier versions in this results folder were signed with key"),
    BadKey("of somebody else, wrong statement", lambda work: keyed(work, key_replaces="0" * 16), "were signed with key"),
    BadKey("no statement", lambda work: configure(work, key_replaces="new"), "`release.key_replaces` is 'new'; it must be the id of a key"),
    BadKey("not named any more", lambda work: configure(work, key=None), "`release.key` is not given, but earlier versions"),
    BadKey("in the results", in_results, "results/centre.pem: the private key lies in the results folder"),
    BadKey("in the project", lambda work: configure(work, key=str(ROOT / "no.pem")), "no.pem: the private key lies in Genvej's own folder"),
    BadKey("log with a broken chain", break_log, "log.jsonl, row 2: the log has a broken chain: this line was changed"),
]


@pytest.mark.parametrize("bad", BAD_KEYS, ids=lambda one: one.name)
def test_bad_key_or_log_stops_a_run_before_any_job_in_one_sentence(tree: Path, tmp_path: Path, bad: BadKey) -> None:
    work = tmp_path / "work"
    shutil.copytree(tree, work, symlinks=True)
    shutil.copytree(tree.parent / "keys", tmp_path / "keys")
    bad.change(work)
    before = {file: sha256(file.read_bytes()).hexdigest() for file in (work / "results").rglob("*") if file.is_file()}
    done = run(work)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert any(bad.says in line for line in text.splitlines()), text
    assert "Traceback" not in text
    assert {file: sha256(file.read_bytes()).hexdigest() for file in (work / "results").rglob("*") if file.is_file()} == before


def test_key_that_replaces_another_by_statement_signs_a_new_version(tree: Path, clone: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(tree, work, symlinks=True)
    before = json.loads((work / "results/release/manifest.json").read_text())["key"]["key"]
    keyed(work, key_replaces=before)
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads((work / "results/release/manifest.json").read_text())["version"] == "0003"
    for folder, key in (("results", "own.pem"), ("results/release/versions/0003", "own.pem"), ("results/release/versions/0001", "")):
        public = work / f"{key}.pub" if key else tree.parent / "keys/centre.pem.pub"
        assert verify(clone, work / folder, "--public-key", str(public)).returncode == 0
    assert "Nothing to be done" in run(work).stderr
