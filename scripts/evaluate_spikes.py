"""Published variants written into a real person's reads, each with its patient's terms, through the whole workflow as one cohort.

    python -m scripts.evaluate_spikes --cases FILE --data FOLDER --directory WORK [--output FOLDER] [--only 3] [--cores N]

`--data` is what `make data` prepares: HG007's reads over parts of chromosome 1, the reference that they prove, gene models, an HPO release.
Every distinct variant of FILE that lies there is one case (a singleton) with the terms of one of its patients. Written: spikes.json,
spikes.tsv. A second call in the same WORK makes anew only what changed.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.bases import Bases
from workflow.case_base import read_cases
from workflow.errors import InputError
from workflow.files import atomic, write_json
from workflow.gene_models import read_transcripts
from workflow.hpo_annotations import read_annotations
from workflow.ontology import Ontology, read_ontology
from workflow.published_spikes import Person, Spike, Written, read_published, spikes_of, write_cohort
from workflow.spike_background import Background
from workflow.spike_outcomes import CALLED, NOT_ASSESSED, all_patients, lines, outcome, rank_lines, summary_of, with_background
from workflow.trial_run import run_targets

READS = {"bam": "packages/hg007.bam", "fastq": ("reads/control_1.fastq.gz", "reads/control_2.fastq.gz"), "sex": "female"}
PEOPLE = "HG007 (Genome in a Bottle), about 10x over parts of chromosome 1"


def chosen(cases: Path, data: Path, ontology: Ontology, only: int | None) -> tuple[list[Spike], Counter[str]]:
    """Return the cases to run, and why other patients are none.

    Raises:
        InputError: no published variant lies where there are reads.
    """
    spikes, left_out = spikes_of(read_published(cases), data / "regions.bed", data / "GRCh38.chr1.fa", ontology)
    if not spikes:
        raise InputError("no variant in it lies where there are reads", file=cases, remedy="give patients with variants of LMNA, say")
    return spikes[:only], left_out


def prepare(work: Path, data: Path, spikes: Sequence[Spike], ontology: Ontology) -> dict[str, Written]:
    """Write the reads and the sheets of the cohort."""
    person = Person(data / READS["bam"], [data / name for name in READS["fastq"]], data / "GRCh38.chr1.fa")  # type: ignore[operator]
    write_cohort(work, spikes, data, str(READS["sex"]), ontology)
    return {one.case: person.write(one, work / "reads") for one in spikes}


def targets_of(spikes: Sequence[Spike]) -> list[str]:
    """Return the files that are looked at."""
    names = ("results/interpretation/{0}.json", "results/samples/{0}/callable.bed.gz")
    return [name.format(one.case) for one in spikes for name in names]


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write one line a case."""
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare, run, collect; status 1 if a name differs or a call is missing where it is owed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, required=True, help="published patients")
    parser.add_argument("--data", type=Path, default=Path("resources/reference/demo"), help="folder that `make data` prepares")
    parser.add_argument("--directory", type=Path, required=True, help="folder of the run")
    parser.add_argument("--output", type=Path, default=Path("results/evaluation"), help="folder to write into")
    parser.add_argument("--only", type=int, help="the first variants by place alone")
    parser.add_argument("--prepare", action="store_true", help="write reads, sheets and config, and stop")
    parser.add_argument("--cores", type=int, default=2)
    asked = parser.parse_args(arguments)
    work, data = asked.directory.resolve(), asked.data.resolve()
    ontology = read_ontology(data / "hpo/hp.obo")
    spikes, left_out = chosen(asked.cases, data, ontology, asked.only)
    written = prepare(work, data, spikes, ontology)
    if asked.prepare:
        print(f"{len(spikes)} cases are prepared in {asked.directory}")
        return 0
    run_targets(work, targets_of(spikes), asked.cores)
    transcripts = read_transcripts(data / "gene_models.gff3.gz", genes={one.gene for one in spikes})
    bases = Bases(data / "GRCh38.chr1.fa")
    rows = [outcome(one, written[one.case], work / "results", transcripts, bases) for one in spikes]
    background = Background(ontology, read_annotations(data / "hpo", ontology), read_cases(asked.cases, ontology))
    rows = with_background(rows, background)
    summary, everybody = summary_of(rows), all_patients(rows, spikes, background)
    about = {"reads": PEOPLE, "hpo_release": ontology.release, "not_cases": dict(left_out)}
    write_rows(asked.output / "spikes.tsv", rows)
    write_json(asked.output / "spikes.json", {**about, **summary, "all_patients": everybody, "cases": rows})
    print("\n".join([*(f"{count} patients are no case: {why}" for why, count in left_out.items()), *lines(summary)]))
    print(*rank_lines("rank among, every patient of a variant that was called", everybody), sep="\n")
    for row in rows:
        if row["status"] != CALLED:
            print(f"{row['case']}: {row['status']}, {row['fragments']} fragments")
    print(f"written: {asked.output / 'spikes.json'} and spikes.tsv")
    right = all(row["hgvs_p_equal"] is not False and row["status"] in {CALLED, NOT_ASSESSED} for row in rows)
    return 0 if right else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"error: {error}")
