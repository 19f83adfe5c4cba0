"""Transcripts of UCSC's refGene table, and their comparison with MANE Select. Coordinates are 0-based half-open throughout."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PRIMARY = tuple(f"chr{name}" for name in (*range(1, 23), "X", "Y"))
Span = tuple[int, int]
Spans = tuple[Span, ...]


def clip(spans: Iterable[Span], start: int, end: int) -> Spans:
    """Return what of each span lies between start and end."""
    return tuple((max(first, start), min(last, end)) for first, last in spans if first < end and start < last)


def length(spans: Iterable[Span]) -> int:
    """Return the number of bases in spans."""
    return sum(end - start for start, end in spans)


def introns(exons: Spans) -> Spans:
    """Return what lies between exons."""
    return tuple((left[1], right[0]) for left, right in itertools.pairwise(exons))


@dataclass(frozen=True)
class Model:
    """One row of refGene: a transcript at one locus.

    Attributes:
        coding: from start codon to stop codon, both included; empty (start = end) if non-coding.
        frames: for each exon the bases of its first codon that lie before it (0, 1, 2), -1 without coding bases.
        alias: the symbol in refGene, where `gene` is a newer one.
    """

    id: str
    gene: str
    contig: str
    strand: str
    exons: Spans
    coding: Span
    frames: tuple[int, ...]
    alias: str = ""

    @property
    def locus(self) -> tuple[str, str]:
        """Contig and gene symbol."""
        return self.contig, self.gene

    @property
    def span(self) -> Span:
        """From the first base to the last."""
        return self.exons[0][0], self.exons[-1][1]

    @property
    def cds(self) -> Spans:
        """Coding parts of the exons, in the order of coordinates."""
        return clip(self.exons, *self.coding)


def read_refgene(lines: Iterable[str]) -> Iterator[Model]:
    """Give the transcripts of a refGene table with a header line (columns by UCSC's names)."""
    rows = (line.rstrip("\n").split("\t") for line in lines)
    header = [name.lstrip("#") for name in next(rows)]
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        starts, ends, frames = (tuple(map(int, row[name].rstrip(",").split(","))) for name in ("exonStarts", "exonEnds", "exonFrames"))
        exons, coding = tuple(zip(starts, ends, strict=True)), (int(row["cdsStart"]), int(row["cdsEnd"]))
        yield Model(row["name"], row["name2"], row["chrom"], row["strand"], exons, coding, frames)


def frames_of(model: Model) -> tuple[int, ...]:
    """Return each exon's frame as the coding lengths imply it (see `Model.frames`)."""
    frames, done = {}, 0
    for start, end in model.exons if model.strand == "+" else reversed(model.exons):
        bases = length(clip([(start, end)], *model.coding))
        frames[start] = done % 3 if bases else -1
        done += bases
    return tuple(frames[start] for start, _ in model.exons)


def fault(model: Model) -> str | None:
    """Return why a transcript cannot be used, None if it can."""
    if model.contig not in PRIMARY:
        return "is on an unplaced or alternate contig"
    if length(model.cds) % 3:
        return "its coding region is not whole codons"
    if model.cds and frames_of(model) != model.frames:
        return "its frames do not fit its exons"
    return None


def read_exons(lines: Iterable[str]) -> dict[tuple[str, str], Spans]:
    """Return {(contig, gene): exons} from rows of contig, start, end, exon, gene, number, transcript (one transcript a gene)."""
    exons: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for line in lines:
        if not line.startswith("#"):
            contig, start, end, _, gene, *_ = line.split("\t")
            exons[contig, gene].append((int(start), int(end)))
    return {locus: tuple(sorted(spans)) for locus, spans in exons.items()}


class ManeSelect:
    """The MANE Select transcript of each gene, to compare models with."""

    def __init__(self, exons: dict[tuple[str, str], Spans]) -> None:
        self.exons = exons
        self._genes: dict[tuple[str, Spans], set[str]] = defaultdict(set)
        for (contig, gene), spans in exons.items():
            self._genes[contig, introns(spans)].add(gene)

    def symbols(self, model: Model) -> set[str]:
        """Return the genes whose MANE Select has the introns of a model; nothing for models without introns."""
        return self._genes.get((model.contig, introns(model.exons)), set()) if len(model.exons) > 1 else set()

    def distance(self, model: Model) -> int | None:
        """Return by how many bases the ends of a model differ from its gene's MANE Select, None if it is not that transcript.

        It is that transcript if all introns are the same and MANE Select holds the whole coding region.
        """
        exons = self.exons.get(model.locus)
        if exons is None or introns(exons) != introns(model.exons):
            return None
        start, end = exons[0][0], exons[-1][1]
        first, last = model.coding if model.cds else (max(start, model.span[0]), min(end, model.span[1]))
        return abs(model.span[0] - start) + abs(model.span[1] - end) if start <= first < last <= end else None

    def codes_alike(self, model: Model) -> bool:
        """Tell whether the coding region has the exon boundaries of the gene's MANE Select."""
        exons = self.exons.get(model.locus)
        return exons is not None and bool(model.cds) and clip(exons, *model.coding) == model.cds
