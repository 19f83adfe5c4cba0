"""What a family's calls and reads say beyond each genotype.

Errors against Mendel, chromosomes from one parent, related parents, parents' reads at what may be new in the child, and the sites
whose phase is worth asking the reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import cyvcf2
import pysam

from workflow.candidates import Hit, Sieve
from workflow.family import Family, carriers, zygosity
from workflow.files import read_json, write_json
from workflow.homozygosity import consanguinity, runs_in
from workflow.intervals import read_bed, write_bed
from workflow.mendelian import Patterns, Tally
from workflow.parental_reads import count_alleles
from workflow.phase_sites import FLANK, heterozygous, stretches_of, write_sites
from workflow.sites import make_site
from workflow.text import open_text
from workflow.uniparental import uniparental
from workflow.variants import AnnotatedVariant, annotated, read_knowledge, sources_of

LISTED = ("HIGH", "MODERATE", "splice_region")
LOW_SHARE = 0.35  # share of variant reads in a parent called heterozygous below which its reads are counted anew
PARENTS = ("mother", "father")


class Pass:
    """One pass over the calls of a case: Mendelian counts of every record, and the proband's candidates."""

    def __init__(self, vcf: str, case: Mapping[str, Any], limits: Mapping[str, Any]) -> None:
        self.vcf, self.limits, self.proband = vcf, limits, case["proband"]
        self.parents = {one["role"]: one["sample"] for one in case["members"] if one["role"] in PARENTS}
        self.tally = Tally(tuple(self.parents))
        gnomad = read_knowledge(vcf).get("gnomad")
        self.sieve = Sieve(self.proband, limits["max_frequency"], frequencies=bool(gnomad and gnomad.evaluated))

    def hits(self) -> list[Hit]:
        """Read the calls; return the candidates."""
        return list(self.sieve.hits(self._worth_a_look()))

    def _worth_a_look(self) -> Iterator[AnnotatedVariant]:
        """Count each passed record; yield those that the proband carries and that may change a product."""
        reader = cyvcf2.VCF(self.vcf)
        names, sources = tuple(reader.samples), sources_of(reader)
        at, patterns = names.index(self.proband), Patterns(names, (self.proband, *self.parents.values()), self.limits["min_depth"])
        for record in reader:
            if record.FILTER is not None:
                continue
            calls = record.genotype.array()
            if self.parents:
                patterns.add(record, calls)
            if any(word in (record.INFO.get("CSQ") or "") for word in LISTED) and 1 in calls[at].tolist()[:-1]:
                yield annotated(record, names, sources)
        for contig, kind, known, times in patterns.known():
            if self.proband in known:
                parents = {role: known[name] for role, name in self.parents.items() if name in known}
                self.tally.add(contig, kind, known[self.proband], parents, times)


def may_be_new(hit: Hit, family: Family, min_depth: int) -> bool:
    """Tell whether no parent who could have passed the variant on has it as a heterozygote does."""
    variant = hit.variant
    if zygosity(variant.genotypes[family.proband.sample], variant.contig) not in {"heterozygous", "hemizygous"}:
        return False
    who = carriers(family, variant.genotypes, variant.contig, min_depth, pos=variant.pos)
    return not any(_has_it(who, variant, role) for role in who.givers())


def _has_it(who: Any, variant: AnnotatedVariant, role: str) -> bool:
    parent = who.family.parent(role)
    reads = variant.genotypes[parent.sample].allele_depths if parent else None
    low = reads is not None and sum(reads) > 0 and reads[1] / sum(reads) < LOW_SHARE
    return bool(who.of(parent).present and not low)


def parents_reads(
    hits: Sequence[Hit], family: Family, crams: Mapping[str, str], fasta: str, limits: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {variant: {sample: counts}} of the parents at what may be new in the child."""
    asked = {
        (hit.variant.contig, hit.variant.pos, hit.variant.ref, hit.variant.alt)
        for hit in hits
        if may_be_new(hit, family, limits["min_depth"])
    }
    parents = [one.sample for role in PARENTS if (one := family.parent(role))]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    with ExitStack() as stack:
        reference = stack.enter_context(pysam.FastaFile(fasta))
        files = {name: stack.enter_context(pysam.AlignmentFile(crams[name], reference_filename=fasta)) for name in parents}
        for contig, pos, ref, alt in sorted(asked):
            site = make_site(reference, contig, pos - 1, ref, alt)
            counts = {name: count_alleles(file, reference, site, limits["min_mapping_quality"]) for name, file in files.items()}
            found[f"{contig}:{pos}:{ref}:{alt}"] = {name: asdict(one) for name, one in counts.items()}
    return found


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write family.json of one case, the sites to phase and the stretches of reads to phase them with."""
    case, limits = params.case, params.limits
    names = [one["sample"] for one in case["members"]]
    used = (read_json(path)["used"] for path in input.karyotypes)
    karyotypes = {name: None if one == "unknown" else one for name, one in zip(names, used, strict=True)}
    family = Family.of(case["members"], case["proband"], par=params.par, karyotypes=karyotypes)
    one_pass = Pass(input.vcf, case, limits)
    hits = one_pass.hits()
    tally = one_pass.tally
    with open_text(input.roh) as lines:
        runs = runs_in(lines)
    record = {
        "case": case["name"],
        "members": [one | {"karyotype": karyotypes.get(one["sample"])} for one in case["members"]],
        "mendelian": tally.as_record(),
        "parentage": tally.parentage(),
        "uniparental": uniparental(tally),
        "consanguinity": consanguinity(runs, read_bed(input.territory)),
        "reads": parents_reads(hits, family, dict(zip(names, input.crams, strict=True)), input.fasta, limits),
    }
    stretches = stretches_of(hits, case["proband"])
    with pysam.FastaFile(input.fasta) as fasta:
        contigs = dict(zip(fasta.references, fasta.lengths, strict=True))
    write_sites(output.sites, heterozygous(input.vcf, stretches, case["proband"]), contigs, case["proband"])
    write_bed(output.stretches, ((contig, max(0, low - FLANK), min(contigs[contig], high + FLANK)) for contig, low, high in stretches))
    write_json(output.family, record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
