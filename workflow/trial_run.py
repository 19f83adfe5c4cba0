"""A trial family as a run of the pipeline: its working folder, the run, and what was found beside the truth."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.trial_family import Scenario, agrees, claimed_new, found_of, gff3
from workflow.trial_reads import Placed

ROOT = Path(__file__).resolve().parent.parent
Row = dict[str, Any]


def write_case(
    work: Path, reference: str, contig: str, start: int, end: int, genes: Mapping[str, tuple[int, int]], people: Sequence[Row]
) -> None:
    """Write config, sheets, regions and gene models of a run; `people` have sample, case, role and sex."""
    (work / "regions.bed").write_text(f"{contig}\t{start}\t{end}\n")
    (work / "genes.gff3").write_text(gff3(contig, genes))
    rows = [f"{one['sample']}\t{one['case']}\t{one['role']}\t{one['sex']}\t{'yes' if one['role'] == 'proband' else 'no'}" for one in people]
    (work / "samples.tsv").write_text("\n".join(["sample\tcase\trole\tsex\taffected", *rows, ""]))
    units = [f"{one['sample']}\tL1\t{one['sample']}_1.fq.gz\t{one['sample']}_2.fq.gz" for one in people]
    (work / "units.tsv").write_text("\n".join(["sample\tunit\tfastq_1\tfastq_2", *units, ""]))
    config = {
        "samples": "samples.tsv",
        "units": "units.tsv",
        "regions": "regions.bed",
        "reference": {"name": reference, "fasta": "reference.fa"},
    }
    config["knowledge"] = {"gene_models": {"path": "genes.gff3", "release": "artificial"}}
    (work / "config.yaml").write_text(json.dumps(config))


def run(work: Path, cases: Sequence[str], cores: int) -> dict[str, Row]:
    """Run the pipeline to the interpretation of each case; return them by case."""
    targets = [f"results/interpretation/{case}.json" for case in cases]
    run_targets(work, targets, cores)
    return {case: json.loads((work / target).read_text()) for case, target in zip(cases, targets, strict=True)}


def run_targets(work: Path, targets: Sequence[str], cores: int) -> None:
    """Run the pipeline in a folder with a config.yaml to some of its files; the program ends with what it said if it fails."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work), "--cores", str(cores)]
    tools = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*command, "--configfile", str(work / "config.yaml"), "--", *targets], capture_output=True, text=True, env=tools)
    if done.returncode:
        sys.exit(f"the run in {work} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def rows_of(name: str, scenarios: Sequence[Scenario], placed: Placed, interpretation: Row) -> list[Row]:
    """Return truth and what was found, a row a scenario; and a row on what is said to be new beyond the truth."""
    rows = []
    for one in scenarios:
        first, *others = placed[one.gene]
        found, partner = found_of(interpretation, first.position), others[0].position if others else None
        truth = {"truth": one.title, "model": one.model, "fit": one.fit, "phase": one.phase}
        said = {"found": found["model"], "found_fit": found["fit"], "found_phase": found["phase"], "why": found["note"]}
        rows.append({"set": name, **truth, **said, "right": "yes" if agrees(one, found, partner) else "NO"})
    known = [variant.position for variants in placed.values() for variant in variants]
    extra = claimed_new(interpretation, known)
    wrong = sum(part["in_neither_parent"] for part in interpretation["family"]["mendelian"]["by_chromosome"])
    found_words = f"{len(extra)} of {len(interpretation['candidates'])} candidates"
    total = {
        "set": name,
        "truth": "nothing new but what was written in",
        "model": "0 candidates de novo",
        "found": f"{found_words} de novo",
    }
    why = f"{wrong} sites with an allele in neither parent, {interpretation['family']['mendelian']['sites']} compared"
    return [*rows, {**total, "fit": "", "phase": "", "found_fit": "", "found_phase": "", "why": why, "right": "NO" if extra else "yes"}]
