"""Gene models from a GFF3 file in Ensembl's dialect (`ID=gene:…`, `ID=transcript:…`), which `bcftools csq` reads too."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from workflow.errors import InputError
from workflow.text import open_text
from workflow.transcript import Blocks, Transcript, chosen_transcript

CANONICAL_TAGS = frozenset({"canonical", "Ensembl_canonical"})
MANE_TAGS = frozenset({"MANE_Select"})
PLUS_CLINICAL_TAGS = frozenset({"MANE_Plus_Clinical"})
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
        with open_text(gff3) as lines:
            reading.take(lines)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as a GFF3 file", file=gff3, remedy="give a plain or gzipped GFF3 file") from error
    except (IndexError, ValueError, KeyError) as error:
        raise InputError("is not a valid GFF3 file", file=gff3, row=reading.row, remedy="nine tab-separated columns are needed") from error
    if not reading.seen_transcript:
        raise _nothing_in(gff3, reading)
    return _with_canonical(reading.transcripts())


def _nothing_in(gff3: str | Path, reading: "_Reading") -> InputError:
    if reading.contigs and reading.passed_over:
        names = f"it names {reading.passed_over}, they are named like {next(iter(reading.contigs))}"
        return InputError(f"holds no transcript on the contigs in use ({names})", file=gff3, remedy="give gene models of this reference")
    remedy = "give gene models in Ensembl's GFF3 dialect (ID=transcript:…;Parent=gene:…)"
    return InputError("holds no transcript", file=gff3, remedy=remedy)


class _Reading:
    """State of one pass over a GFF3 file: parents stand before their children."""

    def __init__(self, path: str | Path, genes: Collection[str] | None, contigs: Collection[str] | None) -> None:
        self.path, self.contigs = path, contigs
        self.wanted = None if genes is None else frozenset(genes)
        self.row = 0
        self.seen_transcript = False
        self.passed_over = ""
        self.symbols: dict[str, str] = {}
        self.heads: dict[str, Transcript] = {}
        self.exons: dict[str, list[tuple[int, int]]] = {}
        self.cds: dict[str, list[tuple[int, int, int]]] = {}

    def take(self, lines: Iterable[str]) -> None:
        """Read all lines; exons and coding blocks, nearly all of them, first."""
        for self.row, line in enumerate(lines, 1):
            if line.startswith("#") or line.isspace() or self._elsewhere(line):
                continue
            contig, _, kind, start, end, _, strand, phase, attributes = line.rstrip("\n").split("\t")
            if kind in {"exon", "CDS"}:
                for name in _parents(attributes):
                    if kind == "exon" and name in self.exons:
                        self.exons[name].append((int(start) - 1, int(end)))
                    elif name in self.cds:
                        self.cds[name].append((int(start) - 1, int(end), int(phase) if phase != "." else 0))
            elif "ID=gene:" in attributes:
                self._take_gene(attributes)
            elif "ID=transcript:" in attributes:
                self._take_transcript(contig, strand, attributes)

    def _elsewhere(self, line: str) -> bool:
        """Tell whether a line is on a contig that is not wanted."""
        if self.contigs is None or (contig := line[: line.find("\t")]) in self.contigs:
            return False
        self.passed_over = contig
        return True

    def _take_gene(self, attributes: str) -> None:
        field = dict(_ATTRIBUTE.findall(attributes))
        name = field["ID"].removeprefix("gene:")
        self.symbols[name] = field.get("Name") or name

    def _take_transcript(self, contig: str, strand: str, attributes: str) -> None:
        self.seen_transcript = True
        field = dict(_ATTRIBUTE.findall(attributes))
        gene_id = field["Parent"].removeprefix("gene:")
        symbol = self.symbols.get(gene_id, gene_id)
        if self.wanted is not None and not {symbol, gene_id} & self.wanted:
            return
        source_id = field["ID"].removeprefix("transcript:")
        self.exons[source_id], self.cds[source_id] = [], []
        version = field.get("version")
        tags = set(field.get("tag", "").split(","))
        self.heads[source_id] = Transcript(
            gene=symbol,
            gene_id=gene_id,
            id=f"{source_id}.{version}" if version and "." not in source_id else source_id,
            source_id=source_id,
            biotype=field.get("biotype", ""),
            contig=contig,
            strand=strand,
            exons=(),
            cds=(),
            phase=0,
            is_mane=bool(tags & MANE_TAGS),
            is_canonical=bool(tags & CANONICAL_TAGS),
            is_plus_clinical=bool(tags & PLUS_CLINICAL_TAGS),
        )

    def transcripts(self) -> Iterator[Transcript]:
        """Transcripts that have exons, complete."""
        for name, head in self.heads.items():
            cds = sorted(self.cds[name])
            exons = self.exons[name] or [block[:2] for block in cds]
            if not exons:
                continue
            first = (cds[0] if head.strand == "+" else cds[-1]) if cds else (0, 0, 0)
            exons.sort()
            if head.strand not in {"+", "-"} or (cds and not exons[0][0] <= cds[0][0] < cds[-1][1] <= exons[-1][1]):
                raise InputError(f"transcript {name} has no strand, or its coding sequence reaches outside its exons", file=self.path)
            yield replace(head, exons=tuple(exons), cds=tuple(block[:2] for block in cds), phase=first[2])


def _parents(attributes: str) -> list[str]:
    """Return the identifiers of the transcripts that an exon or coding block belongs to."""
    text = attributes.partition("Parent=")[2].partition(";")[0]
    return [name.removeprefix("transcript:") for name in text.split(",")]


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
