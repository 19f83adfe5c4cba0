"""How many variants a chain found, missed and made up against a truth set, as scripts/score_calls.py counts them."""

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.setup.common import ROOT

WANTED = {"call_set": "PASS", "level": "genotype", "stratum": "all", "zygosity": "all"}
KINDS = ("SNV", "INDEL")


@dataclass(frozen=True)
class Score:
    """Counts of one sample and kind (SNV, INDEL) at genotype level, PASS records only, inside the truth BED."""

    sample: str
    kind: str
    truth_tp: int
    query_fp: int
    truth_fn: int

    @property
    def f1(self) -> float:
        """Return 2 TP / (2 TP + FP + FN)."""
        return 2 * self.truth_tp / max(1, 2 * self.truth_tp + self.query_fp + self.truth_fn)


def can_score() -> bool:
    """Tell whether the scorer is on PATH."""
    return shutil.which("aardvark") is not None


def score(fasta: Path, truth: Path, bed: Path, calls: Path, sample: str) -> list[Score]:
    """Return the counts of SNVs and of indels of one sample."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.score_calls", "--reference", str(fasta), "--truth", str(truth), "--bed", str(bed)]
        command += ["--calls", str(calls), "--sample", sample, "--output", folder]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with open(Path(folder) / "summary.tsv", newline="", encoding="utf-8") as handle:
            return scores_of(csv.DictReader(handle, delimiter="\t"), sample)


def scores_of(rows: Iterable[dict[str, str]], sample: str) -> list[Score]:
    """Return the counts over all strata from the lines of a summary.tsv."""
    return [
        Score(sample, row["variant_type"], int(row["truth_tp"]), int(row["query_fp"]), int(row["truth_fn"]))
        for row in rows
        if WANTED.items() <= row.items() and row["variant_type"] in KINDS
    ]
