"""A cohort of real reads that costs little: parts of HG007's reads over parts of chromosome 1, each with questions of its own.

    python -m scripts.make_cohort --directory WORK [--people 12] [--hpo FOLDER --hpo-release TEXT]

Every person is a part of the same woman's fragments (of `make data`, of which half carries a published variant in LMNA), from 5x to 10x,
so that jobs differ in size; all are known to be one person. Written into WORK: reads/, phenopackets/, samples.tsv, units.tsv,
config.yaml.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import atomic, write_json
from workflow.ontology import Ontology, read_ontology
from workflow.thinning import thin

DATA = ROOT / "resources" / "reference" / "demo"
LEAST, MOST = 0.5, 0.98  # of the fragments that a person keeps
QUESTIONS = (
    ("HP:0001638", "HP:0001678", "HP:0001645"),  # heart muscle and its conduction
    ("HP:0003701", "HP:0001371", "HP:0003236"),  # muscle, contractures
    ("HP:0007021", "HP:0000970", "HP:0001945"),  # no pain, no sweat
    ("HP:0002652", "HP:0000774", "HP:0003510"),  # skeleton
    ("HP:0009125", "HP:0000855"),  # fat tissue
    ("HP:0001250", "HP:0001263", "HP:0001249"),  # seizures, development
    ("HP:0000407", "HP:0001252"),  # hearing
)
"""HPO terms of each person's question, in turn; the last person has none."""
BATCH = "2023-06-17"


def phenopacket(name: str, terms: Sequence[str], ontology: Ontology) -> dict[str, Any]:
    """Return the question of a person."""
    features = [{"type": {"id": term, "label": ontology.name(term)}} for term in terms]
    created = {"created": "2025-01-20T09:00:00Z", "createdBy": "clinic", "resources": [], "phenopacketSchemaVersion": "2.0"}
    return {"id": f"question-{name}", "subject": {"id": name, "sex": "FEMALE"}, "phenotypicFeatures": features, "metaData": created}


def fraction(number: int, people: int) -> float:
    """Return the part of the fragments that a person keeps: all are different, so that no two have the same reads."""
    return LEAST + (MOST - LEAST) * number / max(1, people - 1)


def write_person(work: Path, number: int, share: float, ontology: Ontology) -> str:
    """Write reads and question of one person, unless they are there; return the name."""
    name = f"p{number + 1:02d}"
    source = ("control", "lmna")[number % 2]
    files = tuple(work / "reads" / f"{name}_{mate}.fastq.gz" for mate in (1, 2))
    if not all(file.is_file() for file in files):
        with atomic(files[0]) as one, atomic(files[1]) as two:
            thin((DATA / f"reads/{source}_1.fastq.gz", DATA / f"reads/{source}_2.fastq.gz"), (one, two), share)
    terms = QUESTIONS[number % len(QUESTIONS)]
    write_json(work / "phenopackets" / f"{name}.json", phenopacket(name, terms, ontology))
    return name


def write_sheets(work: Path, names: Sequence[str]) -> None:
    """Write the sheets of some people."""
    samples = ["sample\tcase\trole\tsex\taffected\tperson"] + [f"{name}\t{name}\tproband\tfemale\tyes\tHG007" for name in names]
    units = ["sample\tunit\tfastq_1\tfastq_2"] + [f"{name}\tL1\treads/{name}_1.fastq.gz\treads/{name}_2.fastq.gz" for name in names]
    for file, lines in (("samples.tsv", samples), ("units.tsv", units)):
        (work / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def config_of(hpo: Path, release: str) -> dict[str, Any]:
    """Return the config of the cohort; prices are invented, so that a plan shows some."""
    return {
        "samples": "samples.tsv",
        "units": "units.tsv",
        "reference": {"name": "GRCh38", "fasta": str(DATA / "GRCh38.chr1.fa")},
        "regions": str(DATA / "regions.bed"),
        "phenopackets": "phenopackets",
        "knowledge": {
            "gene_models": {"path": str(DATA / "gene_models.gff3.gz"), "release": "RefSeq of UCSC hg38 refGene"},
            "hpo": {"path": str(hpo), "release": release},
        },
        "caller": "freebayes",
        "release": {"overrides": {"mean_autosome_coverage": 8}},
        "costs": {"cpu_hour": 0.2, "gb_month": 0.15},
    }


def make(work: Path, people: int, hpo: Path, release: str) -> None:
    """Write the whole cohort.

    Raises:
        InputError: the demo's data is not there.
    """
    if not (DATA / "reads/control_1.fastq.gz").is_file() or not (hpo / "hp.obo").is_file():
        raise InputError("the demo's data is not there", file=DATA, remedy="make it with `make cohort-demo`")
    for folder in ("reads", "phenopackets"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    ontology = read_ontology(hpo / "hp.obo")
    write_sheets(work, [write_person(work, number, fraction(number, people), ontology) for number in range(people)])
    (work / "config.yaml").write_text(yaml.safe_dump(config_of(hpo, release), sort_keys=False), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and write the cohort."""
    parser = argparse.ArgumentParser(prog="make_cohort", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="working directory of the cohort")
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--hpo", type=Path, default=DATA / "hpo_2023", help="folder of an HPO release")
    parser.add_argument("--hpo-release", default=BATCH)
    options = parser.parse_args(arguments)
    try:
        make(options.directory.absolute(), options.people, options.hpo.absolute(), options.hpo_release)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.people} people in {options.directory}: snakemake --snakefile Snakefile --directory {options.directory} "
          f"--configfile {options.directory}/config.yaml --cores 2")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
