"""What the interpretation of a whole genome costs: an invented trio's joint calls, annotated and ranked by our own rules.

    python -m scripts.bench.whole_case --hpo FOLDER --gene-models FILE [--records 5000000] [--directory FOLDER] [--cores N]

`scripts/bench/invented_trio.py` says what is invented. No parent's reads are counted and no phase is asked.
"""

import argparse
from pathlib import Path

from scripts.bench.costs import measured, total
from scripts.bench.invented_trio import write_genome, write_rest
from scripts.setup.common import ROOT

ANNOTATION = ("bcftools_norm", "bcftools_csq", "annotate_variants")
RANKING = ("bcftools_roh", "examine_family", "whatshap_phase", "rank_candidates", "classify_candidates")


def main() -> None:
    """Make the case if it is not there, run the rules, print what each cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--gene-models", type=Path, required=True, help="gene models of the whole of GRCh38, GFF3")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--directory", type=Path, default=ROOT / "results/bench/whole_case", help="4 GB for 5 million records")
    parser.add_argument("--cores", type=int, default=1)
    options = parser.parse_args()
    folder = options.directory.resolve()
    if not (folder / "config.yaml").exists():
        write_genome(folder, options.records)
        write_rest(folder, options.hpo, options.gene_models)
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder), "--configfile", str(folder / "config.yaml")]
    command += ["--cores", str(options.cores), "--quiet", "rules", "--allowed-rules", *ANNOTATION, *RANKING]
    run = measured([*command, "--", "results/cases/case1/candidates.tsv"], folder)
    for cost in [*run.costs.values(), total(run.costs.values(), "TOTAL")]:
        print(f"{cost.rule:22}{cost.cpu_s:9.1f} CPU s{cost.wall_s:9.1f} s{cost.memory_mb:9.0f} MB")
    print(f"{options.records:,} records; with Snakemake {run.cpu_s:.0f} CPU s, {run.wall_s:.0f} s; {run.peak_disk_mb:,.0f} MB of disk")


if __name__ == "__main__":
    main()
