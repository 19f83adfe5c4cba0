"""A cohort that costs little: invented people with questions of their own, sequenced over artificial genes with the names of real ones.

    python -m scripts.make_cohort --directory WORK [--people 12] [--hpo FOLDER --hpo-release TEXT]

Chromosome 21 (or the mitochondrion) at its true length, N but for a stretch of one-exon genes; each person carries some missense
variants, at 12x to 30x, so that jobs differ in size. HPO is a real release: what another one does to the order of candidates is real.
Written into WORK: the reference and its gene models, reads/, phenopackets/, samples.tsv, units.tsv, config.yaml.
"""

import argparse
import gzip
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pysam
import yaml

from workflow.bases import reverse_complement
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import atomic, write_json
from workflow.jobs import run_command
from workflow.ontology import Ontology, read_ontology
from workflow.trial_family import missense

DATA = ROOT / "resources" / "reference" / "demo"
RELEASE = "2023-06-17"
PLACES = {"chr21": (46_709_983, 20_000_000, 24), "chrM": (16_569, 100, 13)}
"""Length of a contig in GRCh38, where the stretch begins (0-based), and how many genes it holds."""
GENES = (
    "LMNA", "TTN", "MYH7", "MYBPC3", "NTRK1", "SCN1A", "KCNQ2", "STXBP1", "GJB2", "SLC26A4", "USH2A", "COL1A1",
    "FGFR3", "COL2A1", "PPARG", "BSCL2", "DMD", "CAPN3", "RYR1", "MECP2", "CDKL5", "FBN1", "PKD1", "CFTR",
)  # fmt: skip
CODONS, GAP = 300, 300
QUESTIONS = (
    ("HP:0001638", "HP:0001678", "HP:0001645"),  # heart muscle and its conduction
    ("HP:0003701", "HP:0001371", "HP:0003236"),  # muscle, contractures
    ("HP:0007021", "HP:0000970", "HP:0001945"),  # no pain, no sweat
    ("HP:0002652", "HP:0000774", "HP:0003510"),  # skeleton
    ("HP:0009125", "HP:0000855"),  # fat tissue
    ("HP:0001250", "HP:0001263", "HP:0001249"),  # seizures, development
    ("HP:0000407", "HP:0001252"),  # hearing
)
"""HPO terms of each person's question, in turn."""
CARRIED = 8  # variants of a person
LEAST, MOST = 12, 30  # depth
READ, FRAGMENT = 100, 300


def places(contig: str) -> dict[str, int]:
    """Return the first base (0-based, in the stretch) of each gene."""
    return {gene: GAP + number * (3 * CODONS + GAP) for number, gene in enumerate(GENES[: PLACES[contig][2]])}


def stretch(contig: str) -> str:
    """Return the bases of the stretch, always the same: genes with a start, a stop and none between."""
    dice = random.Random(7)
    codons = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in {"TAA", "TAG", "TGA"}]
    parts = ["".join(dice.choices("ACGT", k=GAP))]
    for _ in places(contig):
        parts += ["ATG", *dice.choices(codons, k=CODONS - 2), "TAA", "".join(dice.choices("ACGT", k=GAP))]
    return "".join(parts)


def write_reference(work: Path, contig: str) -> None:
    """Write reference, regions and gene models, unless they are there."""
    fasta, bases, (length, start, _) = work / "reference.fa", stretch(contig), PLACES[contig]
    if not fasta.is_file():
        with atomic(fasta) as part:
            part.write_text(f">{contig}\n{'N' * start}{bases}{'N' * (length - start - len(bases))}\n")
        pysam.faidx(str(fasta))
        (work / "regions.bed").write_text(f"{contig}\t{start}\t{start + len(bases)}\n")
        models = [_models(gene, contig, start + at + 1) for gene, at in places(contig).items()]
        (work / "genes.gff3").write_text("##gff-version 3\n" + "".join(models))


def _models(gene: str, contig: str, first: int) -> str:
    """Return the lines of a gene of one exon; `first` is 1-based."""
    place = f"{first}\t{first + 3 * CODONS - 1}\t.\t+\t"
    rows = (
        ("gene", ".", f"ID=gene:{gene};Name={gene};biotype=protein_coding"),
        ("mRNA", ".", f"ID=transcript:NM_{gene};Parent=gene:{gene};biotype=protein_coding;tag=MANE_Select"),
        ("exon", ".", f"Parent=transcript:NM_{gene}"),
        ("CDS", "0", f"Parent=transcript:NM_{gene}"),
    )
    return "".join(f"{contig}\tx\t{kind}\t{place}{phase}\t{more}\n" for kind, phase, more in rows)


def other_copy(contig: str, bases: str, dice: random.Random) -> str:
    """Return a person's second copy of the stretch, with missense variants."""
    copy = list(bases)
    genes = places(contig)
    for gene in dice.sample(list(genes), CARRIED):
        at = genes[gene] + 3 * dice.randrange(20, CODONS - 20)
        while not (base := missense(bases[at : at + 3])):
            at += 3
        copy[at] = base
    return "".join(copy)


def contig_of(work: Path) -> str:
    """Return the contig of a cohort that was written."""
    return (work / "regions.bed").read_text(encoding="utf-8").split("\t")[0]


def write_person(work: Path, number: int, people: int, ontology: Ontology) -> str:
    """Write reads and question of one person, unless they are there; return the name."""
    name, dice = f"p{number + 1:02d}", random.Random(number)
    first, second = (work / "reads" / f"{name}_{mate}.fastq.gz" for mate in (1, 2))
    contig = contig_of(work)
    bases = stretch(contig)
    own = other_copy(contig, bases, dice)
    copies = (own if contig == "chrM" else bases), own
    if not first.is_file() or not second.is_file():
        pairs = len(bases) * (LEAST + (MOST - LEAST) * number // max(1, people - 1)) // (2 * READ)
        with atomic(first) as one, atomic(second) as two, gzip.open(one, "wt", 1) as left, gzip.open(two, "wt", 1) as right:
            for pair in range(pairs):
                start = dice.randrange(len(bases) - FRAGMENT)
                fragment = copies[pair % 2][start : start + FRAGMENT]
                for mate, handle, read in ((1, left, fragment[:READ]), (2, right, reverse_complement(fragment)[:READ])):
                    handle.write(f"@{name}:{pair}/{mate}\n{read}\n+\n{'I' * READ}\n")
    terms = QUESTIONS[number % len(QUESTIONS)]
    features = [{"type": {"id": term, "label": ontology.name(term)}} for term in terms]
    created = {"created": "2025-01-20T09:00:00Z", "createdBy": "clinic", "resources": [], "phenopacketSchemaVersion": "2.0"}
    question = {"id": f"question-{name}", "subject": {"id": name, "sex": "FEMALE"}, "phenotypicFeatures": features, "metaData": created}
    write_json(work / "phenopackets" / f"{name}.json", question)
    return name


def write_sheets(work: Path, names: Sequence[str]) -> None:
    """Write the sheets of some people."""
    samples = ["sample\tcase\trole\tsex\taffected"] + [f"{name}\t{name}\tproband\tfemale\tyes" for name in names]
    units = ["sample\tunit\tfastq_1\tfastq_2"] + [f"{name}\tL1\treads/{name}_1.fastq.gz\treads/{name}_2.fastq.gz" for name in names]
    for file, lines in (("samples.tsv", samples), ("units.tsv", units)):
        (work / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def config_of(hpo: Path, release: str) -> dict[str, Any]:
    """Return the config of the cohort; prices are invented, so that a plan shows some."""
    knowledge = {"gene_models": {"path": "genes.gff3", "release": "artificial"}, "hpo": {"path": str(hpo), "release": release}}
    return {
        "samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "reference.fa"}, "regions": "regions.bed",
        "phenopackets": "phenopackets", "knowledge": knowledge, "caller": "freebayes",
        "release": {"overrides": {"mean_autosome_coverage": 22}}, "costs": {"cpu_hour": 0.2, "gb_month": 0.15},
    }  # fmt: skip


def make(work: Path, people: int, hpo: Path, release: str, contig: str) -> None:
    """Write the whole cohort.

    Raises:
        InputError: the HPO release is not there.
    """
    if not (hpo / "hp.obo").is_file():
        raise InputError("there is no HPO release in this folder", file=hpo, remedy="`make cohort-demo` fetches one")
    for folder in ("reads", "phenopackets"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    ontology = read_ontology(hpo / "hp.obo")
    write_reference(work, contig)
    write_sheets(work, [write_person(work, number, people, ontology) for number in range(people)])
    (work / "config.yaml").write_text(yaml.safe_dump(config_of(hpo, release), sort_keys=False), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Read the command line and write the cohort."""
    parser = argparse.ArgumentParser(prog="make_cohort", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="working directory of the cohort")
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--hpo", type=Path, default=DATA / "hpo_2023", help="folder of an HPO release")
    parser.add_argument("--hpo-release", default=RELEASE)
    parser.add_argument("--contig", choices=PLACES, default="chr21", help="chrM is quicker still: no index of 46 Mb, no autosome to judge")
    options = parser.parse_args(arguments)
    make(options.directory.absolute(), options.people, options.hpo.absolute(), options.hpo_release, options.contig)
    print(f"{options.people} people: snakemake --snakefile Snakefile --directory {options.directory} "
          f"--configfile {options.directory}/config.yaml --cores 2")  # fmt: skip


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
