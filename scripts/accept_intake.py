"""The gate before alignment: every unit of the sheet is verified, and no read set is there twice."""

from collections.abc import Iterable, Iterator
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.receipts.members import read_members


def files_of(units: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give (where it is used, record) of every FASTQ file of every unit."""
    for unit in units:
        for key in ("fastq_1", "fastq_2"):
            yield f"sample {unit['sample']}, unit {unit['unit']} ({unit[key]['path']})", unit[key]


def check_unique(units: Iterable[dict[str, Any]], sheet: str) -> None:
    """Refuse reads that are there twice, be it as the same file or compressed anew.

    Raises:
        InputError: naming both places.
    """
    seen: dict[str, str] = {}
    for place, record in files_of(units):
        if (earlier := seen.setdefault(record["reads_sha256"], place)) != place:
            what = f"the same reads are used twice: {earlier} and {place}"
            raise InputError(what, file=sheet, remedy="find out whose they are and name them once")


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write `<results>/intake/accepted.json`."""
    samples = read_members(params.results)
    units = [read_json(f"{params.results}/intake/{one.sample}/{unit}.json") for one in samples for unit in one.units.split(",")]
    check_unique(units, params.sheet)
    write_json(
        output[0], {"samples": len({unit["sample"] for unit in units}), "units": len(units), "pairs": sum(unit["pairs"] for unit in units)}
    )


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
