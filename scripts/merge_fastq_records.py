"""The verified units of a sample as one record, `fastq.json`."""

from collections.abc import Sequence
from typing import Any

from workflow.files import read_json, write_json


def merge(sample: str, units: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the record of a sample: pairs and bases over all units, and each unit's own record."""
    return {
        "sample": sample,
        "pairs": sum(unit["pairs"] for unit in units),
        "bases": sum(unit["bases"] for unit in units),
        "units": list(units),
    }


def main(*, input: Any, output: Any, wildcards: Any, **_: Any) -> None:
    """Write `<results>/samples/{sample}/fastq.json`."""
    write_json(output[0], merge(wildcards.sample, [read_json(path) for path in input.units]))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
