"""The criteria that the family and the patient's features speak for: PS2 and PM6, PP1, BS4, PP4."""

from collections.abc import Mapping
from typing import Any

from workflow.acmg_facts import Facts
from workflow.acmg_points import Line, Strength

SPECIFIC = 0.5
"""Probability of the gene among all from which the features count as specific for it; set by judgement."""
MEIOSES = ((5, Strength.STRONG), (4, Strength.MODERATE), (3, Strength.SUPPORTING))
"""Meioses in one family from which on a variant that goes with the disease weighs (Jarvik and Browning, Am J Hum Genet 2016;98:1077:
chance of 1/32, 1/16, 1/8)."""
FAMILY, FEATURES = "family", "hpo"


def posterior_of(facts: Facts) -> float | None:
    """Return the probability of the gene among all genes, given the features; None where it was not evaluated."""
    value = facts.gene.get("posterior")
    return float(value) if isinstance(value, int | float) else None


def score_of(facts: Facts) -> float | None:
    """Return how much likelier the features are with a disease of the gene (log10); None where that was not evaluated."""
    value = facts.row.get("phenotype_score")
    return float(value) if isinstance(value, int | float) else None


def pm6_ps2(facts: Facts) -> Line | str | None:
    """New in the child: PS2 where parentage is confirmed, else PM6.

    Strengths: ClinGen SVI, de novo (PS2 and PM6), 2021: by how specific the features are; one observation.
    """
    found: Mapping[str, Any] | None = facts.row.get("de_novo")
    if found is None:
        return None
    parents = " and ".join(f"{one['role']} {_reads(one)}" for one in found["parents"])
    if not found["confirmed"]:
        return f"new in the child is not confirmed: {parents}"
    criterion = "PS2" if facts.parentage else "PM6"
    fact = f"new in the child: {parents}; {'parentage shown by the genotypes' if facts.parentage else 'parentage is assumed'}"
    if facts.recessive_only:
        return facts.line(criterion, None, fact, FAMILY, why_not="known diseases of the gene are recessive")
    score, posterior = score_of(facts), posterior_of(facts)
    if score is not None and score <= 0:
        return facts.line(criterion, None, fact, FAMILY, why_not="the features do not fit the gene")
    if score is None:
        level, words = 0, "whether the features fit is not known"
    elif posterior is not None and posterior >= SPECIFIC:
        level, words = 2, f"features specific for the gene (probability {posterior:.0%})"
    else:
        level, words = 1, "features fit the gene and are not specific"
    by_level = (Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG)
    if criterion == "PM6":
        by_level = (None, Strength.SUPPORTING, Strength.MODERATE)  # type: ignore[assignment]
    why = "" if by_level[level] else "assumed parentage and unknown features do not weigh enough"
    return facts.line(criterion, by_level[level], f"{fact}; {words}", FAMILY, why)


def _reads(parent: Mapping[str, Any]) -> str:
    if parent.get("depth") is None:
        return f"{parent.get('state', 'not known')}, reads not counted"
    return f"{parent.get('alt', 0)} of {parent['depth']} reads{', mosaic' if parent.get('mosaic') else ''}"


def pp1(facts: Facts) -> Line | str | None:
    """The variant goes with the disease in the family."""
    counted: Mapping[str, Any] | None = facts.row.get("segregation")
    if counted is None or not counted["affected_with"]:
        return None
    if counted["meioses"] is None:
        return "the meioses between the affected cannot be counted from the relations given"
    strength = next((strength for least, strength in MEIOSES if counted["meioses"] >= least), None)
    fact = f"{len(counted['affected_with'])} affected relatives have it, {counted['meioses']:g} meioses"
    why = "" if strength else "fewer than 3 meioses"
    if counted["affected_without"]:
        strength, why = None, "an affected relative does not have it"
    return facts.line("PP1", strength, fact, FAMILY, why)


def bs4(facts: Facts) -> Line | None:
    """Affected relatives do not have it."""
    counted: Mapping[str, Any] | None = facts.row.get("segregation")
    if counted is None or not counted.get("affected_without"):
        return None
    fact = f"{len(counted['affected_without'])} affected relatives do not have it (another cause in them is not excluded)"
    return facts.line("BS4", Strength.STRONG, fact, FAMILY)


def pp4(facts: Facts) -> Line | str | None:
    """The features are specific for the gene's disease; not where PS2 or PM6 took its strength from them."""
    posterior = posterior_of(facts)
    if posterior is None:
        return "the probability of the gene given the features was not evaluated"
    if posterior < SPECIFIC:
        return None
    fact = f"probability of the gene among all, given the features: {posterior:.0%}"
    new = facts.row.get("de_novo")
    why = "the features are counted in PS2 or PM6" if new and new["confirmed"] and not facts.recessive_only else ""
    return facts.line("PP4", Strength.SUPPORTING, fact, FEATURES, why)
