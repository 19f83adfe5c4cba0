"""Reanalyses of published patients over dated HPO releases: what each release would have brought, held against a comparison of its own.

    python -m scripts.evaluate_reanalysis --cases FILE --hpo FOLDER FOLDER … [--number 240] [--rivals 29] [--directory WORK] [--output FILE]

FILE has published patients (JSON, gzipped or not, the format of solved cases with `vcf` and `hgvs`); the folders are HPO releases, the
oldest first. Each patient becomes a case: the own variant among those of `rivals` other genes. For each step from one release to the next
the scripts of the workflow make the results in use, reanalyse them, and list the work. Beside that, the two rankings are compared with
pandas. A patient's publication is not left out: a release that takes it in is what may lift the gene. Written: one row a step.
"""

import argparse
import csv
import hashlib
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from scripts import collect_reanalysis, list_work, reanalyse_cases
from workflow import gene_facts
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import atomic, read_json, sha256_of
from workflow.jobs import run_command
from workflow.ontology import read_ontology
from workflow.reanalysis.asked import source_params
from workflow.reanalysis.open_cases import NO, UNKNOWN, YES
from workflow.reanalysis.plan import source_record
from workflow.reanalysis.redo import INTERPRETATION, TABLE, Side
from workflow.reanalysis.trial import Patient, case_param, drawn, question_of, read_patients, rivals_of, write_case, write_reference

TOP = 10
IDENTITY: Mapping[str, Any] = {"id": "evaluation00", "code": {}, "tools": {}, "parameters": {}, "knowledge": {}}
WISHES = (YES,) * 7 + (NO, UNKNOWN, UNKNOWN)
"""Of ten patients seven wish to be contacted, one does not, and of two it is not known."""
KEY = ["gene", "chrom", "pos", "ref", "alt"]
NO_ORDER: Mapping[str, Any] = {"genes": [], "panels": [], "of_gene": {}}


def wish_of(name: str) -> str:
    """Return the wish that a patient has in this trial, drawn by a digest of the name."""
    return WISHES[int(hashlib.sha256(name.encode()).hexdigest(), 16) % len(WISHES)]


def knowledge_of(hpo: Path) -> dict[str, Knowledge]:
    """Return an HPO release, and gene models in name only: consequences stand in the calls."""
    return {"hpo": Knowledge("hpo", hpo, read_ontology(hpo / "hp.obo").release, "hpo", ())}


def make_tree(
    folder: Path, patients: Sequence[Patient], everyone: Sequence[Patient], rivals: int, knowledge: Mapping[str, Knowledge]
) -> None:
    """Write the calls of all patients, and interpret them with a release: the results in use."""
    models = {"gene_models": Knowledge("gene_models", Path(), "published names", "gff3", ())}
    for one in patients:
        write_case(folder, one, rivals_of(one, everyone, rivals), {**models, **knowledge})
    side = Side.of(knowledge, (), folder / ".made", shared(folder))
    reanalyse_cases.interpret(side, [case_of(one, "") for one in patients], "order_before")
    (folder / "interpretation").mkdir()
    for one in patients:
        side.path(one.case, TABLE).replace(folder / f"cases/{one.case}/candidates.tsv")
        side.path(one.case, INTERPRETATION).replace(folder / f"interpretation/{one.case}.json")
    shutil.rmtree(folder / ".made")


def shared(folder: Path) -> dict[str, Any]:
    """Return what all cases share, as the params of reanalyse_cases."""
    limits = {"max_frequency": 0.01, "max_candidates": 500, "min_depth": 10}
    fasta = str(folder.parent / "reference.fa")
    more = {"versions": str(folder / "release/versions"), "secondary": "", "limits": limits, "results": str(folder)}
    return {"fasta": fasta, "assembly": "GRCh38", "par": [], **more}


def case_of(one: Patient, digest: str) -> dict[str, Any]:
    """Return a case as the params of reanalyse_cases."""
    orders = {"order_before": NO_ORDER, "order_now": NO_ORDER}
    return {"case": case_param(one), "question": question_of(one), "candidates": digest, "evidence": [], "judged": {}, **orders}


def reanalyse(tree: Path, patients: Sequence[Patient], old: Mapping[str, Knowledge], new: Mapping[str, Knowledge], batch: int) -> Path:
    """Reanalyse the results of a tree with another release; return the folder of the reanalysis."""
    target = tree / "reanalysis" / f"hpo-{new['hpo'].release}"
    changed = {"hpo": {"old": source_record(old["hpo"]), "new": source_record(new["hpo"])}}
    plan = {
        "schema": "genvej-reanalysis/1",
        "name": target.name,
        "made": "",
        "workflow": IDENTITY["id"],
        "knowledge": changed,
        "not_done": {},
    }
    plan["cases"] = {one.case: {"batch": f"{number // batch + 1:04d}"} for number, one in enumerate(patients)}
    for start in range(0, len(patients), batch):
        some = patients[start : start + batch]
        cases = [case_of(one, sha256_of(tree / f"cases/{one.case}/candidates.tsv")) for one in some]
        both = {"in_use": source_params(old), "new": source_params(new), "changed": changed}
        params = {"results": str(tree), "cases": cases, "shared": shared(tree), "identity": IDENTITY, "made_by": IDENTITY, "top": TOP}
        folder = target / "cases" / f"{start // batch + 1:04d}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        reanalyse_cases.main(output=[str(folder)], params=SimpleNamespace(**params, **both))
    difference = str(target / "difference.json")
    collect_reanalysis.main(output=[difference], params=SimpleNamespace(plan=plan, made_by=IDENTITY["id"], top=TOP))
    names = {"table": "work_list.tsv", "data": "work_list.json", "changes": "changes.tsv", "page": "index.html"}
    output = SimpleNamespace(**{key: str(target / name) for key, name in names.items()})
    batches = {name: one["batch"] for name, one in plan["cases"].items()}
    people = {"wishes": {one.case: wish_of(one.case) for one in patients}, "judged": {}, "closed": {}}
    list_work.main(
        input=SimpleNamespace(difference=difference), output=output, params=SimpleNamespace(batches=batches, language="en", **people)
    )
    return target


def compared(old: Path, new: Path) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Return which candidates entered and left the first ten between two tables of candidates, by pandas and nothing of ours."""
    first = [
        set(frame[frame["rank"] <= TOP][KEY].itertuples(index=False, name=None))
        for frame in (pd.read_csv(file, sep="\t") for file in (old, new))
    ]
    return first[1] - first[0], first[0] - first[1]


def agrees(patients: Sequence[Patient], trees: tuple[Path, Path], target: Path) -> int:
    """Return how many cases the reanalysis and the comparison of the two trees agree on to the last candidate."""
    same = 0
    for one in patients:
        record = read_json(next(target.glob(f"cases/*/{one.case}/difference.json")))
        told = tuple({tuple(row[name] for name in KEY) for row in record[change]} for change in ("gained", "lost"))
        same += told == compared(*(tree / f"cases/{one.case}/candidates.tsv" for tree in trees))
    return same


def named_elsewhere(patients: Sequence[Patient], target: Path) -> list[str]:
    """Return the patients who do not wish to be contacted and whose name stands in a file that is for people."""
    text = "".join(
        (target / name).read_text(encoding="utf-8")
        for name in ("work_list.tsv", "work_list.json", "changes.tsv", "index.html", "difference.json")
    )
    return [one.case for one in patients if wish_of(one.case) != YES and one.case in text]


def row_of(patients: Sequence[Patient], trees: tuple[Path, Path], target: Path, seconds: float) -> dict[str, Any]:
    """Return what one step did, as a row of the table."""
    records = [read_json(next(target.glob(f"cases/*/{one.case}/difference.json"))) for one in patients]
    gene = {one.case: one.gene for one in patients}
    gained = [(record["case"], one) for record in records for one in record["gained"]]
    lost = [(record["case"], one) for record in records for one in record["lost"]]
    causes = {cause for _, one in gained + lost for cause in one["causes"]}
    work = read_json(target / "work_list.json")
    own = [one for _, one in gained if one["own_news"] and one["own_news"]["rank_without"] > TOP]
    return {
        "from": trees[0].name, "to": trees[1].name, "cases": len(records),
        "gained": len(gained), "lost": len(lost), "unchanged": sum(record["unchanged"] for record in records),
        "own_gene_gained": sum(one["gene"] == gene[case] for case, one in gained),
        "own_gene_lost": sum(one["gene"] == gene[case] for case, one in lost),
        "gained_with_dated_evidence": sum(bool(one["evidence"]) for _, one in gained),
        "gained_by_own_news": len(own),
        "own_gene_gained_by_own_news": sum(one["gene"] == gene[case] for case, one in gained if one in own),
        "causes": "; ".join(sorted(causes)) or "none",
        "cases_equal_to_pandas": agrees(patients, trees, target),
        "entries": len(work["entries"]), "cases_not_listed": sum(work["by_wish"][wish]["cases"] for wish in (NO, UNKNOWN)),
        "named_without_wish": len(named_elsewhere(patients, target)),
        "seconds": round(seconds, 1),
    }  # fmt: skip


def steps(
    patients: Sequence[Patient], everyone: Sequence[Patient], releases: Sequence[Path], work: Path, rivals: int
) -> Iterator[dict[str, Any]]:
    """Make the results with each release, and give what each step from one to the next did."""
    if not (work / "reference.fa.fai").is_file():
        write_reference(work / "reference.fa")
    trees = {}
    for hpo in releases:
        known = knowledge_of(hpo)
        trees[hpo] = work / known["hpo"].release
        if not (trees[hpo] / "interpretation").is_dir():
            shutil.rmtree(trees[hpo], ignore_errors=True)
            make_tree(trees[hpo], patients, everyone, rivals, known)
            print(f"made with HPO {known['hpo'].release}", flush=True)
    for old, new in [*pairwise(releases), *([(releases[0], releases[-1])] if len(releases) > 2 else [])]:
        started = time.process_time()
        target = reanalyse(trees[old], patients, knowledge_of(old), knowledge_of(new), 50)
        yield row_of(patients, (trees[old], trees[new]), target, time.process_time() - started)


def main(options: argparse.Namespace) -> None:
    """Print and write the table."""
    gene_facts.LISTED_GENES = 0  # genes without a candidate are listed for people, and cost most of the time
    everyone = read_patients(options.cases)
    patients = drawn(everyone, options.number)
    if not patients:
        raise InputError(
            "no patient in it has a gene, a named variant and three terms", file=options.cases, remedy="give published patients"
        )
    options.directory.mkdir(parents=True, exist_ok=True)
    rows = []
    for row in steps(patients, everyone, options.hpo, options.directory, options.rivals):
        rows.append(row)
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    with atomic(options.output) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    wrong = [row for row in rows if row["cases_equal_to_pandas"] != row["cases"] or row["named_without_wish"]]
    print(f"written: {options.output}" + (f"; {len(wrong)} steps do not hold" if wrong else ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, required=True, help="published patients")
    parser.add_argument("--hpo", type=Path, nargs="+", required=True, help="folders of HPO releases, the oldest first")
    parser.add_argument("--number", type=int, default=240, help="patients, one of each gene first")
    parser.add_argument("--rivals", type=int, default=29, help="other genes with a variant in each patient")
    parser.add_argument("--directory", type=Path, default=Path("results/evaluation/reanalysis"), help="folder to work in")
    parser.add_argument("--output", type=Path, default=Path("results/evaluation/reanalysis.tsv"), help="table to write")
    chosen = parser.parse_args()
    sys.exit(run_command(lambda: main(chosen)))
