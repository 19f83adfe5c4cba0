"""What the page of a validation shows: the tables of a score, and each false call with its reads, as report.json."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysam

from workflow.files import write_json
from workflow.pileup import view_of
from workflow.sites import make_site

MOST_SHOWN = 200
PASSING = {"PASS", "."}
Row = dict[str, Any]


def rows_of(path: str | Path) -> Iterator[Row]:
    """Yield the rows of a table, plain or gzip."""
    with gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8") as handle:
        yield from csv.DictReader(handle, delimiter="\t")


def allele(row: Row) -> tuple[str, str, str, str]:
    """Return what makes two rows tell of the same allele."""
    return row["chrom"], row["pos"], row["ref"], row["alt"]


def false_calls(variants: str | Path) -> list[Row]:
    """Return the alleles with a false label in the call set PASS, those of both sides at once joined, in the table's order.

    Where an allele that is missing was called and then flagged by a filter, `flagged` tells the call.
    """
    found: dict[tuple[str, ...], Row] = {}
    for row in rows_of(variants):
        key = allele(row)
        if row["call_set"] == "PASS" and row["label"] != "TP":
            found.setdefault(key, {**row, "labels": [], "errors": [], "flagged": None})
            found[key]["labels"].append(row["label"])
            found[key]["errors"].append(row["error"])
            if row["side"] == "call":
                found[key] |= {name: row[name] for name in ("qual", "filter", "depth", "call_genotype")}
        elif row["call_set"] == "ALL" and row["side"] == "call" and row["filter"] not in PASSING and key in found:
            found[key]["flagged"] = {name: row[name] for name in ("call_genotype", "qual", "filter", "depth")}
    return list(found.values())


def chosen(found: list[Row], most: int = MOST_SHOWN) -> list[Row]:
    """Return at most `most` of the false calls, spread evenly over all of them."""
    return found if len(found) <= most else [found[at * len(found) // most] for at in range(most)]


def with_reads(found: list[Row], cram: str, fasta: str, min_mapping_quality: int) -> list[Row]:
    """Return false calls with `reads`, the view of the sample's reads at each."""
    with pysam.FastaFile(fasta) as reference, pysam.AlignmentFile(cram, reference_filename=fasta) as alignment:
        sites = [make_site(reference, one["chrom"], int(one["pos"]) - 1, one["ref"], one["alt"]) for one in found]
        return [
            {**one, "reads": view_of(alignment, reference, site, min_mapping_quality=min_mapping_quality)}
            for one, site in zip(found, sites, strict=True)
        ]


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write report.json of one validated sample."""
    found = false_calls(input.variants)
    report = {
        **json.loads(Path(input.score).read_text(encoding="utf-8")),
        "sample": wildcards.sample,
        "reference": params.reference,
        "caller": params.caller,
        "min_mapping_quality": params.min_mapping_quality,
        "summary": list(rows_of(input.summary)),
        "curve": list(rows_of(input.curve)),
        "false_total": len(found),
        "false_calls": with_reads(chosen(found), input.cram, input.fasta, params.min_mapping_quality),
    }
    write_json(output[0], report)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
