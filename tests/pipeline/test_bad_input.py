"""Every mistake that intake promises to refuse, made on purpose and run through the real command line.

Each case changes one thing of a good working folder. The run must end with an error status and one plain sentence that names the
place, without a traceback, before any alignment, and must leave nothing half-written behind.
"""

import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from workflow.cohort_store.versions import create
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, Sites

REPO = Path(__file__).resolve().parents[2]
ONTOLOGY = """format-version: 1.2
data-version: hp/releases/2025-01-16

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0002279
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000057
name: obsolete Clitoromegaly
is_obsolete: true
replaced_by: HP:0001250
"""
PANEL = "##name=lab\n##assembly=GRCh38\n##release=1\ncontig\tpos\tref\talt\tfrequency\nMT\t5\tA\tG\t0.5\n"
RAW = re.compile(r"Traceback|(Key|Value|Type|Index|Attribute|Assertion|FileNotFound|Validation|OS|Input)Error in file|Exception in rule")


@dataclass(frozen=True)
class Mistake:
    """A change to a good folder, and what the sentence must say; `never` is what no output may say."""

    name: str
    change: Callable[[Path], object]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    options: tuple[str, ...] = field(default=("--configfile", "config.yaml"))


@dataclass(frozen=True)
class Outcome:
    status: int
    text: str
    folder: Path


# --- a good folder -----------------------------------------------------------------------------------------------------


def reads(seed: int, mate: int, pairs: int = 12) -> bytes:
    rng = random.Random(seed * 10 + mate)
    lines = [f"@run:{seed}:{number} {mate}:N:0:AC\n{''.join(rng.choices('ACGT', k=60))}\n+\n{'I' * 60}\n" for number in range(pairs)]
    return "".join(lines).encode()


def write_gzip(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, mtime=0))


def packet(subject: str = "child", term: str = "HP:0001250", sex: str = "FEMALE") -> dict[str, Any]:
    return {
        "id": "question",
        "subject": {"id": subject, "sex": sex},
        "phenotypicFeatures": [{"type": {"id": term, "label": "Seizure"}}],
        "metaData": {"created": "2025-01-01T00:00:00Z", "createdBy": "test", "resources": [], "phenopacketSchemaVersion": "2.0"},
    }


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    bases = "".join(random.Random(1).choices("ACGT", k=16569))
    (folder / "ref.fa").write_text(">MT\n" + "\n".join(bases[start : start + 60] for start in range(0, len(bases), 60)) + "\n")
    people = [("child", "fam", "proband", "female"), ("mum", "fam", "mother", "female"), ("lone", "solo", "proband", "male")]
    rows = ["sample\tcase\trole\tsex\taffected", *("\t".join((*person, "unknown")) for person in people)]
    (folder / "samples.tsv").write_text("\n".join(rows) + "\n")
    units = ["sample\tunit\tfastq_1\tfastq_2", *(f"{person[0]}\tL1\t{person[0]}_1.fq.gz\t{person[0]}_2.fq.gz" for person in people)]
    (folder / "units.tsv").write_text("\n".join(units) + "\n")
    for seed, (name, *_) in enumerate(people):
        for mate in (1, 2):
            write_gzip(folder / f"{name}_{mate}.fq.gz", reads(seed, mate))
    (folder / "regions.bed").write_text("MT\t100\t900\nMT\t2000\t3000\n")
    (folder / "hpo").mkdir()
    (folder / "hpo" / "hp.obo").write_text(ONTOLOGY)
    (folder / "hpo" / "phenotype.hpoa").write_text("\t".join(["database_id", *["column"] * 11]) + "\n" + "\t".join(["OMIM:1"] * 12) + "\n")
    (folder / "hpo" / "genes_to_phenotype.txt").write_text(
        "\t".join(["ncbi_gene_id", *["column"] * 5]) + "\n" + "\t".join(["1"] * 6) + "\n"
    )
    (folder / "child.json").write_text(json.dumps(packet()))
    config = {
        "samples": "samples.tsv",
        "units": "units.tsv",
        "reference": {"name": "GRCh37", "fasta": "ref.fa"},
        "regions": "regions.bed",
        "phenopackets": ["child.json"],
        "knowledge": {"hpo": {"path": "hpo", "release": "2025-01-16"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


# --- ways to change it --------------------------------------------------------------------------------------------------


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return change


HPO = {"hpo": {"path": "hpo", "release": "2025-01-16"}}


def frequency_store(assembly: str) -> Callable[[Path], object]:
    return lambda folder: create(folder / "freq", assembly, 5)


def inhouse(path: str, release: str) -> dict[str, Any]:
    return {"hpo": {"path": "hpo", "release": "2025-01-16"}, "inhouse": {"path": path, "release": release}}


def config(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = yaml.safe_load((folder / "config.yaml").read_text())
        (folder / "config.yaml").write_text(yaml.safe_dump(content | changes, sort_keys=False))

    return change


def write(name: str, content: str | bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def unpacked(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda folder: write_gzip(folder / name, change(gzip.decompress((folder / name).read_bytes())))


def phenopacket(**changes: str) -> Callable[[Path], object]:
    return write("child.json", json.dumps(packet(**changes)))


def with_part(**parts: Any) -> Callable[[Path], object]:
    return write("child.json", json.dumps(packet() | parts))


def feature(term: str, *, excluded: bool = False) -> dict[str, Any]:
    return {"type": {"id": term, "label": ""}, "excluded": excluded}


def result(**quantity: Any) -> dict[str, Any]:
    return {"assay": {"id": "LOINC:2157-6", "label": "Creatine kinase"}, "value": {"quantity": quantity}}


def variant(**record: str) -> list[dict[str, Any]]:
    descriptor = {"vcfRecord": {"alt": "G", **record}}
    return [{"diagnosis": {"genomicInterpretations": [{"variantInterpretation": {"variationDescriptor": descriptor}}]}}]


U = {"id": "UCUM:U/L", "label": "U/L"}


def column(sheet: str, name: str, *cells: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        lines = (folder / sheet).read_text().splitlines()
        filled = [name, *cells, *[""] * (len(lines) - 1 - len(cells))]
        (folder / sheet).write_text("".join(f"{line}\t{cell}\n" for line, cell in zip(lines, filled, strict=True)))

    return change


def also(*changes: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def store_of(assembly: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        keys = np.arange(1, 101) * 16_000_000 + (1 << 36)
        sites = Sites(assembly, keys.astype(np.int64), np.full(100, 0.3, np.float32))
        append(folder / "store", [(Fingerprint("earlier", sites, np.full((100, 3), 9, np.uint8)), {"when": "2026-01-01"})])
        config(identity={"store": "store"})(folder)

    return change


def huge(folder: Path) -> None:
    """Make a FASTQ of 8 TB without a byte of it on the disk."""
    with open(folder / "lone_1.fq.gz", "wb") as handle:
        handle.write(b"\x1f\x8b\x08\x00")
        handle.truncate(8 << 40)


def twice_each(text: bytes) -> bytes:
    """Return FASTQ in which each read is followed by another one of its name."""
    lines = text.splitlines(keepends=True)
    return b"".join(line for start in range(0, len(lines), 4) for line in 2 * lines[start : start + 4])


def mitochondrion_of_hg19(folder: Path) -> None:
    text = (folder / "ref.fa").read_text()
    (folder / "ref.fa").write_text(text.replace(">MT", ">chrM").rstrip() + "AC\n")


def stale_index(folder: Path) -> None:
    (folder / "ref.fa.fai").write_text("MT\t16569\t4\t60\t61\n")
    os.utime(folder / "ref.fa.fai", (1, 1))
    with open(folder / "ref.fa", "a") as handle:
        handle.write(">decoy\nACGTACGT\n")


SAMPLES, UNITS = "samples.tsv", "units.tsv"
CHILD = "child\tfam\tproband\tfemale"
MISTAKES = [
    # the config
    Mistake("no config", lambda folder: None, ("there is no configuration", "--configfile"), options=()),
    Mistake("unknown key", edit("config.yaml", "samples:", "smaples: x\nsamples:"), ("config.yaml: unknown key `smaples`", "`samples`?")),
    Mistake("unknown nested key", config(callable={"min_dept": 5}), ("unknown key `callable.min_dept`", "`min_depth`")),
    Mistake("missing key", config(reference={"name": "GRCh37"}), ("key `reference.fasta` is missing",)),
    Mistake("wrong value", config(caller="deepvariant"), ("`caller` is 'deepvariant'", "gatk or freebayes")),
    Mistake("wrong type", config(callable={"min_depth": "ten"}), ("`callable.min_depth` is 'ten'", "a whole number")),
    Mistake("one sheet for both", config(units="samples.tsv"), ("`samples` and `units` name the same file",)),
    Mistake("truth of nobody", config(truth={"chlid": {"vcf": "v", "bed": "b"}}), ("`truth` names `chlid`", "`child`")),
    Mistake("truth missing", config(truth={"child": {"vcf": "v.gz", "bed": "b"}}), ("`truth.child.vcf` names v.gz, which is not there",)),
    Mistake("results is a file", config(results="ref.fa"), ("`results` is ref.fa", "no folder")),
    Mistake("knowledge missing", config(knowledge={"hpo": {"path": "nowhere", "release": "1"}}), ("`knowledge.hpo.path` names nowhere",)),
    Mistake("no store", config(knowledge=inhouse("nowhere", "1")), ("`knowledge.inhouse.path` names nowhere",)),
    Mistake(
        "in-house store of another assembly",
        also(frequency_store("GRCh38"), config(knowledge=inhouse("freq", "1"))),
        ("the in-house store is of GRCh38, but `reference.name` is GRCh37",),
    ),
    Mistake(
        "version that the in-house store does not have",
        also(frequency_store("GRCh37"), config(knowledge=inhouse("freq", "7"))),
        ("version 7 is not kept; the store is at 1",),
    ),
    Mistake(
        "in-house table that is none",
        also(write("freq.parquet", "no table"), config(knowledge=inhouse("freq.parquet", "1"))),
        ("freq.parquet: `knowledge.inhouse` is no released table, or damaged",),
    ),
    Mistake("ontology missing", remove("hpo/hp.obo"), ("`knowledge.hpo.path` names hpo/hp.obo",)),
    Mistake("another release", config(knowledge={"hpo": {"path": "hpo", "release": "2024-04-26"}}), ("2024-04-26", "release 2025-01-16")),
    Mistake(
        "knowledge of another assembly",
        also(
            write("c.vcf", "##fileformat=VCFv4.1\n##reference=GRCh38\n#CHROM\tPOS\n"),
            write("c.vcf.tbi", ""),
            config(knowledge={"clinvar": {"path": "c.vcf", "release": "1"}}),
        ),
        ("`knowledge.clinvar` (c.vcf) is on GRCh38, but `reference.name` is GRCh37",),
    ),
    Mistake(
        "knowledge without index",
        also(write("o.bed", "MT\t1\t9\n"), config(knowledge={"ours": {"path": "o.bed", "release": "1", "kind": "bed"}})),
        ("`knowledge.ours` (o.bed) has no index beside it", "tabix -p bed"),
    ),
    Mistake(
        "key twice",
        edit("config.yaml", "regions:", "samples: other.tsv\nregions:"),
        ("config.yaml, row ", "the key `samples` is there twice"),
    ),
    Mistake(
        "gene models as NCBI writes them",
        also(
            write("g.gff3", "##gff-version 3\nNC_012920.1\tRefSeq\tgene\t577\t647\t.\t+\t.\tID=gene-TRNF\n"),
            config(knowledge={"gene_models": {"path": "g.gff3", "release": "RefSeq 110"}}),
        ),
        ("g.gff3, row 2: the gene models are in NCBI's dialect", "give Ensembl's GFF3"),
    ),
    Mistake("unknown limit set", config(release={"limits": "nobody.yaml"}), ("`release.limits`", "nobody.yaml")),
    Mistake("unknown previous version", config(release={"previous": "v1.2"}), ("v1.2: `release.previous` is neither a results folder",)),
    Mistake("unknown metric", config(release={"overrides": {"mean_coverag": 3}}), ("`release.overrides`", "`mean_coverag`")),
    # samples.tsv
    Mistake("samples missing", remove(SAMPLES), (f"{SAMPLES}: there is no such file",)),
    Mistake("samples empty", write(SAMPLES, ""), (f"{SAMPLES}: the sheet is empty",)),
    Mistake("header only", write(SAMPLES, "sample\tcase\trole\tsex\taffected\n"), (f"{SAMPLES}: there is no row below the header",)),
    Mistake("commas", write(SAMPLES, "sample,case,role,sex,affected\n"), (f"{SAMPLES}, row 1", "separate them by tabs")),
    Mistake("missing column", edit(SAMPLES, "\taffected", "\tmaterial"), (f"{SAMPLES}, row 1", "column `affected` is missing")),
    Mistake("misspelt column", edit(SAMPLES, "affected", "afected"), (f"{SAMPLES}, row 1", "unknown column `afected`", "`affected`")),
    Mistake("extra column", column(SAMPLES, "colour", "red"), (f"{SAMPLES}, row 1", "unknown column `colour`")),
    Mistake("doubled column", column(SAMPLES, "sex"), (f"{SAMPLES}, row 1", "column `sex` is there twice")),
    Mistake("cell too few", edit(SAMPLES, "\tfemale\tunknown", "\tfemale"), (f"{SAMPLES}, row 2", "4 cells where the header has 5")),
    Mistake("duplicate sample", edit(SAMPLES, "mum\t", "child\t"), (f"{SAMPLES}, row 3", "sample `child` is in row 2 already")),
    Mistake("sample without units", edit(UNITS, "mum\tL1\tmum_1.fq.gz\tmum_2.fq.gz\n", ""), (f"{SAMPLES}, row 3", "`mum` has no unit")),
    Mistake("bad role", edit(SAMPLES, "mother", "uncle?"), (f"{SAMPLES}, row 3", "`role` is 'uncle?'")),
    Mistake("bad sex", edit(SAMPLES, "male\t", "f3male\t"), (f"{SAMPLES}, row 2", "`sex` is")),
    Mistake("bad affected", edit(SAMPLES, "unknown", "perhaps"), (f"{SAMPLES}, row 2", "`affected` is 'perhaps'")),
    Mistake(
        "twins as two probands",
        edit(SAMPLES, "mother", "proband"),
        (f"{SAMPLES}, row 3", "case `fam` has a second proband, `mum`", "give each a case of their own, or give one the role sibling"),
    ),
    Mistake("own mother", column(SAMPLES, "mother", "child"), (f"{SAMPLES}, row 2", "`child` is its own mother")),
    Mistake(
        "unknown mother",
        column(SAMPLES, "mother", "mom"),
        (f"{SAMPLES}, row 2", "the mother of `child` is `mom`, which is no sample of the case", "`mum`"),
    ),
    Mistake("father of another case", column(SAMPLES, "father", "lone"), (f"{SAMPLES}, row 2", "`lone`, which is no sample of the case")),
    Mistake("mother as father", column(SAMPLES, "father", "mum"), (f"{SAMPLES}, row 2", "the sex of `mum` is female")),
    Mistake(
        "father of one, mother of another",
        also(column(SAMPLES, "mother", "(x)"), column(SAMPLES, "father", "", "(x)")),
        (f"{SAMPLES}, row 3", "x is the father of `mum` and the mother of another"),
    ),
    Mistake(
        "child as its own grandmother",
        column(SAMPLES, "mother", "", "child"),
        (f"{SAMPLES}, row 2", "`child` is among the ancestors of `child`", "child → mum → child"),
    ),
    Mistake(
        "two mothers of the proband",
        column(SAMPLES, "mother", "(other)"),
        (f"{SAMPLES}, row 2", "the mother of the proband `child` is `(other)`, but the mother of case `fam` is `mum`"),
    ),
    Mistake("no proband", edit(SAMPLES, CHILD, "child\tfam\tsibling\tfemale"), (f"{SAMPLES}, row 2", "case `fam` has no proband")),
    Mistake("mother declared male", edit(SAMPLES, "mother\tfemale", "mother\tmale"), (f"{SAMPLES}, row 3", "mother, but its sex is male")),
    Mistake("tumour in a family", edit(SAMPLES, "mother", "tumour"), (f"{SAMPLES}, row 3", "mixes tumour or normal")),
    Mistake(
        "tumour",
        edit(SAMPLES, "solo\tproband", "solo\ttumour"),
        (f"{SAMPLES}, row 4: case `solo` is a tumour, but this version calls inherited variants only",),
    ),
    # who is who
    Mistake("father declared female", edit(SAMPLES, "mother", "father"), (f"{SAMPLES}, row 3", "father, but its sex is female")),
    Mistake("two mothers", edit(SAMPLES, "solo\tproband", "fam\tmother"), (f"{SAMPLES}, row 4", "case `fam` has a second mother")),
    Mistake("own parent", column(SAMPLES, "person", "p1", "p1"), (f"{SAMPLES}, row 3", "of one person, p1", "nobody is their own parent")),
    Mistake("person of two sexes", column(SAMPLES, "person", "p1", "", "p1"), (f"{SAMPLES}, row 4", "one person, p1, but male and female")),
    Mistake(
        "CPR as person", column(SAMPLES, "person", "010170-1234"), (f"{SAMPLES}, row 2", "column person", "CPR"), never=("010170-1234",)
    ),
    Mistake("spaces in a person", column(SAMPLES, "person", "Ada L"), (f"{SAMPLES}, row 2", "`person` is 'Ada L'")),
    Mistake("store of another assembly", store_of("GRCh38"), ("the fingerprint store is of GRCh38, and the samples are of GRCh37",)),
    Mistake(
        "damaged store",
        also(store_of("GRCh37"), lambda folder: next(folder.glob("store/*/*/records.bin")).write_bytes(b"x" * 4000)),
        ("records.bin: the fingerprint store is damaged: record 1 cannot be read",),
    ),
    Mistake(
        "store without likelihoods",
        also(store_of("GRCh37"), lambda folder: next(folder.glob("store/*/*/quality.bin")).unlink()),
        ("quality.bin: the fingerprint store is damaged",),
    ),
    Mistake("CPR as sample", edit(SAMPLES, "child", "0101701234"), (f"{SAMPLES}, row 2", "column sample", "CPR"), never=("0101701234",)),
    Mistake("CPR in a case", edit(SAMPLES, "fam", "F010170-1234"), (f"{SAMPLES}, row 2", "column case", "CPR"), never=("010170-1234",)),
    Mistake("CPR as order", column(SAMPLES, "order", "010170-1234"), (f"{SAMPLES}, row 2", "column order", "CPR"), never=("010170-1234",)),
    Mistake("shell in a name", edit(SAMPLES, "child", "a;touch b"), (f"{SAMPLES}, row 2", "`sample` is 'a;touch b'")),
    Mistake("path in a name", edit(SAMPLES, "fam", "../fam"), (f"{SAMPLES}, row 2", "`case` is '../fam'")),
    Mistake("name too long", edit(SAMPLES, "child", "c" * 65), (f"{SAMPLES}, row 2", "1 to 64 letters")),
    # units.tsv
    Mistake("units missing", remove(UNITS), (f"{UNITS}: there is no such file",)),
    Mistake("unit of nobody", edit(UNITS, "child\t", "chlid\t"), (f"{UNITS}, row 2", "sample `chlid` is not in samples.tsv", "`child`")),
    Mistake("duplicate unit", edit(UNITS, "mum\t", "child\t"), (f"{UNITS}, row 3", "unit `L1` of sample `child` is in row 2 already")),
    Mistake("duplicate path", edit(UNITS, "mum_1.fq.gz", "./child_1.fq.gz"), (f"{UNITS}, row 3", "is in row 2 already")),
    Mistake("one file for both", edit(UNITS, "mum_2.fq.gz", "mum_1.fq.gz"), (f"{UNITS}, row 3", "is both FASTQ files of the pair")),
    Mistake("bad MD5", column(UNITS, "md5_1", "xyz"), (f"{UNITS}, row 2", "`md5_1` is 'xyz'", "32 hexadecimal digits")),
    Mistake("FASTQ missing", edit(UNITS, "mum_1", "nowhere_1"), (f"{UNITS}, row 3", "nowhere_1.fq.gz is not there")),
    Mistake("FASTQ empty", write("mum_1.fq.gz", b""), (f"{UNITS}, row 3", "mum_1.fq.gz is empty")),
    Mistake("FASTQ not gzip", write("mum_1.fq.gz", b"@a\nA\n+\nI\n"), (f"{UNITS}, row 3", "mum_1.fq.gz is not compressed with gzip")),
    Mistake(
        "FASTQ by another name",
        also(remove("mum_1.fq.gz"), lambda folder: (folder / "mum_1.fq.gz").symlink_to("child_1.fq.gz")),
        (f"{UNITS}, row 3", "mum_1.fq.gz is the same file as child_1.fq.gz in row 2"),
    ),
    Mistake("disk too small", huge, ("GB free", "will write about", "`results`")),
    # what only reading to the end shows
    Mistake(
        "FASTQ truncated",
        lambda folder: (folder / "mum_2.fq.gz").write_bytes((folder / "mum_2.fq.gz").read_bytes()[:200]),
        ("mum_2.fq.gz: the gzip file is truncated",),
    ),
    Mistake("unequal pair", unpacked("mum_2.fq.gz", lambda text: text[: text.rindex(b"@")]), ("mum_1.fq.gz: there are 12 reads, but 11",)),
    Mistake("names differ", unpacked("mum_2.fq.gz", lambda text: text.replace(b":7 ", b":77 ")), ("mum_1.fq.gz: read 8 (line 29",)),
    Mistake("quality out of range", unpacked("mum_1.fq.gz", lambda text: text[:-2] + b" \n"), ("mum_1.fq.gz", "Phred+33 (line 48")),
    Mistake("Phred+64", unpacked("mum_1.fq.gz", lambda text: text.replace(b"I" * 60, b"h" * 60)), ("mum_1.fq.gz", "Phred+64")),
    Mistake("no FASTQ inside", unpacked("mum_1.fq.gz", lambda text: b"hello\n"), ("mum_1.fq.gz", "(line 1 of the unpacked file)")),
    Mistake("both reads in one file", unpacked("mum_1.fq.gz", twice_each), ("mum_1.fq.gz", "as if both reads of a pair")),
    Mistake("MD5 differs", column(UNITS, "md5_2", "0" * 32), ("child_2.fq.gz: the MD5 is", "but the sheet says 0000")),
    Mistake(
        "same reads under two samples",
        lambda folder: [(folder / f"mum_{mate}.fq.gz").write_bytes(gzip.compress(reads(0, mate), 1)) for mate in (1, 2)],
        ("the same reads are used twice: sample child, unit L1 (child_1.fq.gz) and sample mum, unit L1 (mum_1.fq.gz)",),
    ),
    # reference and regions
    Mistake(
        "contig twice",
        lambda folder: (folder / "ref.fa").write_bytes(2 * (folder / "ref.fa").read_bytes()),
        ("ref.fa: the reference has 2",),
    ),
    Mistake("reference missing", remove("ref.fa"), ("ref.fa: there is no such reference",)),
    Mistake("reference is none", write("ref.fa", "hello\n"), ("ref.fa: the reference is no FASTA",)),
    Mistake("reference gzip", also(lambda folder: write_gzip(folder / "ref.fa", b">MT\nA\n")), ("ref.fa", "compressed with gzip", "bgzip")),
    Mistake(
        "index not writable",
        config(reference={"name": "GRCh37", "fasta": "ref.fa", "index": "/proc/indexes"}),
        ("ref.fa: the reference has no index", "/proc/indexes", "`reference.index`"),
    ),
    Mistake("another assembly", edit("ref.fa", ">MT", ">20"), ("ref.fa: 20 has 16,569 bases, but that of GRCh37 has 63,025,520",)),
    Mistake("hg19's mitochondrion", mitochondrion_of_hg19, ("ref.fa: chrM of 16,571 bases is hg19's mitochondrion", "NC_012920.1")),
    Mistake("stale index", stale_index, ("ref.fa.fai: this is not the index of ref.fa as it is now", "remove it")),
    Mistake("regions missing", remove("regions.bed"), ("regions.bed: there is no such file",)),
    Mistake("regions outside", write("regions.bed", "MT\t100\t17000\n"), ("regions.bed, row 1", "outside the reference")),
    Mistake("regions elsewhere", write("regions.bed", "MT\t1\t9\nchrMT\t1\t9\n"), ("regions.bed, row 2", "chrMT is not in the reference")),
    Mistake("regions unsorted", write("regions.bed", "MT\t50\t90\nMT\t1\t9\n"), ("regions.bed, row 2", "not sorted")),
    Mistake("regions 1-based", write("regions.bed", "MT\t7\t7\n"), ("regions.bed, row 1", "start equals end", "1-based")),
    Mistake("regions empty", write("regions.bed", "\n"), ("regions.bed: there is no region",)),
    # the panel of common variants
    Mistake("panel missing", config(identity={"sites": "panel.tsv"}), ("panel.tsv: the panel cannot be read", "No such file")),
    Mistake(
        "panel of another assembly",
        also(write("panel.tsv", PANEL), config(identity={"sites": "panel.tsv"})),
        ("panel.tsv: the panel is of GRCh38, the reference is GRCh37",),
    ),
    Mistake(
        "panel with a row that is no site",
        also(write("panel.tsv", PANEL + "MT\t0\tA\tG\t.\n"), config(identity={"sites": "panel.tsv"})),
        ("panel.tsv, row 6: this is no site of a panel",),
    ),
    # phenopackets
    Mistake("phenopacket missing", remove("child.json"), ("child.json: there is no such phenopacket",)),
    Mistake("phenopacket no JSON", write("child.json", '{"id": 1,\n oops'), ("child.json, row 2: this is no valid JSON",)),
    Mistake(
        "phenopacket invalid",
        write("child.json", json.dumps(packet() | {"subject": {}})),
        ("child.json: `subject.id` is missing",),
    ),
    Mistake("phenopacket of nobody", phenopacket(subject="chlid"), ("child.json: the phenopacket is of `chlid`", "`child`")),
    Mistake("phenopacket of another", column(SAMPLES, "phenopacket", "", "child.json"), ("child.json", "row 3 of samples.tsv is `mum`")),
    Mistake("phenopacket of another sex", phenopacket(sex="MALE"), ("child.json: the phenopacket says male", "row 2 of samples.tsv")),
    Mistake("CPR as subject", phenopacket(subject="0101701234"), ("child.json", "CPR"), never=("0101701234",)),
    Mistake("unknown term", phenopacket(term="HP:9999999"), ("child.json", "HP:9999999", "2025-01-16")),
    Mistake("obsolete term", phenopacket(term="HP:0000057"), ("child.json", "HP:0000057 is obsolete", "use HP:0001250")),
    Mistake("merged term", phenopacket(term="HP:0002279"), ("child.json", "HP:0002279 is obsolete", "use HP:0001250")),
    Mistake(
        "term observed and excluded",
        with_part(phenotypicFeatures=[feature("HP:0001250"), feature("HP:0001250", excluded=True)]),
        ("child.json: HP:0001250 is both observed and excluded",),
    ),
    Mistake(
        "term observed, a more general one excluded",
        with_part(phenotypicFeatures=[feature("HP:0001250"), feature("HP:0000118", excluded=True)]),
        ("child.json: HP:0001250 (Seizure) is observed, but HP:0000118 (Phenotypic abnormality), of which it is a kind, is excluded",),
    ),
    Mistake("LOINC without unit", with_part(measurements=[result(value=900)]), ("child.json: the result of LOINC 2157-6 has no unit",)),
    Mistake(
        "LOINC in another unit than its reference range",
        with_part(measurements=[result(value=9, unit=U, referenceRange={"unit": {"label": "ukat/L"}, "low": 1, "high": 2})]),
        ("child.json: the result of LOINC 2157-6 is in U/L, its reference range in ukat/L",),
    ),
    Mistake(
        "no LOINC code",
        with_part(measurements=[{"assay": {"id": "LOINC:21576"}}]),
        ("child.json: `LOINC:21576` is no LOINC code",),
    ),
    Mistake(
        "laboratory table is none",
        also(write("labs.tsv", "code\tterm\n"), config(knowledge={"laboratory": {"path": "labs.tsv", "release": "1"}})),
        ("labs.tsv: the column `loincId` is missing",),
    ),
    Mistake(
        "solved cases are none",
        also(write("solved.json", "[{]\n"), config(knowledge=HPO | {"solved_cases": {"path": "solved.json", "release": "1"}})),
        ("solved.json: the solved cases cannot be read as JSON",),
    ),
    Mistake(
        "phenopacket of another assembly",
        with_part(interpretations=variant(genomeAssembly="GRCh38", chrom="MT", pos="5", ref="A")),
        ("child.json: the phenopacket names a variant or file on GRCh38, but `reference.name` is GRCh37",),
    ),
    Mistake(
        "phenopacket whose variant has another REF",
        with_part(interpretations=variant(genomeAssembly="hg19", chrom="chrM", pos="16569", ref="ACGTACGT")),
        ("child.json: the variant at chrM:16569 has REF ACGTACGT, but the reference has", "find out which assembly"),
    ),
]


# --- running them -------------------------------------------------------------------------------------------------------


def run(mistake: Mistake, good: Path, folder: Path) -> Outcome:
    shutil.copytree(good, folder)
    mistake.change(folder)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPO / "Snakefile"), "--directory", str(folder), "--cores", "1"]
    options = [str(folder / option) if option.endswith(".yaml") else option for option in mistake.options]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [*command, *options], cwd=folder, text=True, capture_output=True, timeout=300, env=environment, stdin=subprocess.DEVNULL
    )
    return Outcome(done.returncode, done.stdout + done.stderr, folder)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, good: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Outcome]]]:
    """Start the chosen cases, two at a time; a run spends much of its time waiting."""
    asked = [item.callspec.params["mistake"] for item in request.session.items if "mistake" in getattr(item, "fixturenames", ())]
    chosen = {mistake.name for mistake in asked if isinstance(mistake, Mistake)}  # other files have mistakes of their own kind
    home = tmp_path_factory.mktemp("bad")
    wanted = [mistake for mistake in MISTAKES if mistake.name in chosen]
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {mistake.name: pool.submit(run, mistake, good, home / str(number)) for number, mistake in enumerate(wanted)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_bad_input_is_refused_in_one_sentence(mistake: Mistake, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[mistake.name].result()
    assert outcome.status != 0, outcome.text
    assert not RAW.search(outcome.text), outcome.text
    sentences = [line for line in outcome.text.splitlines() if mistake.says[0] in line]
    assert any(all(part in line for part in mistake.says) for line in sentences), outcome.text
    assert not any(secret in outcome.text for secret in mistake.never)
    check_nothing_begun(outcome.folder)


def check_nothing_begun(folder: Path) -> None:
    """Find nothing aligned, nothing half-written, and only whole records of intake."""
    results = [path for path in (folder / "results").rglob("*") if path.is_file()] if (folder / "results").is_dir() else []
    assert not [path for path in results if path.suffix in {".cram", ".bam", ".gz"} and path.name != "sites.tsv.gz"]
    assert not [path for path in folder.rglob("*") if ".part" in path.name]
    for path in results:
        if path.suffix == ".json":
            json.loads(path.read_text())
