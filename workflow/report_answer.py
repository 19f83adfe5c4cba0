"""The first lines of the page, derived by fixed rules: is there an answer, how sure is it, what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.coverage_gaps import ASSESSED
from workflow.page_numbers import score
from workflow.page_words import NOT_EVALUATED, plain, reads_in_words

Data = Mapping[str, Any]
FITS_WELL = 10  # rank of a gene by phenotype, among all genes, up to which it is said to fit
STANDS_OUT = 1.0  # log10 odds between the first candidate and the next gene's from which the first is said to stand out


def answer(report: Data) -> dict[str, Any]:
    """Return `{headline, because, sure, gaps, missing}` of a report whose other parts are complete."""
    candidates = report["candidates"]
    return {
        "headline": headline(candidates, by_phenotype=report["ranking"]["by_phenotype"]),
        "because": _because(candidates, by_phenotype=report["ranking"]["by_phenotype"]),
        "sure": _sure(report),
        "gaps": _gaps(report["not_assessed"]["genes"]),
        "missing": _missing(report),
    }


def headline(candidates: Sequence[Data], *, by_phenotype: bool) -> str:
    """Return what the ranking says, and no more: it never says that a variant explains the disease."""
    if not candidates:
        return "No candidate found"
    if not by_phenotype:
        return "Candidates, ranked without the phenotype"
    first, following = candidates[0], _next_gene(candidates)
    if not _fits(first):
        return "Candidates, but the first is in no gene that fits well"
    if following and first["score"] - following["score"] < STANDS_OUT:
        return "A candidate in a gene that fits; others are close"
    return "One candidate stands out"


def _fits(one: Data) -> bool:
    return isinstance(one["gene_rank"], int | float) and one["gene_rank"] <= FITS_WELL


def _next_gene(candidates: Sequence[Data]) -> Data | None:
    return next((one for one in candidates if one["gene"] != candidates[0]["gene"]), None)


def _because(candidates: Sequence[Data], *, by_phenotype: bool) -> list[str]:
    if not candidates:
        return ["Nothing is left after the filters; what was taken out is listed under the candidates"]
    first = candidates[0]
    lines = [f"{plain(first['consequence']).capitalize()}, {first['zygosity']}" + (f"; {first['model']}" if first["model"] else "")]
    if by_phenotype and isinstance(first["gene_rank"], int | float):
        lines.append(f"{first['gene']} is number {first['gene_rank']:g} of all genes for the features given")
    if following := _next_gene(candidates):
        lines.append(f"Score {score(first['score'])}; the next gene, {following['gene'] or 'none'}, has {score(following['score'])}")
    return lines


def _sure(report: Data) -> list[str]:
    """Return what supports or weakens the first candidate, then why the case is not released if it is not."""
    lines = []
    if report["candidates"]:
        lines += _support(report["candidates"][0], report["question"]["proband"])
    if report["quality"]["case"]["decision"] != "release":
        held = [member["sample"] for member in report["quality"]["members"] if member["decision"] != "release"]
        lines.append(
            f"Not released: {', '.join(held)}; the reasons stand under Quality" if held else report["quality"]["case"]["reasons"][0]
        )
    return lines


def _support(first: Data, proband: str) -> list[str]:
    lines = []
    if view := first["reads"].get(proband):
        strands = view["alleles"]["alt"]
        one_sided = 0 in strands.values() and sum(strands.values()) > 1
        lines.append(reads_in_words(view).capitalize() + (", all on one strand" if one_sided else ""))
    if first["filter"] not in {"PASS", "", "."}:
        lines.append(f"The caller flagged it: {first['filter']}")
    if first["class"] in {"", NOT_EVALUATED}:
        lines.append("It is not classified: no ACMG evidence was evaluated")
    return lines


def _gaps(genes: Sequence[Data]) -> str:
    if not genes:
        return "Coverage of genes was not evaluated"
    gaps = sum(gene["status"] != ASSESSED for gene in genes)
    return f"{gaps} of {len(genes)} genes not fully assessed" if gaps else f"All {len(genes)} genes were fully covered"


def _missing(report: Data) -> list[str]:
    lines = []
    sources = [plain(source["name"]) for source in report["not_assessed"]["sources"]]
    if sources:
        lines.append(f"Not evaluated: {', '.join(sources)}")
    proband = report["question"]["proband"]
    exons = sum(exon["callable"][proband] < exon["bases"] for gene in report["not_assessed"]["genes"] for exon in gene["exons"])
    if exons:
        lines.append(f"{exons} exons of these genes are below {report['callable']['min_depth']} reads somewhere in the proband")
    return [*lines, "Structural variants, repeats and more were not looked for"]
