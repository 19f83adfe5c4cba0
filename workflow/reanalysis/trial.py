"""Published patients as finished cases: each one's own variant among those of others, as calls that were never sequenced.

The calls are simulated: a record a variant with a consequence read off its published name, well covered and rare. What a reanalysis does
with them is real. Files of patients have the format of solved cases (`workflow/case_base.py`), with `vcf` and `hgvs` besides.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysam

from workflow.annotated_header import CSQ, HGVS_G, knowledge_lines
from workflow.config_sections import Knowledge
from workflow.files import write_json
from workflow.reference import lengths
from workflow.text import open_text
from workflow.variants import CSQ_FIELDS

ASSEMBLIES = {"hg38", "GRCh38"}
CONTIGS = {"chrM" if name == "MT" else f"chr{name}": length for name, length in lengths("GRCh38").items()}
SEXES = {"MALE": "male", "FEMALE": "female"}
GENOTYPES = {"heterozygous": "0/1", "homozygous": "1/1", "hemizygous": "1/1"}
KARYOTYPES = {"male": "XY", "female": "XX", "unknown": "XX"}
KINDS = (
    (r"p\.\(?[A-Z][a-z]{2}\d+(Ter|\*)", "stop_gained", "HIGH"),
    (r"p\..*fs", "frameshift_variant", "HIGH"),
    (r"c\.-?\d+(_\d+)?\+[12]\D", "splice_donor_variant", "HIGH"),
    (r"c\.-?\d+(_\d+)?-[12]\D", "splice_acceptor_variant", "HIGH"),
    (r"p\.\(?[A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)?$", "missense_variant", "MODERATE"),
    (r"p\..*(del|ins|dup)", "inframe_deletion", "MODERATE"),
)
"""Consequences by what a published name looks like; a variant with another name is left out."""
FEWEST_TERMS = 3
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Called:
    """A variant of a published patient: place, genotype, gene, consequence, HGVS c. and p."""

    contig: str
    pos: int
    ref: str
    alt: str
    genotype: str
    gene: str
    consequence: str
    impact: str
    hgvs_c: str
    hgvs_p: str


@dataclass(frozen=True)
class Patient:
    """A published patient with the variants that explain the disease."""

    case: str
    sex: str
    gene: str
    source: str
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    own: tuple[Called, ...]


def read_patients(path: Path) -> list[Patient]:
    """Return the patients of a file who have a gene, a variant whose consequence its name tells, and at least three terms."""
    with open_text(path) as handle:
        records = json.load(handle)
    found = (_patient(one) for one in records)
    return [one for one in found if one and len(one.observed) >= FEWEST_TERMS]


def _patient(one: Data) -> Patient | None:
    if len(one["genes"]) != 1:
        return None
    names = {kind.removeprefix("hgvs."): name for kind, name in one.get("hgvs", ())}
    consequence = consequence_of(names.get("c", ""), names.get("p", ""))
    variants = [variant for variant in one.get("vcf", ()) if variant[0] in ASSEMBLIES and variant[1] in CONTIGS]
    if not (consequence and variants):
        return None
    genotypes = [GENOTYPES.get(variant[5] if len(variant) > 5 else "", "0/1") for variant in variants]
    own = tuple(
        Called(contig, int(pos), ref, alt, genotype, one["genes"][0], *consequence, names.get("c", ""), names.get("p", ""))
        for (_, contig, pos, ref, alt, *_), genotype in zip(variants, genotypes, strict=True)
        if set(ref + alt) <= set("ACGT")
    )
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", one["id"])[:64]
    sex = SEXES.get(one.get("sex", ""), "unknown")
    return Patient(name, sex, one["genes"][0], one["pmid"], tuple(one["obs"]), tuple(one["exc"]), own) if own else None


def consequence_of(hgvs_c: str, hgvs_p: str) -> tuple[str, str] | None:
    """Return consequence and impact that published names show, None where they show none.

    >>> consequence_of("NM_170707.4:c.746G>A", "NP_733821.1:p.(Arg249Gln)")
    ('missense_variant', 'MODERATE')
    """
    names = (hgvs_p, hgvs_c)
    return next(((term, impact) for pattern, term, impact in KINDS if any(re.search(pattern, name) for name in names)), None)


def drawn(patients: Sequence[Patient], number: int) -> list[Patient]:
    """Return up to `number` patients, drawn by a digest of their names: one of each gene, then a second of each, and so on."""
    by_gene: dict[str, list[Patient]] = defaultdict(list)
    for one in sorted(patients, key=lambda one: _digest(one.case)):
        by_gene[one.gene].append(one)
    order = sorted(by_gene, key=_digest)
    rounds = range(max(map(len, by_gene.values()), default=0))
    return [by_gene[gene][turn] for turn in rounds for gene in order if turn < len(by_gene[gene])][:number]


def rivals_of(one: Patient, patients: Sequence[Patient], number: int) -> list[Called]:
    """Return a variant of each of `number` other genes, drawn by digests, heterozygous in this patient."""
    others: dict[str, Called] = {}
    for other in sorted(patients, key=lambda other: _digest(f"{one.case} {other.case}")):
        if other.gene != one.gene and len(others) < number:
            others.setdefault(other.gene, other.own[0])
    return list(others.values())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_reference(path: Path, bases: int = 1) -> Path:
    """Write a FASTA with the primary contigs' names and some N each: positions are looked up in the calls alone."""
    path.write_text("".join(f">{contig}\n{'N' * bases}\n" for contig in CONTIGS), encoding="ascii")
    pysam.faidx(str(path))
    return path


def write_case(tree: Path, one: Patient, rivals: Iterable[Called], knowledge: Mapping[str, Knowledge]) -> None:
    """Write what a finished case has before it is interpreted: annotated calls, family, phase; and the question of its report."""
    folder = tree / "cases" / one.case
    folder.mkdir(parents=True, exist_ok=True)
    calls = sorted({(call.contig, call.pos, call.ref, call.alt): call for call in (*rivals, *one.own)}.values(), key=_place)
    text = "".join(f"{line}\n" for line in (*_header(one.case, knowledge), *map(_record, calls)))
    with pysam.BGZFile(str(folder / f"{one.case}.vcf.gz"), "wb", None) as target:
        target.write(text.encode())
    pysam.tabix_index(str(folder / f"{one.case}.vcf.gz"), preset="vcf", force=True)
    member = {"sample": one.case, "role": "proband", "sex": one.sex, "affected": "yes", "mother": "", "father": ""}
    family = {"case": one.case, "members": [member | {"karyotype": KARYOTYPES[one.sex]}], "parentage": {}, "uniparental": []}
    write_json(tree / f"family/{one.case}.family.json", family | {"consanguinity": {"runs": []}, "reads": {}})
    (tree / f"family/{one.case}.phased.vcf").write_text("\n".join(_plain_header(one.case)) + "\n", encoding="utf-8")
    write_json(folder / "report.json", {"question": question_of(one)})


def question_of(one: Patient) -> dict[str, Any]:
    """Return members and terms of a patient as report.json holds them."""
    member = {
        "sample": one.case,
        "role": "proband",
        "sex": one.sex,
        "affected": "yes",
        "material": "",
        "order": "",
        "mother": "",
        "father": "",
    }
    return {"members": [member], "terms": terms_of(one)}


def terms_of(one: Patient) -> list[dict[str, Any]]:
    """Return the patient's terms as a phenopacket has them, without labels."""
    return [
        {"id": term, "label": term, "excluded": excluded}
        for terms, excluded in ((one.observed, False), (one.excluded, True))
        for term in terms
    ]


def case_param(one: Patient) -> dict[str, Any]:
    """Return the patient's case as the params of the rules hold it."""
    member = {"sample": one.case, "role": "proband", "sex": one.sex, "affected": "yes", "mother": "", "father": ""}
    names = sorted({one.case, one.source})
    return {
        "name": one.case,
        "proband": one.case,
        "members": [member],
        "terms": terms_of(one),
        "measurements": [],
        "names": names,
        "phenopacket": None,
    }


def _place(call: Called) -> tuple[int, int, str, str]:
    return list(CONTIGS).index(call.contig), call.pos, call.ref, call.alt


def _plain_header(sample: str) -> Iterator[str]:
    yield "##fileformat=VCFv4.2"
    yield from (f"##contig=<ID={contig},length={length}>" for contig, length in CONTIGS.items())
    yield '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
    yield "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample])


def _header(sample: str, knowledge: Mapping[str, Knowledge]) -> Iterator[str]:
    *start, last = _plain_header(sample)
    yield from start
    yield '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads">'
    yield '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads by allele">'
    yield '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">'
    yield from (*knowledge_lines(knowledge), HGVS_G.header(), CSQ.header(), last)


def _record(call: Called) -> str:
    transcript = call.hgvs_c.partition(":")[0]
    fields = dict.fromkeys(CSQ_FIELDS, "") | {
        "Allele": call.alt, "Consequence": call.consequence, "IMPACT": call.impact, "SYMBOL": call.gene, "Gene": call.gene,
        "Feature": transcript, "BIOTYPE": "protein_coding", "HGVSc": call.hgvs_c, "HGVSp": call.hgvs_p, "MANE_SELECT": transcript,
        "CANONICAL": "YES", "STRAND": "1",
    }  # fmt: skip
    value = "|".join(text.replace("%", "%25").replace("|", "%7C").replace("=", "%3D").replace(";", "%3B") for text in fields.values())
    reads = "0,30" if call.genotype == "1/1" else "15,15"
    return "\t".join(
        [call.contig, str(call.pos), ".", call.ref, call.alt, "60", "PASS", f"CSQ={value}", "GT:DP:AD:GQ", f"{call.genotype}:30:{reads}:60"]
    )
