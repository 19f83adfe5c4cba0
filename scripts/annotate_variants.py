"""Annotate the split, left-aligned calls of a case: CSQ with HGVS c. and p., HGVSg, and the fields of each knowledge source.

Only INFO changes; the genotype columns are passed on as they came. The calls are read once, in batches, so memory does not grow with them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pysam
import pysam.bcftools

from workflow.annotated_header import knowledge_lines
from workflow.annotator import Annotator
from workflow.case_calls import batches
from workflow.closed_genes import closed_genes
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import atomic
from workflow.joint_members import refuse_lost
from workflow.scope import read_scope
from workflow.text import open_text, read_vcf_header
from workflow.vcf_source import VcfSource

SILENT_AFTER = {"gnomad": 100}
"""Records after which a VCF source that matched none of them is taken for the wrong file; 50,000 where it is not named here.

Of a person's variants gnomAD knows more than nine in ten; half of them would do: 100 unknown ones in a row have a probability below 1e-30.
ClinVar knows about one in a hundred over a genome, and none in regions far from genes."""

SILENT_GENES = 20
"""Records on coding genes after which `bcftools csq` has said something: it names introns too."""

_OLD_BCSQ = re.compile(r"^##INFO=<ID=BCSQ,")


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
    annotator = Annotator(input.fasta, params.assembly, sources, haplotypes, closed_genes(read_scope(input)), params.members)
    with atomic(output.vcf) as part:
        count = annotate(input.vcf, part, annotator, sources, params.members)
        refuse_silent_sources(annotator, count, sources.get("gene_models"))
        check(part, count)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
