"""The page of the frequency store after a run: what is in it, and who of the run's samples is not counted, and why."""

from pathlib import Path
from typing import Any

from workflow.cohort_page.command import facts_of
from workflow.cohort_page.page import write_cohort
from workflow.cohort_store.making import make_store
from workflow.cohort_store.people import People
from workflow.cohort_store.versions import INSIDE
from workflow.consent.left_out import left_out


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write the page and its data."""
    store = Path(params.store)
    make_store(store, params.assembly)
    with People(store / INSIDE) as people:
        inside = {row.sample for row in people.all()}
    out = left_out(params.run["standing"], Path(output.page).parents[1], inside)
    genes, regions = (Path(one) if one else None for one in (params.genes, params.regions))
    facts = facts_of(store, genes, regions, out)
    write_cohort(facts | {"told": params.run["told"]}, Path(output.page))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
