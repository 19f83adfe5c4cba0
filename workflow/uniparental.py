"""Uniparental disomy by chromosome, from the genotypes of a trio.

Where the parents are opposite homozygotes, a child of both is heterozygous. A child with both copies from one parent looks like that parent
instead, and at that parent's heterozygous sites it is homozygous everywhere (isodisomy: one copy twice) or heterozygous everywhere
(heterodisomy: both copies): the site types of UPDio (King et al., Genome Res 2014;24:673).
"""

from typing import Any

from workflow.binomial import at_least
from workflow.mendelian import Tally
from workflow.reference import contig_kind

LEAST_INFORMATIVE = 20
"""Sites with opposite homozygous parents that a statement takes."""
LEAST_ERROR = 0.01
"""Least share of such sites at which a wrong genotype makes a child of both parents look like a child of one."""
SIGNIFICANT = 1e-9
WHOLE, PART = 0.8, 0.1  # share of informative sites from one parent alone: a whole chromosome, a part of it
MOST_CHROMOSOMES = 2  # more than these is no disomy, but a wrong relation
ISO, HETERO = 0.1, 0.9  # share of the parent's heterozygous sites at which the child is heterozygous


def uniparental(tally: Tally) -> list[dict[str, Any]]:
    """Return one row an autosome, if both parents are sequenced: counts, verdict, parent, kind and the probability under two parents."""
    contigs = [contig for contig in tally.opposite if contig_kind(contig) == "autosome"]
    rows = [_row(tally, contig) for contig in contigs]
    found = [row for row in rows if row["parent"]]
    if len(found) > MOST_CHROMOSOMES:
        for row in found:
            row |= {
                "verdict": "not evaluated",
                "reason": f"{len(found)} chromosomes look so: a wrong relation explains it better",
                "parent": "",
            }
    return rows


def _row(tally: Tally, contig: str) -> dict[str, Any]:
    counts = tally.opposite[contig]
    total = counts.total()
    row: dict[str, Any] = {
        "contig": contig, "informative": total, "both": counts["both"], "mother_only": counts["mother"], "father_only": counts["father"],
        "verdict": "not evaluated", "kind": "", "parent": "", "p": None, "reason": "",
    }  # fmt: skip
    if total < LEAST_INFORMATIVE:
        return row | {"reason": f"{total} informative sites, {LEAST_INFORMATIVE} are needed"}
    parent = max(("mother", "father"), key=lambda role: counts[role])
    chance = at_least(counts[parent], total, _error(tally, contig))
    share = counts[parent] / total
    row["p"] = float(f"{chance:.2g}")
    if chance >= SIGNIFICANT or share < PART:
        return row | {"verdict": "from both parents"}
    kind = _kind(tally, contig, parent)
    if share >= WHOLE:
        return row | {"verdict": f"uniparental, from the {parent}", "kind": kind, "parent": parent, "reason": _doubt(kind)}
    return row | {"verdict": f"part of it or of the cells uniparental, from the {parent}", "kind": kind, "reason": _doubt(kind)}


def _error(tally: Tally, contig: str) -> float:
    """Return how often one parent's genotype alone appears on the other chromosomes, at least LEAST_ERROR; half of it for each parent."""
    others = [counts for name, counts in tally.opposite.items() if name != contig]
    total = sum(counts.total() for counts in others)
    wrong = sum(counts["mother"] + counts["father"] for counts in others)
    return min(0.5, max(LEAST_ERROR, wrong / total if total >= LEAST_INFORMATIVE else 0.0))


def _kind(tally: Tally, contig: str, parent: str) -> str:
    counts = tally.het_parent.get((contig, parent))
    if not counts or counts["sites"] < LEAST_INFORMATIVE:
        return "isodisomy or heterodisomy not evaluated"
    share = counts["het"] / counts["sites"]
    return "isodisomy" if share < ISO else "heterodisomy" if share > HETERO else "isodisomy and heterodisomy in parts"


def _doubt(kind: str) -> str:
    return "a deletion of the other parent's copy looks alike: depth tells them apart" if kind == "isodisomy" else ""
