"""The family on the page: who is drawn, who carries a variant as far as their genotypes tell, and what the family's calls said."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.family import Family, carriers
from workflow.parental_reads import AlleleReads
from workflow.pedigree import Pedigree
from workflow.variants import Genotype

Data = Mapping[str, Any]


def people_of(members: Sequence[Data], proband: str) -> list[dict[str, Any]]:
    """Return everybody that a pedigree shows, ancestors first: members, and the unsequenced people in parentheses who link them.

    Each is `{name, role, sex, affected, mother, father, sequenced, proband}`; a parent of whom nothing is known is left out.
    """
    pedigree = Pedigree.of(members)
    by_name = {one["sample"]: one for one in members}
    people = []
    for name in pedigree.above(by_name):
        one = by_name.get(name, {})
        mother, father = pedigree.parents.get(name, ("", ""))
        people.append(
            {
                "name": name,
                "role": one.get("role", ""),
                "sex": one.get("sex") or pedigree.sexes.get(name, "unknown"),
                "affected": one.get("affected", "unknown"),
                "mother": mother,
                "father": father,
                "sequenced": name in by_name,
                "proband": name == proband,
            }
        )
    return people


def add_states(candidates: Sequence[Data], family: Family, min_depth: int, reads: Data) -> list[dict[str, Any]]:
    """Return the candidates with `state` in each of their `members`: absent, one copy, all copies, mosaic or not known.

    A person with fewer than `min_depth` reads or an uncertain genotype is `not known`, never absent; a tumour's relatives are judged alike.

    Args:
        candidates: with `members` as `workflow.report_evidence.add_genotypes` gives them.
        family: the people.
        min_depth: reads it takes to say that a variant is absent.
        reads: parents' fragments by `contig:pos:ref:alt` and sample, as family.json has them.
    """
    return [{**one, "members": _states(one, family, min_depth, reads)} for one in candidates]


def _states(one: Data, family: Family, min_depth: int, reads: Data) -> dict[str, Any]:
    members = one["members"]
    genotypes = {name: genotype_of(call) for name, call in members.items()}
    if family.proband.sample not in genotypes:
        return {name: {**call, "state": "not known"} for name, call in members.items()}
    counted = reads.get(f"{one['chrom']}:{one['pos']}:{one['ref']}:{one['alt']}", {})
    fragments = {name: AlleleReads.of(counts) for name, counts in counted.items()}
    told = carriers(family, genotypes, one["chrom"], min_depth, pos=one["pos"], reads=fragments).seen
    return {name: {**call, "state": str(told.get(name, "not known"))} for name, call in members.items()}


def genotype_of(call: Data) -> Genotype:
    """Return a call of the page as a genotype."""
    text = call["genotype"]
    alleles = tuple(None if copy == "." else int(copy) for copy in text.replace("|", "/").split("/"))
    depths = None if call["alt_reads"] is None else (call["ref_reads"], call["alt_reads"])
    return Genotype(alleles, call["depth"], depths, call["quality"], "|" in text)


def family_part(interpretation: Data, members: Sequence[Data], proband: str) -> dict[str, Any]:
    """Return `{people, mendelian, parentage, uniparental, consanguinity}`; a part that was not examined is None or empty."""
    found = interpretation.get("family") or {}
    parts = {name: found.get(name) for name in ("mendelian", "parentage", "uniparental", "consanguinity")}
    return {"people": people_of(members, proband), **parts}
