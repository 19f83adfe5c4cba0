"""What leaves the knowledge base: a table for a submission to ClinVar, and JSON in which variants have VRS identifiers."""

from collections.abc import Iterable
from typing import Any

from workflow.bases import Bases
from workflow.errors import InputError
from workflow.knowledge_base.entries import Base, Entry
from workflow.knowledge_base.judgements import in_force
from workflow.knowledge_base.vrs import allele, refget_accession
from workflow.reference import plain_name

CLINVAR = (
    "##Local ID", "Gene symbol", "HGVS", "Chromosome", "Start", "Stop", "Reference allele", "Alternate allele", "Condition ID type",
    "Condition ID value", "Preferred condition name", "Germline classification", "Date last evaluated", "Assertion method",
    "Citations or URLs for clinical significance without database identifiers", "Comment on classification", "Collection method",
    "Allele origin", "Affected status",
)  # fmt: skip
"""Columns after ClinVar's submission template for germline variants; the template's release must be compared before a submission."""
METHOD = "ACMG Guidelines, 2015"
NOT_GIVEN = "not provided"


def own_in_force(base: Base) -> list[Entry]:
    """Return this centre's classifications in force; those of others are theirs to submit."""
    return [one for (_, _, centre), one in in_force(base.entries).items() if centre == base.centre]


def clinvar_table(base: Base) -> str:
    """Return the table; it names no case and no author."""
    lines = [CLINVAR, *(_clinvar_row(one) for one in own_in_force(base))]
    return "".join("\t".join(line) + "\n" for line in lines)


def _clinvar_row(one: Entry) -> tuple[str, ...]:
    contig, pos, ref, alt = one.variant.split("-")
    kind, _, value = one.condition.partition(":")
    by_id = (kind, value, "") if value and kind in {"MONDO", "OMIM", "Orphanet", "HP"} else ("", "", one.condition or NOT_GIVEN)
    comment = ". ".join(text for text in (one.criteria, one.evidence) if text)
    what = (one.variant, one.gene, one.hgvs, contig, pos, str(int(pos) + len(ref) - 1), ref, alt)
    return (*what, *by_id, one.category.capitalize(), one.date, METHOD, one.reference, comment, "clinical testing", "germline", "unknown")


def vrs_records(base: Base, fasta: str) -> list[dict[str, Any]]:
    """Return every classification in force with its variant as a VRS 2.0 Allele; centres stay apart, no case or author is named.

    Raises:
        InputError: the reference lacks a contig, or has other bases at a variant.
    """
    bases = Bases(fasta)
    names = {plain_name(name): name for name in bases.lengths}
    accessions: dict[str, str] = {}
    found = []
    for one in in_force(base.entries).values():
        contig, pos, ref, alt = one.variant.split("-")
        name = names.get(contig, "")
        if bases.get(name, int(pos) - 1, int(pos) - 1 + len(ref)) != ref:
            raise InputError(f"{one.variant} does not fit the reference", file=fasta, remedy=f"give the reference of {base.assembly}")
        if name not in accessions:
            accessions[name] = refget_accession(bases.get(name, 0, bases.lengths[name]))
        made = allele(accessions[name], int(pos), ref, alt, lambda start, end, name=name: bases.get(name, start, end))  # type: ignore[misc]
        found.append({"variation": made, **_told(one)})
    return found


def _told(one: Entry) -> dict[str, Any]:
    names = ("gene", "hgvs", "condition", "criteria", "evidence", "reference", "date", "centre")
    return {"class": one.category} | {name: getattr(one, name) for name in names if getattr(one, name)}


def in_words(entries: Iterable[Entry]) -> list[str]:
    """Return a line a classification, for people inside."""
    return [
        f"{one.variant}\t{one.category}\t{one.condition or '.'}\t{one.criteria or '.'}\t{one.author}\t{one.date}\t{one.centre}"
        for one in entries
    ]
