"""Cases done again with another HPO release, by the scripts of the workflow, on invented patients and releases."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pysam
import pytest

from scripts import evaluate_reanalysis, list_work, reanalyse_cases
from scripts.evaluate_reanalysis import IDENTITY, case_of, knowledge_of, make_tree, shared
from tests.unit.small_hpo import disease_of, write_hpo
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.reanalysis.asked import source_params
from workflow.reanalysis.fields import that_may_matter
from workflow.reanalysis.plan import source_record
from workflow.reanalysis.trial import Called, Patient, consequence_of, write_reference
from workflow.reanalysis.work_list import totals

OLD, NEW = "2023-06-17", "2025-01-16"
GENES = ("AAA", "BBB", "CCC", "DDD")
BEFORE = [
    ("AAA", "HP:0001250", "9/10", "2020-01-01"),
    ("CCC", "HP:0000365", "5/10", "2020-01-01"),
    ("DDD", "HP:0001638", "5/10", "2020-01-01"),
]
LATER = [
    *BEFORE,
    ("BBB", "HP:0002121", "10/10", "2024-05-06"),
    ("BBB", "HP:0001249", "10/10", "2024-05-07"),
    ("BBB", "HP:0001638", "0/10", "2024-05-08"),
]
TOP = 1


def called(gene: str) -> Called:
    return Called("chr1", 1000 * (1 + GENES.index(gene)), "A", "G", "0/1", gene, "missense_variant", "MODERATE", f"NM_1.1:c.{gene}", "")


def patient(name: str, *terms: str) -> Patient:
    return Patient(name, "female", "BBB", "PMID:9", terms, (), (called("BBB"),))


PATIENTS = [patient("anna", "HP:0002121", "HP:0001249"), patient("bo", "HP:0000365"), patient("carl", "HP:0002121", "HP:0001249")]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two releases and a results tree made with the older one."""
    folder = tmp_path_factory.mktemp("reanalysis")
    write_hpo(folder / "old", OLD, BEFORE)
    write_hpo(folder / "new", NEW, LATER)
    write_reference(folder / "reference.fa", 6000)
    everyone = [replace(one, gene=gene, own=(called(gene),), case=gene) for one in PATIENTS[:1] for gene in GENES]
    make_tree(folder / "tree", PATIENTS, everyone, 3, knowledge_of(folder / "old"))
    return folder


def again(work: Path, target: Path, new: dict[str, Knowledge] | None = None, **changes: object) -> Path:
    """Do all cases again with the newer release; `changes` are to the params."""
    old, new = knowledge_of(work / "old"), new or knowledge_of(work / "new")
    cases = [case_of(one, sha256_of(work / f"tree/cases/{one.case}/candidates.tsv")) for one in PATIENTS]
    changed = {name: {"old": source_record(old.get(name)), "new": source_record(one)} for name, one in new.items() if old.get(name) != one}
    params = {
        "results": str(work / "tree"),
        "cases": cases,
        "shared": shared(work / "tree"),
        "identity": IDENTITY,
        "made_by": IDENTITY,
        "top": TOP,
    }
    params |= {"in_use": source_params(old), "new": source_params(new), "changed": changed} | changes
    reanalyse_cases.main(output=[str(target)], params=SimpleNamespace(**params))
    return target


@pytest.fixture(scope="module")
def done(work: Path) -> Path:
    return again(work, work / "done/cases/0001")


def test_candidate_that_a_release_lifts_is_gained_with_the_dated_annotations_and_the_one_before_it_is_lost(work: Path, done: Path) -> None:
    record = read_json(done / "anna/difference.json")
    (gained,), (lost,) = record["gained"], record["lost"]
    assert (gained["gene"], gained["rank"][1], gained["reasons"], gained["causes"]) == ("BBB", 1, ["first"], ["knowledge"])
    assert gained["cause"] == f"knowledge hpo ({OLD} → {NEW})"
    told = {(one["date"], one["dated_by"]) for one in gained["evidence"]}
    assert told == {(NEW, "the release"), ("2024-05-06", "the source"), ("2024-05-07", "the source")}
    words = " ".join(one["what"] for one in gained["evidence"])
    assert f"newly linked to BBB: Illness of BBB ({disease_of('BBB')})" in words
    assert "Generalized non-motor seizure (HP:0002121)" in words
    assert "Cardiomyopathy" not in words, "what does not concern the patient, and speaks against, lifts nothing"
    assert gained["own_news"]["rank_without"] > TOP
    assert (lost["gene"], lost["rank"]) == ("AAA", [1, 2])
    assert "now ahead of it: BBB" in lost["why"]
    assert record["unchanged"] == 0


def test_difference_is_that_of_the_two_rankings_and_nothing_in_use_was_touched(work: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in (work / "tree").rglob("*") if file.is_file()}
    target = again(work, tmp_path / "0001")
    assert before == {file: file.read_bytes() for file in (work / "tree").rglob("*") if file.is_file()}
    for one in PATIENTS:
        old, new = (
            pd.read_csv(file, sep="\t") for file in (work / f"tree/cases/{one.case}/candidates.tsv", target / one.case / "candidates.tsv")
        )
        first = [set(frame[frame["rank"] <= TOP]["gene"]) for frame in (old, new)]
        record = read_json(target / one.case / "difference.json")
        assert {row["gene"] for row in record["gained"]} == first[1] - first[0]
        assert {row["gene"] for row in record["lost"]} == first[0] - first[1]
        assert record["unchanged"] == len(first[0] & first[1])
    assert read_json(target / "bo/difference.json")["gained"] == [], "a patient whom the new annotations do not concern"


def test_change_that_the_same_knowledge_gives_too_is_not_put_down_to_knowledge(work: Path, tmp_path: Path) -> None:
    other = case_of(PATIENTS[0], sha256_of(work / "tree/cases/anna/candidates.tsv"))
    other["case"] = {**other["case"], "terms": [{"id": "HP:0000365", "label": "x", "excluded": False}]}
    other["question"] = {**other["question"], "terms": other["case"]["terms"]}
    record = read_json(again(work, tmp_path / "a", cases=[other]) / "anna/difference.json")
    assert {row["gene"]: row["causes"] for row in record["gained"]} == {"CCC": ["input"]}
    assert "input: terms of case anna" in record["gained"][0]["cause"]
    code = IDENTITY | {"code": {"scripts/rank_candidates.py": "2"}}
    same = again(work, tmp_path / "b", identity=code, made_by=IDENTITY | {"code": {"scripts/rank_candidates.py": "1"}})
    (row,) = read_json(same / "anna/difference.json")["gained"]
    assert row["causes"] == ["knowledge"], "the code differs, but the control shows that it moved nothing"
    unexplained = {**other, "question": case_of(PATIENTS[0], "")["question"]}
    (row,) = read_json(again(work, tmp_path / "c", cases=[unexplained]) / "anna/difference.json")["gained"]
    assert row["causes"] == ["unexplained"]


def test_one_case_of_a_batch_is_controlled_and_all_are_if_it_moves(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[list[str]] = []
    interpret = reanalyse_cases.interpret
    monkeypatch.setattr(
        reanalyse_cases,
        "interpret",
        lambda side, cases, order: done.append([one["case"]["name"] for one in cases]) or interpret(side, cases, order),
    )
    again(work, tmp_path / "a")
    assert done == [["anna", "bo", "carl"], ["anna"]]
    done.clear()
    first, *others = [case_of(one, sha256_of(work / f"tree/cases/{one.case}/candidates.tsv")) for one in PATIENTS]
    silent = {**first, "case": {**first["case"], "terms": [{"id": "HP:0000365", "label": "x", "excluded": False}]}}
    again(work, tmp_path / "b", cases=[silent, *others])
    assert done == [["anna", "bo", "carl"], ["anna"], ["bo", "carl"]]


def test_term_that_the_new_release_renamed_is_followed_and_told(work: Path, tmp_path: Path) -> None:
    write_hpo(tmp_path / "hpo", NEW, LATER, renamed="HP:0001249")
    record = read_json(again(work, tmp_path / "0001", knowledge_of(tmp_path / "hpo")) / "anna/difference.json")
    assert [row["gene"] for row in record["gained"]] == ["BBB"]
    assert record["notes"] == [f"HP:0001249 (HP:0001249) is HP:0009999 (Intellectual disability) in HPO {NEW}"]


def test_clinvar_record_that_is_new_is_gained_and_dated_by_its_release(work: Path, tmp_path: Path) -> None:
    lines = ["##fileformat=VCFv4.1", "##fileDate=2025-02-03", "##contig=<ID=1>"]
    lines += [f'##INFO=<ID={name},Number=.,Type=String,Description="{name}">' for name in ("CLNSIG", "CLNREVSTAT")]
    told = "CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel"
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", f"1\t{called('DDD').pos}\t77\tA\tG\t.\t.\t{told}"]
    (tmp_path / "clinvar.vcf").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(tmp_path / "clinvar.vcf"), preset="vcf", force=True)
    clinvar = Knowledge("clinvar", tmp_path / "clinvar.vcf.gz", "2025-02-03", "vcf", ())
    target = again(work, tmp_path / "0001", {**knowledge_of(work / "old"), "clinvar": clinvar})
    for name in ("anna", "bo", "carl"):
        (gained,) = read_json(target / name / "difference.json")["gained"]
        assert (gained["gene"], gained["reasons"], gained["causes"]) == ("DDD", ["ClinVar"], ["knowledge"])
        assert gained["in_words"] == "ClinVar not evaluated → Pathogenic, 3 stars"
        assert [(one["source"], one["date"]) for one in gained["evidence"]] == [("clinvar", "2025-02-03")]
        assert not list((target / name).glob("calls*")), "the calls with other fields are not kept"


def test_records_that_no_knowledge_makes_a_candidate_are_not_read_again_and_all_are_without_gene_models(tmp_path: Path) -> None:
    def record(pos: int, csq: str, more: str = "") -> str:
        return f"chr1\t{pos}\t.\tA\tG\t.\tPASS\tCSQ=G|{csq}|X|X|NM_1{more}\n"

    kept = [record(1, "missense_variant|MODERATE"), record(2, "stop_gained|HIGH"), record(3, "splice_region_variant&intron_variant|LOW")]
    kept += [record(4, "intron_variant|MODIFIER", ";clinvar_CLNSIG=Likely_pathogenic")]
    dropped = [record(5, "intron_variant|MODIFIER"), record(6, "synonymous_variant|LOW", ";clinvar_CLNSIG=Benign")]
    for status, expected in (("evaluated", kept), ("not_evaluated", [*kept, *dropped])):
        info = ["CSQ", "clinvar_CLNSIG"]
        head = ["##fileformat=VCFv4.2\n", "##contig=<ID=chr1>\n", f'##genvej_knowledge=<ID=gene_models,Status={status},Release="1">\n']
        head += [f'##INFO=<ID={name},Number=.,Type=String,Description="x">\n' for name in info]
        head += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"]
        (tmp_path / "calls.vcf").write_text("".join([*head, *kept, *dropped]))
        assert that_may_matter(str(tmp_path / "calls.vcf"), tmp_path / "short.vcf") == 6 - len(expected)
        assert (tmp_path / "short.vcf").read_text() == "".join([*head, *expected])


def test_gene_that_a_new_version_of_an_ordered_panel_has_is_gained(work: Path, tmp_path: Path) -> None:
    (tmp_path / "panels.tsv").write_text("panel\tgene\nEpilepsy\tDDD\n")
    panels = Knowledge("panels", tmp_path / "panels.tsv", "2025-03-01", "panels", ())
    place = {"panel": "Epilepsy", "version": "2.1", "inheritance": "", "confidence": "green"}
    one = case_of(PATIENTS[0], sha256_of(work / "tree/cases/anna/candidates.tsv"))
    one |= {"order_now": {"genes": ["DDD"], "panels": [], "of_gene": {"DDD": [place]}}}
    target = again(work, tmp_path / "0001", {**knowledge_of(work / "old"), "panels": panels}, cases=[one])
    (gained,) = read_json(target / "anna/difference.json")["gained"]
    assert (gained["gene"], gained["reasons"], gained["causes"]) == ("DDD", ["panel"], ["knowledge"])
    assert gained["cause"] == "knowledge panels (not configured → 2025-03-01)"
    assert [one["what"] for one in gained["evidence"]] == ["DDD is new in panel Epilepsy (version 2.1, green)"]


def test_interpretation_that_changed_since_the_plan_is_refused(work: Path, tmp_path: Path) -> None:
    cases = [case_of(PATIENTS[0], "0" * 64)]
    with pytest.raises(InputError, match="the candidates of case anna changed since the reanalysis was planned"):
        again(work, tmp_path / "0001", cases=cases)
    assert not (tmp_path / "0001").exists()


def write_lists(done: Path, folder: Path, wishes: dict[str, str], judged: dict | None = None, closed: dict | None = None) -> dict:
    folder.mkdir()
    (folder / "cases").symlink_to(done.parent)
    records = [read_json(done / name / "difference.json") for name in wishes]
    difference = {"schema": "s", "name": "n", "made": "2026-01-01", "workflow": "w", "top": TOP, "not_done": {}}
    difference |= {"knowledge": {"hpo": {"old": None, "new": {"release": NEW, "date": NEW}}}, "totals": totals(records)}
    (folder / "difference.json").write_text(json.dumps(difference))
    names = {"table": "work_list.tsv", "data": "work_list.json", "changes": "changes.tsv", "page": "index.html"}
    output = SimpleNamespace(**{key: str(folder / name) for key, name in names.items()})
    params = SimpleNamespace(batches=dict.fromkeys(wishes, "0001"), wishes=wishes, judged=judged or {}, closed=closed or {}, language="da")
    list_work.main(input=SimpleNamespace(difference=str(folder / "difference.json")), output=output, params=params)
    return read_json(folder / "work_list.json")


@pytest.mark.parametrize("wish", ["no", "unknown"])
def test_case_without_a_wish_is_counted_and_named_nowhere(done: Path, tmp_path: Path, wish: str) -> None:
    work_list = write_lists(done, tmp_path / "r", {"anna": "yes", "bo": "yes", "carl": wish})
    assert {one["case"] for one in work_list["entries"]} == {"anna"}
    assert work_list["by_wish"][wish] == {"cases": 1, "with_gain": 1, "gained": 1, "lost": 1, "unchanged": 0}
    for name in ("work_list.tsv", "work_list.json", "changes.tsv", "index.html"):
        text = (tmp_path / "r" / name).read_text()
        assert "carl" not in text
        assert name == "work_list.json" or "anna" in text
    assert work_list["totals"]["gained"] == 2, "the numbers are of all cases"


def test_judged_variant_and_closed_case_are_kept_out_of_the_list(done: Path, tmp_path: Path) -> None:
    judged = {"anna": {f"chr1-{called('BBB').pos}-A-G": {"verdict": "not relevant", "author": "N. N.", "date": "2025-01-01"}}}
    wishes = dict.fromkeys(("anna", "carl"), "yes")
    work_list = write_lists(done, tmp_path / "a", wishes, judged)
    assert [one["case"] for one in work_list["entries"]] == ["carl"]
    assert [(one["case"], one["judged"]["verdict"]) for one in work_list["judged"]] == [("anna", "not relevant")]
    work_list = write_lists(done, tmp_path / "b", wishes, closed={"carl": "explained: N. N., 2025-01-01"})
    assert [one["case"] for one in work_list["entries"]] == ["anna"]
    assert work_list["of_closed_cases"] == 1


def test_evaluation_runs_its_steps_and_agrees_with_pandas(work: Path, tmp_path: Path) -> None:
    everyone = [replace(one, gene=gene, own=(called(gene),), case=f"{one.case}{gene}") for one in PATIENTS for gene in GENES]
    rows = list(evaluate_reanalysis.steps(everyone, everyone, [work / "old", work / "new"], tmp_path, 3))
    assert [(row["from"], row["to"], row["cases"]) for row in rows] == [(OLD, NEW, 12)]
    assert rows[0]["cases_equal_to_pandas"] == 12
    assert rows[0]["named_without_wish"] == 0
    assert 0 < rows[0]["cases_not_listed"] < 12


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("NM_1.1:c.746G>A", "NP_1.1:p.(Arg249Gln)"), "missense_variant"),
        (("NM_1.1:c.1A>T", "NP_1.1:p.(Lys5Ter)"), "stop_gained"),
        (("NM_1.1:c.902_903del", "NP_1.1:p.(Tyr301CysfsTer29)"), "frameshift_variant"),
        (("NM_1.1:c.156+1G>T", ""), "splice_donor_variant"),
        (("NM_1.1:c.157-2A>G", ""), "splice_acceptor_variant"),
    ],
)
def test_consequence_of_names(names: tuple[str, str], expected: str) -> None:
    assert (consequence_of(*names) or ("",))[0] == expected


def test_consequence_of_other_names_is_none() -> None:
    assert consequence_of("NM_1.1:c.156+15G>T", "NP_1.1:p.?") is None
