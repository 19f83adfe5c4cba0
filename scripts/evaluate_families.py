"""Families with known truth through the whole pipeline: which model of inheritance is said of each variant.

    python -m scripts.evaluate_families --directory WORK [--giab FOLDER] [--only SETS] [--cores N]

Sets: `simulated` (an autosomal trio), `boy` (the X chromosome of a boy and his parents, simulated), `real` (NA12878 and her parents,
GIAB reads over 10 kb of chromosome 20, with variants written in, and once as they are) and `realboy` (a boy made of the fragments that
NA12878 has from her mother, and that mother, on the same bases as a stretch of X). Genes are artificial in all of them.
Writes `families.tsv` (truth and what was found) and returns 1 if anything differs.
"""

import argparse
import csv
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.reference import lengths
from workflow.trial_family import AUTOSOMAL, ROLES, X_LINKED
from workflow.trial_reads import natural_sites, place, simulate, simulated_genes
from workflow.trial_real import real_boy, real_trio
from workflow.trial_run import Row, rows_of, run, write_case

X_START, X_LENGTH = 50_000_000, 4_000


def simulated(work: Path, cores: int, *, boy: bool = False) -> list[Row]:
    """Simulate a trio and run it; the boy's family over a stretch of X alone."""
    scenarios = X_LINKED if boy else AUTOSOMAL
    dice = random.Random(11)
    contig, start = ("chrX", X_START) if boy else ("trial", 0)
    genes = simulated_genes(scenarios, start)
    size = X_LENGTH if boy else max(last for _, last in genes.values()) + 700
    sequence = "".join(dice.choices("ACGT", k=size))
    total = lengths("GRCh38")["X"] if boy else size
    rest = "" if boy else f">chrM\n{''.join(dice.choices('ACGT', k=lengths('GRCh38')['MT']))}\n"  # by which the assembly is known
    (work / "reference.fa").write_text(f">{contig}\n{'N' * start}{sequence}{'N' * (total - start - size)}\n{rest}")
    placed = place(scenarios, genes, contig, sequence, start, bool)
    natural = natural_sites(genes, sequence, start, dice)
    people = [{"sample": role, "case": "family", "role": role, "sex": "female" if role == "mother" else "male"} for role in ROLES]
    for role in ROLES:
        spikes = [(spike.of(role), variant) for one in scenarios for spike, variant in zip(one.spikes, placed[one.gene], strict=True)]
        mosaic = [(variant, int(what.split()[0]) / 100) for what, variant in spikes if what.endswith("%")]
        copies = {
            copy: ([*natural[role][copy], *(variant for what, variant in spikes if what.isdigit() and copy in what)], mosaic)
            for copy in ("1" if boy and role != "mother" else "12")
        }
        simulate(work, role, sequence, start, copies, [variant.position for what, variant in spikes if what == "-"], dice)
    write_case(work, "GRCh38", contig, start, start + size, genes, people)
    return rows_of("boy, simulated" if boy else "trio, simulated", scenarios, placed, run(work, ["family"], cores)["family"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sets asked for, write and print the table."""
    parser = argparse.ArgumentParser(prog="evaluate_families")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--giab", type=Path)
    parser.add_argument("--only", default="simulated,boy,real,realboy")
    parser.add_argument("--cores", type=int, default=2)
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    for name in asked.only.split(","):
        if name.startswith("real") and not asked.giab:
            print(f"{name} is left out: name the folder of the real trio with GIAB=FOLDER")
            continue
        work = asked.directory.resolve() / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        if name.startswith("real"):
            rows += (real_boy if name == "realboy" else real_trio)(work, asked.giab, asked.cores)
        else:
            rows += simulated(work, asked.cores, boy=name == "boy")
    columns = ("set", "truth", "model", "fit", "phase", "found", "found_fit", "found_phase", "right", "why")
    with open(asked.directory / "families.tsv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['right']:4} {row['set']:20} {row['truth']:40} {row['found']} {row['found_fit']} {row['found_phase']}".rstrip())
    return int(any(row["right"] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
