"""The second half of `make env`: every tool that is not a Python package of the workflow, at its pinned release.

    .venv/bin/python -m scripts.setup.tools [--tests] [--validation]

Does only what is missing: it asks each tool for its version first. With `--validation` only the scorer of the target `validation` is built.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from scripts.setup import aardvark, gatk, minibwa
from scripts.setup.common import BIN, SetupError, is_cached, say
from scripts.setup.debian import setup_debian
from scripts.setup.separate import setup_separate
from scripts.setup.sites import setup_sites
from workflow.tools import complaint, on_debian, read_pins, real_version, real_versions

SEPARATE = ("multiqc", "whatshap")


def builders() -> list[str]:
    """Return the names of the tools that are needed only to build what the cache does not hold yet."""
    pins = read_pins()
    names = [] if is_cached(gatk.cache_name(pins["gatk"])) else ["mvn"]
    if not is_cached(minibwa.cache_name(pins["minibwa"])) and minibwa.why_not() is None:
        names.append("gcc")
    return names


def unfit(names: list[str]) -> dict[str, str]:
    """Return what is wrong with each tool that is absent or of another release."""
    pins = read_pins()
    real = real_versions(names)
    return {name: text for name in names if (text := complaint(pins[name], real[name]))}


def build(wrong: dict[str, str]) -> list[str]:
    """Install, all at the same time, what no package of Debian brings; return notes on what could not be done."""
    with ThreadPoolExecutor() as pool:
        steps = [pool.submit(step, wrong) for step in (build_minibwa, build_gatk, build_separate, build_panel)]
    return [note for step in steps if (note := step.result())]


def build_minibwa(wrong: dict[str, str]) -> str | None:
    """Build minibwa; return why not if that cannot be done here."""
    if "gcc" in wrong:
        return "there is no C compiler to build minibwa: alignment falls back to bwa and the release says so"
    return minibwa.setup_minibwa(read_pins()["minibwa"])


def build_gatk(wrong: dict[str, str]) -> str | None:
    """Install GATK; return why not if that cannot be done here."""
    java = real_version(read_pins()["java"])
    if java is None or "mvn" in wrong:
        return f"GATK needs {'Java' if java is None else 'Maven'}, which is not here"
    gatk.setup_gatk(read_pins()["gatk"], java)
    return None


def build_separate(_wrong: dict[str, str]) -> None:
    """Install the Python tools that have an environment of their own."""
    for name in SEPARATE:
        setup_separate(read_pins()[name])


def build_panel(_wrong: dict[str, str]) -> str | None:
    """Prepare the panel of common variants; return why not if that cannot be done here."""
    return setup_sites()


def needed(tests: bool) -> list[str]:
    """Return the names of the tools that should be here in the end."""
    parts = {"run", "test"} if tests else {"run"}
    return [tool.name for tool in read_pins().values() if tool.part in parts]


def setup(tests: bool) -> int:
    """Install what is missing and tell the person; return the exit status, 1 if a pinned tool is still missing on Debian."""
    wanted = needed(tests)
    wrong = unfit([*wanted, *builders()])
    notes = []
    if on_debian() and any(_packages(name) for name in wrong):
        notes.append(setup_debian(read_pins()[name] for name in wrong))
        wrong = unfit(list(wrong))
    notes += build(wrong)
    wrong = unfit(list(wrong.keys() & set(wanted)))
    fallback = wrong.pop("minibwa", None)
    for note in filter(None, notes):
        say(note)
    if wrong:
        say(f"{' and '.join(wrong.values())}; the workflow runs here with `--sdm conda`, which brings the pinned tools")
    else:
        say("ready" + (" without minibwa" if fallback else "") + "; `. .venv/bin/activate` puts snakemake and the tools on PATH")
    return int(bool(wrong) and on_debian())


def _packages(name: str) -> tuple[str, ...]:
    """Return the Debian packages that bring a tool."""
    return read_pins()[name].debian


def build_scorer(*, must: bool) -> None:
    """Build the scorer of the target `validation`.

    Raises:
        SetupError: it cannot be built here, and it `must` be; else that is told.
    """
    try:
        aardvark.setup_aardvark(read_pins()["aardvark"])
    except SetupError as error:
        if must:
            raise
        say(f"{error}; the tests of validation will fail")


def main(arguments: list[str]) -> int:
    """Run the set-up with the environment's own commands first on PATH; failures become one message."""
    os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
    tests, validation = "--tests" in arguments, "--validation" in arguments
    try:
        if tests or validation:
            build_scorer(must=validation)
        return 0 if validation else setup(tests=tests)
    except (SetupError, OSError) as error:
        print(f"make env: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
