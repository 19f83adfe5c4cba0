"""What the interpretation of a whole genome costs: an invented trio's joint calls through our own rules, up to the page and its receipt.

    python -m scripts.bench.whole_case --hpo FOLDER --gene-models FILE [--records 5000000] [--directory FOLDER] [--cores N] [--table FILE]

`scripts/bench/invented_trio.py` says what is invented. No parent's reads are counted and no phase is asked.
"""

import argparse
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.bench.costs import Cost, measured, total
from scripts.bench.invented_trio import write_genome, write_rest
from scripts.setup.common import ROOT
from workflow.files import atomic

PARTS = {
    "annotation": ("bcftools_norm", "bcftools_csq", "annotate_variants"),
    "family": ("bcftools_roh", "examine_family", "whatshap_phase"),
    "ranking": ("rank_candidates", "classify_candidates"),
    "decision and page": (
        "bcftools_stats", "decide_case", "collect_report", "judge_change", "render_report", "export_case", "check_case",
    ),
}  # fmt: skip
ASKED = ("annotation", "family", "ranking")
"""What the budget of ten CPU minutes for five million records is for."""
TARGET = "results/release/receipts/cases/case1.json"
COLUMNS = ("records", "part", "rule", "cpu_s", "wall_s", "memory_mb", "commit")
Line = tuple[str, str, Cost]


def lines_of(found: Mapping[str, Cost]) -> list[Line]:
    """Return (part, rule, cost) of each rule in the order of the pipeline, and two sums."""
    lines = [(part, rule, found[rule]) for part, rules in PARTS.items() for rule in rules if rule in found]
    asked = total((cost for part, _, cost in lines if part in ASKED), "TOTAL")
    return [*lines, ("annotated and ranked", "TOTAL", asked), ("with decision and page", "TOTAL", total(found.values(), "TOTAL"))]


def write_table(file: Path, records: int, lines: Sequence[Line], commit: str) -> None:
    """Write the lines of one number of records into a table, in place of earlier ones of as many."""
    rows = [row for row in file.read_text().splitlines()[1:] if row.partition("\t")[0] != str(records)] if file.is_file() else []
    rows += [
        "\t".join((str(records), part, rule, f"{cost.cpu_s:.1f}", f"{cost.wall_s:.1f}", f"{cost.memory_mb:.0f}", commit))
        for part, rule, cost in lines
    ]
    rows.sort(key=lambda row: int(row.partition("\t")[0]))
    with atomic(file) as part:
        part.write_text("\n".join(("\t".join(COLUMNS), *rows)) + "\n")


def main() -> None:
    """Make the case if it is not there, run the rules, print what each cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--gene-models", type=Path, required=True, help="gene models of the whole of GRCh38, GFF3")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--directory", type=Path, default=ROOT / "results/bench/whole_case", help="4 GB for 5 million records")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--table", type=Path, help="table that the costs are written to, such as benchmarks/whole_case.tsv")
    options = parser.parse_args()
    folder = options.directory.resolve()
    if not (folder / "config.yaml").exists():
        write_genome(folder, options.records)
        write_rest(folder, options.hpo, options.gene_models)
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder), "--configfile", str(folder / "config.yaml")]
    command += ["--cores", str(options.cores), "--quiet", "rules", "--allowed-rules", *(rule for rules in PARTS.values() for rule in rules)]
    run = measured([*command, "--", TARGET], folder)
    lines = lines_of(run.costs)
    for part, rule, cost in lines:
        print(f"{part:24}{rule:22}{cost.cpu_s:9.1f} CPU s{cost.wall_s:9.1f} s{cost.memory_mb:9.0f} MB")
    print(f"{options.records:,} records; with Snakemake {run.cpu_s:.0f} CPU s, {run.wall_s:.0f} s; {run.peak_disk_mb:,.0f} MB of disk")
    if options.table:
        told = subprocess.run(["git", "log", "-1", "--format=%h"], cwd=ROOT, capture_output=True, text=True, check=True)
        write_table(options.table, options.records, lines, told.stdout.strip())


if __name__ == "__main__":
    main()
