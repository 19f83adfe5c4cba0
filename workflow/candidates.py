"""Which variants of a case are candidates: what the proband carries, called well, rare as far as known, with an effect on a gene.

Nothing vanishes silently: every record of the call set is counted under the step that took it out, and those that would change a
protein are kept by name (`withheld`).
"""

import contextlib
import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cyvcf2

from workflow.clinvar import severity_of, stars_of
from workflow.family import Seen, seen
from workflow.variants import PADDING, UNCALLED, AnnotatedVariant, Consequence, KnowledgeState, annotated, sources_of
from workflow.weights import Effect, Frequency, effect_of, frequency_of

MOST_WITHHELD = 500
NOT_KNOWN, ABSENT, OUTSIDE = "not known in the proband", "not in the proband", "outside genes"
NO_EFFECT = "synonymous, untranslated, intronic or non-coding"
NOTABLE = re.compile(r"\|HIGH\||\|MODERATE\||splice_region_variant")
"""What INFO/CSQ holds where some transcript of a record may have an effect (`workflow.weights.effect_of`)."""


@dataclass(frozen=True)
class Hit:
    """A variant of the proband that may matter to one gene.

    `named` is what ClinVar calls it where that alone keeps it in the list: its effect cannot be seen from the sequence. It is then weighed
    as a change of the splice region, and the word itself adds nothing to its score.
    """

    variant: AnnotatedVariant
    consequence: Consequence
    effect: Effect
    frequency: Frequency
    named: str = ""

    @property
    def gene(self) -> str:
        """Symbol of the gene, its identifier where it has none."""
        return self.consequence.symbol or self.consequence.gene


@dataclass
class Sieve:
    """Takes a stream of records to the proband's candidates, and counts what it leaves out.

    Attributes:
        proband: name of the sample.
        max_frequency: highest population frequency of a candidate (fraction).
        frequencies: whether a source of frequencies was evaluated.
    """

    proband: str
    max_frequency: float
    frequencies: bool
    counts: Counter[str] = field(default_factory=Counter)
    withheld: list[dict[str, Any]] = field(default_factory=list)

    def carried(self, variants: Iterable[AnnotatedVariant]) -> Iterator[AnnotatedVariant]:
        """Give the variants that the proband carries and the caller passed."""
        for variant in variants:
            self.counts["records in the call set"] += 1
            state = seen(variant.genotypes.get(self.proband))
            if state is Seen.NOT_KNOWN:
                self.counts[NOT_KNOWN] += 1
            elif state is Seen.ABSENT:
                self.counts[ABSENT] += 1
            elif variant.filters:
                self._withhold(variant, f"flagged by the caller: {' and '.join(variant.filters)}")
            else:
                yield variant

    def hits(self, variants: Iterable[AnnotatedVariant]) -> Iterator[Hit]:
        """Give a hit for each gene in which a carried variant may matter."""
        for variant in self.carried(variants):
            frequency = frequency_of(variant, evaluated=self.frequencies)
            chosen = chosen_consequences(variant)
            found = [Hit(variant, one, effect, frequency) for one in chosen if (effect := effect_of(one))]
            if not found and (named := named_pathogenic(variant)):
                found = [Hit(variant, one, Effect.SPLICE, frequency, named) for one in chosen if one.hgvs_c]
            if not chosen:
                self.counts[OUTSIDE] += 1
            elif not found:
                self._withhold(variant, self._why_no_effect(variant))
            elif frequency.value is not None and frequency.value > self.max_frequency:
                self._withhold(variant, f"more frequent than {self.max_frequency:g}")
            else:
                yield from found

    def hits_in(self, vcf: str) -> Iterator[Hit]:
        """Give what `hits` gives for all records of an annotated VCF, and count alike; most records are not taken apart."""
        yield from self.hits(self._worth_a_look(vcf))

    def _worth_a_look(self, vcf: str) -> Iterator[AnnotatedVariant]:
        """Give the records on which `hits` has more to say than a count; count the others here."""
        with contextlib.closing(cyvcf2.VCF(vcf)) as reader:
            names, sources = tuple(reader.samples), sources_of(reader)
            at = names.index(self.proband) if self.proband in names else None
            for record in reader:
                why = self._counted_as(record, None if at is None else record.genotype.array()[at].tolist()[:-1])
                if why:
                    self.counts["records in the call set"] += 1
                    self.counts[why] += 1
                else:
                    yield annotated(record, names, sources)

    def _counted_as(self, record: cyvcf2.Variant, copies: Sequence[int] | None) -> str:
        """Return what a record is counted under if that is all to be said of it, else nothing; `copies` as cyvcf2 gives the proband's."""
        if copies is None or 1 not in copies:
            return ABSENT if copies and max(copies) > PADDING and UNCALLED not in copies else NOT_KNOWN
        told = record.INFO.get("CSQ") or ""
        if NOTABLE.search(told) or record.INFO.get("clinvar_CLNSIG") is not None or record.FILTER is not None:
            return ""
        return NO_EFFECT if told else OUTSIDE

    def _why_no_effect(self, variant: AnnotatedVariant) -> str:
        if any(effect_of(one) for one in variant.consequences):
            return "effect on another transcript only"
        if any("splice_region_variant" in one.terms for one in chosen_consequences(variant)):
            return "splice region, at a position that seldom matters"
        return NO_EFFECT

    def _withhold(self, variant: AnnotatedVariant, why: str) -> None:
        """Count a variant under why it is left out, and keep it by name if it would change a product."""
        self.counts[why] += 1
        named = next((one for one in variant.consequences if effect_of(one) or "splice_region_variant" in one.terms), None)
        if named and len(self.withheld) < MOST_WITHHELD:
            self.withheld.append(named_record(variant, named) | {"why": why})
        elif named:
            self.counts[f"named above {MOST_WITHHELD}, so only counted"] += 1


def named_pathogenic(variant: AnnotatedVariant) -> str:
    """Return `pathogenic` or `likely pathogenic` where ClinVar says so with at least one star, else nothing."""
    told = variant.annotations
    return severity_of(told.get("clinvar_CLNSIG", "")) if stars_of(told.get("clinvar_CLNREVSTAT", "")) else ""


def named_record(variant: AnnotatedVariant, consequence: Consequence) -> dict[str, Any]:
    """Return where a variant is and what it is called, as plain data."""
    return {
        "gene": consequence.symbol or consequence.gene, "chrom": variant.contig, "pos": variant.pos, "ref": variant.ref, "alt": variant.alt,
        "consequence": "&".join(consequence.terms), "hgvs_c": consequence.hgvs_c, "hgvs_p": consequence.hgvs_p,
    }  # fmt: skip


def chosen_consequences(variant: AnnotatedVariant) -> list[Consequence]:
    """Return one consequence a gene: on its MANE Select transcript, else on its canonical one, else on the first listed.

    Where that says no effect and a MANE Plus Clinical transcript says one, the latter: pathogenic variants are known that lie there alone
    (Morales et al., Nature 2022;604:310-315).
    """
    by_gene: dict[str, list[Consequence]] = {}
    for one in variant.consequences:
        by_gene.setdefault(one.gene or one.symbol, []).append(one)
    return [_chosen(entries) for entries in by_gene.values()]


def _chosen(entries: Sequence[Consequence]) -> Consequence:
    usual = max(entries, key=lambda one: (one.is_mane, one.is_canonical))
    if effect_of(usual) is None:
        return next((one for one in entries if one.is_plus_clinical and effect_of(one)), usual)
    return usual


def by_call_quality(variants: Iterable[AnnotatedVariant], proband: str, most: int) -> tuple[list[AnnotatedVariant], int]:
    """Return the `most` best called variants, best first, and how many there are in all; no more than `most` are held in memory."""
    best: list[tuple[float, float, int, AnnotatedVariant]] = []
    number = 0
    for number, variant in enumerate(variants, 1):
        quality = variant.genotypes[proband].quality
        item = (-1.0 if quality is None else float(quality), variant.qual or 0.0, -number, variant)
        if len(best) < most:
            heapq.heappush(best, item)
        elif item > best[0]:
            heapq.heapreplace(best, item)
    return [item[-1] for item in sorted(best, reverse=True)], number


def missing_sources(knowledge: Mapping[str, KnowledgeState], *, hpo: bool, terms: bool) -> dict[str, str]:
    """Return what was not looked at, with the reason.

    Args:
        knowledge: the sources that the call set was annotated with, by name.
        hpo: an HPO release is configured.
        terms: the case has observed terms that were held against it.
    """
    elsewhere = {"panels", "hpo", "laboratory", "solved_cases"}  # not written into the call set
    missing = {name: "not configured" for name, state in knowledge.items() if not state.evaluated and name not in elsewhere}
    if not hpo:
        missing["hpo"] = "not configured"
    elif not terms:
        missing["phenotype"] = "the case has no observed HPO terms"
    return missing | {"panels": "gene panels are not part of this version", "acmg": "classification is not part of this version"}
