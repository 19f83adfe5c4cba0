"""A trio's joint calls at the size of life, invented: for `scripts.bench.whole_case`.

The reference is random sequence with GRCh38's lengths, so gene models fit in place and not in codons; calls lie evenly over it, which puts
nearly twice as many into coding sequence as a person has. There are no reads. Everything follows from the seed.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pysam
import yaml
from numpy.typing import NDArray

from scripts.decide_karyotype import decide
from workflow.ontology import read_ontology
from workflow.ploidy import SexContigs
from workflow.reference import lengths, par_regions, sex_contigs

SEXES = {"kid": "female", "mum": "female", "dad": "male"}
SAMPLES = tuple(SEXES)
DEPTH = 30.0
LIMITS = {"name": "invented", "date": "2026-01-01"}
RELEASED = {"decision": "release", "limits": LIMITS, "versions": {}, "metrics": [], "reasons": ["invented"], "notes": []}
HET, HOM, REF = "0/1:15,16:31:99:400,0,400", "1/1:0,30:30:89:900,89,0", "0/0:31,0:31:90:0,90,900"
FAMILIES = {
    (HET, HET, REF): 0.26,
    (HET, REF, HET): 0.26,
    (HOM, HOM, HOM): 0.16,
    (HET, HET, HET): 0.12,
    (HOM, HET, HET): 0.1,
    (REF, HET, REF): 0.0498,
    (REF, REF, HET): 0.0498,
    (HET, REF, REF): 0.0004,
}
"""Calls of child, mother and father, and how often they are met."""
FORMATS = (("GT", "1", "String"), ("AD", "R", "Integer"), ("DP", "1", "Integer"), ("GQ", "1", "Integer"), ("PL", "G", "Integer"))
INFOS = (("AF", "A", "Float"), ("AC", "A", "Integer"), ("AN", "1", "Integer"))
COMMON, UNKNOWN = 0.97, 0.005  # share of the records that the population source has as common, and that it lacks
TERMS = ("HP:0001250", "HP:0001263", "HP:0001252", "HP:0000252", "HP:0001644")
Bytes = NDArray[np.uint8]


def contigs() -> dict[str, int]:
    """Return the autosomes and X of GRCh38 with their lengths."""
    return {f"chr{name}": length for name, length in lengths("GRCh38").items() if name not in {"Y", "MT"}}


def sequences(dice: np.random.Generator) -> Iterator[tuple[str, Bytes]]:
    """Give random sequence of each contig, as letters."""
    for name, length in contigs().items():
        yield name, np.frombuffer(b"ACGT", np.uint8)[dice.integers(0, 4, length, dtype=np.uint8)]


def write_genome(folder: Path, records: int) -> None:
    """Write reference.fa, the trio's calls and a population source; each indexed."""
    dice = np.random.default_rng(6)
    whole = sum(contigs().values())
    calls, known = (folder / name for name in ("results/small_variants/case1.vcf.gz", "gnomad.vcf.gz"))
    calls.parent.mkdir(parents=True)
    with open(folder / "reference.fa", "wb") as fasta, open_packed(calls) as one, open_packed(known) as other:
        one.write(header("FORMAT", FORMATS, SAMPLES))
        other.write(header("INFO", INFOS, ()))
        for name, letters in sequences(dice):
            fasta.write(b">%s\n%s\n" % (name.encode(), letters.tobytes()))
            for call, population in lines(name, letters, round(records * len(letters) / whole), dice):
                one.write(call.encode())
                other.write(population.encode())
    pysam.faidx(str(folder / "reference.fa"))
    for file in (calls, known):
        pysam.tabix_index(str(file), preset="vcf", force=True)


def open_packed(file: Path) -> pysam.BGZFile:
    """Open a BGZF file for writing."""
    return pysam.BGZFile(str(file), "wb", None)


def header(kind: str, fields: Sequence[tuple[str, str, str]], samples: Sequence[str]) -> bytes:
    """Return the header of a VCF with some fields (name, number, type) of a kind."""
    told = [f'##{kind}=<ID={name},Number={number},Type={form},Description="{name}">' for name, number, form in fields]
    names = [f"##contig=<ID={name},length={length}>" for name, length in contigs().items()]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", *(("FORMAT", *samples) if samples else ())]
    return "\n".join(["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="p">', *names, *told, "\t".join(columns), ""]).encode()


def lines(contig: str, letters: Bytes, records: int, dice: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Give the line of the calls and of the population source ("" = not known) of each record of a contig."""
    form = ":".join(name for name, *_ in FORMATS)
    families = ["\t".join(calls) for calls in FAMILIES]
    places = np.unique(dice.integers(1000, len(letters) - 1000, records))
    size = len(places)
    chosen, chance = dice.choice(len(families), size, p=list(FAMILIES.values())), dice.random(size)
    often, turn = np.where(chance < COMMON, dice.uniform(0.02, 0.5, size), 1e-5), dice.integers(1, 4, size)
    drawn = zip(places.tolist(), chosen.tolist(), chance.tolist(), often.tolist(), turn.tolist(), strict=True)
    for at, family, luck, share, step in drawn:
        ref = chr(letters[at])
        start = f"{contig}\t{at + 1}\t.\t{ref}\t{'ACGT'['ACGT'.index(ref) - step]}"
        known = f"{start}\t.\tPASS\tAF={share:.5f};AC={round(150_000 * share)};AN=150000\n" if luck < 1 - UNKNOWN else ""
        yield f"{start}\t600\tPASS\t.\t{form}\t{families[family]}\n", known


def write_rest(folder: Path, hpo: Path, models: Path) -> None:
    """Write what the rules read beside the calls: empty alignments, karyotypes, territory, sheets, config."""
    results = folder / "results"
    for name in ("reference", "coverage"):
        (results / name).mkdir()
    (results / "reference/territory.bed").write_text("".join(f"{name}\t0\t{length}\n" for name, length in contigs().items()))
    for name in SAMPLES:
        write_sample(folder, name)
    roles = zip(SAMPLES, ("proband", "mother", "father"), SEXES.values(), ("yes", "no", "no"), strict=True)
    rows = ["sample\tcase\trole\tsex\taffected", *("\t".join((name, "case1", *more)) for name, *more in roles)]
    (folder / "samples.tsv").write_text("\n".join(rows) + "\n")
    units = ["sample\tunit\tfastq_1\tfastq_2", *(f"{name}\tL1\t{name}_1.fq\t{name}_2.fq" for name in SAMPLES)]
    (folder / "units.tsv").write_text("\n".join(units) + "\n")
    packet = {"id": "kid", "subject": {"id": "kid"}, "phenotypicFeatures": [{"type": {"id": term}} for term in TERMS]}
    (folder / "kid.json").write_text(json.dumps(packet | {"metaData": {"phenopacketSchemaVersion": "2.0"}}))
    paths = {"gene_models": models.resolve(), "hpo": hpo.resolve(), "gnomad": "gnomad.vcf.gz"}
    config: dict[str, Any] = {"samples": "samples.tsv", "units": "units.tsv", "phenopackets": "kid.json"}
    config["reference"] = {"name": "GRCh38", "fasta": "reference.fa"}
    config["knowledge"] = {name: {"path": str(path), "release": "of the benchmark"} for name, path in paths.items()}
    config["knowledge"]["hpo"]["release"] = read_ontology(hpo / "hp.obo").release
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def karyotype(sex: str) -> dict[str, Any]:
    """Return the karyotype record of a person of whom Y was not looked at: there is none in the reference."""
    depths = {contig: DEPTH / 2 if sex == "male" and contig == "chrX" else DEPTH for contig in contigs()}
    regions = [(contig, 0, length, depths[contig]) for contig, length in contigs().items()]
    return decide(sex, regions, contigs(), SexContigs(*sex_contigs(contigs()), par=par_regions("GRCh38")))


def write_sample(folder: Path, name: str) -> None:
    """Write a person's empty alignment, all of it callable, karyotype, decision, and a lane of one pair."""
    place = folder / "results/samples" / name
    place.mkdir(parents=True)
    sequences = [{"SN": contig, "LN": length} for contig, length in contigs().items()]
    head = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": sequences, "RG": [{"ID": name, "SM": name}]}
    fasta = str(folder / "reference.fa")
    pysam.AlignmentFile(str(place / f"{name}.cram"), "wc", header=head, reference_filename=fasta).close()
    pysam.index(str(place / f"{name}.cram"))
    with pysam.BGZFile(str(place / "callable.bed.gz"), "wb", None) as callable_regions:
        callable_regions.write("".join(f"{contig}\t0\t{length}\n" for contig, length in contigs().items()).encode())
    pysam.tabix_index(str(place / "callable.bed.gz"), preset="bed", force=True)
    (folder / f"results/coverage/{name}.karyotype.json").write_text(json.dumps(karyotype(SEXES[name])))
    (place / "release.json").write_text(json.dumps(RELEASED | {"sample": name}))
    for mate in (1, 2):
        (folder / f"{name}_{mate}.fq").write_text(f"@r/{mate}\n{'ACGT' * 25}\n+\n{'I' * 100}\n")
