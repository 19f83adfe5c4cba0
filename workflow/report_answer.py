"""The first lines of the page, derived by fixed rules: is there an answer, how sure is it, what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.coverage_gaps import ASSESSED, PARTLY
from workflow.page_numbers import percent, points, score
from workflow.page_words import NOT_EVALUATED, plain, reads_in_words, sentence, source_name, variant_name

Data = Mapping[str, Any]
FITS_WELL = 10  # rank of a gene by phenotype, among all genes, up to which it is said to fit
STANDS_OUT = 1.0  # log10 odds between the first candidate and the next gene's from which the first is said to stand out


def answer(report: Data) -> dict[str, Any]:
    """Return `{headline, sentence, probability, because, sure, gaps, missing}` of a report whose other parts are complete."""
    candidates = report["candidates"]
    return {
        "headline": headline(candidates, by_phenotype=report["ranking"]["by_phenotype"]),
        "sentence": sentence_on(candidates),
        "probability": probability(candidates, report["ranking"]["prior"]),
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


def sentence_on(candidates: Sequence[Data]) -> str:
    """Return the answer in one sentence: what ranks first, and its class by points."""
    if not candidates:
        return "No variant of the proband is left after the filters; that is not the same as a normal result."
    first = candidates[0]
    facts = [fact for fact in (plain(first["consequence"]), first["zygosity"], first["model"]) if fact not in {"", NOT_EVALUATED}]
    judged = (
        "not classified"
        if first["class"] in {"", NOT_EVALUATED}
        else f"{first['class']} by {points(first['acmg_points'])} point{'s' * (first['acmg_points'] not in {1, -1})}"
    )
    place = f"first of {len(candidates)} candidates" if len(candidates) > 1 else "the only candidate"
    return f"{first['gene'] or 'No gene'} {variant_name(first)}: {place}, {', '.join(facts)}; {judged}."


def probability(candidates: Sequence[Data], prior: str) -> list[str]:
    """Return how probable the first candidate's gene is by the features, each time with what is taken for granted beforehand."""
    if not candidates:
        return []
    first = candidates[0]
    told = []
    if isinstance(first["posterior"], int | float):
        beforehand = "each gene of a listed candidate is equally likely before the features"
        told.append(f"{percent(first['posterior'])} among the genes listed: {beforehand}")
    if isinstance(first["gene_posterior"], int | float):
        told.append(f"{percent(first['gene_posterior'])} among all genes: {prior}")
    return told or ["Not evaluated: the features do not speak of this gene"]


def _fits(one: Data) -> bool:
    return isinstance(one["gene_rank"], int | float) and one["gene_rank"] <= FITS_WELL


def _next_gene(candidates: Sequence[Data]) -> Data | None:
    return next((one for one in candidates if one["gene"] != candidates[0]["gene"]), None)


def _because(candidates: Sequence[Data], *, by_phenotype: bool) -> list[str]:
    if not candidates:
        return ["Nothing is left after the filters; what was taken out is listed under the candidates"]
    first = candidates[0]
    lines = []
    if by_phenotype:
        lines.append(f"{first['gene']} {_rank_in_words(first['gene_rank'])}")
    if following := _next_gene(candidates):
        lines.append(f"Score {score(first['score'])}; the next gene, {following['gene'] or 'none'}, has {score(following['score'])}")
    return lines


def _rank_in_words(rank: object) -> str:
    if isinstance(rank, int | float):
        return f"is number {rank:g} of all genes for the features given"
    return "has no disease in the HPO release, so the features cannot speak for or against it"


def _sure(report: Data) -> list[str]:
    """Return what supports or weakens the first candidate, then why the case is not released if it is not."""
    lines = []
    if report["candidates"]:
        lines += _support(report["candidates"][0], report["question"]["proband"])
    return lines + _why_held(report["quality"])


def _why_held(quality: Data) -> list[str]:
    """Return the first reason why a case is not released, or who released it against its limits, and how many more reasons there are."""
    if any(one["signed_by"] for one in (quality["case"], *quality["members"])):
        return [quality["case"]["reasons"][0]]
    if quality["case"]["decision"] == "release":
        return []
    reasons = [
        f"{member['sample']}: {reason}" for member in quality["members"] if member["decision"] != "release" for reason in member["reasons"]
    ]
    first, *more = reasons or quality["case"]["reasons"]
    return [first + (f" (and {len(more)} more under Quality)" if more else "")]


def _support(first: Data, proband: str) -> list[str]:
    lines = []
    if view := first["reads"].get(proband):
        strands = view["alleles"]["alt"]
        one_sided = 0 in strands.values() and sum(strands.values()) > 1
        lines.append(sentence(reads_in_words(view)) + (", all on one strand" if one_sided else ""))
    if first["filter"] not in {"PASS", "", "."}:
        lines.append(f"The caller flagged it: {first['filter']}")
    if first["class"] in {"", NOT_EVALUATED}:
        lines.append("It is not classified: no ACMG evidence was evaluated")
    if first["conflicts"]:
        lines.append(f"The evidence disagrees: {first['conflicts'][0]}")
    return lines


def _gaps(genes: Sequence[Data]) -> str:
    if not genes:
        return "Coverage of genes was not evaluated"
    gaps = sum(gene["status"] != ASSESSED for gene in genes)
    return f"{gaps} of {len(genes)} genes not fully assessed" if gaps else f"All {len(genes)} genes were fully covered"


def _missing(report: Data) -> list[str]:
    lines = []
    if sources := [source_name(source["name"]) for source in report["not_assessed"]["sources"]]:
        lines.append(f"Not evaluated: {', '.join(sources)}")
    genes, proband = report["not_assessed"]["genes"], report["question"]["proband"]
    first = report["candidates"][0]["gene"] if report["candidates"] else ""
    ordered = [gene for gene in genes if gene["gene"] in set(report["order"]["genes"])]
    if gaps := [gene["gene"] for gene in ordered if gene["status"] != ASSESSED]:
        lines.append(f"Of {len(ordered)} ordered genes {len(gaps)} were not fully seen: {', '.join(gaps[:8])}{' …' * (len(gaps) > 8)}")
    lines += [f"Of {first}, {_share(gene, proband)} is assessed" for gene in genes if gene["gene"] == first and gene["status"] == PARTLY]
    if elsewhere := sum(gene["owed"] == 0 for gene in genes):
        lines.append(f"{elsewhere} of these genes lie outside what was called, or are not in the reference or the gene models")
    return [*lines, "Structural variants, repeats and more were not looked for"]


def _share(gene: Data, proband: str) -> str:
    return f"{percent(gene['callable'][proband] / gene['bases'])} of the {'coding ' if gene['coding'] else ''}bases"
