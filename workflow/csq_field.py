"""INFO/CSQ of one record, in the layout of Ensembl VEP: one entry a transcript, the chosen transcript of the gravest gene first."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from workflow.consequences import IMPACT, SEVERITY, by_severity, place_terms, protein_terms
from workflow.hgvs_edits import Change
from workflow.hgvs_names import MITOCHONDRIA, TranscriptNamer, TranscriptNames
from workflow.transcript import chosen_transcript

SPLICE_SITE = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
SPLICE_REGION = frozenset({"splice_region_variant", "intron_variant"})
"""Terms after which nobody can tell the protein: HGVS writes p.? One of SPLICE_SITE, or both of SPLICE_REGION."""

_RESERVED = re.compile(r"[\s;,=%|&]")


@dataclass(frozen=True, slots=True)
class Effect:
    """A record on one transcript: its terms, the most severe first, and its names."""

    namer: TranscriptNamer
    terms: tuple[str, ...]
    names: TranscriptNames
    haplotype: str


def encoded(text: str) -> str:
    """Return text with the characters that VCF or CSQ reserve percent-encoded."""
    return quote(text, safe=" >*+-:/().?_").replace(" ", "%20") if _RESERVED.search(text) else text


def effects(
    change: Change, namers: Iterable[TranscriptNamer], csq: Mapping[str, Sequence[str]], haplotypes: Mapping[str, str]
) -> list[Effect]:
    """Return what a trimmed change does to each transcript it overlaps.

    Args:
        change: the change.
        namers: the transcripts.
        csq: terms by transcript from `bcftools csq`; a transcript that it says nothing of gets terms from place alone.
        haplotypes: texts on joint effects by transcript.
    """
    found = []
    for namer in namers:
        name = namer.transcript.source_id
        names = namer.names(change)
        terms = by_severity(_terms(change, namer, names, csq.get(name, ())))
        if namer.transcript.cds and not names.protein and (SPLICE_SITE & set(terms) or set(terms) >= SPLICE_REGION):
            names = replace(names, protein="p.?", note="")
        found.append(Effect(namer, terms, names, haplotypes.get(name, "")))
    return _in_order(found)


def _terms(change: Change, namer: TranscriptNamer, names: TranscriptNames, csq: Sequence[str]) -> list[str]:
    first, last = _ends(change)
    place = place_terms(namer.map, first, last + 1)
    if namer.transcript.contig in MITOCHONDRIA and place == ["coding_sequence_variant"]:
        return protein_terms(names.protein)
    return [*csq, *place] if set(csq) <= {"splice_region_variant"} else list(csq)


def _ends(change: Change) -> tuple[int, int]:
    """Return the first and last base of a change, the bases beside it for an insertion."""
    return (change.start, change.end - 1) if change.ref else (change.start - 1, change.start)


def _in_order(found: Sequence[Effect]) -> list[Effect]:
    by_gene: defaultdict[str, list[Effect]] = defaultdict(list)
    for effect in found:
        by_gene[effect.namer.transcript.gene_id].append(effect)
    ordered = []
    for gene, of_gene in by_gene.items():
        chosen = chosen_transcript(effect.namer.transcript for effect in of_gene)
        of_gene.sort(key=lambda effect: (effect.namer.transcript != chosen, SEVERITY[effect.terms[0]], effect.namer.transcript.id))
        ordered.append((SEVERITY[of_gene[0].terms[0]], gene, of_gene))
    return [effect for _, _, of_gene in sorted(ordered, key=lambda item: item[:2]) for effect in of_gene]


def csq_value(change: Change, found: Sequence[Effect]) -> str:
    """Return the value of INFO/CSQ; empty where no transcript is touched."""
    return ",".join("|".join(_entry(change, effect)) for effect in found)


def _entry(change: Change, effect: Effect) -> tuple[str, ...]:
    """Return the sub-fields in the order of `workflow.variants.CSQ_FIELDS`."""
    transcript, names = effect.namer.transcript, effect.names
    return (
        change.alt or "-",
        "&".join(effect.terms),
        IMPACT[effect.terms[0]],
        encoded(transcript.gene),
        encoded(transcript.gene_id),
        transcript.id,
        transcript.biotype,
        _numbers(change, effect.namer, "exon", len(transcript.exons)),
        f"{transcript.id}:{names.coding}" if names.coding else "",
        f"{transcript.id}:{names.protein.replace('=', '%3D')}" if names.protein else "",
        transcript.id if transcript.is_mane else "",
        "YES" if transcript.is_canonical else "",
        "1" if transcript.strand == "+" else "-1",
        _numbers(change, effect.namer, "intron", len(transcript.exons) - 1),
        encoded(names.note),
        encoded(effect.haplotype),
        transcript.id if transcript.is_plus_clinical else "",
    )


def _numbers(change: Change, namer: TranscriptNamer, kind: str, count: int) -> str:
    """Return `3/12` or `3-4/12`, the exons or introns that a change touches; empty where it touches none."""
    start, end = namer.transcript.start, namer.transcript.end - 1
    ends = {namer.map.number(min(max(base, start), end)) for base in _ends(change)}
    numbers = sorted(number for place, number in ends if place == kind)
    if not numbers:
        return ""
    return f"{'-'.join(map(str, numbers))}/{count}"
