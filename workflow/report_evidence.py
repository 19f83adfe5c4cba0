"""What stands behind each candidate: the genotypes of every member as called, and the reads at the position."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pysam

from workflow.pileup import view_of
from workflow.sites import make_site
from workflow.variant_keys import record_of

Candidate = Mapping[str, Any]


def add_genotypes(candidates: Sequence[Candidate], vcf: str | Path) -> list[dict[str, Any]]:
    """Return the candidates with `members`: by sample `{genotype, depth, ref_reads, alt_reads, quality}`.

    A value that the caller did not give is None.

    Args:
        candidates: with `chrom`, `pos` (1-based), `ref`, `alt`.
        vcf: the case's joint, split VCF with its index.
    """
    with pysam.VariantFile(str(vcf)) as calls:
        return [{**one, "members": _calls_at(calls, one)} for one in candidates]


def _calls_at(calls: pysam.VariantFile, one: Candidate) -> dict[str, dict[str, Any]]:
    record = record_of(calls, one)
    return {str(sample): _call(call) for sample, call in record.samples.items()} if record else {}


def _call(call: pysam.VariantRecordSample) -> dict[str, Any]:
    """Return one genotype; a separator `|` says that the caller phased it."""
    copies = ["." if allele is None else str(allele) for allele in call.get("GT") or (None,)]
    reads = list(call.get("AD") or ())[:2]
    return {
        "genotype": ("|" if call.phased and len(copies) > 1 else "/").join(copies),
        "depth": call.get("DP"),
        "ref_reads": reads[0] if len(reads) == 2 else None,
        "alt_reads": reads[1] if len(reads) == 2 else None,
        "quality": call.get("GQ"),
    }


def add_reads(
    candidates: Sequence[Candidate], crams: Mapping[str, str], fasta: str, *, views: int, min_mapping_quality: int
) -> list[dict[str, Any]]:
    """Return the candidates with `reads`: by sample the view of its reads at the variant, for the first `views` candidates, else empty."""
    with ExitStack() as stack:
        reference = stack.enter_context(pysam.FastaFile(fasta))
        files = {name: stack.enter_context(pysam.AlignmentFile(path, reference_filename=fasta)) for name, path in crams.items()}
        return [
            {**one, "reads": _views(one, files, reference, min_mapping_quality) if number < views else {}}
            for number, one in enumerate(candidates)
        ]


def _views(
    one: Candidate, files: Mapping[str, pysam.AlignmentFile], reference: pysam.FastaFile, min_mapping_quality: int
) -> dict[str, Any]:
    site = make_site(reference, one["chrom"], one["pos"] - 1, one["ref"], one["alt"])
    return {name: view_of(file, reference, site, min_mapping_quality=min_mapping_quality) for name, file in files.items()}
