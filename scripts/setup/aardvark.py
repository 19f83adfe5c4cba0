"""aardvark, the scorer of the target `validation`, compiled from crates.io when it is first needed."""

import os
import shutil
from pathlib import Path

from scripts.setup import debian
from scripts.setup.common import BIN, ENVS, SetupError, digest, install_once, is_cached, link_command, run, say
from workflow.files import sha256_of
from workflow.tools import Tool, on_debian, read_pins, real_version

SUM = ENVS / "aardvark.sha256"
LEAST_CARGO = (1, 88)  # of the crates that aardvark 1.1.0 is built from; newer than minibwa's source needs


def cache_name(tool: Tool) -> str:
    """Return the name of aardvark's folder in the cache."""
    return f"aardvark-{tool.version}-{digest(SUM)}"


def check_builders() -> None:
    """Refuse to build without cargo and a linker.

    Raises:
        SetupError: naming what is missing and how to get it.
    """
    real = real_version(read_pins()["cargo"])
    least = ".".join(map(str, LEAST_CARGO))
    if real is None or tuple(map(int, real.split(".")[:2])) < LEAST_CARGO:
        found = f"cargo {real} is too old" if real else "there is no cargo"
        raise SetupError(f"{found} to build aardvark: install cargo {least} or later (Debian 12: package cargo-web)")
    if shutil.which("cc") is None and on_debian() and (note := debian.install(list(read_pins()["gcc"].debian))):
        raise SetupError(note)
    if shutil.which("cc") is None:
        raise SetupError("there is no C compiler to link aardvark: install gcc")


def build(tool: Tool, part: Path) -> None:
    """Compile the pinned crate, and its dependencies at the bytes that its own lock file pins, into `part`/bin.

    Raises:
        SetupError: cargo failed, or the crate has other bytes than pinned.
    """
    command = ["cargo", "install", "--quiet", "--locked", "--root", str(part), "--version", f"={tool.version}", "aardvark-bio"]
    run(command, "building aardvark from crates.io")
    wanted, name = SUM.read_text(encoding="ascii").split()
    crates = list(Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo").glob(f"registry/cache/*/{name}"))
    if wanted not in {sha256_of(crate) for crate in crates}:
        raise SetupError(f"{name} from crates.io has other bytes than {SUM.name} pins")


def setup_aardvark(tool: Tool) -> None:
    """Build aardvark once for this user and link it into the environment.

    Raises:
        SetupError: it cannot be built here.
    """
    name = cache_name(tool)
    if not BIN.is_dir():
        raise SetupError("there is no environment to put aardvark into: run `make env` first")
    if not is_cached(name):
        check_builders()
        say(f"building aardvark {tool.version}, which takes some minutes, once for this user")
    link_command("aardvark", install_once(name, lambda part: build(tool, part)) / "bin" / "aardvark")
