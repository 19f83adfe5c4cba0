"""The truth sets of a config: looked at before the first job of a run, and what is odd about their scores told at its end."""

import sys

from workflow.bases import Bases
from workflow.files import read_json
from workflow.settings import Settings
from workflow.sources import check_there
from workflow.stratifications import read_stratifications
from workflow.truth_sets import check_truth, confident_regions, find_column


def check_truths(settings: Settings, fasta: str) -> None:
    """Refuse a truth set that could not be scored: missing, of another assembly, or with nothing to find.

    Args:
        settings: `truth` and `validation`.
        fasta: the reference, indexed.

    Raises:
        InputError: naming the file.
    """
    bases = Bases(fasta)
    for sample, truth in settings.truth.items():
        check_there(truth.vcf, f"truth.{sample}.vcf", settings.file)
        check_there(truth.bed, f"truth.{sample}.bed", settings.file)
        confident = confident_regions(truth.bed, settings.regions, bases.lengths, f"`truth.{sample}.bed`")
        column = find_column(truth.vcf, truth.sample, confident, f"`truth.{sample}.sample`")
        check_truth(column, confident, bases)
    if settings.validation.stratifications:
        read_stratifications(settings.validation.stratifications, bases.lengths)


def tell_findings(settings: Settings) -> None:
    """Tell on standard error where scores have been made, and what is odd about them; nothing if there are none."""
    scores = {sample: settings.results / "validation" / sample / "score.json" for sample in settings.truth}
    made = {sample: read_json(file) for sample, file in scores.items() if file.is_file()}
    for sample, score in made.items():
        for finding in score["findings"]:
            print(f"genvej: WARNING: validation of {sample}: {finding}", file=sys.stderr)
    if made:
        print(f"genvej: accuracy against truth sets: {settings.results / 'validation' / 'index.html'}", file=sys.stderr)
