"""Which genes the page tells the coverage of, and how well each exon was seen in every member."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from workflow.bases import Bases
from workflow.clinvar import ClinVar
from workflow.config_sections import Knowledge
from workflow.coverage_gaps import CallableBed, Territory, choose_transcripts, gene_coverage
from workflow.gene_models import read_transcripts
from workflow.page_words import NOT_EVALUATED, sentence
from workflow.report_hidden import add_hidden
from workflow.report_parts import order_of

Data = Mapping[str, Any]


def genes_to_check(interpretation: Data, most: int) -> list[str]:
    """Return the genes whose coverage is told, each once: all ordered ones, the `most` best by phenotype, and of the first candidates."""
    ordered = order_of(interpretation)["genes"]
    by_phenotype = [gene["symbol"] for gene in interpretation["genes"][:most]]
    of_candidates = [one["gene"] for one in interpretation["candidates"] if one["gene"] not in {"", NOT_EVALUATED}]
    more = [gene for gene in dict.fromkeys(of_candidates) if gene not in by_phenotype][:most]
    return list(dict.fromkeys([*ordered, *by_phenotype, *more]))


def why_these_genes(interpretation: Data, genes: Sequence[object], *, have_models: bool) -> str:
    """Return in words which genes are looked at, or why none is."""
    if not have_models:
        return "Not evaluated: no gene models are configured, so exons are not known."
    if not genes:
        return "Not evaluated: there is neither a gene that fits the features nor a candidate in a gene."
    parts = ["the ordered genes"] if order_of(interpretation)["genes"] else []
    parts += ["the genes that fit the features best"] if interpretation["genes"] else []
    which = " and ".join([*parts, "those of the first candidates" if parts else "the genes of the first candidates"])
    return f"{sentence(which)}; coding bases of the transcript that stands for each gene."


def coverage_of_genes(
    interpretation: Data, candidates: Sequence[Data], input: Any, territory: Territory, params: Any
) -> list[dict[str, Any]]:
    """Return the coverage of each gene in every member, and what could hide where the proband's was not enough."""
    genes = genes_to_check(interpretation, params.gap_genes) if input.models else []
    if not genes:
        return []
    proband, names = params.case["proband"], [member["sample"] for member in params.case["members"]]
    chosen = choose_transcripts(read_transcripts(input.models, genes=genes), genes, territory)
    clinvar = ClinVar(Knowledge(*params.clinvar), Bases(input.fasta)) if params.clinvar else None
    recessive = frozenset(one["symbol"] for one in interpretation["genes"] if any("recessive" in mode for mode in one["modes"]))
    with ExitStack() as stack:
        members = {name: stack.enter_context(CallableBed(path)) for name, path in zip(names, map(str, input.callable), strict=True)}
        covered = [gene_coverage(gene, transcript, members, territory, proband) for gene, transcript in chosen.items()]
        return add_hidden(covered, candidates, members[proband], clinvar, recessive)
