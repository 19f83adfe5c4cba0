"""Keys and signatures of people: through the command lines that they type, and what is refused."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from scripts import make_key, sign_decision
from workflow.digests import ROOT
from workflow.ed25519 import verify
from workflow.errors import InputError
from workflow.signing import Person, load_private_key, load_public_key, public_bytes, read_people, read_signature, signer_of

HEADER = "name\trole\tpublic_key\n"


def made(path: Path) -> Path:
    assert make_key.main([str(path)]) == 0
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return made(tmp_path / "keys" / "kim.pem")


def test_make_key_is_for_its_owner_alone(key: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert [file.name for file in sorted(key.parent.iterdir())] == ["kim.pem", "kim.pem.pub"]
    assert public_bytes(load_private_key(key)) == load_public_key(f"{key}.pub")


def test_make_key_writes_over_nothing_and_not_into_the_project(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = key.read_bytes()
    assert make_key.main([str(key)]) == 2
    assert key.read_bytes() == before
    assert make_key.main([str(ROOT / "key.pem")]) == 2
    assert not (ROOT / "key.pem").exists()
    assert [line.split(": ")[2].split(";")[0] for line in capsys.readouterr().err.splitlines()] == [
        "there is a file already, and a key is never written over",
        "a private key must not lie in Genvej's own folder",
    ]


def test_sign_decision_signs_the_bytes_of_the_file(key: Path, tmp_path: Path) -> None:
    file = tmp_path / "waiver.yaml"
    file.write_text("kind: waiver\n")
    assert sign_decision.main([str(file), "--key", str(key)]) == 0
    assert verify(file.read_bytes(), read_signature(tmp_path / "waiver.yaml.sig"), load_public_key(f"{key}.pub"))


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_keys_and_signatures_are_those_of_openssl(tmp_path: Path) -> None:
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub")
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "file").write_bytes(b"decision")
    assert sign_decision.main([str(tmp_path / "file"), "--key", str(tmp_path / "key.pem")]) == 0
    (tmp_path / "file.bin").write_bytes(read_signature(tmp_path / "file.sig"))
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pub", "-sigfile", "file.bin", "-in", "file")
    assert verify(b"decision", (tmp_path / "file.bin").read_bytes(), load_public_key(tmp_path / "key.pub"))


def write_other_key(path: Path, kind: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else ed25519.Ed25519PrivateKey.generate()
    lock = BestAvailableEncryption(b"word") if kind == "locked" else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    path.chmod(0o600)


def break_key(path: Path, how: str) -> None:
    if how == "missing":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how.isdigit():
        path.chmod(int(how, 8))
    elif how == "public":
        path.write_bytes(Path(f"{path}.pub").read_bytes())
    elif how == "empty":
        path.write_bytes(b"")
    else:
        write_other_key(path, how)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "there is no such key"),
        ("folder", "the private key cannot be read (Is a directory)"),
        ("0644", "others than its owner have access to the private key (mode 0644)"),
        ("0640", "(mode 0640)"),
        ("0602", "(mode 0602)"),
        ("public", "this is no private key in PEM"),
        ("empty", "this is no private key in PEM"),
        ("ec", "the private key is not an Ed25519 key"),
        ("locked", "the private key has a passphrase"),
    ],
)
def test_sign_decision_refuses_a_key_in_one_sentence(
    key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, says: str
) -> None:
    (tmp_path / "file").write_text("x")
    break_key(key, how)
    assert sign_decision.main([str(tmp_path / "file"), "--key", str(key)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {key}: ")
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "file.sig").exists()


def table(folder: Path, rows: str) -> Path:
    (folder / "people.tsv").write_text(HEADER + rows)
    return folder / "people.tsv"


def test_read_people_takes_lines_and_files(key: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "keys" / "ola.pem")
    line = Path(f"{other}.pub").read_text().splitlines()[1]
    people = read_people(table(tmp_path, f"Kim\tquality manager\tkeys/kim.pem.pub\nOla\tgeneticist\t{line}\n"))
    assert people == {
        "Kim": Person("Kim", "quality manager", load_public_key(f"{key}.pub")),
        "Ola": Person("Ola", "geneticist", load_public_key(f"{other}.pub")),
    }


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("Kim\trole\tnowhere.pub\n", "row 2: `public_key` is no public Ed25519 key and no file with one"),
        ("Kim\trole\tkeys/kim.pem\n", "row 2: `public_key` is no public Ed25519 key"),
        ("Kim\trole\tkeys/kim.pem.pub\nKim\trole\tkeys/ola.pem.pub\n", "row 3: Kim is there twice"),
        ("Kim\trole\tkeys/kim.pem.pub\nOla\trole\tkeys/kim.pem.pub\n", "row 3: this is the key of row 2 too"),
        ("Kim\t\tkeys/kim.pem.pub\n", "row 2: `role` is empty"),
        ("", "there is no row below the header"),
    ],
)
def test_read_people_refuses(key: Path, tmp_path: Path, rows: str, says: str) -> None:
    made(tmp_path / "keys" / "ola.pem")
    with pytest.raises(InputError) as caught:
        read_people(table(tmp_path, rows))
    assert says in str(caught.value)


def test_signer_of_names_who_signed_the_file_as_it_is(key: Path, tmp_path: Path) -> None:
    made(tmp_path / "keys" / "ola.pem")
    people = read_people(table(tmp_path, "Ola\trole\tkeys/ola.pem.pub\nKim\trole\tkeys/kim.pem.pub\n"))
    file = tmp_path / "waiver.yaml"
    file.write_text("kind: waiver\n")
    with pytest.raises(InputError, match="there is no signature"):
        signer_of(file, people)
    sign_decision.main([str(file), "--key", str(key)])
    assert signer_of(file, people).name == "Kim"
    file.write_text("kind: override\n")
    with pytest.raises(InputError, match="the signature is of nobody in"):
        signer_of(file, people)
    (tmp_path / "waiver.yaml.sig").write_text("signed: yes\n")
    with pytest.raises(InputError, match="this is no signature"):
        signer_of(file, people)
