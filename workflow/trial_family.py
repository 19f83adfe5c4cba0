"""Families with known truth: artificial genes, the variants written into the reads of a trio, and the model that each must end with.

A person's two copies are `1` and `2`; the child's copy 1 is copy 1 of the mother, its copy 2 is copy 1 of the father (a boy's X is copy 1
alone). What a person carries is written `` (nothing), `1`, `2`, `12`, `12 %` (a share of the fragments: mosaic), or `-`: no reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("proband", "mother", "father")
COMPOUND, DE_NOVO, RECESSIVE = "autosomal recessive, compound heterozygous", "de novo, dominant", "autosomal recessive"


@dataclass(frozen=True)
class Spike:
    """A variant: `at` bases from the start of its gene (or close behind it), and what each person carries."""

    at: int
    proband: str
    mother: str
    father: str

    def of(self, role: str) -> str:
        """Return what a person carries."""
        return str(getattr(self, role))


@dataclass(frozen=True)
class Scenario:
    """One artificial gene with its variants, and what must be said of the first: the model, whether it fits, the phase, words of why."""

    gene: str
    title: str
    spikes: tuple[Spike, ...]
    model: str
    fit: str = "fits"
    phase: str = ""
    because: str = ""


AUTOSOMAL = (
    Scenario("NEW", "de novo", (Spike(100, "1", "", ""),), DE_NOVO, because="mother and father without it"),
    Scenario("TRANS", "compound heterozygous, in trans", (Spike(100, "1", "1", ""), Spike(600, "2", "", "1")), COMPOUND, "fits", "in trans",
             "one from each parent"),
    Scenario("CIS", "two variants in cis", (Spike(100, "1", "1", ""), Spike(600, "1", "1", "")), "autosomal dominant", "possible", "in cis",
             "incomplete penetrance"),
    Scenario("READS", "inherited and new, in trans by reads", (Spike(100, "1", "1", ""), Spike(280, "2", "", "")), COMPOUND, "fits",
             "in trans", "reads that span both"),
    Scenario("HOMOZYG", "recessive, father uncovered", (Spike(100, "12", "1", "-"),), RECESSIVE, because="mother carries one copy"),
    Scenario("MOSAIC", "mother mosaic", (Spike(100, "1", "12 %", ""),), "parental mosaicism, dominant", because="more than errors make"),
)  # fmt: skip
X_LINKED = (
    Scenario(
        "XCARRIER", "X-linked in a boy, mother a carrier", (Spike(100, "1", "1", ""),), "X-linked recessive", because="mother is a carrier"
    ),
    Scenario("XNEW", "X-linked in a boy, new", (Spike(100, "1", "", ""),), "de novo, X-linked", because="mother without it"),
)
LENGTH = 690  # bases of an artificial gene, all of them coding


def gff3(contig: str, genes: Mapping[str, tuple[int, int]]) -> str:
    """Return gene models of genes with one coding exon on the forward strand; {name: (first, last)}, 1-based, in whole codons."""
    lines = ["##gff-version 3"]
    for name, (first, last) in genes.items():
        tail = f"{first}\t{last}\t.\t+"
        lines += [
            f"{contig}\ttrial\tgene\t{tail}\t.\tID=gene:{name};Name={name};biotype=protein_coding",
            f"{contig}\ttrial\tmRNA\t{tail}\t.\tID=transcript:NM_{name}.1;Parent=gene:{name};biotype=protein_coding;tag=MANE_Select",
            f"{contig}\ttrial\texon\t{tail}\t.\tParent=transcript:NM_{name}.1",
            f"{contig}\ttrial\tCDS\t{tail}\t0\tParent=transcript:NM_{name}.1",
        ]
    return "\n".join(lines) + "\n"


STOPS = {"TAA", "TAG", "TGA"}


def missense(codon: str) -> str:
    """Return the first base that changes the amino acid of a codon, makes no stop and ends none; empty if there is none."""
    for base in "ACGT":
        same = {codon[0], base} in ({"C", "T"}, {"A", "C"}) and codon[1] in "TG"  # leucine and arginine have codons of two kinds
        if base != codon[0] and not same and not STOPS & {codon, base + codon[1:]}:
            return base
    return ""


def found_of(interpretation: Mapping[str, Any], pos: int) -> dict[str, Any]:
    """Return what was said of the candidate at a position: model, fit, phase, reasons and the position of its partner."""
    one = next((one for one in interpretation["candidates"] if one["pos"] == pos), None)
    if one is None:
        return {"model": "not a candidate", "fit": "", "phase": "", "note": "", "partner": None}
    best, pair = one["models"][0], one["pair"]
    return {
        "model": best["name"],
        "fit": best["fit"],
        "phase": one["phase"],
        "note": one["inheritance_note"],
        "partner": pair["pos"] if pair else None,
    }


def agrees(scenario: Scenario, found: Mapping[str, Any], partner: int | None = None) -> bool:
    """Tell whether what was found is the truth; `partner` is the position of the second variant, None if the gene has one alone."""
    told = (found["model"], found["fit"], found["phase"]) == (scenario.model, scenario.fit, scenario.phase)
    return told and scenario.because in found["note"] and found["partner"] == partner


def claimed_new(interpretation: Mapping[str, Any], known: Iterable[int] = ()) -> list[int]:
    """Return the positions of candidates, beside known ones, that are said to be new in the child."""
    return [
        one["pos"]
        for one in interpretation["candidates"]
        if one["pos"] not in set(known)
        and one["models"]
        and one["models"][0]["name"].startswith("de novo")
        and one["models"][0]["fit"] == "fits"
    ]
