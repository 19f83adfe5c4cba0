"""How well each exon of the ordered genes was sequenced in a sample, and how much of them all."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pysam

from workflow.coverage_gaps import CallableBed, Territory, choose_transcripts, gene_coverage
from workflow.exon_depths import Depths, depths
from workflow.files import atomic, write_json
from workflow.gene_models import read_transcripts
from workflow.intervals import Interval, read_bed
from workflow.transcript import Transcript

LIMITS = (20, 30)
COLUMNS = (
    "gene",
    "transcript",
    "exon",
    "exons",
    "contig",
    "start",
    "end",
    "bases",
    "mean_depth",
    "pct_20x",
    "pct_30x",
    "pct_callable",
    "status",
)
Coverage = Mapping[str, Any]


def as_ordered(transcripts: Iterable[Transcript], genes: Collection[str]) -> Iterator[Transcript]:
    """Give transcripts with their gene named as it is ordered: by symbol, or by identifier."""
    for one in transcripts:
        yield replace(one, gene=one.gene_id) if one.gene_id in genes else one


def share(part: float, whole: float) -> float:
    """Return percent, two decimals."""
    return round(100 * part / whole, 2)


def rows(genes: Iterable[Coverage], of: Mapping[tuple[str, Interval], Depths], sample: str) -> list[dict[str, Any]]:
    """Return a row an exon; a gene without any place to look at has one row that says why.

    Args:
        genes: what `gene_coverage` says of each gene.
        of: depth of each base, by (contig, interval).
        sample: the sample.
    """
    made = []
    for gene in genes:
        head = {"gene": gene["gene"], "transcript": gene["transcript"], "status": gene["status"]}
        made += [head | _exon(exon, of[exon["contig"], (exon["start"], exon["end"])], sample) for exon in gene["exons"]] or [head]
    return made


def _exon(exon: Coverage, depth: Depths, sample: str) -> dict[str, Any]:
    place = {"exon": exon["number"], "exons": exon["of"], **{key: exon[key] for key in ("contig", "start", "end", "bases")}}
    reached = {f"pct_{limit}x": share(int((depth >= limit).sum()), exon["bases"]) for limit in LIMITS}
    return place | {"mean_depth": round(float(depth.mean()), 2), **reached, "pct_callable": share(exon["callable"][sample], exon["bases"])}


def check_file(sample: str, genes: Sequence[Coverage], of: Mapping[tuple[str, Interval], Depths]) -> dict[str, Any]:
    """Return the metrics of all ordered genes in the form of qc.json; genes without a place are told in `notes`.

    Bases that two genes share count once for each.
    """
    nowhere = [f"ordered gene {gene['gene']}: {gene['status']}" for gene in genes if not gene["exons"]]
    every = [of[exon["contig"], (exon["start"], exon["end"])] for gene in genes for exon in gene["exons"]]
    names = ("mean_ordered_coverage", "pct_ordered_20x", "pct_ordered_30x", "pct_ordered_callable")
    if not every:
        return {
            "sample": sample,
            "metrics": {},
            "not_evaluated": dict.fromkeys(names, "no ordered gene has a place"),
            "details": {},
            "notes": nowhere,
        }
    depth, able = np.concatenate(every), sum(gene["callable"][sample] for gene in genes)
    values = [round(float(depth.mean()), 4), *(share(int((depth >= limit).sum()), len(depth)) for limit in LIMITS), share(able, len(depth))]
    metrics = {name: {"value": value, "unit": unit} for name, value, unit in zip(names, values, "x%%%", strict=True)}
    return {"sample": sample, "metrics": metrics, "not_evaluated": {}, "details": {}, "notes": nowhere}


def write_table(path: str, made: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows as TSV, atomically; what a row does not have is empty."""
    lines = ["\t".join(COLUMNS), *("\t".join(str(row.get(column, "")) for column in COLUMNS) for row in made)]
    with atomic(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write gene_coverage.tsv and gene_coverage.json of one sample."""
    sample = wildcards.sample
    with pysam.AlignmentFile(input.cram, reference_filename=input.fasta) as reads, CallableBed(input.callable) as able:
        territory = Territory(frozenset(reads.references), read_bed(input.territory))
        chosen = choose_transcripts(as_ordered(read_transcripts(input.models, genes=params.genes), params.genes), params.genes, territory)
        genes = [gene_coverage(gene, transcript, {sample: able}, territory, sample) for gene, transcript in chosen.items()]
        places: dict[str, list[Interval]] = {}
        for exon in (exon for gene in genes for exon in gene["exons"]):
            places.setdefault(exon["contig"], []).append((exon["start"], exon["end"]))
        of = {
            (contig, interval): found
            for contig, intervals in places.items()
            for interval, found in depths(reads, contig, intervals, params.min_mapping_quality).items()
        }
    write_table(output.table, rows(genes, of, sample))
    write_json(output.json, check_file(sample, genes, of))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
