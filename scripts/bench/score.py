"""How many variants a chain found, missed and made up, against a truth set, by haplotypes and genotypes (aardvark)."""

import csv
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

KINDS = {"Snv": "SNV", "JointIndel": "INDEL"}


@dataclass(frozen=True)
class Score:
    """Counts of one sample and kind at genotype level, PASS records only, inside the truth BED."""

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
    with tempfile.TemporaryDirectory() as scratch:
        query = f"{scratch}/query.vcf.gz"
        view = ["bcftools", "view", "-s", sample, "-f", "PASS,.", "-i", 'GT="alt"', str(calls)]
        passed = subprocess.run(view, check=True, capture_output=True).stdout
        norm = ["bcftools", "norm", "-m", "+any", "-f", str(fasta), "-Oz", "-o", query]
        subprocess.run(norm, input=passed, check=True, capture_output=True)
        subprocess.run(["bcftools", "index", "-t", query], check=True)
        compare = ["aardvark", "compare", "-r", str(fasta), "-t", str(truth), "-q", query, "-b", str(bed), "-o", f"{scratch}/out"]
        subprocess.run(compare, check=True, capture_output=True)
        with open(f"{scratch}/out/summary.tsv", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t"))
    return [_score(row, sample) for row in rows if row["variant_type"] in KINDS and _is_whole(row)]


def _is_whole(row: dict[str, str]) -> bool:
    return (row["comparison"], row["filter"], row["region_label"]) == ("GT", "ALL", "ALL")


def _score(row: dict[str, str], sample: str) -> Score:
    return Score(sample, KINDS[row["variant_type"]], int(row["truth_tp"]), int(row["query_fp"]), int(row["truth_fn"]))
