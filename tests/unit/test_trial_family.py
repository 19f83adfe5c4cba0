import random

import pytest

from workflow.trial_family import AUTOSOMAL, LENGTH, Scenario, agrees, claimed_new, found_of, gff3, missense
from workflow.trial_reads import natural_sites, place, simulated_genes

CODE = {  # the standard genetic code, codons in the order TCAG
    first + second + third: acid
    for acid, (first, second, third) in zip(
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        ((a, b, c) for a in "TCAG" for b in "TCAG" for c in "TCAG"),
        strict=True,
    )
}


def test_missense_changes_the_amino_acid_of_every_codon_it_touches_and_makes_no_stop():
    changed = {codon: missense(codon) + codon[1:] for codon in CODE if missense(codon)}
    assert len(changed) > 55
    assert all(CODE[codon] != CODE[other] and "*" not in (CODE[codon], CODE[other]) for codon, other in changed.items())


def test_place_takes_the_first_usable_codon_and_keeps_genes_apart():
    genes = simulated_genes(AUTOSOMAL, 0)
    size = max(last for _, last in genes.values()) + 700
    sequence = "".join(random.Random(1).choices("ACGT", k=size))
    placed = place(AUTOSOMAL, genes, "c", sequence, 0, lambda position: position % 2 == 1)
    for one in AUTOSOMAL:
        first, last = genes[one.gene]
        assert last - first + 1 == LENGTH
        for variant in placed[one.gene]:
            assert first <= variant.position <= last
            assert (variant.position - first) % 3 == 0
            assert variant.position % 2 == 1
            assert sequence[variant.position - 1] == variant.ref
    natural = natural_sites(genes, sequence, 0, random.Random(2))
    assert natural["proband"] == {"1": natural["mother"]["1"], "2": natural["father"]["1"]}
    inside = [one for sites in natural["mother"].values() for one in sites if any(a <= one.position <= b for a, b in genes.values())]
    assert not inside, "a gene's pairs are those of its scenario"


def test_gff3_has_a_gene_of_one_coding_exon():
    lines = gff3("c", {"G": (11, 40)}).splitlines()
    assert [line.split("\t")[2:5] for line in lines[1:]] == [[kind, "11", "40"] for kind in ("gene", "mRNA", "exon", "CDS")]


def interpretation(model, fit, phase="", note=""):
    return {
        "candidates": [{"pos": 5, "models": [{"name": model, "fit": fit}], "phase": phase, "inheritance_note": note, "pair": {"pos": 9}}]
    }


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (interpretation("a", "fits", "in trans", "one from each parent; more"), True),
        (interpretation("a", "possible", "in trans", "one from each parent"), False),
        (interpretation("a", "fits", "unknown", "one from each parent"), False),
        (interpretation("a", "fits", "in trans", "reads"), False),
        (interpretation("b", "fits", "in trans", "one from each parent"), False),
        ({"candidates": []}, False),
    ],
)
def test_agrees_only_with_model_fit_phase_and_reason(found, right):
    truth = Scenario("G", "t", (), "a", "fits", "in trans", "one from each parent")
    assert agrees(truth, found_of(found, 5), 9) is right
    assert not agrees(truth, found_of(found, 5), 8)


def test_claimed_new_names_what_fits_and_is_not_known():
    assert claimed_new(interpretation("de novo, dominant", "fits")) == [5]
    assert claimed_new(interpretation("de novo, dominant", "fits"), [5]) == []
    assert claimed_new(interpretation("de novo, dominant", "possible")) == []
