"""What the centre's own frequencies say of a variant of a case, out of its annotated call; the case's own family is not counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.variants import AnnotatedVariant

NOT_TOLD = "not told: nobody here was judged at this place, or too few carry it to be released"
RECURRENT_WORDS = "comes back in this centre and is unknown elsewhere: perhaps an artefact"


@dataclass(frozen=True)
class InhouseCounts:
    """Counts of one variant; None where they are not told.

    Attributes:
        ac, an: alleles counted, copies that could be judged.
        homozygotes, hemizygotes: people with all of two or more copies; with the only copy.
        seen: people with a call that is not counted (filtered, not callable, against their ploidy).
        recurrent: in 1 % or more of the copies judged here, and unknown to gnomAD (`recurrent.py`).
    """

    ac: int | None = None
    an: int | None = None
    homozygotes: int | None = None
    hemizygotes: int | None = None
    seen: int | None = None
    recurrent: bool = False

    @property
    def known(self) -> bool:
        """Somebody was judged here, or the release tells it."""
        return self.ac is not None and self.an is not None

    @property
    def in_words(self) -> str:
        """All that is told, in a sentence."""
        if self.ac is None or self.an is None:
            return NOT_TOLD
        share = f" ({self.ac / self.an:.3g})" if self.ac and self.an else ""
        parts = [f"AC {self.ac:,} of AN {self.an:,}{share}"]
        parts += [f"{self.homozygotes:,} homozygotes"] if self.homozygotes else []
        parts += [f"{self.hemizygotes:,} with the only copy"] if self.hemizygotes else []
        parts += [f"{self.seen:,} more with a call that does not count"] if self.seen else []
        return ", ".join(parts)

    @property
    def in_short(self) -> str:
        """AC and AN as a cell of a table: `3/6402`."""
        return f"{self.ac}/{self.an}" if self.known else "not told"

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**vars(self), "known": self.known, "in_words": self.in_words, "in_short": self.in_short}


def inhouse_counts(variant: AnnotatedVariant) -> InhouseCounts:
    """Return what the annotation of a call has."""
    told: Mapping[str, str] = variant.annotations
    ac, an, hom, hemi, seen = (_whole(told.get(f"inhouse_{name}", "")) for name in ("AC", "AN", "nhomalt", "nhemi", "seen"))
    return InhouseCounts(ac, an, hom, hemi, seen, told.get("inhouse_recurrent") == "yes")


def _whole(text: str) -> int | None:
    return None if text in {"", "."} else int(text)
