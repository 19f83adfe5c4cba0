import itertools
import random
from types import SimpleNamespace

import numpy as np
import pytest

from workflow.binomial import at_least, at_most
from workflow.homozygosity import consanguinity, runs_in
from workflow.mendelian import Patterns, Tally, wrong_with
from workflow.uniparental import uniparental

GENOTYPES = ([0, 0], [0, 1], [1, 1])


def child_of(mother, father, dice, source="both"):
    """Return a child's genotype: one copy of each parent, or both of one (`mother iso`: one of her copies twice; `mother hetero`: both)."""
    if source == "both":
        return [dice.choice(mother), dice.choice(father)]
    parent, kind = source.split()
    alleles = mother if parent == "mother" else father
    return list(alleles) if kind == "hetero" else [dice.choice(alleles)] * 2


def trio(sources, *, sites=400, error=0.0, related=True, seed=1):
    dice, tally = random.Random(seed), Tally(("mother", "father"))
    for contig, source in sources.items():
        for _ in range(sites):
            mother, father = (sorted(int(dice.random() < 0.4) for _ in range(2)) for _ in range(2))
            inner = father if related else sorted(int(dice.random() < 0.4) for _ in range(2))
            child = child_of(mother, inner, dice, source)
            child = dice.choice(GENOTYPES) if dice.random() < error else child
            tally.add(contig, "snv", child, {"mother": mother, "father": father})
    return tally


@pytest.mark.parametrize(
    ("child", "mother", "father", "wrong"),
    [
        (1, 0, 0, "in neither parent"),
        (2, 0, 0, "in neither parent"),
        (1, 2, 2, "in neither parent"),
        (0, 2, 1, "nothing from the mother"),
        (2, 1, 0, "nothing from the father"),
        (0, 2, 0, "nothing from the mother"),
        (1, 2, 0, ""),
        (0, 1, 1, ""),
        (2, 1, 2, ""),
    ],
)
def test_wrong_with_every_kind_of_error(child, mother, father, wrong):
    assert wrong_with(child, {"mother": mother, "father": father}) == wrong


def test_tally_counts_several_sites_alike_as_one_by_one():
    one_by_one, at_once = Tally(("mother", "father")), Tally(("mother", "father"))
    for child, mother, father in itertools.product(GENOTYPES, repeat=3):
        for contig in ("chr1", "chrX"):
            for _ in range(3):
                one_by_one.add(contig, "snv", child, {"mother": mother, "father": father})
            at_once.add(contig, "snv", child, {"mother": mother, "father": father}, 3)
    assert at_once == one_by_one


def test_patterns_give_the_alleles_of_who_is_called_with_confidence():
    def record(contig, ref, qualities, depths):
        told = {"GQ": qualities, "DP": depths}
        return SimpleNamespace(
            CHROM=contig, REF=ref, ALT=["G"], format=lambda name: None if told[name] is None else np.array([told[name]]).T
        )

    patterns = Patterns(("dad", "kid", "mum"), ("kid", "mum"), 10)
    diploid, haploid = np.array([[0, 0, 0], [0, 1, 0], [-1, 0, 0]], np.int16), np.array([[0, 0], [1, 0], [-2, 0]], np.int16)
    for calls, ref, qualities, depths in (
        (diploid, "A", [99, 99, 99], [30, 30, 30]),
        (diploid, "A", [99, 99, 99], [30, 30, 30]),
        (diploid, "AT", [99, 19, 99], [30, 30, 30]),
        (haploid, "A", [99, 99, 99], [30, 30, 9]),
        (haploid, "A", None, [30, 30, 30]),
    ):
        patterns.add(record("chr1", ref, qualities, depths), calls)
    assert list(patterns.known()) == [("chr1", "snv", {"kid": [0, 1]}, 2), ("chr1", "indel", {}, 1), ("chr1", "snv", {"kid": [1]}, 1)]


def test_tally_counts_errors_by_chromosome_and_type_and_leaves_out_who_is_not_confident():
    tally = Tally(("mother", "father"))
    tally.add("chr1", "snv", [0, 1], {"mother": [0, 0], "father": [0, 0]})
    tally.add("chr1", "indel", [1, 1], {"mother": [0, 1], "father": [0, 0]})
    tally.add("chr2", "snv", [0, 1], {"mother": [0, 0]})
    record = tally.as_record()
    assert (record["sites"], record["errors"], record["rate"]) == (2, 2, 1.0)
    assert record["by_chromosome"][1] == {
        "contig": "chr1", "type": "indel", "sites": 1,
        "in_neither_parent": 0, "nothing_from_the_mother": 0, "nothing_from_the_father": 1,
    }  # fmt: skip


def test_tally_of_a_boys_x_asks_the_mother_alone():
    tally = Tally(("mother", "father"))
    tally.add("chrX", "snv", [1], {"mother": [0, 0], "father": [1]})
    tally.add("chrX", "snv", [1], {"mother": [0, 1], "father": [0]})
    assert (tally.as_record()["sites"], tally.as_record()["errors"]) == (2, 1)


def test_tally_without_parents_or_sites_is_not_evaluated():
    assert Tally(()).as_record()["evaluated"] is False
    assert Tally(("mother",)).as_record()["rate"] is None


@pytest.mark.parametrize(("related", "verdict"), [(True, "confirmed"), (False, "contradicted")])
def test_parentage_by_sites_without_a_common_allele(related, verdict):
    found = trio({"chr1": "both", "chr2": "both"}, related=related, error=0.002).parentage()
    assert (found["mother"]["verdict"], found["father"]["verdict"]) == ("confirmed", verdict)
    assert trio({"chr1": "both"}, sites=100).parentage()["mother"]["verdict"] == "not evaluated"


@pytest.mark.parametrize("parent", ["mother", "father"])
@pytest.mark.parametrize(("source", "kind"), [("iso", "isodisomy"), ("hetero", "heterodisomy")])
def test_uniparental_finds_the_chromosome_the_parent_and_the_kind(parent, source, kind):
    rows = {row["contig"]: row for row in uniparental(trio({"chr1": "both", "chr15": f"{parent} {source}", "chr16": "both"}, error=0.002))}
    assert (rows["chr15"]["parent"], rows["chr15"]["kind"]) == (parent, kind)
    assert rows["chr15"]["p"] < 1e-9
    assert rows["chr1"]["verdict"] == rows["chr16"]["verdict"] == "from both parents"


def test_uniparental_in_a_part_of_a_chromosome_is_told_and_not_taken_for_the_whole():
    tally = trio({"chr1": "both", "chr15": "mother iso"}, sites=300)
    more = trio({"chr15": "both"}, sites=600, seed=2)
    tally.opposite["chr15"] += more.opposite["chr15"]
    row = next(row for row in uniparental(tally) if row["contig"] == "chr15")
    assert row["verdict"] == "part of it or of the cells uniparental, from the mother"
    assert row["parent"] == ""


def test_uniparental_needs_enough_informative_sites_and_is_no_word_for_a_wrong_father():
    assert {row["verdict"] for row in uniparental(trio({"chr1": "mother iso"}, sites=40))} == {"not evaluated"}
    rows = uniparental(trio({f"chr{n}": "mother iso" for n in range(1, 6)}))
    assert {row["verdict"] for row in rows} == {"not evaluated"}
    assert "wrong relation" in rows[0]["reason"]


def test_uniparental_claims_nothing_in_many_ordinary_families():
    for seed in range(20):
        rows = uniparental(trio({f"chr{n}": "both" for n in range(1, 23)}, sites=150, error=0.01, seed=seed))
        assert not any(row["parent"] or row["verdict"].startswith("part") for row in rows)


ROH = ["# comment\n", "RG\tp\tchr1\t1000001\t4000000\t3000000\t900\t60.2\n", "RG\tp\tchr2\t1\t900000\t900000\t300\t55\n",
       "RG\tp\tchr3\t1\t3000000\t3000000\t300\t5\n", "RG\tp\tchrX\t1\t9000000\t9000000\t300\t55\n"]  # fmt: skip


def test_runs_of_homozygosity_long_and_sure_ones_of_autosomes_alone():
    assert runs_in(ROH) == [("chr1", 1_000_000, 4_000_000)]


def test_consanguinity_is_a_share_of_what_was_looked_at_and_not_evaluated_in_a_small_territory():
    whole = {"chr1": [(0, 200_000_000)], "chr2": [(0, 900_000_000), (900_000_000, 900_100_000)], "chrX": [(0, 150_000_000)]}
    found = consanguinity([("chr1", 0, 30_000_000)], whole)
    assert (found["territory_bases"], found["f_roh"]) == (1_100_000_000, 0.02727)
    assert found["statement"].startswith("parents may be related")
    assert consanguinity([], whole)["statement"].startswith("no sign of related parents")
    small = consanguinity([], {"chr1": [(0, 63_000_000)]})
    assert (small["evaluated"], small["f_roh"], small["statement"]) == (False, None, "not evaluated")


@pytest.mark.parametrize(("k", "n", "p", "expected"), [(0, 10, 0.1, 1.0), (11, 10, 0.1, 0.0), (2, 3, 0.5, 0.5), (1, 100, 0.001, 0.0952)])
def test_at_least_is_the_binomial_tail(k, n, p, expected):
    assert at_least(k, n, p) == pytest.approx(expected, abs=1e-4)
    assert at_most(k - 1, n, p) == pytest.approx(1 - expected, abs=1e-4)
