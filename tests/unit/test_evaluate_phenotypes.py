import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.evaluate_phenotypes import changes, main
from workflow.calibration import calibration, margins, shares
from workflow.case_base import SolvedCase
from workflow.errors import InputError
from workflow.left_out import LeftOut, Outcome, few_of_each_gene

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"


@pytest.fixture
def patient(ontology):
    def make(name="one", gene="HEART1", source="PMID:1", obs=("HP:0001644",), disease="OMIM:900001"):
        return SolvedCase(name, gene, disease, source, tuple(sorted(ontology.index[one] for one in obs)), ())

    return make


@pytest.fixture
def left_out(ontology, annotations):
    return lambda patients, case_base=False: LeftOut(ontology, annotations, patients, case_base=case_base)


def record(name, gene, pmid="PMID:9", obs=("HP:0001644",), disease="OMIM:900001"):
    return {"id": name, "genes": [gene], "pmid": pmid, "obs": list(obs), "exc": [], "dis": [disease]}


def test_without_drops_rows_of_the_publication_alone_and_takes_its_part_of_shared_ones(ontology, left_out, patient):
    rest = left_out([patient(obs=("HP:0001644", "HP:0003701"))]).without("PMID:1")
    terms = [ontology.ids[number] for number in rest.term]
    assert dict(zip(terms, rest.observed.tolist(), strict=True)) == pytest.approx({"HP:0001644": 0, "HP:0003701": 4.5, "HP:0000365": 0})
    assert dict(zip(terms, rest.examined.tolist(), strict=True)) == pytest.approx({"HP:0001644": 0, "HP:0003701": 5, "HP:0000365": 10})


def test_without_takes_all_patients_that_the_publication_tells_of(ontology, left_out, patient):
    rest = left_out([patient(str(number), obs=("HP:0003701",)) for number in range(8)]).without("PMID:1")
    shared = list(rest.term).index(ontology.index["HP:0003701"])
    assert (rest.observed[shared], rest.examined[shared]) == pytest.approx((1, 2))


def test_scores_change_the_diseases_of_the_publication_alone(left_out, patient):
    one = patient(obs=("HP:0001644", "HP:0003701"))
    tried = left_out([one])
    strict, naive = tried.scores(one)[0], tried.scores(one, naive=True)[0]
    moved = {gene: float(strict[at] - naive[at]) for gene, at in tried.gene.items()}
    others = [shift for gene, shift in moved.items() if gene != "HEART1"]
    assert np.ptp(others) == pytest.approx(0)  # all by what the mean over genes lost
    assert moved["HEART1"] < min(others)


def test_scores_of_an_uncited_publication_are_naive(left_out, patient):
    one = patient(source="PMID:999")
    tried = left_out([one])
    assert tried.scores(one)[0].tolist() == tried.scores(one, naive=True)[0].tolist()


def test_solved_cases_of_the_same_publication_never_count(left_out, patient):
    ill = [patient(str(number), "NEW1", "PMID:7", disease="OMIM:1") for number in range(3)]
    found = left_out(ill, case_base=True).outcome(ill[0])
    assert (found.rank, found.posterior, found.solved, found.known) == (float("inf"), 0.0, False, False)


def test_solved_cases_of_another_publication_make_a_gene_known(left_out, patient):
    ill = [patient("a", "NEW1", "PMID:7", disease="OMIM:1"), patient("b", "NEW1", "PMID:8", disease="OMIM:1")]
    with_cases, alone = (left_out(ill, case_base=one).outcome(ill[0]) for one in (True, False))
    assert with_cases.known
    assert with_cases.rank < float("inf")
    assert (alone.known, alone.rank) == (False, float("inf"))


def test_few_of_each_gene_takes_three_whatever_the_order(patient):
    patients = [patient(f"{gene}{number}", gene) for gene in ("A", "B") for number in range(5)]
    few = few_of_each_gene(patients)
    assert [one.gene for one in few] == ["A"] * 3 + ["B"] * 3
    assert few_of_each_gene(reversed(patients)) == few


def test_shares_counts_a_miss_in_the_denominator():
    assert shares([1, 4, 7, float("inf")]) == {"n": 4, "top1": 25.0, "top5": 50.0, "top10": 75.0}
    assert shares([]) == {"n": 0}


def outcome(name, first, right, rank=1.0):
    return Outcome(name, "G", rank, first, first, right, 3, False, True, 1)


def test_calibration_error_is_the_mean_distance_of_the_bins():
    found = calibration([outcome("a", 0.85, True), outcome("b", 0.85, False), outcome("c", 0.15, False), outcome("d", 0.15, False)])
    assert found["error"] == pytest.approx((0.35 + 0.15) / 2)
    assert [one["n"] for one in found["bins"]] == [2, 2]
    assert found["brier"] == pytest.approx((0.15**2 + 0.85**2 + 2 * 0.15**2) / 4)


def test_calibration_tells_the_distance_that_true_probabilities_would_show():
    stated = np.random.default_rng(3).choice([0.15, 0.45, 0.65], size=400)
    coins = np.random.default_rng(7)
    tries = [calibration([outcome(str(n), p, coins.random() < p) for n, p in enumerate(stated)]) for _ in range(60)]
    assert np.mean([one["error"] for one in tries]) == pytest.approx(tries[0]["by_chance"], rel=0.12)


def test_margins_take_the_patients_of_a_gene_together():
    def ranked(gene, rank):
        return replace(outcome(gene, 0.5, True, rank), gene=gene)

    together = margins([ranked("A", 1), ranked("A", 1), ranked("B", float("inf")), ranked("B", float("inf"))])
    assert together["top10"] == 98.0  # 1.96 * sqrt(2 / 1 * (1 + 1)) / 4
    apart = margins([ranked("A", 1), ranked("A", float("inf")), ranked("B", 1), ranked("B", float("inf"))])
    assert apart["top10"] == 0.0
    assert margins([ranked("A", 1), ranked("A", 2)]) == {}


def test_changes_names_losses_and_gains():
    before = [outcome("a", 0.5, True, 3), outcome("b", 0.5, True, 30), outcome("c", 0.5, True, 1)]
    after = [outcome("a", 0.5, True, float("inf")), outcome("b", 0.5, True, 9), outcome("c", 0.5, True, 2)]
    found = changes(before, after)
    assert [(one["case"], one["before"], one["after"]) for one in found["lost"]] == [("a", 3, None)]
    assert [one["case"] for one in found["gained"]] == ["b"]


def test_main_writes_the_table_and_the_page_and_compares_two_releases(tmp_path, capsys):
    cases = tmp_path / "cases.json.gz"
    rows = [record("one", "HEART1"), record("two", "DEAF1", obs=("HP:0000365",), disease="OMIM:900003"), record("none", "HEART1", obs=())]
    with gzip.open(cases, "wt") as handle:
        json.dump(rows, handle)
    main(HPO, cases, HPO, tmp_path)
    table = json.loads((tmp_path / "phenotypes.json").read_text())
    assert table["hpo_release"] == table["compared_with"]["hpo_release"] == "2025-01-16"
    assert table["lopo_max3"]["n"] == table["naive"]["n"] == table["lopo_max3_hpo_only"]["n"] == 2
    assert set(table["lopo_max3"]["margin95"]) == {"top1", "top5", "top10"}
    assert table["changes"]["lopo_max3"] == {"patients": 2, "lost": [], "gained": []}
    page = (tmp_path / "phenotypes.html").read_text()
    assert page.count("<svg") == 4
    assert "http" not in page
    said = capsys.readouterr().out
    assert "lopo_max3_hpo_only" in said
    assert "by chance alone" in said


def test_main_refuses_a_file_without_a_usable_patient(tmp_path):
    (tmp_path / "cases.json").write_text("[]")
    with pytest.raises(InputError, match="no patient in it has a gene and a term"):
        main(HPO, tmp_path / "cases.json", None, tmp_path)
