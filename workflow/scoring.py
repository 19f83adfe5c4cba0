"""From a truth set and calls to tables, in three steps: what a scorer takes, the scorer itself, and its labels as tables.

Calls are scored twice: `PASS` holds the records that no filter flagged and gives the headline, `ALL` holds every record and gives the
curve along QUAL.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from workflow import aardvark, vcfeval
from workflow.files import read_json, write_json
from workflow.interval_arrays import IntervalArray, read_interval_arrays
from workflow.intervals import write_bed
from workflow.scorable import write_scorable
from workflow.score_files import write_curve, write_summary, write_variants
from workflow.score_tables import curve, summary
from workflow.scored_alleles import COLUMNS, Side, frame
from workflow.strata import Source, assign
from workflow.truth_sets import Column, confident_bases

CALL_SETS = {"PASS": True, "ALL": False}
SCORERS: dict[str, ModuleType] = {"aardvark": aardvark, "vcfeval": vcfeval}
LEAST_SNV_RECALL = 0.5
OTHER_PERSON = (
    "less than half: probably the truth, the calls or the reads are another person's, or the sample was not sequenced in these regions"
)


def prepare(folder: Path, truth: Column, calls: Column, confident: Mapping[str, IntervalArray], lengths: Mapping[str, int]) -> None:
    """Write what scorers take into `folder`: confident.bed, truth.vcf.gz, PASS.vcf.gz, ALL.vcf.gz and prepared.json.

    Args:
        folder: where to.
        truth: the truth's column; records that the truth itself filters are left out.
        calls: the sample's column.
        confident: where accuracy is measured.
        lengths: of the reference's contigs, in bases.
    """
    lines = ((contig, start, end) for contig, here in confident.items() for start, end in zip(here.starts, here.ends, strict=True))
    write_bed(folder / "confident.bed", lines)
    write = partial(write_scorable, confident=confident, lengths=lengths)
    records = {"truth": write(truth.vcf, truth.number, folder / "truth.vcf.gz", passing_only=True)}
    for name, passing_only in CALL_SETS.items():
        records[name] = write(calls.vcf, calls.number, folder / f"{name}.vcf.gz", passing_only=passing_only)
    about = {"confident_bases": confident_bases(confident), "truth_sample": truth.name, "records": records}
    write_json(folder / "prepared.json", about)


def read_confident(folder: Path) -> dict[str, IntervalArray]:
    """Return the regions that `prepare` wrote."""
    return {contig: names[""] for contig, names in read_interval_arrays(folder / "confident.bed").items()}


def collect(prepared: Path, outputs: Mapping[str, Path], scorer: str) -> pd.DataFrame:
    """Return the scored alleles of both sides and all call sets: the columns `call_set` and `side`, and those of scored_alleles.

    Args:
        prepared: the folder of `prepare`.
        outputs: what the scorer wrote, by call set.
        scorer: its name.

    Raises:
        RuntimeError: the labels do not add up to the scorer's own sums.
    """
    tables = []
    for call_set, out in outputs.items():
        parts = [_side(prepared, out, call_set, side, scorer) for side in Side]
        table = pd.concat(parts, ignore_index=True)
        SCORERS[scorer].check_sums(out, table)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _side(prepared: Path, out: Path, call_set: str, side: Side, scorer: str) -> pd.DataFrame:
    scorable = prepared / ("truth.vcf.gz" if side is Side.TRUTH else f"{call_set}.vcf.gz")
    contigs = read_confident(prepared)
    parts = [frame(SCORERS[scorer].read_scores(out, side, scorable, contig)) for contig in contigs]
    table = pd.concat([part for part in parts if len(part)] or [frame([])], ignore_index=True)
    return table.assign(call_set=call_set, side=str(side))[["call_set", "side", *COLUMNS]]


def tabulate(
    alleles: pd.DataFrame, prepared: Path, sources: Iterable[Source], out: Path, *, sample: str, scorer: str, version: str | None = None
) -> list[str]:
    """Write summary.tsv, curve.tsv, variants.tsv.gz and score.json into `out`; return what a person must be told.

    Args:
        alleles: from `collect`.
        prepared: the folder of `prepare`.
        sources: of strata.
        out: where to.
        sample: name in the tables.
        scorer: name in the tables.
        version: release of the scorer, None if it does not tell.
    """
    confident = read_confident(prepared)
    members, bases = assign(sources, alleles, confident)
    about = read_json(prepared / "prepared.json")
    rows = summary(alleles, members, {"all": about["confident_bases"], **bases})
    findings = find(rows)
    for row in rows:
        head = (row["call_set"], row["variant_type"], row["stratum"], row["zygosity"]) == ("PASS", "SNV", "all", "all")
        row |= {"sample": sample, "scorer": scorer, "finding": "; ".join(findings) if head else ""}
    write_summary(out / "summary.tsv", rows)
    write_curve(out / "curve.tsv", curve(alleles[alleles.call_set == "ALL"]))
    write_variants(out / "variants.tsv.gz", alleles, members, list(confident))
    write_json(
        out / "score.json", {"sample": sample, "scorer": scorer, "scorer_version": version, **about, "strata": bases, "findings": findings}
    )
    return findings


def find(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is so odd about a summary that a person must be told."""
    wanted = {"call_set": "PASS", "level": "allele", "variant_type": "SNV", "stratum": "all", "zygosity": "all"}
    for row in rows:
        if wanted.items() <= row.items() and row["recall"] is not None and row["recall"] < LEAST_SNV_RECALL:
            return [f"{row['truth_tp']} of {row['truth_total']} SNVs of the truth were found, {OTHER_PERSON}"]
    return []
