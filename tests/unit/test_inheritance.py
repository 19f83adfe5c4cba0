import pytest

from workflow.family import Family, Seen, carriers, seen, zygosity
from workflow.inheritance import Fit, compound_heterozygous, fitting_models
from workflow.variants import Genotype

HET, HOM, REF, HAPLOID, NONE = (0, 1), (1, 1), (0, 0), (1,), (None, None)


def call(alleles, depth=30, alt_reads=None):
    alt_reads = alt_reads if alt_reads is not None else depth * alleles.count(1) // len(alleles)
    return Genotype(alleles, depth, (depth - alt_reads, alt_reads), 99, False)


def family(*, proband_sex="female", **affected):
    people = [("child", "proband", proband_sex, "yes")]
    people += [(role, role, {"mother": "female", "father": "male"}.get(role, "male"), state) for role, state in affected.items()]
    return Family.of([dict(zip(("sample", "role", "sex", "affected"), one, strict=True)) for one in people], "child")


def judge(people, contig="chr1", **calls):
    who = carriers(people, {name: one if isinstance(one, Genotype) else call(one) for name, one in calls.items()}, contig, 10)
    return {model.name: model for model in fitting_models(who, contig)}, who


TRIO = {"mother": "no", "father": "no"}


@pytest.mark.parametrize(
    ("genotype", "state"),
    [
        (call(HET), Seen.ONE_COPY),
        (call(HOM), Seen.ALL_COPIES),
        (call(HAPLOID), Seen.ALL_COPIES),
        (call(REF), Seen.ABSENT),
        (call(REF, depth=9), Seen.NOT_KNOWN),
        (call(NONE), Seen.NOT_KNOWN),
        (call((0, None)), Seen.NOT_KNOWN),
        (call((None, 1)), Seen.ONE_COPY),
        (Genotype((0, 0), None, None, None, False), Seen.NOT_KNOWN),
        (None, Seen.NOT_KNOWN),
    ],
)
def test_seen_never_takes_few_reads_for_absence(genotype, state):
    assert seen(genotype, 10) is state


@pytest.mark.parametrize(
    ("alleles", "contig", "word"),
    [(HET, "chr1", "heterozygous"), (HOM, "1", "homozygous"), (HAPLOID, "chrX", "hemizygous"), (HAPLOID, "MT", "mitochondrial")],
)
def test_zygosity_in_a_word(alleles, contig, word):
    assert zygosity(call(alleles), contig) == word


def test_singleton_fits_dominant_and_says_what_is_missing():
    models, _ = judge(family(), child=HET)
    assert next(iter(models)) == "autosomal dominant"
    assert models["autosomal dominant"].missing == ("mother not sequenced", "father not sequenced")
    assert models["de novo, dominant"].fit is Fit.POSSIBLE


def test_de_novo_fits_when_both_parents_lack_it_with_enough_reads():
    models, _ = judge(family(**TRIO), child=HET, mother=REF, father=REF)
    assert models["de novo, dominant"].fit is Fit.FITS
    assert models["de novo, dominant"].reasons == ("mother and father without it, with enough reads",)


@pytest.mark.parametrize(
    ("father", "fit", "reason"),
    [
        (call(NONE), Fit.POSSIBLE, "father not known"),
        (call(REF, depth=5), Fit.POSSIBLE, "father not known"),
        (call(HET), Fit.DOES_NOT_FIT, "father has it"),
        (call(REF, alt_reads=2), Fit.POSSIBLE, "father shows it in a read: a call that was missed, or mosaicism"),
    ],
)
def test_de_novo_is_not_claimed_when_a_parent_is_unsure(father, fit, reason):
    model = judge(family(**TRIO), child=HET, mother=REF, father=father)[0]["de novo, dominant"]
    assert (model.fit, model.reasons) == (fit, (reason,))


def test_dominant_from_an_unaffected_parent_needs_incomplete_penetrance():
    model = judge(family(**TRIO), child=HET, mother=HET, father=REF)[0]["autosomal dominant"]
    assert model.fit is Fit.POSSIBLE
    assert model.reasons == ("unaffected mother has it: only with incomplete penetrance or mosaicism",)


def test_dominant_fits_when_an_affected_parent_shares_it_and_not_when_one_lacks_it():
    people = family(mother="yes", father="no")
    assert judge(people, child=HET, mother=HET, father=REF)[0]["autosomal dominant"].reasons == ("affected mother has it too",)
    assert judge(people, child=HET, mother=REF, father=REF)[0]["autosomal dominant"].fit is Fit.DOES_NOT_FIT


def test_dominant_does_not_judge_relatives_of_unknown_state():
    model = judge(family(mother="unknown", father="unknown"), child=HET, mother=HET, father=REF)[0]["autosomal dominant"]
    assert (model.fit, model.reasons) == (Fit.FITS, ())


def test_recessive_fits_with_two_carriers_and_one_uncovered_parent_is_missing_not_against():
    both = judge(family(**TRIO), child=HOM, mother=HET, father=HET)[0]["autosomal recessive"]
    assert (both.fit, both.reasons) == (Fit.FITS, ("mother carries one copy", "father carries one copy"))
    one = judge(family(**TRIO), child=HOM, mother=HET, father=NONE)[0]["autosomal recessive"]
    assert (one.fit, one.missing) == (Fit.FITS, ("father not known here",))


@pytest.mark.parametrize("calls", [{"mother": REF, "father": HET}, {"mother": HOM, "father": HET}])
def test_recessive_does_not_fit_a_parent_without_it_or_an_unaffected_one_with_two(calls):
    assert judge(family(**TRIO), child=HOM, **calls)[0]["autosomal recessive"].fit is Fit.DOES_NOT_FIT


def test_recessive_does_not_fit_an_affected_sibling_with_one_copy():
    people = family(**TRIO, sibling="yes")
    assert judge(people, child=HOM, mother=HET, father=HET, sibling=HET)[0]["autosomal recessive"].fit is Fit.DOES_NOT_FIT
    assert judge(people, child=HOM, mother=HET, father=HET, sibling=HOM)[0]["autosomal recessive"].fit is Fit.FITS


def test_boy_with_a_variant_on_x_from_a_carrier_mother():
    models, who = judge(family(proband_sex="male", **TRIO), "chrX", child=HAPLOID, mother=HET, father=(0,))
    assert who.zygosity == "hemizygous"
    assert (models["X-linked recessive"].fit, models["X-linked recessive"].reasons) == (Fit.FITS, ("mother is a carrier",))
    assert models["de novo, X-linked"].fit is Fit.DOES_NOT_FIT


def test_boy_with_a_new_variant_on_x_asks_the_mother_only():
    models, _ = judge(family(proband_sex="male", mother="no"), "chrX", child=HAPLOID, mother=REF)
    assert models["de novo, X-linked"].fit is Fit.FITS


def test_x_linked_does_not_fit_an_unaffected_brother_who_has_it():
    people = family(proband_sex="male", sibling="no")
    assert judge(people, "X", child=HAPLOID, sibling=HAPLOID)[0]["X-linked recessive"].fit is Fit.DOES_NOT_FIT


def test_girl_with_one_copy_on_x_is_held_against_x_linked_dominant():
    assert set(judge(family(), "chrX", child=HET)[0]) == {"X-linked dominant", "de novo, X-linked"}


def test_mitochondrial_always_says_that_its_level_was_not_measured():
    model = judge(family(mother="no"), "chrM", child=HAPLOID, mother=HAPLOID)[0]["maternal"]
    assert (model.fit, model.reasons) == (Fit.FITS, ("mother has it",))
    assert model.missing == ("share of mutated copies not measured",)


@pytest.mark.parametrize(
    ("mothers", "fathers", "fit", "reason"),
    [
        ((HET, REF), (REF, HET), Fit.FITS, "in trans: one from each parent"),
        ((HET, HET), (REF, REF), Fit.DOES_NOT_FIT, "unaffected mother has both variants"),
        ((HET, REF), (REF, NONE), Fit.POSSIBLE, "phase unknown"),
        ((HET, REF), (HET, HET), Fit.DOES_NOT_FIT, "unaffected father has both variants"),
        ((HET, REF), (REF, REF), Fit.POSSIBLE, "phase unknown"),
    ],
)
def test_compound_heterozygous_by_what_each_parent_carries(mothers, fathers, fit, reason):
    people = family(**TRIO)
    one, two = (judge(people, child=HET, mother=mothers[n], father=fathers[n])[1] for n in (0, 1))
    model = compound_heterozygous(one, two)
    assert (model.fit, model.reasons) == (fit, (reason,))


def test_compound_heterozygous_of_a_singleton_has_unknown_phase():
    who = judge(family(), child=HET)[1]
    model = compound_heterozygous(who, who)
    assert (model.fit, model.reasons) == (Fit.POSSIBLE, ("phase unknown",))
