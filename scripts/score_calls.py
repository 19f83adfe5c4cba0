"""Score calls against a truth set: any VCF of one person, made by any workflow.

    python -m scripts.score_calls --reference FASTA --truth VCF --bed BED --calls VCF --output DIR

Writes DIR/summary.tsv, curve.tsv, variants.tsv.gz and score.json (config/README.md explains the columns). Score joint calls as the caller
wrote them: splitting records with several alternative alleles lowers the score.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workflow.bases import Bases
from workflow.errors import InputError
from workflow.regions import check_bed
from workflow.scorer_tool import check_scorer
from workflow.scoring import CALL_SETS, SCORERS, collect, prepare, read_confident, tabulate
from workflow.strata import Source, depth_strata, reference_strata
from workflow.stratifications import check_beginning, read_stratifications, user_strata
from workflow.truth_sets import check_truth, confident_regions, find_column


def score(options: argparse.Namespace) -> list[str]:
    """Check everything, run the scorer on each call set and write the tables; return what a person must be told.

    Raises:
        InputError: in one sentence, what is wrong where.
    """
    bases = Bases(options.reference)
    if options.regions:
        check_bed(options.regions, bases.lengths, "--regions", "leave it out to measure everywhere")
    confident = confident_regions(options.bed, options.regions, bases.lengths, "--bed")
    truth = find_column(options.truth, options.truth_sample, confident, "--truth-sample")
    calls = find_column(options.calls, options.sample, confident, "--sample")
    check_truth(truth, confident, bases)
    if options.stratifications:
        read_stratifications(options.stratifications, bases.lengths)
    if options.depth_bins:
        check_beginning(options.depth_bins, bases.lengths)
    check_scorer(options.scorer)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".scoring-", dir=options.output) as name:
        prepared = Path(name)
        prepare(prepared, truth, calls, confident, bases.lengths)
        outputs = {call_set: run_scorer(options, prepared, call_set) for call_set in CALL_SETS}
        alleles = collect(prepared, outputs, options.scorer)
        about = {"sample": calls.name, "scorer": options.scorer, "version": SCORERS[options.scorer].version(outputs["PASS"])}
        return tabulate(alleles, prepared, sources(options, prepared), options.output, **about)


def run_scorer(options: argparse.Namespace, prepared: Path, call_set: str) -> Path:
    """Compare one call set with the truth; return the folder that the scorer wrote."""
    out = prepared / f"scored_{call_set}"
    files = (prepared / "truth.vcf.gz", prepared / f"{call_set}.vcf.gz", prepared / "confident.bed")
    reference = in_own_format(options.reference, prepared) if options.scorer == "vcfeval" else options.reference
    run(SCORERS[options.scorer].command(reference, *files, out, options.threads), options.calls)
    return out


def in_own_format(fasta: Path, folder: Path) -> Path:
    """Return the reference in RTG's own format, made if it is not there yet."""
    sdf = folder / "reference.sdf"
    if not sdf.exists():
        run(["rtg", "format", "--output", str(sdf), str(fasta)], fasta)
    return sdf


def run(command: list[str], file: Path) -> None:
    """Run a step of the scorer.

    Raises:
        InputError: it failed; the sentence ends in what it said last.
    """
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = " ".join(done.stdout.split()[-60:]).rstrip(".")
        raise InputError(f"{' '.join(command[:2])} ended with status {done.returncode}: {last}", file=file)


def sources(options: argparse.Namespace, prepared: Path) -> Iterator[Source]:
    """Give the strata that are asked for."""
    yield reference_strata(options.reference, read_confident(prepared))
    if options.depth_bins:
        yield depth_strata(options.depth_bins)
    if options.stratifications:
        yield user_strata(options.stratifications, Bases(options.reference).lengths)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.score_calls", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, text in {
        "--reference": "FASTA with index",
        "--truth": "true calls",
        "--bed": "where the truth is complete",
        "--calls": "calls",
    }.items():
        parser.add_argument(name, type=Path, required=True, help=text)
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--sample", help="column of the calls (default: the only one)")
    parser.add_argument("--truth-sample", help="column of the truth (default: the only one)")
    parser.add_argument("--regions", type=Path, help="BED of where calls are owed; accuracy is measured inside it only")
    parser.add_argument("--stratifications", type=Path, help="table of BED files in GIAB's format: name, tab, path")
    parser.add_argument("--depth-bins", type=Path, help="BED of depth bins, as rule mosdepth_depth_bins writes it")
    parser.add_argument("--scorer", choices=sorted(SCORERS), default="aardvark")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Score, tell what was found and what is odd; return the exit status."""
    options = parse(arguments)
    try:
        findings = score(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for finding in findings:
        print(f"WARNING: {finding}", file=sys.stderr)
    print(f"tables are in {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
