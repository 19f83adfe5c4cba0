"""What ClinVar says: significance, stars, conflicts; and what it knows of the neighbourhood. Shown always, never counted as PP5 or BP6."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.bases import Bases
from workflow.config_sections import Knowledge
from workflow.hgvs_edits import Change, trimmed_change
from workflow.tabix_source import Site, TabixFile
from workflow.variants import AnnotatedVariant

STARS = {
    "practice_guideline": 4,
    "reviewed_by_expert_panel": 3,
    "criteria_provided,_multiple_submitters,_no_conflicts": 2,
    "criteria_provided,_multiple_submitters": 2,
    "criteria_provided,_single_submitter": 1,
    "criteria_provided,_conflicting_classifications": 1,
    "criteria_provided,_conflicting_interpretations": 1,
}
"""Stars by CLNREVSTAT (ClinVar, "Review status"); any other status has none."""


def stars_of(review: str) -> int:
    """Return the gold stars of a review status as ClinVar's VCF writes it."""
    return STARS.get(review.replace(" ", "_"), 0)


def severity_of(significance: str) -> str:
    """Return `pathogenic`, `likely pathogenic`, or nothing for any other significance, conflicting ones among them."""
    words = {word for part in significance.split("|") for word in part.split("/")}
    if "Pathogenic" in words:
        return "pathogenic"
    return "likely pathogenic" if "Likely_pathogenic" in words else ""


def clinvar_of(variant: AnnotatedVariant, release: str) -> dict[str, Any]:
    """Return what an evaluated release says of a variant, as plain data.

    `known` is False where it has no record, `stars` None where the release was taken over without its field CLNREVSTAT.
    """
    told = {key.removeprefix("clinvar_"): text for key, text in variant.annotations.items() if key.startswith("clinvar_")}
    review = told.get("CLNREVSTAT", "")
    return {
        "known": bool(told),
        "significance": told.get("CLNSIG", "").replace("_", " "),
        "severity": severity_of(told.get("CLNSIG", "")),
        "stars": stars_of(review) if review else None,
        "review": review.replace("_", " "),
        "conflicts": [part.replace("_", " ") for part in told.get("CLNSIGCONF", "").split("|") if part],
        "conditions": [name.replace("_", " ") for name in told.get("CLNDN", "").split("|") if name not in {"", "not_provided"}],
        "allele": told.get("ALLELEID", ""),
        "release": release,
    }


class ClinVar:
    """Records of a release around a place."""

    def __init__(self, knowledge: Knowledge, bases: Bases) -> None:
        self.release = knowledge.release
        self._file = TabixFile(knowledge, bases.lengths)

    def records(self, contig: str, start: int, end: int) -> Iterator[tuple[Change, Mapping[str, str]]]:
        """Give the changes within [start, end), 0-based half-open, with their INFO fields."""
        for line in self._file.around(contig, [Site(start + 1, "N" * (end - start), "")]):
            _, pos, _, ref, alts, _, _, info = line.split("\t", 8)[:8]
            fields = dict(item.partition("=")[::2] for item in info.split(";"))
            for alt in alts.split(","):
                if alt not in {".", "*"} and start <= int(pos) - 1 < end:
                    yield trimmed_change(contig, int(pos), ref.upper(), alt.upper()), fields
