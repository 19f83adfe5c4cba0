"""What the steps of `make env` share: the cache of installed tools, installing once, running a command quietly."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from workflow.files import atomic
from workflow.panel_places import cache_root as cache_root

ROOT = Path(__file__).resolve().parents[2]
ENVS = ROOT / "envs"
BIN = ROOT / ".venv" / "bin"


class SetupError(Exception):
    """A step of the set-up that failed, told in one sentence."""


def say(text: str) -> None:
    """Tell the person one line about what is happening."""
    print(f"make env: {text}", flush=True)


def run(command: Sequence[str], doing: str, *, cwd: Path | None = None) -> str:
    """Run a command and return what it printed.

    Raises:
        SetupError: it failed; the sentence says what was being done and ends in the last lines the command printed.
    """
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        tail = "\n".join(text.strip().splitlines()[-15:])
        raise SetupError(f"{doing} failed: {' '.join(command)} ended with status {done.returncode}\n{tail}")
    return text


def digest(*files: Path) -> str:
    """Return 8 hexadecimal digits of the SHA-256 over the bytes of some files."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes() + b"\0")
    return whole.hexdigest()[:8]


def is_cached(name: str) -> bool:
    """Tell whether the folder `name` of the cache is there (it is whole if it is)."""
    return (cache_root() / name).is_dir()


def install_once(name: str, build: Callable[[Path], None]) -> Path:
    """Return the folder `name` of the cache; if it is not there, `build` fills a temporary folder that is then moved into place.

    So a folder in the cache is always whole, and two set-ups at the same time do no harm.
    """
    home = cache_root() / name
    if home.is_dir():
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=home.parent))
    try:
        build(part)
        part.chmod(0o755)
        if not home.is_dir():
            part.rename(home)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return home


def write_command(name: str, text: str) -> None:
    """Put a shell script on the PATH of the activated environment, untouched if it is already the same."""
    file = BIN / name
    if file.is_file() and not file.is_symlink() and file.read_text(encoding="utf-8", errors="replace") == text:
        return
    with atomic(file) as part:
        part.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def link_command(name: str, program: Path) -> None:
    """Link a program into the PATH of the activated environment."""
    link = BIN / name
    if link.is_symlink() and link.readlink() == program:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(program)
