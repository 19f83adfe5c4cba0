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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pysam

from workflow.files import atomic
from workflow.gff3_lines import Line, biotype_of, lines_of, tags_of
from workflow.refgene import PRIMARY, ManeSelect, Model, fault, read_exons, read_refgene


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
