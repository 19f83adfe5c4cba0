"""A child and a mother, invented, on a reference with the true lengths of chr21 and the mitochondrion: every rule of the pipeline has work.

Chromosome 21 is N but for one stretch with two genes: the child has two variants of one on different copies, and one of the other, which is
on the list of secondary findings. Reads are without errors, 30-fold.
"""

import gzip
import json
import random
from pathlib import Path

import pysam

from tests.pipeline.tiny_person import COMPLEMENT, FRAGMENT, MITOCHONDRION, READ

CHR21, START, LENGTH = 46_709_983, 20_000_000, 24_000  # bases; START is 0-based
DEPTH = 30
SHARED, OWN, DELETION = (
    (3000, 6205, 9000, 15000),
    (6050, 12000, 18000),
    21000,
)  # 0-based in the stretch; seven substitutions, and one deletion of 5 bases
CONFIG = """samples: samples.tsv
units: units.tsv
reference: {name: GRCh38, fasta: reference/reference.fa}
regions: regions.bed
phenopackets: anna.json
knowledge:
  gene_models: {path: genes.gff3, release: "1"}
  hpo: {path: hpo, release: 2025-01-16}
interpretation: {secondary_findings: {path: secondary.tsv, release: "1"}}
"""
GENE = """chr21\tinvented\tgene\t{start}\t{end}\t.\t+\t.\tID=gene:ENSG{n};Name=GENE{n};biotype=protein_coding;gene_id=ENSG{n}
chr21\tinvented\tmRNA\t{start}\t{end}\t.\t+\t.\tID=transcript:ENST{n};Parent=gene:ENSG{n};biotype=protein_coding;transcript_id=ENST{n};tag=MANE_Select
chr21\tinvented\texon\t{start}\t{end}\t.\t+\t.\tParent=transcript:ENST{n}
chr21\tinvented\tCDS\t{start}\t{end}\t.\t+\t0\tParent=transcript:ENST{n}
"""
GENES = "##gff-version 3\n##sequence-region chr21 1 46709983\n" + "".join(
    GENE.format(n=number, start=start, end=start + 599) for number, start in ((1, 20_005_801), (2, 20_011_801))
)
TERMS = """format-version: 1.2
data-version: hp/releases/2025-01-16

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0001250
name: Seizure
is_a: HP:0000118 ! Phenotypic abnormality
"""
DISEASES = """#version: 2025-01-16
database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration
OMIM:100000\tInvented disease\t\tHP:0001250\tPMID:1\tPCS\t\t1/1\t\t\tP\tHPO:x[2025-01-16]
"""
GENES_OF_TERMS = "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n1\tGENE1\tHP:0001250\tSeizure\t1/1\tOMIM:100000\n"


def substituted(sequence: str, places: tuple[int, ...]) -> str:
    """Return a sequence with the complement at some places."""
    for place in places:
        sequence = sequence[:place] + sequence[place].translate(COMPLEMENT) + sequence[place + 1 :]
    return sequence


def pairs(copies: list[str], depth: float, dice: random.Random) -> list[tuple[str, str]]:
    """Return read pairs of a stretch of which a person has some copies, `depth`-fold over all copies together."""
    found = []
    for _ in range(int(len(copies[0]) * depth / (2 * READ))):
        copy = dice.choice(copies)
        start = dice.randrange(len(copy) - FRAGMENT)
        fragment = copy[start : start + FRAGMENT]
        found.append((fragment[:READ], fragment[-READ:].translate(COMPLEMENT)[::-1]))
    return found


def write_lane(folder: Path, name: str, reads: list[tuple[str, str]]) -> None:
    """Write one lane of read pairs."""
    for mate in (0, 1):
        with gzip.open(folder / f"{name}_{mate + 1}.fq.gz", "wt", compresslevel=1) as handle:
            for number, pair in enumerate(reads):
                handle.write(f"@{name}.{number}/{mate + 1}\n{pair[mate]}\n+\n{'I' * READ}\n")


def write_reference(folder: Path, stretch: str, mitochondrion: str) -> None:
    """Write the FASTA with its index."""
    fasta = folder / "reference" / "reference.fa"
    fasta.parent.mkdir()
    with open(fasta, "w") as handle:
        for name, sequence in (("chr21", "N" * START + stretch + "N" * (CHR21 - START - LENGTH)), ("chrM", mitochondrion)):
            handle.write(f">{name}\n")
            handle.writelines(sequence[start : start + 100_000] + "\n" for start in range(0, len(sequence), 100_000))
    pysam.faidx(str(fasta))


def write_knowledge(folder: Path) -> None:
    """Write gene models, a list of secondary findings, an HPO release of three terms, and the child's phenopacket."""
    (folder / "genes.gff3").write_text(GENES)
    (folder / "secondary.tsv").write_text("gene\nGENE2\n")
    (folder / "hpo").mkdir()
    for name, content in (("hp.obo", TERMS), ("phenotype.hpoa", DISEASES), ("genes_to_phenotype.txt", GENES_OF_TERMS)):
        (folder / "hpo" / name).write_text(content)
    packet = {
        "id": "anna",
        "subject": {"id": "anna", "sex": "FEMALE"},
        "phenotypicFeatures": [{"type": {"id": "HP:0001250", "label": "Seizure"}}],
        "metaData": {"created": "2025-01-01T00:00:00Z", "createdBy": "test", "phenopacketSchemaVersion": "2.0"},
    }
    (folder / "anna.json").write_text(json.dumps(packet))


def write_family(folder: Path) -> Path:
    """Write config, sheets, reference, knowledge and reads into `folder`."""
    folder.mkdir(parents=True)
    dice = random.Random(7)
    stretch, mitochondrion = ("".join(dice.choices("ACGT", k=length)) for length in (LENGTH, MITOCHONDRION))
    write_reference(folder, stretch, mitochondrion)
    shared = substituted(stretch, SHARED)
    own = substituted(stretch, OWN)
    own = own[:DELETION] + own[DELETION + 5 :]
    for name, copies in (("anna", [shared, own]), ("berta", [shared, stretch])):
        write_lane(folder, name, pairs(copies, DEPTH, dice) + pairs([substituted(mitochondrion, (8000,))], DEPTH, dice))
    write_knowledge(folder)
    (folder / "regions.bed").write_text(f"chr21\t{START}\t{START + LENGTH}\nchrM\t0\t{MITOCHONDRION}\n")
    (folder / "samples.tsv").write_text(
        "sample\tcase\trole\tsex\taffected\nanna\tcase1\tproband\tfemale\tyes\nberta\tcase1\tmother\tfemale\tno\n"
    )
    (folder / "units.tsv").write_text(
        "sample\tunit\tfastq_1\tfastq_2\n" + "".join(f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\n" for name in ("anna", "berta"))
    )
    (folder / "config.yaml").write_text(CONFIG)
    return folder
