"""Do the cases of a batch again with new knowledge, and hold the answers against those in use.

Each case is ranked and classified by the scripts of the workflow with the new releases, and where more than knowledge differs also with
those in use (the control), which tells what of a difference is not owed to knowledge. Knowledge is loaded once for all cases. Written is a
folder with one for each case: candidates.tsv and interpretation.json of the new knowledge, and difference.json.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts import classify_candidates, rank_candidates
from workflow.config_sections import Knowledge
from workflow.files import read_json, write_json
from workflow.gene_models import read_transcripts
from workflow.reanalysis.case_record import Done, Releases, case_record
from workflow.reanalysis.causes import CaseCauses, Parts, of_code, of_input, of_judgements, of_knowledge
from workflow.reanalysis.difference import moved
from workflow.reanalysis.lifting import Lifting
from workflow.reanalysis.news import News
from workflow.reanalysis.redo import INTERPRETATION, RANKED, RANKED_TABLE, Side, read_live

Data = Mapping[str, Any]


def knowledge_of(sources: Iterable[Sequence[Any]]) -> dict[str, Knowledge]:
    """Return sources by name from (name, path, release, kind, fields)."""
    return {name: Knowledge(name, Path(path), release, kind, tuple(fields)) for name, path, release, kind, fields in sources}


def interpret(side: Side, cases: Sequence[Data], order: str) -> dict[str, list[str]]:
    """Rank and classify cases with the knowledge of a side; return by case what of its terms that knowledge has otherwise.

    `order` is the key under which a case holds what is ordered with this knowledge.
    """
    asked = {one["case"]["name"]: side.case_in(one["case"]) for one in cases}
    for case, _ in asked.values():
        side.rank(case, rank_candidates.main)
    share_transcripts(side, cases)
    for one in cases:
        side.classify(asked[one["case"]["name"]][0], one[order], one["evidence"], classify_candidates.main)
    return {name: notes for name, (_, notes) in asked.items()}


def share_transcripts(side: Side, cases: Sequence[Data]) -> None:
    """Read the transcripts of all genes that these cases need, once."""
    classify_candidates.SHARED.clear()
    if "gene_models" not in side.knowledge or side.params["secondary"]:
        return  # genes of the secondary list are known case by case
    genes = {row["gene"] for one in cases for row in read_json(side.path(one["case"]["name"], RANKED))["candidates"]}
    genes |= {gene for one in cases for key in ("order_now", "order_before") for gene in one[key]["genes"]}
    models = str(side.knowledge["gene_models"].path)
    classify_candidates.SHARED[models] = read_transcripts(models, genes=genes)


def parts_of(case: Data, params: Any) -> Parts:
    """Return all that differs between the answer in use and a reanalysis of one case."""
    name = case["case"]["name"]
    question = read_json(Path(params.results) / f"cases/{name}/report.json")["question"]
    old = read_live(Path(params.results), name, case["candidates"])
    asked = (*of_input(name, question, case["question"]), *of_judgements(name, old, case["evidence"]))
    changed = {
        source: (one["old"]["release"] if one["old"] else "not configured", one["new"]["release"]) for source, one in params.changed.items()
    }
    return Parts(of_knowledge(changed), of_code(params.made_by, params.identity), asked)


def do_controls(cases: Sequence[Data], parts: Mapping[str, Parts], control: Side, params: Any) -> None:
    """Do again with the knowledge in use: cases of which more than knowledge differs, and one of the others; if that one moves, all."""
    differing = [one for one in cases if parts[one["case"]["name"]].code or parts[one["case"]["name"]].input]
    same = [one for one in cases if one not in differing]
    interpret(control, [*differing, *same[:1]], "order_before")
    if len(same) > 1:
        name = same[0]["case"]["name"]
        old = read_live(Path(params.results), name, same[0]["candidates"])
        if any(moved(old["candidates"], control.rows(name) or (), params.top)):
            interpret(control, same[1:], "order_before")


def hold(case: Data, new: Side, control: Side, parts: Parts, notes: Sequence[str], params: Any) -> Done:
    """Hold the new answer on a case against the one in use."""
    name = case["case"]["name"]
    old = read_live(Path(params.results), name, case["candidates"])
    causes = CaseCauses.of(parts, old["candidates"], control.rows(name), params.top)
    now = read_json(new.path(name, INTERPRETATION))
    found = tuple(moved(old["candidates"], now["candidates"], params.top))
    return Done(name, old, now, found, causes, case["judged"], notes)


def releases_of(new: Side, control: Side, done: Sequence[Done], params: Any) -> Releases:
    """Return what evidence is gathered from, as far as the changed candidates need it."""
    names = {name: (one["old"]["release"] if one["old"] else "", one["new"]["release"]) for name, one in params.changed.items()}
    days = {name: (one["old"]["date"] if one["old"] else "", one["new"]["date"]) for name, one in params.changed.items()}
    genes = {one.key[0] for case in done for one in case.moved}
    if "hpo" not in names or not (new.hpo and control.hpo) or not genes:
        return Releases(None, None, names, days)
    before, after = control.model(), new.model()
    assert before is not None
    assert after is not None
    news = News.of(control.hpo, new.hpo, genes, after.ontology, names["hpo"])
    return Releases(news, Lifting(before, after), names, days)


def differences(
    cases: Sequence[Data], new: Side, control: Side, notes: Mapping[str, Sequence[str]], params: Any
) -> Iterator[dict[str, Any]]:
    """Give the difference of each case."""
    parts = {one["case"]["name"]: parts_of(one, params) for one in cases}
    do_controls(cases, parts, control, params)
    done = [hold(case, new, control, parts[name], notes[name], params) for case in cases for name in [case["case"]["name"]]]
    releases = releases_of(new, control, done, params)
    yield from (case_record(one, releases, params.top) for one in done)


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write the folder of a batch: it is there whole or not at all."""
    target = Path(output[0])
    part = target.with_name(f".part-{target.name}")
    shutil.rmtree(part, ignore_errors=True)
    shared = params.shared | {"results": params.results}
    in_use, after = knowledge_of(params.in_use), knowledge_of(params.new)
    control = Side.of(in_use, (), part / "control", shared)
    new = Side.of(after, list(params.changed), part / "new", shared)
    notes = interpret(new, params.cases, "order_now")
    for record in differences(params.cases, new, control, notes, params):
        write_json(new.path(record["case"], "difference.json"), record)
    for name in (RANKED, RANKED_TABLE, "calls.vcf.gz", "calls.vcf.gz.tbi"):
        for file in new.folder.glob(f"*/{name}"):
            file.unlink()
    shutil.rmtree(target, ignore_errors=True)
    new.folder.replace(target)
    shutil.rmtree(part)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
