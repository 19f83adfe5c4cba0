"""Evidence sheet and list of secondary findings held against reference, gene models and calls before the first job."""

from workflow.cohort import Cohort
from workflow.dosage import read_dosage
from workflow.errors import InputError
from workflow.evidence_places import Places, accessions_of
from workflow.evidence_sheet import Judgement, load_evidence
from workflow.gene_orders import names_in
from workflow.scope import read_secondary_genes, refuse_unknown_genes
from workflow.settings import Settings
from workflow.sources import check_there
from workflow.symbols import read_symbols


def check_evidence(settings: Settings, cohort: Cohort, fasta: str) -> None:
    """Refuse a row that contradicts its position, or is about a variant that finished calls do not have; a list that cannot be kept.

    Where the calls of a case are not made yet, whether the case has the variant is found out by the job that counts the evidence.

    Raises:
        InputError: naming the row or the list.
    """
    check_tables(settings)
    check_secondary(settings)
    sheet = settings.interpretation.evidence
    judgements = load_evidence(sheet, cohort, None)
    if sheet is None or not judgements:
        return
    texts = [text for one in judgements for text in (one.variant, one.hgvs)]
    models = settings.knowledge.get("gene_models")
    places = Places(fasta, settings.reference.name, models.path if models else None, accessions_of(texts))
    for one in judgements:
        places.check(one, sheet)
        _check_called(one, places, settings)


def check_tables(settings: Settings) -> None:
    """Refuse tables of dosage sensitivity and of symbols that are none.

    Raises:
        InputError: naming the file.
    """
    if "dosage" in settings.knowledge:
        read_dosage(settings.knowledge["dosage"].path)
    if "symbols" in settings.knowledge:
        read_symbols(settings.knowledge["symbols"].path)


def _check_called(one: Judgement, places: Places, settings: Settings) -> None:
    vcf = settings.results / "cases" / one.case / f"{one.case}.vcf.gz"
    if vcf.is_file() and vcf.with_name(f"{vcf.name}.tbi").is_file() and places.find(one.variant, str(vcf)) is None:
        what = f"the calls of case {one.case} have no variant {one.variant}"
        remedy = "correct the case or the variant, or take the row out"
        raise InputError(what, file=settings.interpretation.evidence, row=one.row, remedy=remedy)


def check_secondary(settings: Settings) -> None:
    """Refuse a list of secondary findings whose genes could not be kept back.

    Raises:
        InputError: the file is missing or no list, no gene models are configured, or they lack a gene.
    """
    found = settings.interpretation.secondary_findings
    if found is None:
        return
    check_there(found.path, "interpretation.secondary_findings.path", settings.file)
    models = settings.knowledge.get("gene_models")
    if models is None:
        what = "`interpretation.secondary_findings` needs gene models: without them no gene can be kept back"
        raise InputError(what, file=settings.file, remedy="give `knowledge.gene_models`")
    genes = read_secondary_genes(found.path)
    symbols = read_symbols(settings.knowledge["symbols"].path if "symbols" in settings.knowledge else None)
    refuse_unknown_genes(genes, names_in(models.path), symbols, found.path)
