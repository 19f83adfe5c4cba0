"""Joint effects of neighbouring variants on one chromosome copy, from `bcftools csq --phase s --output-type t`.

`bcftools csq` 1.16 takes every `|` as phased with every other, so the phase sets (FORMAT/PS) are compared here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.consequences import by_severity, ontology_term

FIELDS = 7
"""Fields of an effect that names its records last; one without a protein change ends with the strand, which may be `+`."""

_PART = re.compile(r"^(\d+)([A-Za-z]+)>([A-Za-z]+)$")
Parts = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """Several records of a contig that act together on a transcript.

    Attributes:
        parts: 1-based position, REF and ALT of each record.
        transcript: identifier as in the gene models.
        term: Sequence Ontology term of the joint effect.
        protein: joint change as `bcftools csq` writes it, such as `4Q>4T`.
    """

    parts: Parts
    transcript: str
    term: str
    protein: str


@dataclass(frozen=True, slots=True)
class SampleCall:
    """A sample's genotype text at a record and its phase set, empty where the caller gave none."""

    genotype: str
    phase_set: str


def read_compounds(path: str | Path) -> dict[str, dict[Compound, set[tuple[str, int]]]]:
    """Return by contig each joint effect and the (sample, haplotype 1 or 2) that it was found on."""
    found: defaultdict[str, defaultdict[Compound, set[tuple[str, int]]]] = defaultdict(lambda: defaultdict(set))
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("CSQ\t") and "+" in line.rpartition("|")[2] and line.count("|") >= FIELDS - 1:
                _, sample, haplotype, contig, _, effect = line.rstrip("\n").split("\t")
                if compound := _compound(effect.split("|")):
                    found[contig][compound].add((sample, int(haplotype)))
    return {contig: dict(compounds) for contig, compounds in found.items()}


def _compound(field: Sequence[str]) -> Compound | None:
    """Return a joint effect; None for the lines that only repeat the splice region of one of its parts."""
    matches = [_PART.match(part) for part in field[6].split("+")]
    parts = tuple(sorted((int(match[1]), match[2], match[3]) for match in matches if match))
    terms = by_severity(set(map(ontology_term, field[0].split("&"))) - {"splice_region_variant"})
    return Compound(parts, field[2], terms[0], field[5]) if terms and len(parts) == len(matches) else None


def together(compound: Compound, sample: str, calls: Mapping[tuple[int, str, str], Mapping[str, SampleCall]]) -> bool:
    """Tell whether a sample carries all parts on one copy: all homozygous, or heterozygous ones phased in one set."""
    found = [calls.get(part, {}).get(sample) for part in compound.parts]
    if None in found:
        return False
    heterozygous = [call for call in found if call is not None and len(set(call.genotype.replace("|", "/").split("/"))) > 1]
    if len(heterozygous) < 2:
        return True
    same_copy = len({call.genotype for call in heterozygous}) == 1 and "|" in heterozygous[0].genotype
    return same_copy and len({call.phase_set for call in heterozygous}) == 1


def describe(compound: Compound, samples: Iterable[str]) -> str:
    """Return the text for CSQ's sub-field HAPLOTYPE: term, protein change, records, carriers."""
    records = "+".join(f"{pos}{ref}>{alt}" for pos, ref, alt in compound.parts)
    return f"{compound.term}:{compound.protein}:{records}:{'/'.join(samples)}"
