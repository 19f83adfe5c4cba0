"""Who stands in the joint calls of a case: a member that a tool dropped on the way is never passed over in silence."""

from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError

REMEDY = "a tool has lost it: look into the logs of the case, then run the same command again"


def columns(header: Sequence[str]) -> list[str]:
    """Return the samples of a VCF's header lines, the column line last."""
    return header[-1].rstrip("\n").split("\t")[9:]


def refuse_lost(members: Sequence[str], found: Sequence[str], file: str | Path) -> None:
    """Refuse joint calls in which a member is missing, or in which somebody else stands.

    Raises:
        InputError: naming the samples and the file.
    """
    lost = [name for name in members if name not in found]
    strange = [name for name in found if name not in members]
    if lost or strange:
        what = f"{', '.join(lost)} vanished from the joint calls" if lost else f"{', '.join(strange)} is no member of the case"
        raise InputError(f"{what} (they are about {', '.join(found) or 'nobody'})", file=file, remedy=REMEDY)


def refuse_silent(genotypes: dict[str, tuple[int, int]], members: Sequence[str], file: str | Path) -> None:
    """Refuse joint calls in which a member has no genotype in any record.

    Args:
        genotypes: (records with a genotype, records without) by sample, over the PASS records on the autosomes.
        members: the samples of the case.
        file: the calls.

    Raises:
        InputError: naming the samples and the file.
    """
    silent = [name for name in members if genotypes.get(name, (0, 0))[0] == 0 < genotypes.get(name, (0, 0))[1]]
    if silent:
        raise InputError(f"{', '.join(silent)} has no genotype in any record of the joint calls", file=file, remedy=REMEDY)
