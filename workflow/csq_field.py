"""INFO/CSQ of one record, in the layout of Ensembl VEP: one entry a transcript, the chosen transcript of the gravest gene first."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from workflow.bases import reverse_complement
from workflow.consequences import IMPACT, SEVERITY, by_severity, place_terms, protein_terms
from workflow.hgvs_edits import Change
from workflow.hgvs_names import MITOCHONDRIA, TranscriptNamer, TranscriptNames
from workflow.transcript import Transcript, chosen_transcript

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


class Introns:
    """CSQ of a substitution in introns of all transcripts that it lies on, which is what most records on genes are.

    `value` gives what `csq_value` gives for the effects of such a change, of which `bcftools csq` says nothing. What does not depend on the
    base is written once for each transcript.
    """

    def __init__(self) -> None:
        self._namers: list[TranscriptNamer] = []
        self._written: dict[TranscriptNamer, tuple[str, str, str]] = {}

    def value(self, change: Change, namers: Sequence[TranscriptNamer]) -> str:
        """Return the value of INFO/CSQ; empty where the change is another one, or touches an exon."""
        if not len(change.ref) == len(change.alt) == 1:
            return ""
        if namers != self._namers:
            self._namers = list(namers)
            found = _in_order([Effect(namer, _of_intron(namer), TranscriptNames("", "", ""), "") for namer in namers])
            self._written = {one.namer: self._written.get(one.namer) or _around_place(one) for one in found}
        backward = f"{reverse_complement(change.ref)}>{reverse_complement(change.alt)}"
        entries = []
        for namer, (before, between, after) in self._written.items():
            place, number = namer.map.number(change.start)
            if place != "intron":
                return ""
            edit = f"{change.ref}>{change.alt}" if namer.forward else backward
            entries.append(f"{change.alt}{before}{namer.number(change.start)}{edit}{between}{number}{after}")
        return ",".join(entries)


def _of_intron(namer: TranscriptNamer) -> tuple[str, ...]:
    return ("intron_variant",) if namer.transcript.cds else ("intron_variant", "non_coding_transcript_variant")


def _around_place(effect: Effect) -> tuple[str, str, str]:
    """Return what stands in an entry between the allele and the c. position, from there to the number of the intron, and behind that."""
    transcript = effect.namer.transcript
    head = _head("", effect)
    kind = "c" if transcript.cds else "n"
    return (
        "|".join((*head, "", f"{transcript.id}:{kind}.")),
        "|".join(("", "", *_flags(transcript), "")),
        f"/{len(transcript.exons) - 1}" + "|".join(("", "", "", transcript.id if transcript.is_plus_clinical else "")),
    )


def csq_value(change: Change, found: Sequence[Effect]) -> str:
    """Return the value of INFO/CSQ; empty where no transcript is touched."""
    return ",".join("|".join(_entry(change, effect)) for effect in found)


def _entry(change: Change, effect: Effect) -> tuple[str, ...]:
    """Return the sub-fields in the order of `workflow.variants.CSQ_FIELDS`."""
    transcript, names = effect.namer.transcript, effect.names
    return (
        *_head(change.alt or "-", effect),
        _numbers(change, effect.namer, "exon", len(transcript.exons)),
        f"{transcript.id}:{names.coding}" if names.coding else "",
        f"{transcript.id}:{names.protein.replace('=', '%3D')}" if names.protein else "",
        *_flags(transcript),
        _numbers(change, effect.namer, "intron", len(transcript.exons) - 1),
        encoded(names.note),
        encoded(effect.haplotype),
        transcript.id if transcript.is_plus_clinical else "",
    )


def _head(allele: str, effect: Effect) -> tuple[str, ...]:
    """Return the sub-fields from the allele to the biotype."""
    transcript = effect.namer.transcript
    genes = encoded(transcript.gene), encoded(transcript.gene_id)
    return allele, "&".join(effect.terms), IMPACT[effect.terms[0]], *genes, transcript.id, transcript.biotype


def _flags(transcript: Transcript) -> tuple[str, str, str]:
    """Return the sub-fields from MANE Select to the strand."""
    mane, canonical = transcript.id if transcript.is_mane else "", "YES" if transcript.is_canonical else ""
    return mane, canonical, "1" if transcript.strand == "+" else "-1"


def _numbers(change: Change, namer: TranscriptNamer, kind: str, count: int) -> str:
    """Return `3/12` or `3-4/12`, the exons or introns that a change touches; empty where it touches none."""
    start, end = namer.transcript.start, namer.transcript.end - 1
    ends = {namer.map.number(min(max(base, start), end)) for base in _ends(change)}
    numbers = sorted(number for place, number in ends if place == kind)
    if not numbers:
        return ""
    return f"{'-'.join(map(str, numbers))}/{count}"
