"""Gene models from a GFF3 file in Ensembl's dialect (`ID=gene:…`, `ID=transcript:…`), which `bcftools csq` reads too."""

import gzip
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from workflow.errors import InputError
from workflow.transcript import Blocks, Transcript, chosen_transcript

CANONICAL_TAGS = frozenset({"canonical", "Ensembl_canonical"})
MANE_TAGS = frozenset({"MANE_Select"})
_ATTRIBUTE = re.compile(r"(ID|Parent|Name|biotype|version|tag)=([^;]*)")


def read_transcripts(gff3: str | Path, *, genes: Collection[str] | None = None, contigs: Collection[str] | None = None) -> list[Transcript]:
    """Return the transcripts of a GFF3 file, plain or gzipped, in order of the file.

    Args:
        gff3: path of the file.
        genes: symbols or gene identifiers to keep; None = all.
        contigs: contigs to keep; None = all.

    Raises:
        InputError: the file is not readable, or holds no transcript in Ensembl's dialect.
    """
    reading = _Reading(gff3, genes, contigs)
    try:
        for line in _lines(gff3):
            reading.take(line)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as a GFF3 file", file=gff3, remedy="give a plain or gzipped GFF3 file") from error
    except (IndexError, ValueError, KeyError) as error:
        raise InputError("is not a valid GFF3 file", file=gff3, row=reading.row, remedy="nine tab-separated columns are needed") from error
    if not reading.seen_transcript:
        raise InputError(
            "holds no transcript", file=gff3, remedy="give gene models in Ensembl's GFF3 dialect (ID=transcript:…;Parent=gene:…)"
        )
    return _with_canonical(reading.transcripts())


def _lines(path: str | Path) -> Iterator[str]:
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else open(path, encoding="utf-8") as text:
        yield from text


class _Reading:
    """State of one pass over a GFF3 file: parents stand before their children."""

    def __init__(self, path: str | Path, genes: Collection[str] | None, contigs: Collection[str] | None) -> None:
        self.path, self.contigs = path, contigs
        self.wanted = None if genes is None else frozenset(genes)
        self.row = 0
        self.seen_transcript = False
        self.symbols: dict[str, str] = {}
        self.heads: dict[str, Transcript] = {}
        self.exons: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.cds: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)

    def take(self, line: str) -> None:
        self.row += 1
        if line.startswith("#") or line.isspace():
            return
        column = line.rstrip("\n").split("\t")
        kind, attributes = column[2], column[8]
        if kind in {"exon", "CDS"}:
            self._take_block(kind, column)
        elif attributes.startswith("ID=gene:") or ";ID=gene:" in attributes:
            self._take_gene(attributes)
        elif "ID=transcript:" in attributes:
            self._take_transcript(column)

    def _take_block(self, kind: str, column: list[str]) -> None:
        attributes = column[8]
        at = attributes.find("Parent=transcript:")
        if at < 0:
            return
        for parent in attributes[at + 7 :].partition(";")[0].split(","):
            name = parent.removeprefix("transcript:")
            if name not in self.heads:
                continue
            start, end = int(column[3]) - 1, int(column[4])
            if kind == "exon":
                self.exons[name].append((start, end))
            else:
                self.cds[name].append((start, end, int(column[7]) if column[7] != "." else 0))

    def _take_gene(self, attributes: str) -> None:
        field = dict(_ATTRIBUTE.findall(attributes))
        name = field["ID"].removeprefix("gene:")
        self.symbols[name] = field.get("Name") or name

    def _take_transcript(self, column: list[str]) -> None:
        self.seen_transcript = True
        field = dict(_ATTRIBUTE.findall(column[8]))
        gene_id = field["Parent"].removeprefix("gene:")
        symbol = self.symbols.get(gene_id, gene_id)
        if self.contigs is not None and column[0] not in self.contigs:
            return
        if self.wanted is not None and not {symbol, gene_id} & self.wanted:
            return
        source_id = field["ID"].removeprefix("transcript:")
        version = field.get("version")
        tags = set(field.get("tag", "").split(","))
        self.heads[source_id] = Transcript(
            gene=symbol,
            gene_id=gene_id,
            id=f"{source_id}.{version}" if version and "." not in source_id else source_id,
            source_id=source_id,
            biotype=field.get("biotype", ""),
            contig=column[0],
            strand=column[6],
            exons=(),
            cds=(),
            phase=0,
            is_mane=bool(tags & MANE_TAGS),
            is_canonical=bool(tags & CANONICAL_TAGS),
        )

    def transcripts(self) -> Iterator[Transcript]:
        """Transcripts that have exons, complete."""
        for name, head in self.heads.items():
            cds = sorted(self.cds.get(name, ()))
            exons = self.exons.get(name) or [block[:2] for block in cds]
            if not exons:
                continue
            first = (cds[0] if head.strand == "+" else cds[-1]) if cds else (0, 0, 0)
            exons.sort()
            if head.strand not in {"+", "-"} or (cds and not exons[0][0] <= cds[0][0] < cds[-1][1] <= exons[-1][1]):
                raise InputError(f"transcript {name} has no strand, or its coding sequence reaches outside its exons", file=self.path)
            yield replace(head, exons=tuple(exons), cds=tuple(block[:2] for block in cds), phase=first[2])


def _with_canonical(transcripts: Iterable[Transcript]) -> list[Transcript]:
    """Name one transcript of each gene canonical where the file names none: MANE Select, else the longest."""
    complete = list(transcripts)
    by_gene: defaultdict[str, list[Transcript]] = defaultdict(list)
    for transcript in complete:
        by_gene[transcript.gene_id].append(transcript)
    chosen = {_longest(group).source_id for group in by_gene.values() if not any(item.is_canonical for item in group)}
    return [replace(item, is_canonical=True) if item.source_id in chosen else item for item in complete]


def _longest(group: list[Transcript]) -> Transcript:
    def length(item: Transcript) -> int:
        return sum(end - start for start, end in item.exons)

    return min(group, key=lambda item: (not item.is_mane, -item.cds_length, -length(item), item.id))


def exons_of_gene(transcripts: Iterable[Transcript], gene: str) -> tuple[Transcript, Blocks] | None:
    """Return a gene's chosen transcript and its exons from 5' to 3' (number 1 first), None if the models lack the gene."""
    of_gene = [item for item in transcripts if gene in (item.gene, item.gene_id)]
    if not of_gene:
        return None
    transcript = chosen_transcript(of_gene)
    return transcript, transcript.exons_in_order
