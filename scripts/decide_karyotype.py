"""Which sex chromosomes a sample has: measured by depth and heterozygosity, compared with the order, decided once for every caller."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.files import write_json
from workflow.intervals import bed_lines, write_bed
from workflow.ploidy import SexContigs, karyotype_of_order, ploidy_regions
from workflow.reference import autosomes, mitochondria, sex_contigs
from workflow.sex import heterozygosity, judge_chromosomes
from workflow.site_counts import read_counts

MIN_BASES = 10_000  # fewer bases of X or Y outside PAR say nothing about the number of copies
MIN_AUTOSOME_DEPTH = 2.0  # below this, depth ratios are noise


def mean_depth(
    regions: Iterable[tuple[str, int, int, float]], contigs: Iterable[str], outside: Sequence[tuple[str, int, int]] = ()
) -> tuple[float, int]:
    """Return (mean depth, bases) over the regions of some contigs, those inside `outside` left out."""
    wanted = set(contigs)
    kept = [
        (end - start, depth) for contig, start, end, depth in regions if contig in wanted and not _inside((contig, start, end), outside)
    ]
    bases = sum(length for length, _ in kept)
    return (sum(length * depth for length, depth in kept) / bases if bases else 0.0), bases


def _inside(region: tuple[str, int, int], stretches: Sequence[tuple[str, int, int]]) -> bool:
    """Return whether a region lies inside one of the stretches."""
    return any(region[0] == contig and start <= region[1] and region[2] <= end for contig, start, end in stretches)


def decide(
    declared: str,
    regions: list[tuple[str, int, int, float]],
    contigs: Mapping[str, int],
    sex: SexContigs,
    x_look: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """Return the karyotype record of a sample (docs/architecture.md names its keys).

    Args:
        declared: sex as the sample sheet names it.
        regions: (contig, start, end, mean depth).
        contigs: lengths in bases.
        sex: the sex chromosomes.
        x_look: bases of X outside PAR that were looked at for heterozygosity, heterozygous ones among them.

    The measured karyotype is used where depth tells it, since the calls must fit the reads; else the declared one. A difference is
    not settled here: `agrees` is false, and the release decision holds the sample.
    """
    ordered = karyotype_of_order(declared)
    autosome_depth, autosome_bases = mean_depth(regions, autosomes(contigs))
    ratios: dict[str, float | None] = {"x": None, "y": None}
    reasons = []
    for name, contig in (("x", sex.x), ("y", sex.y)):
        depth, bases = mean_depth(regions, [contig] if contig else [], sex.par)
        if bases < MIN_BASES:
            reasons.append(f"{name.upper()} has {bases} bases of sequence outside PAR in the territory")
        elif autosome_bases < MIN_BASES or autosome_depth < MIN_AUTOSOME_DEPTH:
            reasons.append("autosomal depth is too low to compare with")
        else:
            ratios[name] = depth / autosome_depth
    rate = heterozygosity(x_look)
    finding = judge_chromosomes(ratios["x"], ratios["y"], rate)
    measured = finding.karyotype
    if not reasons and measured is None:
        reasons.append("the depths of X and Y fit no karyotype")
    used = measured or ordered
    return {
        "declared": declared,
        "measured": measured,
        "used": used or "unknown",
        "x_depth_ratio": _rounded(ratios["x"]),
        "y_depth_ratio": _rounded(ratios["y"]),
        "x_heterozygosity": None if rate is None else round(rate, 6),
        "mosaic": finding.mosaic,
        "mosaic_share": list(finding.share_of_cells) if finding.share_of_cells else None,
        "notes": list(finding.notes),
        "evaluated": measured is not None,
        "reason": "; ".join(dict.fromkeys(reasons)) or "from the depth of X and Y outside PAR against the autosomes",
        "agrees": None if measured is None or ordered is None else measured == ordered and finding.mosaic is None,
        "regions": [list(region) for region in ploidy_regions(used, contigs, sex, mitochondria(contigs))],
    }


def _rounded(value: float | None) -> float | None:
    """Return a ratio with three decimals, or None."""
    return None if value is None else round(value, 3)


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the karyotype record, and two BEDs with copies as fourth column: what is there but not twice, and what is absent."""
    regions = [(contig, start, end, float(depth)) for contig, start, end, depth in bed_lines(input.regions)]
    sex = SexContigs(*sex_contigs(params.contigs), par=tuple(tuple(region) for region in params.par))
    bases, heterozygous = read_counts(input.counts).more["x_look"].tolist()
    record = decide(params.declared, regions, params.contigs, sex, (bases, heterozygous))
    for path, absent in ((output.ploidy, False), (output.absent, True)):
        write_bed(path, (region for region in record["regions"] if (region[3] == 0) is absent))
    write_json(output.json, record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
