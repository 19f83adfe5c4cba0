"""Variants that come back here and are known nowhere else: more often artefacts of the laboratory than variants of the population."""

from collections.abc import Mapping

from workflow.tabix_source import InfoField

OFTEN, LEAST_PEOPLE = 0.01, 5
"""Share of the copies judged, and people, from which a variant that nobody else knows is taken for an artefact that comes back."""
_TEXT = "yes: in 1 % or more of the copies judged here, and unknown to gnomad: perhaps an artefact; told only where both were looked at"
RECURRENT = InfoField("inhouse_recurrent", "1", "String", _TEXT)


def is_recurrent(values: Mapping[str, str], *, elsewhere: bool) -> bool:
    """Say whether a variant is seen so often here, counted or not, that it should be known, and is not: an artefact that comes back.

    Args:
        values: the INFO values of this source.
        elsewhere: the population source has a record of it.
    """
    an, ac, seen = (int(values.get(f"inhouse_{name}", "0")) for name in ("AN", "AC", "seen"))
    often = ac + seen >= max(LEAST_PEOPLE, OFTEN * (an + seen))
    return often and not elsewhere
