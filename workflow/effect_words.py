"""What a variant does to a transcript, in one cautious category: what was not assessed for an effect says so."""

from typing import Any

from workflow.acmg_criteria import IN_FRAME, SPLICE, TRUNCATING
from workflow.decay import Ending, early_stop, skipped_exon
from workflow.hgvs_edits import Change
from workflow.hgvs_names import TranscriptNamer
from workflow.variants import Consequence

NOT_ASSESSED = "not assessed for effect"
BY_TERM = (
    ("start_lost", "start codon lost"),
    ("stop_lost", "stop codon lost"),
    ("missense_variant", "amino-acid change"),
    ("splice_region_variant", "splice region"),
    ("synonymous_variant", f"silent, effect on splicing {NOT_ASSESSED.removesuffix(' for effect')}"),
    ("stop_retained_variant", "stop codon kept"),
    ("5_prime_UTR_variant", f"5' untranslated: {NOT_ASSESSED}"),
    ("3_prime_UTR_variant", f"3' untranslated: {NOT_ASSESSED}"),
    ("non_coding_transcript_exon_variant", f"transcript without protein: {NOT_ASSESSED}"),
    ("intron_variant", f"intronic, outside of the splice region: {NOT_ASSESSED}"),
)


def effect_record(consequence: Consequence, change: Change | None, namer: TranscriptNamer | None) -> dict[str, Any]:
    """Return `{category, decay, removed, note}`: the category in words, whether decay is expected (None = not known), the share lost."""
    terms = set(consequence.terms)
    ending: Ending | None = None
    if TRUNCATING & terms:
        category = "early stop"
        ending = early_stop(namer, consequence.hgvs_p, change) if namer and change else None
    elif SPLICE & terms:
        category = "canonical splice site"
        ending = skipped_exon(namer, consequence.terms, change) if namer and change else None
    elif IN_FRAME & terms:
        category = "in-frame change of length"
    else:
        category = next((words for term, words in BY_TERM if term in terms), NOT_ASSESSED)
    if ending is None:
        return {"category": category, "decay": None, "removed": None, "note": ""}
    return {"category": category, "decay": ending.decay, "removed": ending.removed, "note": ending.note}


def transcript_records(consequences: tuple[Consequence, ...]) -> list[dict[str, Any]]:
    """Return every affected transcript, the chosen one of the gravest gene first, as plain data."""
    return [
        {
            "gene": one.symbol or one.gene, "transcript": one.transcript, "terms": list(one.terms), "hgvs_c": one.hgvs_c,
            "hgvs_p": one.hgvs_p, "note": one.hgvs_note, "mane": one.is_mane, "canonical": one.is_canonical,
        }
        for one in consequences
    ]  # fmt: skip
