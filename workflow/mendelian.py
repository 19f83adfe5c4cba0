"""Genotypes of a child against those of its parents: Mendelian errors by chromosome and type, and whether the parents are the parents.

Records are split (one ALT each), so that a genotype is the number of copies of that ALT; a consistent genotype stays consistent so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cyvcf2
import numpy as np
from numpy.typing import NDArray

from workflow.family import MIN_QUALITY
from workflow.reference import contig_kind
from workflow.variants import PADDING, UNCALLED

KINDS = ("sites", "in neither parent", "nothing from the mother", "nothing from the father")
LEAST_SITES = 300  # confident sites of child and parent that it takes to speak of their relation
RELATED, UNRELATED = 0.01, 0.03
"""Share of sites at which parent and child have no allele in common: below the first they are parent and child but for errors of
genotyping, above the second they are not (between unrelated people it is 5 % or more of sites that vary among three). Set by judgement."""


def _counters() -> Any:
    return defaultdict(Counter)


@dataclass
class Tally:
    """Counts of a child with one or both parents; `roles` are the parents there are.

    Attributes:
        errors: {(contig, snv or indel): Counter of KINDS}.
        pairs: {role: Counter(sites, opposite)}: autosomal sites at which parent and child are confident, and with no allele in common.
        opposite: {contig: Counter}: what the child has where its parents are opposite homozygotes: both, mother, father.
        het_parent: {(contig, role): Counter(sites, het)}: whether the child is heterozygous where that parent is.
    """

    roles: Sequence[str]
    errors: defaultdict[tuple[str, str], Counter[str]] = field(default_factory=_counters)
    pairs: defaultdict[str, Counter[str]] = field(default_factory=_counters)
    opposite: defaultdict[str, Counter[str]] = field(default_factory=_counters)
    het_parent: defaultdict[tuple[str, str], Counter[str]] = field(default_factory=_counters)

    def add(self, contig: str, variant_type: str, child: Sequence[int], parents: Mapping[str, Sequence[int]], times: int = 1) -> None:
        """Count one site, or several alike.

        Genotypes are the alleles of confident calls (0 or 1 each); a parent whose call is not confident is left out.
        """
        kind = contig_kind(contig)
        if kind == "autosome" and len(child) == 2:
            copies = {role: sum(call) for role, call in parents.items() if len(call) == 2}
            self._add_autosome(contig, variant_type, sum(child), copies, times)
        elif kind == "X" and len(child) == 1 and len(parents.get("mother", ())) == 2:
            self._count(contig, variant_type, "nothing from the mother" if _apart(sum(parents["mother"]), 2 * child[0]) else "", times)

    def _add_autosome(self, contig: str, variant_type: str, child: int, parents: dict[str, int], times: int) -> None:
        for role, copies in parents.items():
            pair = self.pairs[role]
            pair["sites"] += times
            pair["opposite"] += times * _apart(copies, child)
        if len(parents) == len(self.roles) and parents:
            self._count(contig, variant_type, wrong_with(child, parents), times)
        if len(parents) == 2 and variant_type == "snv":
            self._add_origin(contig, child, parents["mother"], parents["father"], times)

    def _count(self, contig: str, variant_type: str, wrong: str, times: int) -> None:
        counts = self.errors[contig, variant_type]
        counts["sites"] += times
        if wrong:
            counts[wrong] += times

    def _add_origin(self, contig: str, child: int, mother: int, father: int, times: int) -> None:
        if _apart(mother, father):
            found = "both" if child == 1 else "mother" if child == mother else "father"
            self.opposite[contig][found] += times
        for role, copies in (("mother", mother), ("father", father)):
            if copies == 1:
                counts = self.het_parent[contig, role]
                counts["sites"] += times
                counts["het"] += times * (child == 1)

    def as_record(self) -> dict[str, Any]:
        """Return the Mendelian errors as plain data; `rate` is None without a site."""
        if not self.roles:
            return {"evaluated": False, "reason": "no parent was sequenced", "by_chromosome": []}
        total = sum((counts for counts in self.errors.values()), Counter())
        wrong = total.total() - total["sites"]
        rows = [
            {"contig": contig, "type": kind, **{name.replace(" ", "_"): counts[name] for name in KINDS}}
            for (contig, kind), counts in self.errors.items()
        ]
        record = {"evaluated": bool(total["sites"]), "sites": total["sites"], "errors": wrong, "by_chromosome": rows}
        record["rate"] = round(wrong / total["sites"], 6) if total["sites"] else None
        record["reason"] = "" if total["sites"] else "no site at which child and parents are called with confidence"
        return record

    def parentage(self) -> dict[str, Any]:
        """Return by role whether the genotypes confirm that a parent is the parent."""
        return {role: _relation(self.pairs.get(role, Counter())) for role in self.roles}


class Patterns:
    """Records counted by contig, type and everybody's genotype and confidence: there are few kinds, whatever the size of the genome.

    Args:
        names: samples of the calls.
        asked: whose genotypes are wanted.
        min_depth: reads from which on a call is confident, with a genotype quality of MIN_QUALITY.
    """

    def __init__(self, names: Sequence[str], asked: Sequence[str], min_depth: int) -> None:
        self.asked, self.min_depth = {name: names.index(name) for name in asked}, min_depth
        self._times: Counter[tuple[str, bool, bytes, bytes]] = Counter()
        self._people = len(names)

    def add(self, record: cyvcf2.Variant, calls: NDArray[np.int16]) -> None:
        """Count one record; `calls` is cyvcf2's array of genotypes. Records without depth or genotype quality are passed over."""
        qualities, depths = record.format("GQ"), record.format("DP")
        if qualities is None or depths is None:
            return
        confident = (qualities[:, 0] >= MIN_QUALITY) & (depths[:, 0] >= self.min_depth)
        self._times[record.CHROM, len(record.REF) == len(record.ALT[0]) == 1, calls.tobytes(), confident.tobytes()] += 1

    def known(self) -> Iterator[tuple[str, str, dict[str, list[int]], int]]:
        """Yield contig, snv or indel, the alleles of those who are called with confidence, and the number of such records."""
        for (contig, one_base, packed, confident), times in self._times.items():
            calls = np.frombuffer(packed, np.int16).reshape(self._people, -1)[:, :-1].tolist()
            alleles = {name: [one for one in calls[at] if one != PADDING] for name, at in self.asked.items() if confident[at]}
            known = {name: found for name, found in alleles.items() if UNCALLED not in found}
            yield contig, "snv" if one_base else "indel", known, times


def _apart(one: int, two: int) -> bool:
    """Whether two diploid genotypes have no allele in common."""
    return {one, two} == {0, 2}


def wrong_with(child: int, parents: Mapping[str, int]) -> str:
    """Return what is wrong with a child's number of copies, empty if nothing is; one parent or two."""
    apart = [role for role, copies in parents.items() if _apart(copies, child)]
    if len(parents) == 2 and len({*parents.values()}) == 1 and next(iter(parents.values())) in {0, 2}:
        return "in neither parent" if child != next(iter(parents.values())) else ""
    return f"nothing from the {apart[0]}" if apart else ""


def _relation(counts: Mapping[str, int]) -> dict[str, Any]:
    sites, opposite = counts.get("sites", 0), counts.get("opposite", 0)
    share = opposite / sites if sites else None
    if share is None or sites < LEAST_SITES:
        verdict = "not evaluated"
    else:
        verdict = "confirmed" if share < RELATED else "contradicted" if share > UNRELATED else "unclear"
    return {"verdict": verdict, "sites": sites, "without_common_allele": opposite, "share": None if share is None else round(share, 5)}
