"""Annotate the split, left-aligned calls of a case: CSQ with HGVS c. and p., HGVSg, and the fields of each knowledge source.

Only INFO changes; the genotype columns are passed on as they came. The calls are read once, in batches, so memory does not grow with them.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pysam
import pysam.bcftools

from workflow.accessions import accession
from workflow.annotated_header import CSQ, HGVS_G, knowledge_lines
from workflow.bases import Bases
from workflow.bed_source import BedSource
from workflow.case_calls import Row, batches, sample_calls
from workflow.closed_genes import OPEN, ClosedGenes, closed_genes
from workflow.consequences import csq_terms
from workflow.csq_field import csq_value, effects
from workflow.errors import InputError
from workflow.files import atomic
from workflow.gene_models import read_transcripts
from workflow.haplotypes import Compound, describe, read_compounds, together
from workflow.hgvs_edits import Change, NotNamedError, trimmed_change
from workflow.hgvs_names import TranscriptNamer, genomic_name
from workflow.joint_members import refuse_lost
from workflow.overlaps import Overlaps
from workflow.scope import read_scope
from workflow.settings import Knowledge
from workflow.tabix_source import InfoField, Source
from workflow.text import open_text, read_vcf_header
from workflow.vcf_source import VcfSource

SILENT_AFTER = {"gnomad": 100}
"""Records after which a VCF source that matched none of them is taken for the wrong file; 50,000 where it is not named here.

Of a person's variants gnomAD knows more than nine in ten; half of them would do: 100 unknown ones in a row have a probability below 1e-30.
ClinVar knows about one in a hundred over a genome, and none in regions far from genes."""

SILENT_GENES = 20
"""Records on coding genes after which `bcftools csq` has said something: it names introns too."""

_OLD_BCSQ = re.compile(r"^##INFO=<ID=BCSQ,")


class Annotator:
    """Everything that one record is compared with."""

    def __init__(
        self, fasta: str, assembly: str, knowledge: Mapping[str, Knowledge], haplotypes: str | None, closed: ClosedGenes = OPEN
    ) -> None:
        self.bases, self.assembly, self.closed = Bases(fasta), assembly, closed
        self.overlaps = _overlaps(knowledge.get("gene_models"), self.bases)
        self.compounds = read_compounds(haplotypes) if haplotypes else {}
        readers: dict[str, Callable[[Knowledge, Bases], Source]] = {"vcf": VcfSource, "bed": BedSource}
        self.sources = [readers[item.kind](item, self.bases) for item in knowledge.values() if item.kind in readers]
        self.on_genes = self.with_terms = 0

    def info(self) -> list[InfoField]:
        """Return the INFO fields that may be written."""
        return [HGVS_G, *([CSQ] if self.overlaps else []), *(field for source in self.sources for field in source.info)]

    def lines(self, rows: Sequence[Row], samples: Sequence[str]) -> Iterator[str]:
        """Yield the annotated lines of sorted records of one contig."""
        contig = rows[0].contig
        found = [source.look_up(contig, [row.site for row in rows]) for source in self.sources]
        haplotypes = self._haplotypes(contig, rows, samples)
        for at, row in enumerate(rows):
            values = [f"{name}={value}" for source in found for name, value in source[at].items()]
            own = self._own(row, haplotypes.get((row.site.pos, row.site.ref, row.site.alt), {}), samples)
            yield row.with_info([] if own is None else [*own, *values])

    def _own(self, row: Row, haplotypes: Mapping[str, str], samples: Sequence[str]) -> list[str] | None:
        """Return names and consequences; None where nothing of the record may be said."""
        change = trimmed_change(row.contig, row.site.pos, row.site.ref, row.site.alt)
        namers = list(self.overlaps.at(row.contig, row.site.pos - 1, change.start, change.end)) if self.overlaps else []
        seen = self.closed.open_ones(namers, row, samples)
        return None if seen is None else list(self._named(row, change, seen, haplotypes))

    def _named(self, row: Row, change: Change, namers: Sequence[TranscriptNamer], haplotypes: Mapping[str, str]) -> Iterator[str]:
        with contextlib.suppress(NotNamedError):
            yield f"HGVSg={accession(self.assembly, row.contig)}:{genomic_name(change, self.bases)}"
        if namers:
            self.on_genes += any(namer.transcript.cds for namer in namers)
            self.with_terms += bool(row.bcsq)
            terms = csq_terms(row.bcsq) if row.bcsq else {}
            yield f"CSQ={csq_value(change, effects(change, namers, terms, haplotypes))}"

    def _haplotypes(self, contig: str, rows: Sequence[Row], samples: Sequence[str]) -> dict[tuple[int, str, str], dict[str, str]]:
        """Return texts on joint effects, by record and transcript, for those that some sample really carries on one copy."""
        compounds = self._within(contig, rows)
        parts = {part for compound in compounds for part in compound.parts}
        calls = {row.key: sample_calls(row, samples) for row in rows if row.key in parts} if parts else {}
        texts: dict[tuple[int, str, str], dict[str, str]] = {}
        for compound, carriers in compounds.items():
            sure = sorted({sample for sample, _ in carriers if together(compound, sample, calls)})
            for part in compound.parts if sure else ():
                texts.setdefault(part, {})[compound.transcript] = describe(compound, sure)
        return texts

    def _within(self, contig: str, rows: Sequence[Row]) -> dict[Compound, set[tuple[str, int]]]:
        first, last = rows[0].site.pos, rows[-1].site.pos
        on_contig = self.compounds.get(contig, {})
        return {item: carriers for item, carriers in on_contig.items() if first <= item.parts[0][0] and item.parts[-1][0] <= last}


def _overlaps(models: Knowledge | None, bases: Bases) -> Overlaps | None:
    return Overlaps(read_transcripts(models.path, contigs=bases.lengths), bases) if models else None


def annotate(vcf: str, output: Path, annotator: Annotator, knowledge: Mapping[str, Knowledge], members: Sequence[str]) -> int:
    """Write the annotated records of `vcf` (split, sorted) as BGZF to `output`; return their number.

    Raises:
        InputError: a member of the case is not in the calls.
    """
    count = 0
    with open_text(vcf) as lines, pysam.BGZFile(str(output), "wb", None) as target:
        header, samples = _header(lines)
        refuse_lost(members, samples, vcf)
        extra = [*knowledge_lines(knowledge), *annotator.closed.header(), *(field.header() for field in annotator.info())]
        target.write("".join(f"{line}\n" for line in [*header[:-1], *extra, header[-1]]).encode())
        for rows in batches(lines):
            target.write("".join(annotator.lines(rows, samples)).encode())
            count += len(rows)
    return count


def _header(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the header lines, the column line last, and the sample names."""
    header = [line.rstrip("\n") for line in read_vcf_header(lines) if not _OLD_BCSQ.match(line)]
    return header, header[-1].split("\t")[9:]


def check(output: Path, count: int) -> None:
    """Index a finished file and compare what the index counts with what was written.

    Raises:
        OSError: they differ: the file is not whole.
    """
    pysam.tabix_index(str(output), preset="vcf", force=True)
    indexed = int(str(pysam.bcftools.index("--nrecords", str(output)))) if count else 0
    if indexed != count:
        raise OSError(f"{output.name} holds {indexed} records, {count} were written")


def refuse_silent_sources(annotator: Annotator, count: int, models: Knowledge | None = None) -> None:
    """Tell what each source matched; refuse one that annotated nothing though there was enough to annotate.

    Raises:
        InputError: a VCF that knows none of many variants, or gene models that gave none of the variants on coding genes a consequence.
    """
    for source in annotator.sources:
        name = source.knowledge.name
        print(f"{name}: {source.matched} of {count} records", flush=True)
        if not source.matched and isinstance(source, VcfSource) and count > SILENT_AFTER.get(name, 50_000):
            what = f"knowledge source {name} knows none of {count} variants"
            raise InputError(what, file=source.knowledge.path, remedy="give the release for this assembly")
    print(f"gene models: {annotator.with_terms} of {annotator.on_genes} records on coding genes", flush=True)
    if models and annotator.on_genes > SILENT_GENES and not annotator.with_terms:
        what = f"the gene models gave none of {annotator.on_genes} variants on coding genes a consequence"
        raise InputError(what, file=models.path, remedy="give gene models in Ensembl's GFF3 dialect, and see the log of bcftools_csq")


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Annotate `input.vcf`; `params.knowledge` has (name, path, release, kind, fields) a source."""
    sources = {name: Knowledge(name, Path(path), release, kind, tuple(fields)) for name, path, release, kind, fields in params.knowledge}
    haplotypes = input.haplotypes[0] if input.haplotypes and not isinstance(input.haplotypes, str) else input.haplotypes or None
    annotator = Annotator(input.fasta, params.assembly, sources, haplotypes, closed_genes(read_scope(input)))
    with atomic(output.vcf) as part:
        count = annotate(input.vcf, part, annotator, sources, params.members)
        refuse_silent_sources(annotator, count, sources.get("gene_models"))
        check(part, count)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
