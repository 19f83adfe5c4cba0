"""Receipt of a sample or case: each of its deliverables read to its end and checked by its format, and what they were made by."""

from pathlib import Path
from typing import Any

from workflow.receipts.record import cost_of, receive, sealed, sources_of_questions, sources_of_reads, write_receipt


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write the receipt of one sample or case."""
    results, about = Path(params.results), params.about
    kind, name = about["unit"]["kind"], about["unit"]["name"]
    files = [receive(results, owed) for owed in params.owed]
    sources = sources_of_reads(results, name, about["sources"]) if kind == "sample" else sources_of_questions(about["sources"])
    cost = cost_of(Path(about["benchmarks"]), name, about["stages"])
    write_receipt(output[0], sealed(about, files, sources, cost))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
