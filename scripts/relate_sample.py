"""Who a sample is: compared with every sample of the run and of the store, and held against what the order says."""

from pathlib import Path
from typing import Any

from workflow.files import write_json
from workflow.fingerprints import read_fingerprint
from workflow.inbreeding import estimate
from workflow.kin_judge import exchanges, judge
from workflow.kin_order import edges_of, expected
from workflow.relations import Facts, check_file, power_of, sites_with_reads
from workflow.run_fingerprints import Run
from workflow.store_search import search


def facts_of(sample: str, run: Run, fingerprint: str, store: Path) -> Facts:
    """Return all that is known of a sample; the store is asked about people who are not in this run, and about its own earlier record."""
    me, edges = run.people[sample], expected(run.people)
    one = read_fingerprint(fingerprint)
    judged = [judge(edge, run, edges) for edge in edges_of(sample, edges)]
    near = run.pairs(sample, run.nearest(sample)) if len(run.people) > 1 else {}
    found = search(store, one, without=set(run.people) - {sample}, person=me.person)
    quality = run.of(sample)
    return Facts(
        me=me,
        people=run.people,
        near=near,
        judged=judged,
        exchanges=exchanges(sample, judged, run, edges),
        search=found,
        inbreeding=estimate(one.quality, one.sites),
        compared=len(run.people) - 1 + found.compared,
        power=power_of(quality, run.sites),
        sites=sites_with_reads(quality),
    )


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write `samples/{sample}/relations.json`."""
    from workflow.run_fingerprints import read_run

    run = read_run({"json": input.json, "sites": input.sites, "quality": input.quality, "planes": input.planes})
    write_json(output[0], check_file(facts_of(wildcards.sample, run, input.fingerprint, Path(params.store))))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
