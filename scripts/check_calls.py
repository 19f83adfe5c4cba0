"""Whether reads and calls of a sample are all there: reads on every contig, a record for every callable base.

What is missing here was lost on the way: by a tool that stopped early and said nothing, a file that was cut, reads of which a part never
came in. So the job fails, and nothing of the sample is released, unless a named person waives the check in a signed file.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pysam
from isal import igzip, igzip_lib

from workflow.covered_calls import Covered, beyond, covered_by
from workflow.errors import InputError
from workflow.files import write_json
from workflow.intervals import Intervals, read_bed, total_length
from workflow.silent_contigs import Depths, read_depths, suspected

NAME = "reads_and_calls_complete"


def read_covered(gvcf: str) -> Covered:
    """Return what a gVCF covers, read to its end.

    Raises:
        InputError: it is damaged.
    """
    try:
        with igzip.open(gvcf, "rb") as lines:  # type: ignore[no-untyped-call]
            return covered_by(lines)
    except (OSError, EOFError, ValueError, igzip_lib.error, zlib.error) as error:  # type: ignore[misc]
        what = f"the gVCF cannot be read to its end ({type(error).__name__})"
        raise InputError(what, file=gvcf, remedy="delete it and run the same command again; it is made anew") from None


def silent(reads: pysam.AlignmentFile, owed: Intervals, suspects: Mapping[str, int]) -> list[str]:
    """Return the suspected contigs whose reads, of any mapping quality, do not clear them either; reading stops where they do."""
    found = []
    for contig, enough in suspects.items():
        seen = 0
        for start, end in owed[contig]:
            for read in reads.fetch(contig, start, end):
                seen += read.reference_length or 0
                if seen >= enough:
                    break
            if seen >= enough:
                break
        else:
            found.append(contig)
    return found


def findings(sample: str, contigs: list[str], depths: Depths, owed: Iterable[str], callable_: Intervals, covered: Covered) -> Iterator[str]:
    """Give what is wrong, a sentence each without full stop.

    Args:
        sample: the sample.
        contigs: contigs without reads though the others have some.
        depths: mean depths of all contigs.
        owed: contigs of the regions called that the person has.
        callable_: the callable regions that the person has.
        covered: what the gVCF has records for.
    """
    for contig in contigs:
        depth = depths.owed.get(contig, 0.0)
        yield f"{sample} has next to no reads on {contig} though the other contigs are covered (mean depth {depth:g}x)"
    empty = [name for name in owed if depths.bases.get(name) and not covered.records.get(name)]
    for contig in empty:
        yield f"the gVCF of {sample} has no record on {contig} though reads lie there (mean depth {depths.owed[contig]:g}x)"
    for contig, gaps in beyond(callable_, covered.intervals).items():
        if contig not in empty:
            bases, (start, end) = total_length({contig: gaps}), gaps[0]
            yield f"the gVCF of {sample} has no record for {bases:,} callable bases of {contig} (first {contig}:{start + 1}-{end})"


def table(owed: Intervals, depths: Depths, callable_: Intervals, covered: Covered) -> list[dict[str, Any]]:
    """Return a row a contig of the regions called: bases owed and callable, callable bases without a record, records, mean depth."""
    gaps = beyond(callable_, covered.intervals)
    return [
        {
            "contig": contig,
            "owed": total_length({contig: blocks}),
            "callable": total_length({contig: callable_.get(contig, [])}),
            "without_record": total_length({contig: gaps.get(contig, [])}),
            "records": covered.records.get(contig, 0),
            "mean_depth": depths.owed.get(contig, 0.0),
        }
        for contig, blocks in owed.items()
    ]


def check_file(sample: str, found: list[str], waived: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the check in the form of qc.json; a waived finding stands in `notes`, which the decision passes on.

    Raises:
        InputError: something is missing and nobody waived it.
    """
    if found and not waived:
        raise InputError(found[0] if len(found) == 1 else f"{found[0]}; and {len(found) - 1} more such findings in the log")
    return {
        "sample": sample,
        "metrics": {NAME: {"value": not found, "unit": ""}},
        "not_evaluated": {},
        "details": {NAME: "; ".join(found)} if found else {},
        "notes": [f"{one} ({waived})" for one in found],
        "contigs": rows,
    }


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write the check of one sample, or fail."""
    owed = beyond(read_bed(input.territory), read_bed(input.absent))
    callable_ = beyond(read_bed(input.callable), read_bed(input.absent))
    depths = read_depths(Path(input.summary).read_text().splitlines())
    with pysam.AlignmentFile(input.cram, reference_filename=input.fasta) as reads:
        quiet = silent(reads, owed, suspected(depths, {contig: total_length({contig: blocks}) for contig, blocks in owed.items()}))
    covered = read_covered(input.gvcf)
    found = list(findings(wildcards.sample, quiet, depths, owed, callable_, covered))
    print("\n".join(found) or "reads and calls are complete", flush=True)
    write_json(output[0], check_file(wildcards.sample, found, params.waived, table(owed, depths, callable_, covered)))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
