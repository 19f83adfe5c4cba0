"""Annotated variants of a case, as every later stage reads them (docs/architecture.md, stage annotation)."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import cyvcf2

from workflow.variant_keys import Key

CSQ_FIELDS = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature", "BIOTYPE", "EXON", "HGVSc", "HGVSp",
    "MANE_SELECT", "CANONICAL", "STRAND", "INTRON", "HGVS_NOTE", "HAPLOTYPE", "MANE_PLUS_CLINICAL",
)  # fmt: skip
"""Sub-fields of INFO/CSQ, in order. The last four are ours or optional in VEP; the rest is VEP's layout. Older files lack the last."""

_KNOWLEDGE = re.compile(r'^##genvej_knowledge=<ID=([^,]+),Status=(\w+),Release="([^"]*)"', re.MULTILINE)
PADDING, UNCALLED = -2, -1
"""What cyvcf2 has in place of an allele: beyond the copies that a call has, and not called."""


@dataclass(frozen=True, slots=True)
class Genotype:
    """One sample at one split record.

    Attributes:
        alleles: 0 reference, 1 this record's ALT, None not called; one entry a chromosome copy, so haploid calls have one.
            A copy that carries another ALT of the same site reads 0 here; `allele_depths` and `depth` show it.
        depth: FORMAT/DP, None where the caller gave none.
        allele_depths: reads for (reference, ALT), None where the caller gave none.
        quality: FORMAT/GQ (Phred), None where the caller gave none.
        phased: the caller phased it (`|`).
        phase_set: FORMAT/PS, within which phased genotypes can be compared; empty where the caller gave none.
    """

    alleles: tuple[int | None, ...]
    depth: int | None
    allele_depths: tuple[int, int] | None
    quality: int | None
    phased: bool
    phase_set: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a variant does to one transcript: one entry of INFO/CSQ.

    Attributes:
        terms: Sequence Ontology terms, the most severe first.
        impact: HIGH, MODERATE, LOW or MODIFIER (Ensembl's table).
        exon: `3/12` or empty; `intron` likewise.
        hgvs_c: `NM_170707.4:c.746G>A`, or `n.` for a transcript without coding sequence; empty when not evaluated.
        hgvs_p: `NM_170707.4:p.Arg249Gln`; empty when there is none or when not evaluated.
        hgvs_note: why a name is missing, empty when nothing is missing.
        haplotype: joint effect with a phased neighbour on the same copy, empty when there is none.
        is_plus_clinical: on a MANE Plus Clinical transcript.
    """

    terms: tuple[str, ...]
    impact: str
    symbol: str
    gene: str
    transcript: str
    biotype: str
    exon: str
    intron: str
    hgvs_c: str
    hgvs_p: str
    hgvs_note: str
    haplotype: str
    is_mane: bool
    is_canonical: bool
    strand: str
    is_plus_clinical: bool = False


@dataclass(frozen=True, slots=True)
class AnnotatedVariant:
    """One record of `cases/<case>/<case>.vcf.gz`: one ALT allele, left-aligned.

    Attributes:
        pos: 1-based position of the first base of `ref`.
        qual: Phred quality, None if absent.
        filters: names of the filters that it failed; empty = PASS.
        genotypes: by sample name, in the order of the file.
        consequences: the chosen transcript first; empty outside transcripts or when gene models were not evaluated.
        hgvs_g: `NC_000001.11:g.156137204G>A`, or with the contig's own name where no accession is known.
        annotations: INFO fields of knowledge sources (`clinvar_CLNSIG`, …); a key is there only where the source has a value.
    """

    contig: str
    pos: int
    ref: str
    alt: str
    qual: float | None
    filters: tuple[str, ...]
    genotypes: dict[str, Genotype]
    consequences: tuple[Consequence, ...]
    hgvs_g: str
    annotations: dict[str, str]

    @property
    def key(self) -> Key:
        """What names the variant."""
        return self.contig, self.pos, self.ref, self.alt


@dataclass(frozen=True, slots=True)
class KnowledgeState:
    """Whether a knowledge source was looked at (`##genvej_knowledge`), so that silence can be read."""

    name: str
    evaluated: bool
    release: str


def parse_csq(value: str) -> tuple[Consequence, ...]:
    """Return the entries of one INFO/CSQ value, in their order."""
    return tuple(_consequence(entry) for entry in value.split(",")) if value else ()


def _consequence(entry: str) -> Consequence:
    values = [unquote(value) for value in entry.split("|")]
    field = dict(zip(CSQ_FIELDS, [*values, *[""] * (len(values) == len(CSQ_FIELDS) - 1)], strict=True))
    return Consequence(
        terms=tuple(field["Consequence"].split("&")),
        impact=field["IMPACT"],
        symbol=field["SYMBOL"],
        gene=field["Gene"],
        transcript=field["Feature"],
        biotype=field["BIOTYPE"],
        exon=field["EXON"],
        intron=field["INTRON"],
        hgvs_c=field["HGVSc"],
        hgvs_p=field["HGVSp"],
        hgvs_note=field["HGVS_NOTE"],
        haplotype=field["HAPLOTYPE"],
        is_mane=bool(field["MANE_SELECT"]),
        is_canonical=field["CANONICAL"] == "YES",
        strand={"1": "+", "-1": "-"}.get(field["STRAND"], ""),
        is_plus_clinical=bool(field["MANE_PLUS_CLINICAL"]),
    )


def read_knowledge(path: str | Path) -> dict[str, KnowledgeState]:
    """Return the knowledge sources that the header of an annotated VCF declares, by name."""
    with contextlib.closing(cyvcf2.VCF(str(path))) as reader:
        lines = _KNOWLEDGE.findall(reader.raw_header)
    return {name: KnowledgeState(name, status == "evaluated", release) for name, status, release in lines}


def read_annotated(path: str | Path, *regions: str) -> Iterator[AnnotatedVariant]:
    """Yield the records of an annotated, split VCF in file order, one at a time; of `regions` (`chr1:100-200`, 1-based) in turn if given.

    The file and its index, which grow with the genome, are opened once for all regions.
    """
    with contextlib.closing(cyvcf2.VCF(str(path))) as reader:
        names, sources = tuple(reader.samples), sources_of(reader)
        for records in map(reader, regions) if regions else (reader,):
            for record in records:
                yield annotated(record, names, sources)


def sources_of(reader: cyvcf2.VCF) -> tuple[str, ...]:
    """Return what INFO fields of knowledge sources begin with in an annotated VCF."""
    return tuple(f"{name}_" for name, *_ in _KNOWLEDGE.findall(reader.raw_header))


def annotated(record: cyvcf2.Variant, names: tuple[str, ...], sources: tuple[str, ...]) -> AnnotatedVariant:
    """Return a record of an annotated VCF; `names` are its samples and `sources` what `sources_of` returns."""
    info = {key: value for key, value in record.INFO if key in ("CSQ", "HGVSg") or key.startswith(sources)}
    consequences, hgvs_g = parse_csq(info.pop("CSQ", "")), info.pop("HGVSg", "")
    return AnnotatedVariant(
        contig=record.CHROM,
        pos=record.POS,
        ref=record.REF,
        alt=record.ALT[0],
        qual=record.QUAL,
        filters=tuple(name for name in record.FILTERS if name not in ("PASS", ".")),
        genotypes=dict(zip(names, _genotypes(record, len(names)), strict=True)),
        consequences=consequences,
        hgvs_g=hgvs_g,
        annotations={key: _text(value) for key, value in info.items()},
    )


def _text(value: object) -> str:
    """Return an INFO value as text; seven digits are what VCF's floats hold."""
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return unquote(value) if isinstance(value, str) else f"{value:.7g}" if isinstance(value, float) else str(value)


def _genotypes(record: cyvcf2.Variant, count: int) -> Iterator[Genotype]:
    calls = record.genotype.array() if count else ()
    present = set(record.FORMAT)
    depths, qualities, reads, sets = (record.format(key) if key in present else None for key in ("DP", "GQ", "AD", "PS"))
    for at, call in enumerate(calls):
        alleles = tuple(None if allele == UNCALLED else int(allele) for allele in call[:-1] if allele != PADDING)
        pair = [_number(value) for value in reads[at]] if reads is not None else []
        yield Genotype(
            alleles=alleles,
            depth=None if depths is None else _number(depths[at][0]),
            allele_depths=(pair[0], pair[1]) if len(pair) == 2 and pair[0] is not None and pair[1] is not None else None,
            quality=None if qualities is None else _number(qualities[at][0]),
            phased=bool(call[-1]),
            phase_set="" if sets is None or (number := _number(sets[at][0])) is None else str(number),
        )


def _number(value: float) -> int | None:
    """Return an integer of FORMAT, None where it is missing (htslib's sentinels are negative) or not a number."""
    return int(value) if value >= 0 else None
