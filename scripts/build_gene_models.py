"""Build gene models (GFF3) from UCSC's refGene table, with MANE Select marked by comparison with GENCODE's exons.

Format, in the dialect of Ensembl that `bcftools csq` reads, sorted by position (parents first), bgzip-compressed, tabix-indexed:

- `gene`: `ID=gene:LMNA;Name=LMNA;biotype=protein_coding`. A second locus of a symbol is `gene:LMNA.2`. `Alias` holds the symbol of
  refGene where GENCODE 44 has a newer one for the same introns.
- `mRNA` or `transcript`: `ID=transcript:NM_170707;Parent=gene:LMNA;Name=NM_170707;biotype=protein_coding;tag=MANE_Select,canonical`.
  Accessions are without version, since refGene has none.
- `exon`, `CDS` (with phase), `five_prime_UTR`, `three_prime_UTR`: `Parent=transcript:NM_170707`.

`tag=MANE_Select`: all introns are those of GENCODE's MANE Select transcript and the coding region lies within it (the ends of the
untranslated regions may differ; of several such transcripts, the one with the nearest ends). `tag=canonical`: one transcript of each
gene, MANE Select if there is one, else the longest coding region whose exon boundaries are MANE Select's, else the longest.

Biotypes of genes are GENCODE's, in words that csq knows (`lncRNA` becomes `lincRNA`); non-coding transcripts of coding genes are
`processed_transcript`, those of genes that GENCODE does not name `misc_RNA`. Left out and counted in the log: contigs other than 1-22, X
and Y; coding regions that are not whole codons or not in the table's own frames; transcripts on several loci, except the one copy that
is its gene's MANE Select, or the copy on X of X and Y (pseudoautosomal).
"""

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pysam

from workflow.files import atomic
from workflow.refgene import PRIMARY, ManeSelect, Model, Span, clip, fault, length, read_exons, read_refgene

BIOTYPES = {"lncRNA": "lincRNA", "TEC": "misc_RNA"}
Line = tuple[int, int, int, str]  # rank of the contig, start (0-based), rank of the feature, text


def renamed(models: list[Model], mane: ManeSelect) -> list[Model]:
    """Give a gene that GENCODE does not name the symbol that GENCODE has for its introns, if that is one symbol of no other gene."""
    taken = {model.locus for model in models}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for model in models:
        if model.locus not in mane.exons:
            found[model.locus] |= mane.symbols(model)
    names = {locus: next(iter(symbols)) for locus, symbols in found.items() if len(symbols) == 1}
    claims = Counter((contig, name) for (contig, _), name in names.items())
    new = {locus: name for locus, name in names.items() if (locus[0], name) not in taken and claims[locus[0], name] == 1}
    return [replace(model, gene=new[model.locus], alias=model.gene) if model.locus in new else model for model in models]


def one_locus(copies: list[Model], mane: ManeSelect) -> list[Model]:
    """Return the one copy of a transcript to keep (its gene's MANE Select, or X of X and Y), nothing if there is no such copy."""
    if len(copies) == 1:
        return copies
    selects = [model for model in copies if mane.distance(model) is not None]
    on_x = [model for model in copies if model.contig == "chrX"] if {model.contig for model in copies} == {"chrX", "chrY"} else []
    return selects if len(selects) == 1 else on_x if len(on_x) == 1 else []


def usable(models: Iterable[Model], mane: ManeSelect) -> tuple[list[Model], Counter[str]]:
    """Return the models to write, and how many were left out for which reason."""
    sound: list[Model] = []
    dropped: Counter[str] = Counter()
    for model in models:
        reason = fault(model)
        if reason:
            dropped[reason] += 1
        else:
            sound.append(model)
    copies: dict[str, list[Model]] = defaultdict(list)
    for model in renamed(sound, mane):
        copies[model.id].append(model)
    kept = [model for group in copies.values() for model in one_locus(group, mane)]
    dropped["is on several loci"] = len(sound) - len(kept)
    return kept, dropped


def lost_genes(before: Iterable[Model], after: Iterable[Model]) -> set[str]:
    """Return the coding genes of the primary contigs that lost every transcript, by refGene's symbols."""
    left = {model.alias or model.gene for model in after}
    return {model.gene for model in before if model.cds and model.contig in PRIMARY} - left


def genes_of(models: Iterable[Model]) -> Iterator[tuple[str, list[Model]]]:
    """Give (identifier, transcripts) of each gene: transcripts of one symbol and strand that overlap."""
    groups: dict[tuple[str, str, str], list[list[Model]]] = defaultdict(list)
    for model in sorted(models, key=lambda model: (PRIMARY.index(model.contig), model.span, model.id)):
        loci = groups[model.gene, model.contig, model.strand]
        if loci and model.span[0] < max(other.span[1] for other in loci[-1]):
            loci[-1].append(model)
        else:
            loci.append([model])
    seen: Counter[str] = Counter()
    for (symbol, _, _), loci in groups.items():
        for locus in loci:
            seen[symbol] += 1
            yield (symbol if seen[symbol] == 1 else f"{symbol}.{seen[symbol]}"), locus


def tags_of(gene: list[Model], mane: ManeSelect) -> dict[str, str]:
    """Return {transcript: tags} of the transcript that stands for a gene."""

    def merit(model: Model) -> tuple[Any, ...]:
        distance = mane.distance(model)
        far = float("inf") if distance is None else distance
        return far, not mane.codes_alike(model), -length(model.cds), -length(model.exons), model.id

    best = min(gene, key=merit)
    return {best.id: "canonical" if mane.distance(best) is None else "MANE_Select,canonical"}


def blocks_of(model: Model) -> Iterator[tuple[str, Span, str]]:
    """Give (feature, span, phase) of a transcript's parts."""
    before, after = ("five_prime_UTR", "three_prime_UTR")[:: 1 if model.strand == "+" else -1]
    for exon, frame in zip(model.exons, model.frames, strict=True):
        yield "exon", exon, "."
        if model.cds:
            yield from ((before, part, ".") for part in clip([exon], 0, model.coding[0]))
            yield from (("CDS", part, str(-frame % 3)) for part in clip([exon], *model.coding))
            yield from ((after, part, ".") for part in clip([exon], model.coding[1], exon[1]))


def lines_of(gene_id: str, gene: list[Model], biotype: str, tags: Mapping[str, str]) -> Iterator[Line]:
    """Give the GFF3 lines of a gene and its transcripts."""
    first = gene[0]
    contig = PRIMARY.index(first.contig)

    def line(feature: str, span: Span, phase: str, attributes: str, rank: int) -> Line:
        return (
            contig,
            span[0],
            rank,
            f"{first.contig}\tRefSeq\t{feature}\t{span[0] + 1}\t{span[1]}\t.\t{first.strand}\t{phase}\t{attributes}\n",
        )

    alias = f";Alias={first.alias}" if first.alias else ""
    span = min(model.span[0] for model in gene), max(model.span[1] for model in gene)
    yield line("gene", span, ".", f"ID=gene:{gene_id};Name={first.gene};biotype={biotype}{alias}", 0)
    for model in gene:
        kind = "protein_coding" if model.cds else "processed_transcript" if biotype == "protein_coding" else biotype
        tag = f";tag={tags[model.id]}" if model.id in tags else ""
        attributes = f"ID=transcript:{model.id};Parent=gene:{gene_id};Name={model.id};biotype={kind}{tag}"
        yield line("mRNA" if model.cds else "transcript", model.span, ".", attributes, 1)
        for feature, part, phase in blocks_of(model):
            yield line(feature, part, phase, f"Parent=transcript:{model.id}", 2)


def biotype_of(gene: list[Model], types: Mapping[str, str]) -> str:
    """Return a gene's biotype: coding if a transcript is, else GENCODE's word for the symbol in the vocabulary of csq."""
    if any(model.cds for model in gene):
        return "protein_coding"
    named = types.get(gene[0].gene, "misc_RNA")
    return BIOTYPES.get(named, named)


def read_types(lines: Iterable[str]) -> dict[str, str]:
    """Return {symbol: gene type} from rows of contig, start, end, symbol, identifier, strand, type."""
    rows = (line.rstrip("\n").split("\t") for line in lines if not line.startswith("#"))
    return {row[3]: row[6] for row in rows}


def main(*, input: Any, output: Any, **_: object) -> None:
    """Write the gene models as GFF3, and say in the log what is in them and what was left out."""
    with open(input.refgene, encoding="utf-8") as table, gzip.open(input.mane, "rt") as exons, gzip.open(input.genes, "rt") as genes:
        mane, types = ManeSelect(read_exons(exons)), read_types(genes)
        table_models = list(read_refgene(table))
    models, dropped = usable(table_models, mane)
    lines: list[Line] = []
    count: Counter[str] = Counter()
    for gene_id, gene in genes_of(models):
        tags = tags_of(gene, mane)
        count.update(tag for each in tags.values() for tag in each.split(","))
        lines += lines_of(gene_id, gene, biotype_of(gene, types), tags)
    with atomic(output.gff3) as part:
        with pysam.BGZFile(str(part), "wb", None) as packed:
            packed.write(b"##gff-version 3\n#!genome-build GRCh38\n")
            packed.write("".join(text for *_, text in sorted(lines)).encode())
        pysam.tabix_index(str(part), preset="gff", force=True)
    print(f"{count['canonical']:,} genes, {len(models):,} transcripts; {count['MANE_Select']:,} genes with MANE Select")
    print(*(f"left out: {number:,} transcripts: {reason}" for reason, number in dropped.most_common()), sep="\n")
    print("coding genes without any transcript left:", *sorted(lost_genes(table_models, models)))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
