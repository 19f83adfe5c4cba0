"""Where a call can be trusted to be seen: enough reads of good mapping quality, inside the territory."""

from typing import Any

import pysam

from workflow.files import atomic
from workflow.intervals import read_bed, shared_by


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write the callable intervals of the territory as a bgzipped, indexed BED (0-based half-open).

    A sample without one callable base gets a file with a comment only: empty is an answer here, and it must not look like a lost file.
    """
    found = shared_by(read_bed(input.territory), read_bed(input.quantized, label="CALLABLE"))
    with atomic(output.bed) as part:
        with pysam.BGZFile(str(part), "w", index=None) as handle:
            handle.write(b"#contig\tstart\tend\n")
            for contig, intervals in found.items():
                handle.write("".join(f"{contig}\t{start}\t{end}\n" for start, end in intervals).encode())
        pysam.tabix_index(str(part), preset="bed", force=True)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
