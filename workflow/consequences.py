"""Consequence terms: from what `bcftools csq` says to Sequence Ontology, Ensembl's impact and the order of transcripts.

Terms, impacts and order of severity: Ensembl Variation, "Calculated variant consequences" (release 113).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from workflow.transcript import TranscriptMap

_IMPACTS = {
    "HIGH": "transcript_ablation splice_acceptor_variant splice_donor_variant stop_gained frameshift_variant stop_lost start_lost "
    "transcript_amplification feature_elongation feature_truncation",
    "MODERATE": "inframe_insertion inframe_deletion missense_variant protein_altering_variant",
    "LOW": "splice_region_variant incomplete_terminal_codon_variant start_retained_variant stop_retained_variant synonymous_variant",
    "MODIFIER": "coding_sequence_variant mature_miRNA_variant 5_prime_UTR_variant 3_prime_UTR_variant non_coding_transcript_exon_variant "
    "intron_variant non_coding_transcript_variant",
}
IMPACT = {term: impact for impact, terms in _IMPACTS.items() for term in terms.split()}
SEVERITY = {term: rank for rank, term in enumerate(IMPACT)}
"""Rank of each term, 0 the most severe."""

_FROM_CSQ = {
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "non_coding": "non_coding_transcript_exon_variant",
    "inframe_altering": "protein_altering_variant",
    "start_retained": "start_retained_variant",
    "stop_retained": "stop_retained_variant",
}
_FROM_PROTEIN = [
    (re.compile(pattern), term)
    for pattern, term in (
        (r"Met1\?", "start_lost"),
        (r"Ter\d+=", "stop_retained_variant"),
        (r"=$", "synonymous_variant"),
        (r"fs", "frameshift_variant"),
        (r"ext", "stop_lost"),
        (r"Ter$", "stop_gained"),
        (r"delins", "protein_altering_variant"),
        (r"del$", "inframe_deletion"),
        (r"ins|dup$", "inframe_insertion"),
        (r"^p\.\D{3}\d+\D{3}$", "missense_variant"),
    )
]


def ontology_term(name: str) -> str:
    """Return the Sequence Ontology term for a consequence as `bcftools csq` 1.16 spells it."""
    name = name.lstrip("*")
    return next((term for term in (_FROM_CSQ.get(name), name, f"{name}_variant") if term in IMPACT), "coding_sequence_variant")


def csq_terms(value: str) -> dict[str, list[str]]:
    """Return the terms of one INFO/BCSQ value by transcript identifier; entries without a transcript (plain `intron`) are left out."""
    terms: defaultdict[str, list[str]] = defaultdict(list)
    for entry in value.split(","):
        field = entry.split("|")
        if len(field) > 2 and field[2]:
            terms[field[2]] += map(ontology_term, field[0].split("&"))
    return terms


def place_terms(positions: TranscriptMap, start: int, end: int) -> list[str]:
    """Return terms that follow from place alone, for the reference bases [start, end), 0-based, of a variant on a transcript."""
    transcript = positions.transcript
    exonic = _overlaps(transcript.exons, start, end)
    if not transcript.cds:
        return ["non_coding_transcript_exon_variant"] if exonic else ["intron_variant", "non_coding_transcript_variant"]
    if _overlaps(transcript.cds, start, end):
        return ["coding_sequence_variant"]
    if not exonic:
        return ["intron_variant"]
    upstream = start < transcript.cds[0][0]
    return ["5_prime_UTR_variant" if upstream == (transcript.strand == "+") else "3_prime_UTR_variant"]


def _overlaps(blocks: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in blocks)


def protein_terms(name: str) -> list[str]:
    """Return the term that a p. name says; for the mitochondrion, whose genetic code `bcftools csq` 1.16 does not know."""
    return [next((term for pattern, term in _FROM_PROTEIN if pattern.search(name)), "coding_sequence_variant")]


def by_severity(terms: Collection[str]) -> tuple[str, ...]:
    """Return distinct terms, the most severe first."""
    return tuple(sorted(set(terms), key=lambda term: SEVERITY[term]))
