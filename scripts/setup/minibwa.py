"""The command line of minibwa, compiled from the C source inside the crate `minibwa-sys`."""

import shutil
import tempfile
from pathlib import Path

from scripts.setup.common import ENVS, digest, install_once, is_cached, link_command, run, say
from workflow.tools import Tool, read_pins, real_version

CRATE = ENVS / "minibwa"
SOURCE = Path("minibwa-sys", "vendor", "minibwa")


def why_not() -> str | None:
    """Return why minibwa cannot be built here, None if it can."""
    cargo = read_pins()["cargo"]
    real = real_version(cargo)
    if real and cargo.agrees(real):
        return None
    found = f"cargo {real} is too old" if real else "there is no cargo"
    return (
        f"{found} to fetch minibwa's source: alignment falls back to bwa and the release says so; "
        f"with cargo {cargo.version} or later (Debian 12: package cargo-web) run `make env` again"
    )


def cache_name(tool: Tool) -> str:
    """Return the name of minibwa's folder in the cache."""
    return f"minibwa-{tool.version}-{digest(CRATE / 'Cargo.lock')}"


def build(part: Path) -> None:
    """Fetch the pinned crate (cargo checks its SHA-256), compile its C source without the GPL parts, keep the program in `part`."""
    say("building minibwa")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        manifest = shutil.copytree(CRATE, scratch / "crate") / "Cargo.toml"
        fetch = ["cargo", "vendor", "-q", "--locked", "--manifest-path", str(manifest), str(scratch / "vendor")]
        run(fetch, "fetching minibwa from crates.io", cwd=scratch)
        folder = scratch / "vendor" / SOURCE
        run(["make", "-s", "-C", str(folder), "mimalloc=0", "gpl=0"], "compiling minibwa")
        shutil.copy2(folder / "minibwa", part / "minibwa")
        shutil.copy2(folder / "LICENSE.txt", part / "LICENSE.txt")


def setup_minibwa(tool: Tool) -> str | None:
    """Build minibwa once for this user and link it into the environment; return a note if that cannot be done here."""
    name = cache_name(tool)
    if not is_cached(name) and (reason := why_not()):
        return reason
    link_command("minibwa", install_once(name, build) / "minibwa")
    return None
