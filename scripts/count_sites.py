"""Bases of a sample at the sites of the run's panel, and at sites of its own where the panel has too few, lane by lane."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.intervals import Intervals, outside, read_bed
from workflow.own_sites import Look, looks, spread, together
from workflow.reference import autosomes, mitochondria, sex_contigs
from workflow.site_counts import SiteCounts, count_at, write_counts
from workflow.site_panel import Panel, Row, read_panel

PANEL, HOMOZYGOUS, MIXED, CONTROL = range(4)
"""Kinds of sites: the panel's; the sample's own, homozygous for another base or of two bases; like the reference."""
ENOUGH = 1000
"""Autosomal sites of the panel from which a sample's own sites would add nothing."""


def parts_of(territory: Intervals, par: Iterable[tuple[str, int, int]]) -> tuple[Intervals, Intervals]:
    """Return the autosomes of a territory, and X outside of its pseudoautosomal regions (the territory is cut at their ends).

    Where there is no autosome, all that is neither X nor Y nor mitochondrion stands for them.
    """
    x, y = sex_contigs(territory)
    others = [contig for contig in territory if contig not in {x, y, *mitochondria(territory)}]
    kept: Intervals = {}
    for contig, start, end in outside(((x, start, end) for start, end in territory.get(x or "", [])) if x else [], list(par)):
        kept.setdefault(contig, []).append((start, end))
    return {contig: territory[contig] for contig in autosomes(territory) or others}, kept


def look_through(cram: str, fasta: str, part: Intervals, lengths: Mapping[str, int]) -> Look:
    """Return what an even selection of some stretches shows."""
    return together(looks(cram, fasta, spread(part), lengths))


def in_order(panel: Panel, look: Look, contigs: Iterable[str]) -> tuple[list[Row], NDArray[np.uint8]]:
    """Return all sites in the order of the genome with their kind, as in KINDS."""
    order = {contig: number for number, contig in enumerate(contigs)}
    taken = {(row[0], row[1]) for row in panel.rows()}
    kinds = [(row, PANEL) for row in panel.rows()]
    own = ((HOMOZYGOUS, look.homozygous), (MIXED, look.mixed), (CONTROL, look.controls))
    kinds += [(row, kind) for kind, rows in own for row in rows if (row[0], row[1]) not in taken]
    kinds.sort(key=lambda one: (order[one[0][0]], one[0][1]))
    return [row for row, _ in kinds], np.array([kind for _, kind in kinds], np.uint8)


def own_arrays(rows: list[Row], counts: NDArray[np.uint16]) -> dict[str, NDArray[Any]]:
    """Return a sample's own sites as the arrays that its file holds."""
    contigs, positions, refs, alts, _ = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return {
        "own_contigs": np.array(contigs, np.str_),
        "own_positions": np.array(positions, np.int32),
        "own_refs": np.array(refs, "S1"),
        "own_alts": np.array(alts, "S1"),
        "own_counts": counts,
    }


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write the counts of one sample (docs/architecture.md names the arrays)."""
    panel = read_panel(input.sites)
    with pysam.FastaFile(input.fasta) as fasta:
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
    body, x = parts_of(read_bed(input.territory), [tuple(region) for region in params.par])
    own = together([]) if _autosomal(panel) >= ENOUGH else look_through(input.cram, input.fasta, body, lengths)
    on_x = look_through(input.cram, input.fasta, x, lengths)
    rows, kinds = in_order(panel, own, lengths)
    groups = np.where((kinds == HOMOZYGOUS) | (kinds == MIXED), kinds, 0).tolist()
    lanes, counts = count_at(input.cram, input.fasta, rows, groups)
    at_panel, controls = counts[:, :, kinds == PANEL], counts[:, :, kinds == CONTROL].sum((0, 2), dtype=np.int64)
    mine = (kinds == HOMOZYGOUS) | (kinds == MIXED)
    more = own_arrays([row for row, chosen in zip(rows, mine.tolist(), strict=True) if chosen], counts[:, :, mine])
    more |= {"controls": np.array([controls.sum(), controls[1:].sum()]), "x_look": np.array([on_x.bases, len(on_x.mixed)])}
    write_counts(output[0], SiteCounts(wildcards.sample, panel.digest, lanes, at_panel[:, 0], at_panel[:, 1], at_panel[:, 2], more))
    print(f"{len(panel)} sites of the panel, {int(mine.sum())} of the sample's own, {len(lanes)} lanes")


def _autosomal(panel: Panel) -> int:
    """Return how many sites of a panel lie on autosomes."""
    wanted = set(autosomes(set(panel.contigs.tolist())))
    return sum(contig in wanted for contig in panel.contigs.tolist())


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
