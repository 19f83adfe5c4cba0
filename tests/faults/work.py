"""A working folder in which a run is disturbed: the command line that users type, with a doctored `bash` before the real one.

Snakemake starts each job through the `bash` that PATH names first. Ours runs an action when the job of one rule begins, once, and is
the real one for everything else. So a fault strikes where it is meant to, and the workflow itself knows nothing of it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.content import content, sealed
from tests.faults.family import write_family

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds until a run is taken to hang
BASH = r"""#!/bin/bash
shopt -s extglob
if [ -n "${FAULT_RULE-}" ] && [ "${1-}" = -c ] && [[ "$2" == *"bounded.py "+([0-9])" "?(\')"$FAULT_RULE "* ]]; then
    if [ -z "${GENVEJ_BOUNDED-}" ]; then
        [ -z "${FAULT_SECONDS-}" ] || set -- -c "${2/bounded.py +([0-9])/bounded.py $FAULT_SECONDS}"
    elif [ ! -e "$FAULT_DIR/struck" ]; then
        echo $$ > "$FAULT_DIR/struck"
        . "$FAULT_DIR/action"
    fi
fi
exec /bin/bash "$@"
"""
TOOL = r"""#!/bin/bash
real=$(PATH="${PATH#*/fault/bin:}" command -v {name})
if [ "${FAULT_TOOL-}" != {name} ] || [[ " $* " != *"${FAULT_CALL-}"* ]]; then exec "$real" "$@"; fi
. "$FAULT_DIR/doctored"
"""
TOOLS = ("samtools", "gatk", "bcftools", "mosdepth", "fastp", "tabix", "minibwa", "multiqc", "bgzip", "whatshap")

Strike = Callable[["Work", subprocess.Popen[str]], None]


@dataclass
class Run:
    """What became of one call: exit status (None = it had to be killed), what it said, whether the fault struck."""

    status: int | None
    said: str
    struck: bool


@dataclass
class Work:
    """A working folder with the invented family; `settings` are added to the environment of every run."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    mounted: list[Path] = field(default_factory=list)

    @property
    def results(self) -> Path:
        """The results folder."""
        return self.folder / "results"

    @property
    def fault(self) -> Path:
        """The folder of the doctored programs and of what they note."""
        return self.folder / "fault"

    def command(self, *more: str) -> list[str]:
        """Return the command line that users type."""
        start = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder)]
        return [*start, "--configfile", str(self.folder / "config.yaml"), "--cores", "1", *more]

    def start(self, rule: str = "", action: str = "", *more: str, **settings: str) -> subprocess.Popen[str]:
        """Start a run; `action` (bash) is done when the first job of `rule` begins."""
        (self.fault / "struck").unlink(missing_ok=True)
        (self.fault / "action").write_text(action + "\n")
        ours = {"FAULT_RULE": rule, "FAULT_DIR": str(self.fault), "FAULT_RESULTS": str(self.results), **self.settings, **settings}
        paths = [str(self.fault / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {**os.environ, **ours, "PATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        with open(self.fault / "said", "a") as said:
            return subprocess.Popen(
                self.command(*more),
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
                text=True,
            )

    def run(
        self,
        rule: str = "",
        action: str = "",
        *more: str,
        strike: Callable[["Work", subprocess.Popen[str]], None] | None = None,
        **settings: str,
    ) -> Run:
        """Run to the end; `strike` is called when the job of `rule` has begun."""
        before = (self.fault / "said").stat().st_size
        process = self.start(rule, action, *more, **settings)
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if strike and (self.fault / "struck").exists():
                strike(self, process)
                strike = None
            time.sleep(0.02)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with open(self.fault / "said") as said:
            said.seek(before)
            return Run(None if time.monotonic() >= deadline else process.returncode, said.read(), (self.fault / "struck").exists())

    def content(self) -> dict[str, str]:
        """Return what the results hold, by content."""
        return content(self.results, self.folder / "reference" / "reference.fa")

    def sealed(self) -> dict[str, str]:
        """Return the sealed files and their digests."""
        return sealed(self.results)

    def verified(self) -> tuple[bool, str]:
        """Return whether the delivered folder is as it was signed, and what the verifier said."""
        command = [sys.executable, "scripts/verify_release.py", str(self.results)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def forget_results(self) -> None:
        """Remove all results but the sealed versions and the centre's store, as if a new order had come for the same folder."""
        for path in self.results.iterdir():
            if path.name == "cohort":
                continue
            if path.name == "release":
                for inner in path.iterdir():
                    if inner.name not in {"versions", "log.jsonl"}:
                        shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
            elif path.name != "lost+found":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        reference = self.folder / "reference"
        for index in [] if reference.is_symlink() else reference.iterdir():
            if index.suffix not in {".fa", ".fai"}:
                index.unlink()
        shutil.rmtree(self.folder / ".snakemake", ignore_errors=True)

    def mount(self, place: Path, size: str) -> bool:
        """Put a small disk in memory on a folder, what it holds copied; return False where that is not allowed."""
        aside = place.with_name(f"{place.name}.aside")
        place.mkdir(exist_ok=True)
        shutil.copytree(place, aside, symlinks=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True).returncode:
            remove(aside)
            return False
        self.mounted.append(place)
        shutil.copytree(aside, place, dirs_exist_ok=True)
        remove(aside)
        return True

    def close(self) -> None:
        """Take the disks off again and remove the folder."""
        for place in self.mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)
        remove(self.folder)


def remove(folder: Path) -> None:
    """Remove a folder, read-only folders in it too."""
    for inner, _, _ in os.walk(folder):
        os.chmod(inner, 0o755)
    shutil.rmtree(folder)


def prepare(folder: Path) -> Work:
    """Write the family's folder and let it run undisturbed: the first sealed version, and what all later results are compared with."""
    work = Work(write_family(folder))
    doctor(work)
    done = work.run()
    if done.status != 0:
        raise RuntimeError(f"the undisturbed run failed: {done.said[-3000:]}")
    return work


def doctor(work: Work) -> None:
    """Write the doctored programs."""
    (work.fault / "bin").mkdir(parents=True)
    (work.fault / "said").touch()
    for name, text in {"bash": BASH, **{tool: TOOL.replace("{name}", tool) for tool in TOOLS}}.items():
        program = work.fault / "bin" / name
        program.write_text(text)
        program.chmod(0o755)


@contextmanager
def copy_of(base: Work, folder: Path, own_reference: bool = False) -> Iterator[Work]:
    """Give a folder like `base` after its release, without results other than the sealed ones; the reference is shared unless said."""
    shutil.copytree(base.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("reference", ".snakemake", "said"))
    if own_reference:
        (folder / "reference").mkdir()
        for name in ("reference.fa", "reference.fa.fai"):
            shutil.copy2(base.folder / "reference" / name, folder / "reference")
    else:
        (folder / "reference").symlink_to(base.folder / "reference")
    work = Work(folder)
    (work.fault / "said").touch()
    work.forget_results()
    try:
        yield work
    finally:
        work.close()
