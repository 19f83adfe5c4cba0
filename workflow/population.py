"""What a population source says of a variant: alleles counted, the highest frequency of a group, homozygotes. Absent is not zero."""

from dataclasses import dataclass
from typing import Any

from workflow.variants import AnnotatedVariant


@dataclass(frozen=True)
class Population:
    """Counts of one variant in one source; None where the source does not say.

    Attributes:
        known: the source has a record of the variant; False = it was looked at and has none.
        af, ac, an: frequency (fraction), alleles with the variant, alleles in all.
        popmax, group: highest frequency of a group of people, and its name.
        homozygotes: people with both copies.
    """

    known: bool
    af: float | None = None
    ac: int | None = None
    an: int | None = None
    popmax: float | None = None
    group: str = ""
    homozygotes: int | None = None

    @property
    def highest(self) -> float | None:
        """The highest frequency told."""
        return max((value for value in (self.af, self.popmax) if value is not None), default=None)

    @property
    def in_words(self) -> str:
        """All that is told, in a sentence."""
        if not self.known:
            return "not found"
        parts = [f"AF {self.af:.3g}" if self.af is not None else ""]
        parts.append(f"AC {self.ac:,} of AN {self.an:,}" if self.ac is not None and self.an is not None else "AN not told")
        parts.append(f"highest {self.popmax:.3g}{f' ({self.group})' if self.group else ''}" if self.popmax is not None else "")
        parts.append(f"{self.homozygotes:,} homozygotes" if self.homozygotes is not None else "homozygotes not told")
        return ", ".join(part for part in parts if part)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**vars(self), "in_words": self.in_words}


def population_of(variant: AnnotatedVariant, source: str = "gnomad") -> Population:
    """Return what an evaluated source says of a variant."""
    told = {key.removeprefix(f"{source}_"): text for key, text in variant.annotations.items() if key.startswith(f"{source}_")}
    popmax = _number(told, "AF_grpmax", "AF_popmax")
    homozygotes = _number(told, "nhomalt")
    counts = [_number(told, name) for name in ("AC", "AN")]
    ac, an = (None if value is None else int(value) for value in counts)
    af = _number(told, "AF")
    if af is None and ac is not None and an:
        af = ac / an
    group = told.get("grpmax") or told.get("popmax") or ""
    return Population(bool(told), af, ac, an, popmax, group, None if homozygotes is None else int(homozygotes))


def _number(told: dict[str, str], *names: str) -> float | None:
    texts = (told.get(name, "") for name in names)
    return next((float(text) for text in texts if text not in {"", "."}), None)
