"""A part of the fragments of one lane, for one point of a depth curve."""

from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import atomic
from workflow.thinning import thin


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the thinned pair of FASTQ files; both appear or none."""
    with atomic(output.fastq_1) as one, atomic(output.fastq_2) as two:
        kept, total = thin((Path(input.fastq_1), Path(input.fastq_2)), (one, two), params.fraction)
        if not kept:
            raise InputError(
                f"no fragment of {total} is left at a fraction of {params.fraction}", file=input.fastq_1, remedy="ask for more depth"
            )
    print(f"kept {kept} of {total} fragments, asked for a fraction of {params.fraction}")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
