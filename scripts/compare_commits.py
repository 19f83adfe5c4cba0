"""What a change of the workflow does to results: two commits run on the same config, their results compared.

    python -m scripts.compare_commits FROM TO --config WORK/config.yaml [--directory WORK] [--output impact] [--cores N]

Each commit is checked out beside the project for the time of its run, with the tools on PATH; one whose pins differ from them refuses to
run and says so. Results go to `<output>/trees/<commit>/` and stay there: the same commit again runs nothing. The exit status is that of
compare_releases.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.compare_releases import INPUT_ERROR
from scripts.compare_releases import main as compare_releases
from workflow.digests import ROOT
from workflow.errors import InputError


def full_commit(name: str) -> str:
    """Return the 40 digits of a commit that a name (branch, tag, digits) means in the project's repository.

    Raises:
        InputError: there is no such commit.
    """
    done = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done.returncode:
        raise InputError(f"`{name}` is neither a results tree nor a commit of this project", remedy="name two of one kind")
    return done.stdout.strip()


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Give a folder with the files of a commit; it goes away at the end."""
    with tempfile.TemporaryDirectory(prefix="genvej-commit-") as folder:
        tree = Path(folder) / "genvej"
        if error := _git("worktree", "add", "--detach", str(tree), commit).returncode:
            raise InputError(f"commit {commit[:12]} cannot be checked out (git says {error})", remedy="see `git worktree list`")
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)


def run_commit(commit: str, config: Path, work: Path, results: Path, cores: int) -> None:
    """Run the workflow of a commit to its end.

    Raises:
        InputError: the run failed; what it said is on standard error.
    """
    with checked_out(commit) as tree:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(tree / "Snakefile"), "--directory", str(work)]
        command += ["--configfile", str(config), "--config", f"results={results}", "--cores", str(cores), "--quiet", "rules"]
        if subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, check=False).returncode:
            raise InputError(f"the run of commit {commit[:12]} failed", remedy="see what it said above")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run both commits, compare; return the exit status."""
    parser = argparse.ArgumentParser(prog="compare_commits", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="FROM", help="commit of the version before")
    parser.add_argument("after", metavar="TO", help="commit of the new version")
    parser.add_argument("--config", type=Path, required=True, help="config that both run on")
    parser.add_argument("--directory", type=Path, help="working folder of the runs (default: the config's)")
    parser.add_argument("--output", type=Path, default=Path("impact"), help="folder of reports (default: impact)")
    parser.add_argument("--limits", type=Path, help="a laboratory's own limits")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    config, output = options.config.resolve(), options.output.resolve()
    work = (options.directory or config.parent).resolve()
    try:
        if not config.is_file():
            raise InputError("there is no such config", file=options.config, remedy="name it with `--config`")
        commits = [full_commit(name) for name in (options.before, options.after)]
        trees = [output / "trees" / commit[:12] for commit in commits]
        for commit, tree in zip(commits, trees, strict=True):
            run_commit(commit, config, work, tree, options.cores)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    limits = ["--limits", str(options.limits)] if options.limits else []
    return compare_releases([*map(str, trees), "--output", str(output), *limits])


if __name__ == "__main__":
    sys.exit(main())
