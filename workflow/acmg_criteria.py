"""ACMG/AMP criteria that can be computed honestly, each a function of the facts of one candidate.

A function returns a line (counted or shown with the reason why not), a text that says why the criterion was not evaluated, or None where it
does not apply. Criteria that are not here (PS3, PS4, PM1, PM3, PP2, PP3, BS3, BP1, BP2, BP4, BP5) need experiments, other patients or a
predictor that a hospital may use: a person adds them in the evidence sheet.
"""

import re
from collections.abc import Callable, Mapping

from workflow.acmg_facts import Facts
from workflow.acmg_points import Line, Strength
from workflow.decay import early_stop, skipped_exon
from workflow.family_criteria import bs4, pm6_ps2, pp1, pp4
from workflow.loss_of_function import Loss, weigh_loss

Judged = Line | str | None
NOT_CONFIGURED = "no {} is configured"
BA1_FREQUENCY, BS1_FREQUENCY = 0.05, 0.01
"""BA1: 5 % in any group (Ghosh and others, Hum Mutat 2018;39:1525). BS1: 1 %, more than any penetrant rare disease lets expect; limits of
single diseases are stricter and belong to a person's evidence."""
LEAST_ALLELES = 2000
"""Alleles that must have been counted before a frequency speaks for benign (Ghosh and others)."""
PM2_FREQUENCY, PM2_FREQUENCY_RECESSIVE = 1e-5, 1e-4
"""Up to which a variant is taken for absent, by the gene's mode of inheritance; set by judgement. Supporting, as ClinGen asks (SVI, PM2
version 1.0, 2020)."""
HOMOZYGOTES, HOMOZYGOTES_STRONG = 3, 10
"""People with both copies in the population source: set by judgement, since its donors are not all known to be healthy."""
HAPLOINSUFFICIENT = {"3": "sufficient evidence for haploinsufficiency", "30": "gene of a recessive disease"}
TRUNCATING = frozenset({"stop_gained", "frameshift_variant"})
SPLICE = frozenset({"splice_donor_variant", "splice_acceptor_variant"})
IN_FRAME = frozenset({"inframe_deletion", "inframe_insertion", "protein_altering_variant"})
_DEEP = re.compile(r":c\.[-*]?\d+(?:\+(\d+)|-(\d+))(?!_)")


def pvs1(facts: Facts) -> Judged:
    """Loss of a product in a gene whose loss is known to make ill."""
    kind = "truncation" if TRUNCATING & set(facts.terms) else "splice" if SPLICE & set(facts.terms) else ""
    kind = kind or ("start" if "start_lost" in facts.terms else "")
    if not kind or facts.namer is None or facts.change is None or facts.consequence is None:
        return None
    if facts.consequence.haplotype:
        return f"a neighbour on the same copy changes the effect ({facts.consequence.haplotype})"
    strength, way = weigh_loss(_loss(facts, kind))
    if strength is None:
        return facts.line("PVS1", None, way, "gene_models", why_not="the decision tree gives no strength")
    if facts.dosage is None:
        have = "dosage" in facts.sources
        why = "the source has no judgement on the gene" if have else NOT_CONFIGURED.format("`knowledge.dosage`")
        return facts.line("PVS1", strength, way, "gene_models", why_not=f"whether loss of the gene makes ill is not known: {why}")
    fact = f"{way}; ClinGen dosage sensitivity: {HAPLOINSUFFICIENT.get(facts.dosage.score, f'score {facts.dosage.score}')}"
    fact += f" ({facts.dosage.date})" if facts.dosage.date else ""
    known = facts.dosage.score in HAPLOINSUFFICIENT
    return facts.line("PVS1", strength, fact, "dosage", "" if known else "loss of the gene is not shown to make ill")


def _loss(facts: Facts, kind: str) -> Loss:
    assert facts.namer is not None
    assert facts.change is not None
    assert facts.consequence is not None
    relevant = facts.consequence.is_mane or facts.consequence.is_plus_clinical or facts.consequence.is_canonical
    if kind == "start":
        return Loss(kind, relevant, other_start=facts.others, pathogenic_upstream=facts.upstream)
    if kind == "splice":
        return Loss(kind, relevant, skipped_exon(facts.namer, facts.terms, facts.change))
    return Loss(kind, relevant, early_stop(facts.namer, facts.consequence.hgvs_p, facts.change))


def ps1_pm5(facts: Facts) -> Judged:
    """Another variant of the codon is known as pathogenic: the same residue put in (PS1), or another one (PM5)."""
    if "missense_variant" not in facts.terms or facts.consequence is None:
        return None
    if facts.neighbours is None:
        return NOT_CONFIGURED.format("ClinVar release")
    own = facts.consequence.hgvs_p.rpartition(":")[2]
    usable = [one for one in facts.neighbours if one.severity and one.stars >= 1 and not one.same_bases]
    for criterion, usual, lower, chosen in (
        ("PS1", Strength.STRONG, Strength.MODERATE, [one for one in usable if one.protein == own]),
        ("PM5", Strength.MODERATE, Strength.SUPPORTING, [one for one in usable if one.protein != own]),
    ):
        if chosen:
            best = max(chosen, key=lambda one: (one.severity == "pathogenic", one.stars))
            fact = f"{best.protein} is {best.severity} in ClinVar (allele {best.allele}, {best.stars} stars)"
            return facts.line(criterion, usual if best.severity == "pathogenic" else lower, fact, "clinvar")
    return None


def pm2(facts: Facts) -> Judged:
    """Absent from, or nearly absent from, the population."""
    if facts.population is None:
        return NOT_CONFIGURED.format("source of population frequencies")
    limit = PM2_FREQUENCY_RECESSIVE if facts.recessive_only else PM2_FREQUENCY
    if not facts.population.known:
        return facts.line("PM2", Strength.SUPPORTING, "not found (how well the place is covered in the source is not known)", "gnomad")
    if facts.population.highest is None:
        return "the source names no frequency"
    return facts.line("PM2", Strength.SUPPORTING, facts.population.in_words, "gnomad") if facts.population.highest <= limit else None


def ba1_bs1(facts: Facts) -> Judged:
    """More frequent than a cause of rare disease can be."""
    told = facts.population
    if told is None:
        return NOT_CONFIGURED.format("source of population frequencies")
    if told.highest is None:
        return "the source names no frequency" if told.known else None
    if told.highest <= BS1_FREQUENCY:
        return None
    common = told.highest > BA1_FREQUENCY
    criterion, strength = ("BA1", Strength.STAND_ALONE) if common else ("BS1", Strength.STRONG)
    few = told.an is None or told.an < LEAST_ALLELES
    why = f"fewer than {LEAST_ALLELES:,} alleles are known to be counted" if few else ""
    return facts.line(criterion, strength, told.in_words, "gnomad", why)


def bs2(facts: Facts) -> Judged:
    """Seen in both copies of people who are not known to be ill."""
    if facts.population is None:
        return NOT_CONFIGURED.format("source of population frequencies")
    count = facts.population.homozygotes
    if count is None:
        return "the source names no homozygotes" if facts.population.known else None
    if count < HOMOZYGOTES:
        return None
    return facts.line("BS2", Strength.STRONG if count >= HOMOZYGOTES_STRONG else Strength.SUPPORTING, facts.population.in_words, "gnomad")


def pm4_bp3(facts: Facts) -> Judged:
    """The protein's length changes: outside of repeats (PM4) or in one (BP3)."""
    if "stop_lost" in facts.terms:
        return facts.line("PM4", Strength.MODERATE, "stop codon lost, the protein is longer", "gene_models")
    if not IN_FRAME & set(facts.terms) or TRUNCATING & set(facts.terms) or facts.change is None:
        return None
    if facts.repeat is None:
        return "whether the variant lies in a repeat: no BED named `repeats` is configured"
    if facts.repeat:
        return facts.line("BP3", Strength.SUPPORTING, "in-frame change in a repeat (its function is not known)", "repeats")
    residues = abs(len(facts.change.alt) - len(facts.change.ref)) // 3
    strength = Strength.MODERATE if residues > 1 else Strength.SUPPORTING
    return facts.line("PM4", strength, f"in-frame change of {max(residues, 1)} residues outside of repeats", "repeats")


def bp7(facts: Facts) -> Judged:
    """Silent, or deep in an intron, by place alone (Walker and others, Am J Hum Genet 2023;110:1046: beyond +7 and -21)."""
    if facts.consequence is None or any("splice" in term for term in facts.terms):
        return None
    place = _DEEP.search(facts.consequence.hgvs_c)
    deep = bool(place) and (int(place[1] or 0) >= 7 or int(place[2] or 0) >= 21)  # type: ignore[index]
    if facts.terms[:1] == ("synonymous_variant",):
        fact = "silent and outside of the splice region"
    elif facts.terms[:1] == ("intron_variant",) and deep:
        fact = "intronic, beyond +7 or -21"
    else:
        return None
    why = "no predictor of splicing is configured, so that an effect on it is not excluded"
    return facts.line("BP7", Strength.SUPPORTING, fact, "gene_models", why)


COMPUTED: Mapping[str, Callable[[Facts], Judged]] = {
    "PVS1": pvs1, "PS1/PM5": ps1_pm5, "PS2/PM6": pm6_ps2, "PM2": pm2, "PM4/BP3": pm4_bp3, "PP1": pp1, "PP4": pp4, "BA1/BS1": ba1_bs1,
    "BS2": bs2, "BS4": bs4, "BP7": bp7,
}  # fmt: skip


def judge(facts: Facts) -> tuple[list[Line], dict[str, str]]:
    """Return the lines of a candidate, and the criteria that were not evaluated, with the reason."""
    lines: list[Line] = []
    missing: dict[str, str] = {}
    for name, criterion in COMPUTED.items():
        found = criterion(facts)
        if isinstance(found, Line):
            lines.append(found)
        elif found:
            missing[name] = found
    return lines, missing
