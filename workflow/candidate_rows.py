"""A candidate as a row of candidates.tsv: every reason in a column of its own, and together in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.cohort_store.case_counts import inhouse_counts
from workflow.family import variant_reads, zygosity
from workflow.gene_facts import Phenotype
from workflow.imprinting import expressed_copies
from workflow.inheritance import Fit
from workflow.parental_reads import AlleleReads
from workflow.phenotype import OUTSIDE
from workflow.ranking import Ranked
from workflow.variants import AnnotatedVariant, Consequence, Genotype
from workflow.weights import NOT_EVALUATED, allele_balance, call_doubts

COLUMNS = (
    "rank", "case", "gene", "chrom", "pos", "ref", "alt", "genotype", "consequence", "hgvs_c", "hgvs_p", "zygosity_model",
    "phenotype_score", "acmg_points", "class", "evidence", "not_evaluated", "score", "hgvs_g", "transcript", "depth", "allele_balance",
    "filter", "gene_rank", "variant_score", "inheritance_note", "frequency", "clinvar", "phase", "parent_of_origin", "posterior",
)  # fmt: skip
NO_DISEASE = "no known disease"
NO_FAMILY: Mapping[str, Any] = {"pair": None, "de_novo": None, "segregation": None, "imprinting": None}


def genotype_text(genotype: Genotype) -> str:
    """Return a genotype as VCF writes it."""
    return ("|" if genotype.phased else "/").join("." if allele is None else str(allele) for allele in genotype.alleles)


def _shared(rank: int, case: str, variant: AnnotatedVariant, genotype: Genotype, missing: Sequence[str], clinvar: bool) -> dict[str, Any]:
    """Return what every row has, with and without gene models."""
    balance = allele_balance(genotype)
    found = variant.annotations.get("clinvar_CLNSIG") or ("no assertion" if "clinvar_ALLELEID" in variant.annotations else "not found")
    return {
        "rank": rank, "case": case, "chrom": variant.contig, "pos": variant.pos, "ref": variant.ref, "alt": variant.alt,
        "genotype": genotype_text(genotype), "acmg_points": NOT_EVALUATED, "class": NOT_EVALUATED, "posterior": NOT_EVALUATED,
        "not_evaluated": ",".join(missing),
        "hgvs_g": variant.hgvs_g, "depth": NOT_EVALUATED if genotype.depth is None else genotype.depth,
        "allele_balance": NOT_EVALUATED if balance is None else round(balance, 3), "filter": "PASS",
        "clinvar": found if clinvar else NOT_EVALUATED,
    }  # fmt: skip


def candidate_row(rank: int, case: str, one: Ranked, missing: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of a candidate, with `reasons` and `models` beside the columns; `missing` names what was not looked at."""
    consequence, gene = one.hit.consequence, one.gene
    without = NO_DISEASE if one.by_phenotype else NOT_EVALUATED
    reasons = reasons_of(one)
    shared = _shared(
        rank, case, one.hit.variant, one.hit.variant.genotypes[one.who.family.proband.sample], list(missing), "clinvar" not in missing
    )
    row = shared | {
        "gene": one.hit.gene, "consequence": "&".join(consequence.terms), "hgvs_c": consequence.hgvs_c, "hgvs_p": consequence.hgvs_p,
        "transcript": consequence.transcript, "zygosity_model": model_text(one), "inheritance_note": inheritance_note(one),
        "phenotype_score": without if gene.score is None else gene.score, "gene_rank": without if gene.rank is None else gene.rank,
        "variant_score": one.variant_score, "score": one.score, "frequency": one.hit.frequency.in_words, "evidence": "; ".join(reasons),
        "phase": one.pair.phase.state if one.pair else "", "parent_of_origin": one.who.origin() or "",
    }  # fmt: skip
    extra = {"reasons": reasons, "inheritance_score": one.inheritance_score, "models": [model.as_record() for model in one.models]}
    extra |= family_record(one)
    return {name: row[name] for name in COLUMNS} | extra


def family_record(one: Ranked) -> dict[str, Any]:
    """Return what the family says of a candidate, as plain data.

    Returns:
        pair: the second variant of the gene `{chrom, pos, ref, alt, hgvs_c, phase, how}`; de_novo: `{confirmed, parents: [{role, state,
        depth, alt, fraction, error_rate, p_error, p_heterozygous, mosaic}]}`, where a parent whose reads were not counted has no depth;
        segregation: see `workflow/segregation.py`; imprinting: `{expressed, origin}`. None where a part does not apply.
    """
    expressed = expressed_copies().get(one.hit.gene)
    return {
        "pair": _pair_record(one),
        "de_novo": _de_novo_record(one),
        "segregation": one.segregation.as_record() if one.segregation else None,
        "imprinting": {"expressed": expressed, "origin": one.who.origin()} if expressed else None,
    }


def _pair_record(one: Ranked) -> dict[str, Any] | None:
    if not one.pair:
        return None
    other = one.pair.hit.variant
    place = {"chrom": other.contig, "pos": other.pos, "ref": other.ref, "alt": other.alt, "hgvs_c": one.pair.hit.consequence.hgvs_c}
    return place | {"phase": one.pair.phase.state, "how": one.pair.phase.how}


def _de_novo_record(one: Ranked) -> dict[str, Any] | None:
    """Return the parents' reads where the variant may be new; confirmed if it fits and no parent who could have given it has it."""
    new = next((model for model in one.models if model.name.startswith("de novo")), None)
    if not new or any(one.who.of(one.who.family.parent(role)).present for role in one.who.givers()):
        return None
    parents = []
    for role in one.who.givers():
        reads: AlleleReads | None = one.who.reads_of(role)
        counts = reads.as_record() if reads else {"mosaic": False}
        parents.append({"role": role, "state": str(one.who.of(one.who.family.parent(role))), **counts})
    return {"confirmed": new.fit is Fit.FITS, "parents": parents}


def plain_row(rank: int, case: str, variant: AnnotatedVariant, proband: str, missing: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of a variant of which no gene is known, since no gene models were given."""
    genotype = variant.genotypes[proband]
    reasons = [
        f"{zygosity(genotype, variant.contig)}, {_reads_text(genotype)}, genotype quality {genotype.quality}",
        "genes not evaluated: no gene models are configured",
    ]
    row = dict.fromkeys(COLUMNS, NOT_EVALUATED) | _shared(rank, case, variant, genotype, list(missing), "clinvar" not in missing)
    row |= {
        "phase": "",
        "parent_of_origin": "",
        "zygosity_model": f"{zygosity(genotype, variant.contig)}: {NOT_EVALUATED}",
        "evidence": "; ".join(reasons),
        "inheritance_note": "",
    }
    return row | {"reasons": reasons, "inheritance_score": NOT_EVALUATED, "models": [], **NO_FAMILY}


def model_text(one: Ranked) -> str:
    """Return zygosity and best model: `heterozygous: autosomal dominant`."""
    if not one.models:
        return f"{one.who.zygosity}: {NOT_EVALUATED} (tumour)"
    best = one.models[0]
    return f"{one.who.zygosity}: {best.name}" + ("" if best.fit is Fit.FITS else f" ({best.fit})")


def inheritance_note(one: Ranked) -> str:
    """Return why the best model fits or not, with what, and what is missing."""
    if not one.models:
        return ""
    best = one.models[0]
    notes = list(best.reasons)
    if one.pair:
        together, hit = one.pair.model, one.pair.hit
        name = hit.consequence.hgvs_c or f"{hit.variant.contig}:{hit.variant.pos} {hit.variant.ref}>{hit.variant.alt}"
        notes.append(f"with {name}" if together is best else f"second variant of the gene {name}: {', '.join(together.reasons)}")
    if one.gene.modes and best.mode not in one.gene.modes:
        notes.append(f"known diseases of the gene are {' or '.join(sorted(one.gene.modes))}")
    return "; ".join([*notes, *best.missing])


def reasons_of(one: Ranked) -> list[str]:
    """Return the reasons for a candidate's place, in words."""
    consequence, variant = one.hit.consequence, one.hit.variant
    genotype = variant.genotypes[one.who.family.proband.sample]
    kind = " and ".join(term.replace("_", " ") for term in consequence.terms)
    status = transcript_status(consequence)
    reasons = [f"{kind} in {one.hit.gene} ({consequence.transcript}{status})", f"{one.who.zygosity}, {_reads_text(genotype)}"]
    reasons += [f"listed because ClinVar names it {one.hit.named}; no effect can be seen from the sequence"] if one.hit.named else []
    here = inhouse_counts(variant)
    reasons += call_doubts(genotype, recurrent=here.recurrent)
    if one.by_phenotype:
        reasons.append(_phenotype_text(one))
    reasons += [f"frequency {one.hit.frequency.in_words}", *([f"in this centre {here.in_words}"] if here.known else [])]
    return reasons + ([f"seen together: {consequence.haplotype}"] if consequence.haplotype else [])


def transcript_status(consequence: Consequence) -> str:
    """Return what the transcript is to its gene, with a comma before it; empty for one of several."""
    if consequence.is_mane:
        return ", MANE Select"
    return ", MANE Plus Clinical" if consequence.is_plus_clinical else ", canonical" if consequence.is_canonical else ""


def _phenotype_text(one: Ranked) -> str:
    gene = one.gene
    if not gene.disease:
        return "no disease of the gene is known to the HPO release"
    identifier, name = gene.disease
    verb = "fits" if gene.score and gene.score > 0 else "does not fit"
    return f"phenotype {verb} {name} ({identifier}): {gene.matched} of {len(gene.terms)} terms, gene {gene.rank} of all"


def _reads_text(genotype: Genotype) -> str:
    reads = genotype.allele_depths
    return f"{variant_reads(genotype)} of {sum(reads)} reads" if reads else "reads not counted by the caller"


def with_posteriors(rows: Sequence[dict[str, Any]], phenotype: Phenotype) -> list[dict[str, Any]]:
    """Add the probability of each row's gene among the genes of all listed candidates, each equally likely before the terms."""
    among = phenotype.posteriors_among(row["gene"] for row in rows)
    return [row | {"posterior": among.get(row["gene"], NO_DISEASE if among else NOT_EVALUATED)} for row in rows]


def posteriors_anew(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of which some were moved elsewhere, with the probability of each gene among those that are left; as `with_posteriors`."""
    among = {row["gene"]: row["posterior"] for row in rows if isinstance(row["posterior"], float)}
    share = (1 - OUTSIDE) / sum(among.values()) if any(among.values()) else 0.0
    return [row | ({"posterior": float(f"{share * among[row['gene']]:.4g}")} if row["gene"] in among else {}) for row in rows]
