"""A gene of refGene's table and its transcripts as lines of GFF3, in the dialect of Ensembl (see `scripts/build_gene_models.py`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.refgene import PRIMARY, ManeSelect, Model, Span, clip, length

BIOTYPES = {"lncRNA": "lincRNA", "TEC": "misc_RNA"}
Line = tuple[int, int, int, str]  # rank of the contig, start (0-based), rank of the feature, text


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
