"""What is said of a spiked variant that was called, was not, or has another name; and how hard its rank was."""

from types import SimpleNamespace

import pytest

from tests.unit.test_evaluate_phenotypes import HPO
from workflow.case_base import SolvedCase
from workflow.hpo_annotations import read_annotations
from workflow.ontology import read_ontology
from workflow.spike_background import OFFERED, Background, place
from workflow.spike_outcomes import (
    CALLED,
    FLAGGED,
    MISSED,
    NOT_ASSESSED,
    listed,
    names_of,
    plain_name,
    status,
    summary_of,
    text_of,
)
from workflow.spiking import Variant
from workflow.variants import Genotype

VARIANT = Variant("chr1", 5, "A", "C")


def genotype(*alleles: int) -> Genotype:
    return Genotype(tuple(alleles), 20, (10, 10), 99, phased=False)


@pytest.mark.parametrize(("filters", "found", "covered", "expected"), [
    ((), genotype(0, 1), True, CALLED), (("LowQual",), genotype(0, 1), True, FLAGGED), ((), genotype(0, 0), True, MISSED),
    ((), genotype(0, 0), False, NOT_ASSESSED), (None, None, True, MISSED), (None, None, False, NOT_ASSESSED),
    ((), genotype(0, 1), False, CALLED),
])  # fmt: skip
def test_status_tells_a_call_that_is_owed_from_one_that_depth_does_not_allow(filters, found, covered, expected) -> None:
    record = None if filters is None else SimpleNamespace(filters=filters)
    assert status(record, found, covered) == expected  # type: ignore[arg-type]


def test_text_of_a_genotype_does_not_depend_on_phase_and_order() -> None:
    assert [text_of(genotype(1, 0)), text_of(genotype(1, 1)), text_of(None)] == ["0/1", "1/1", ""]


def test_listed_says_where_a_variant_went() -> None:
    named = {"chrom": "chr1", "pos": 5, "ref": "A", "alt": "C"}
    empty = {"candidates": [], "withheld": [], "not_assessed_for_effect": {"variants": []}}
    assert listed(VARIANT, empty) == ""
    assert listed(VARIANT, empty | {"candidates": [named]}) == "candidate"
    assert listed(VARIANT, empty | {"withheld": [named | {"why": "flagged"}]}) == "withheld: flagged"
    told = {"variants": [named | {"category": "silent"}]}
    assert listed(VARIANT, empty | {"not_assessed_for_effect": told}) == "no candidate: silent"
    assert listed(Variant("chr1", 6, "A", "C"), empty | {"candidates": [named]}) == ""


def test_names_of_are_compared_on_the_published_transcript() -> None:
    consequences = [
        SimpleNamespace(transcript=name, hgvs_c=f"{name}:c.{change}", hgvs_p=f"{name}:p.{protein}")
        for name, change, protein in (("NM_1", "7+1G>A", "?"), ("NM_2.3", "7G>A", "Arg3His"))
    ]
    spike = SimpleNamespace(names={"c": "NM_2.4:c.7G>A", "p": "NP_2.1:p.(Arg3Cys)"}, variant=VARIANT)
    row = names_of(spike, SimpleNamespace(consequences=consequences), [], None)  # type: ignore[arg-type]
    assert (row["hgvs_c"], row["hgvs_c_equal"], row["hgvs_p"], row["hgvs_p_equal"]) == ("NM_2.3:c.7G>A", True, "NM_2.3:p.Arg3His", False)
    nothing = names_of(SimpleNamespace(names={}, variant=VARIANT), SimpleNamespace(consequences=[]), [], None)  # type: ignore[arg-type]
    assert nothing["hgvs_p_equal"] is None


def test_plain_name_leaves_accession_and_parentheses_out() -> None:
    assert plain_name("NP_1.1:p.(Gly608=)") == plain_name("NM_1:p.Gly608=") == "p.Gly608="


def test_summary_counts_every_called_variant_and_a_missing_rank_as_a_miss() -> None:
    shared = {"genotype_right": True, "hgvs_c_equal": True, "hgvs_p_equal": None, "listed": "", "case": "x"}
    ranks = dict.fromkeys(("offered", "offered_lopo", "all_genes", "all_genes_lopo"), 2.0)
    rows = [
        {**shared, **ranks, "status": CALLED, "terms": 2, "rank": 1},
        {**shared, **ranks, "status": CALLED, "terms": 12, "rank": None},
        {**shared, **ranks, "status": NOT_ASSESSED, "terms": 2, "rank": None},
    ]
    summary = summary_of(rows)
    assert summary["first_in_run"] == {"n": 2, "right": 1}
    assert summary["called_and_no_candidate"] == ["x: told nowhere"]
    assert summary["ranks"]["rank"]["top1"] == 50.0
    assert summary["ranks"]["offered"] == {
        "among": summary["ranks"]["offered"]["among"],
        "n": 2,
        "top1": 0.0,
        "top5": 100.0,
        "top10": 100.0,
    }
    assert summary["by_terms"]["1-2 terms"]["rank"]["n"] == 1
    assert summary["hgvs_p"] == {"n": 0, "equal": 0}


@pytest.fixture(scope="module")
def background():
    ontology = read_ontology(HPO / "hp.obo")
    terms = tuple(sorted(ontology.index[one] for one in ("HP:0001644", "HP:0001324")))
    patients = [SolvedCase("one", "HEART1", "OMIM:900001", "PMID:1", terms, ())]
    return Background(ontology, read_annotations(HPO, ontology), patients), patients[0]


def test_background_offers_other_genes_the_same_ones_each_time(background) -> None:
    model, patient = background
    offered = model.offered(patient)
    assert offered == model.offered(patient)
    assert "HEART1" not in dict(offered)
    assert 1 < len(offered) <= OFFERED


def test_background_ranks_by_the_weight_of_variant_and_model(background) -> None:
    model, patient = background
    strong, weak, none = (model.ranks(patient, weight) for weight in (50.0, -50.0, None))
    assert (strong.offered, strong.offered_lopo) == (1.0, 1.0)
    assert weak.offered == 1 + len(model.offered(patient))
    assert (none.offered, none.offered_lopo) == (None, None)
    assert strong.all_genes == weak.all_genes == none.all_genes


def test_place_shares_the_place_of_equals() -> None:
    assert [place(2.0, [1.0]), place(2.0, [3.0, 2.0]), place(2.0, [])] == [1.0, 2.5, 1.0]
