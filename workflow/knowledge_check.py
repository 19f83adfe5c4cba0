"""Knowledge sources opened before the first job: what would stop the run after hours of alignment stops it now.

Their headers are looked at in `sources.py`; here the readers that annotation uses are tried on the reference of the run.
"""

from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

from workflow.bases import Bases
from workflow.bed_source import BedSource
from workflow.cohort import Cohort
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.hpo_annotations import pair_file
from workflow.reference import plain_name
from workflow.settings import Settings
from workflow.tabix_source import TabixFile
from workflow.text import open_text
from workflow.vcf_source import VcfSource

OTHER_DIALECTS = {"ID=rna-": "NCBI's", "ID=gene-": "NCBI's", "ID=ENST": "GENCODE's", "ID=ENSG": "GENCODE's", 'gene_id "': "GTF's"}
HPO_COLUMNS = {"phenotype.hpoa": (12,), "genes_to_phenotype.txt": (6,), "phenotype_to_genes.txt": (5, 7)}  # the last is of older releases


def check_knowledge(settings: Settings, fasta: str) -> None:
    """Refuse a source that annotation or ranking could not use with this reference.

    Args:
        settings: the sources, which are there and indexed.
        fasta: the reference, indexed.

    Raises:
        InputError: naming the source's file.
    """
    bases = Bases(fasta)
    for source in settings.knowledge.values():
        if source.kind in {"vcf", "bed"}:
            _check_table(source, bases)
        elif source.kind == "gff3":
            check_gene_models(source.path, bases.lengths)
        elif source.kind == "hpo":
            _check_annotations(source)


def check_records(cohort: Cohort, fasta: str) -> None:
    """Refuse a phenopacket that names a variant whose REF is not what the reference has there; N of the reference is not compared.

    Raises:
        InputError: naming the phenopacket.
    """
    records = [(question, record) for question in cohort.new_questions() for record in question.records if record.ref]
    if not records:
        return
    bases = Bases(fasta)
    named = {plain_name(contig): contig for contig in bases.lengths}
    for question, record in records:
        contig = named.get(plain_name(record.contig))
        start = record.position - 1
        if contig is None:
            continue
        there = bases.get(contig, start, start + len(record.ref))
        if any(one != other for one, other in zip_longest(record.ref.upper(), there) if other != "N"):
            what = (
                f"the variant at {record.contig}:{record.position} has REF {record.ref}, but the reference has {there or 'no base'} there"
            )
            raise InputError(what, file=question.file, remedy="find out which assembly its positions are of")


def _check_table(source: Knowledge, bases: Bases) -> None:
    """Refuse a VCF or BED that is none, or whose index is that of another file."""
    try:
        (VcfSource if source.kind == "vcf" else BedSource)(source, bases)
        empty = TabixFile(source, bases.lengths).empty_contigs()
    except (OSError, ValueError, IndexError) as error:
        what = f"knowledge source {source.name} cannot be read as {source.kind.upper()}"
        raise InputError(what, file=source.path, remedy="fetch it and its index again") from error
    if empty:
        what = f"knowledge source {source.name} holds no records on {', '.join(empty[:3])}, though its index says so"
        raise InputError(what, file=source.path, remedy="fetch it and its index again")


def check_gene_models(gff3: Path, contigs: Collection[str]) -> None:
    """Refuse gene models in another dialect than Ensembl's or with other names of contigs than the reference's.

    Raises:
        InputError: with the row of the first line that shows it.
    """
    named = {plain_name(contig): contig for contig in contigs}
    elsewhere = ""
    for row, line in _lines(gff3):
        if dialect := next((name for mark, name in OTHER_DIALECTS.items() if mark in line), None):
            remedy = "give Ensembl's GFF3 (ID=transcript:…;Parent=gene:…)"
            raise InputError(f"the gene models are in {dialect} dialect", file=gff3, row=row, remedy=remedy)
        if "ID=transcript:" in line:
            contig = line.partition("\t")[0]
            if contig in contigs:
                return
            if other := named.get(plain_name(contig)):
                what = f"the contig {contig} is named {other} in the reference"
                raise InputError(what, file=gff3, row=row, remedy="give both the same names (config/README.md tells how)")
            elsewhere = f" on the reference's contigs (the last is on {contig})"
    raise InputError(f"there is no transcript{elsewhere}", file=gff3, remedy="give Ensembl's GFF3 of this assembly")


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Give (row, line) of a text file, plain or gzip, without comments."""
    try:
        with open_text(file) as lines:
            yield from ((row, line) for row, line in enumerate(lines, start=1) if not line.startswith("#"))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(f"the file cannot be read ({reason})", file=file, remedy="fetch it again") from None


def _check_annotations(source: Knowledge) -> None:
    """Refuse tables of HPO that are not what their names say."""
    for name in ("phenotype.hpoa", pair_file(source.path).name):
        file, columns = source.path / name, HPO_COLUMNS[name]
        lines = _lines(file)
        row, first = next(lines, (1, ""))
        if len(first.split("\t")) not in columns:
            what = f"this is no table of {' or '.join(map(str, columns))} columns"
            raise InputError(what, file=file, row=row, remedy=f"get {name} of HPO release {source.release} again")
        if next(lines, None) is None:
            raise InputError("the table has no row", file=file, remedy=f"get {name} of HPO release {source.release} again")
