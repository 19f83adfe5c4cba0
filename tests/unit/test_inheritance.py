from types import SimpleNamespace

import pytest

from workflow.family import Family, Seen, carriers, seen, zygosity
from workflow.inheritance import Fit, fitting_models
from workflow.parental_reads import AlleleReads
from workflow.phase import Phase, compound_heterozygous, phase_of
from workflow.segregation import segregation
from workflow.variants import Genotype

HET, HOM, REF, HAPLOID, NONE = (0, 1), (1, 1), (0, 0), (1,), (None, None)


def call(alleles, depth=30, alt_reads=None):
    alt_reads = alt_reads if alt_reads is not None else depth * alleles.count(1) // len(alleles)
    return Genotype(alleles, depth, (depth - alt_reads, alt_reads), 99, False)


def family(*, proband_sex="female", **affected):
    people = [("child", "proband", proband_sex, "yes")]
    people += [(role, role, {"mother": "female", "father": "male"}.get(role, "male"), state) for role, state in affected.items()]
    return Family.of([dict(zip(("sample", "role", "sex", "affected"), one, strict=True)) for one in people], "child")


def judge(people, contig="chr1", *, reads=None, expressed="", pos=500, **calls):
    genotypes = {name: one if isinstance(one, Genotype) else call(one) for name, one in calls.items()}
    who = carriers(people, genotypes, contig, 10, pos=pos, reads=reads)
    return {model.name: model for model in fitting_models(who, expressed)}, who


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
        (Genotype((0, 0), 28, (28, 0), 6, False), Seen.NOT_KNOWN),
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
    assert models["de novo, dominant"].reasons[0] == "mother and father without it, with enough reads"
    assert models["de novo, dominant"].reasons[1:] == ("mother 0 of 30 fragments", "father 0 of 30 fragments")


@pytest.mark.parametrize(
    ("father", "fit", "reason"),
    [
        (call(NONE), Fit.POSSIBLE, "father not known"),
        (call(REF, depth=5), Fit.POSSIBLE, "father not known"),
        (call(HET), Fit.DOES_NOT_FIT, "father has it"),
        (call(REF, alt_reads=2), Fit.POSSIBLE, "father shows it in a read: a call that was missed, or mosaicism"),
        (call(REF, alt_reads=1, depth=100), Fit.FITS, "mother and father without it, with enough reads"),
    ],
)
def test_de_novo_is_not_claimed_when_a_parent_is_unsure(father, fit, reason):
    model = judge(family(**TRIO), child=HET, mother=REF, father=father)[0]["de novo, dominant"]
    assert (model.fit, model.reasons[0]) == (fit, reason)


def test_dominant_from_an_unaffected_parent_needs_incomplete_penetrance():
    model = judge(family(**TRIO), child=HET, mother=HET, father=REF)[0]["autosomal dominant"]
    assert model.fit is Fit.POSSIBLE
    assert model.reasons == ("unaffected mother has it: only with incomplete penetrance",)


def test_dominant_fits_when_an_affected_parent_shares_it_and_not_when_one_lacks_it():
    people = family(mother="yes", father="no")
    assert judge(people, child=HET, mother=HET, father=REF)[0]["autosomal dominant"].reasons == ("affected mother has it too",)
    assert judge(people, child=HET, mother=REF, father=REF)[0]["autosomal dominant"].fit is Fit.DOES_NOT_FIT


def test_dominant_does_not_judge_relatives_of_unknown_state():
    model = judge(family(mother="unknown", father="unknown"), child=HET, mother=HET, father=REF)[0]["autosomal dominant"]
    assert (model.fit, model.reasons) == (Fit.FITS, ("one copy of the proband has it",))


def test_recessive_fits_with_two_carriers_and_one_uncovered_parent_is_missing_not_against():
    both = judge(family(**TRIO), child=HOM, mother=HET, father=HET)[0]["autosomal recessive"]
    assert (both.fit, both.reasons) == (Fit.FITS, ("mother carries one copy", "father carries one copy"))
    one = judge(family(**TRIO), child=HOM, mother=HET, father=NONE)[0]["autosomal recessive"]
    assert (one.fit, one.missing) == (Fit.FITS, ("father not known here",))


@pytest.mark.parametrize("calls", [{"mother": REF, "father": HET}, {"mother": HOM, "father": HET}])
def test_recessive_does_not_fit_a_parent_without_it_or_an_unaffected_one_with_two(calls):
    assert judge(family(**TRIO), child=HOM, **calls)[0]["autosomal recessive"].fit is Fit.DOES_NOT_FIT


def test_recessive_says_of_a_parent_with_two_copies_that_there_are_two():
    models, _ = judge(family(mother="no", father="yes"), child=HOM, mother=HET, father=HOM)
    assert models["autosomal recessive"].reasons[-2:] == ("mother carries one copy", "father carries two copies")


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
    assert set(judge(family(), "chrX", child=HET)[0]) == {"X-linked dominant", "de novo, X-linked", "X-linked recessive, one copy"}


def test_mitochondrial_always_says_that_its_level_was_not_measured():
    model = judge(family(mother="no"), "chrM", child=HAPLOID, mother=HAPLOID)[0]["maternal"]
    assert (model.fit, model.reasons) == (Fit.FITS, ("mother has it",))
    assert model.missing == ("share of mutated copies not measured",)


@pytest.mark.parametrize(
    ("mothers", "fathers", "fit", "reason"),
    [
        ((HET, REF), (REF, HET), Fit.FITS, "in trans: one from each parent"),
        ((HET, HET), (REF, REF), Fit.DOES_NOT_FIT, "in cis: both from the mother"),
        ((HET, REF), (REF, NONE), Fit.POSSIBLE, "phase unknown"),
        ((HET, REF), (HET, HET), Fit.DOES_NOT_FIT, "unaffected father has both variants"),
        ((HET, REF), (REF, REF), Fit.POSSIBLE, "phase unknown"),
    ],
)
def test_compound_heterozygous_by_what_each_parent_carries(mothers, fathers, fit, reason):
    people = family(**TRIO)
    one, two = (judge(people, child=HET, mother=mothers[n], father=fathers[n])[1] for n in (0, 1))
    model = compound_heterozygous(one, two)
    assert (model.fit, model.reasons[0]) == (fit, reason)


def test_compound_heterozygous_of_a_singleton_has_unknown_phase():
    who = judge(family(), child=HET)[1]
    model = compound_heterozygous(who, who)
    assert (model.fit, model.reasons) == (Fit.POSSIBLE, ("phase unknown",))


# --- mosaicism of a parent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alt", "depth", "error", "mosaic", "doubtful"),
    [
        (0, 30, 0.001, False, False),
        (1, 100, 0.001, False, False),  # as errors make: p = 0.1
        (2, 30, 0.001, False, True),  # p = 0.0004
        (4, 32, 0.001, True, False),
        (4, 32, 0.02, False, True),  # the same reads where errors are twenty times as frequent
        (14, 30, 0.001, False, True),  # a heterozygote, if no caller said so
        (4, 12, 0.001, False, True),  # mosaic or heterozygous: too few fragments to tell
    ],
)
def test_mosaicism_is_what_neither_errors_nor_a_heterozygote_explain(alt, depth, error, mosaic, doubtful):
    reads = AlleleReads(depth - alt, alt, 0, error)
    assert (reads.is_mosaic, reads.is_doubtful) == (mosaic, doubtful)


@pytest.mark.parametrize("mother", [call(REF, alt_reads=0), call(HET, alt_reads=4)])
def test_a_mosaic_parent_is_named_whether_the_caller_saw_it_or_not(mother):
    counted = {"mother": AlleleReads(28, 4, 0, 0.001), "father": AlleleReads(30, 0, 0, 0.001)}
    models, who = judge(family(**TRIO), child=HET, mother=mother, father=REF, reads=counted)
    assert who.parents() == (Seen.MOSAIC, Seen.ABSENT)
    assert next(iter(models)) == "parental mosaicism, dominant"
    assert models["parental mosaicism, dominant"].reasons[0].startswith("mosaic: mother 4 of 32 fragments (12%): more than errors make")
    assert models["de novo, dominant"].fit is Fit.DOES_NOT_FIT
    assert models["autosomal dominant"].fit is Fit.FITS, "a mosaic parent may well be healthy"


def test_a_mosaic_father_says_nothing_of_a_boys_x():
    counted = {"father": AlleleReads(28, 4, 0, 0.001)}
    models, _ = judge(family(proband_sex="male", **TRIO), "chrX", child=HAPLOID, mother=REF, father=(0,), reads=counted)
    assert "parental mosaicism, X-linked" not in models
    assert models["de novo, X-linked"].fit is Fit.FITS


# --- sex chromosomes ------------------------------------------------------------------------------------------------------


def karyotyped(karyotype, par=(), **affected):
    people = [("child", "proband", "unknown", "yes"), *((role, role, "unknown", state) for role, state in affected.items())]
    plain = [dict(zip(("sample", "role", "sex", "affected"), one, strict=True)) for one in people]
    return Family.of(plain, "child", karyotypes={"child": karyotype, "mother": "XX", "father": "XY"}, par=par)


def test_the_only_x_of_a_girl_may_come_from_either_parent():
    models, who = judge(karyotyped("X", **TRIO), "chrX", child=HAPLOID, mother=REF, father=HAPLOID)
    assert who.givers() == ("mother", "father")
    assert models["de novo, X-linked"].reasons == ("father has it", "mother 0 of 30 fragments")
    assert judge(karyotyped("XY", **TRIO), "chrX", child=HAPLOID, mother=REF, father=HAPLOID)[0]["de novo, X-linked"].fit is Fit.FITS


def test_one_of_two_x_of_a_boy_with_klinefelter_is_not_hemizygous():
    models, who = judge(karyotyped("XXY", **TRIO), "chrX", child=HET, mother=HET, father=(0,))
    assert who.zygosity == "heterozygous"
    assert models["X-linked recessive, one copy"].fit is Fit.POSSIBLE


def test_pseudoautosomal_variants_are_judged_as_autosomal():
    models, _ = judge(karyotyped("XY", par=[("chrX", 0, 1000)], **TRIO), "chrX", child=HET, mother=REF, father=REF)
    assert set(models) == {"de novo, dominant", "autosomal dominant"}
    assert (
        "X-linked dominant"
        in judge(karyotyped("XX", par=[("chrX", 0, 1000)], **TRIO), "chrX", child=HET, mother=REF, father=REF, pos=1001)[0]
    )


def test_x_linked_dominant_does_not_fit_a_healthy_man_and_needs_skewing_in_a_healthy_woman():
    assert (
        judge(family(mother="unknown", father="no"), "chrX", child=HET, mother=REF, father=HAPLOID)[0]["X-linked dominant"].fit
        is Fit.DOES_NOT_FIT
    )
    model = judge(family(**TRIO), "chrX", child=HET, mother=HET, father=(0,))[0]["X-linked dominant"]
    assert (model.fit, model.reasons) == (
        Fit.POSSIBLE,
        ("unaffected mother has it: only with incomplete penetrance or skewed X-inactivation",),
    )


# --- imprinting, uniparental disomy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mother", "father", "fit", "reason"),
    [
        (REF, HET, Fit.FITS, "it came from the father, whose copy is expressed"),
        (HET, REF, Fit.DOES_NOT_FIT, "it came from the mother, whose copy is silent"),
        (NONE, HET, Fit.POSSIBLE, "parent of origin not known"),
    ],
)
def test_a_variant_of_an_imprinted_gene_is_judged_by_the_parent_it_came_from(mother, father, fit, reason):
    models, _ = judge(family(**TRIO), expressed="father", child=HET, mother=mother, father=father)
    model = models["autosomal dominant, imprinted (paternal copy expressed)"]
    assert (model.fit, model.reasons[0]) == (fit, reason)
    assert "autosomal dominant" not in models


def test_recessive_from_one_parent_fits_where_both_copies_of_the_chromosome_come_from_that_parent():
    people = [("child", "proband", "female", "yes"), ("mother", "mother", "female", "no"), ("father", "father", "male", "no")]
    plain = [dict(zip(("sample", "role", "sex", "affected"), one, strict=True)) for one in people]
    disomic = Family.of(plain, "child", one_parent={"chr1": "mother"}, runs=[("chr1", 0, 60_000_000)])
    model = judge(disomic, child=HOM, mother=HET, father=REF)[0]["autosomal recessive"]
    assert (model.fit, model.reasons[-2:]) == (
        Fit.FITS,
        ("father lacks it, but both copies of the chromosome come from the mother", "in a run of homozygosity of 60.0 Mb"),
    )
    assert judge(disomic, "chr2", child=HOM, mother=HET, father=REF)[0]["autosomal recessive"].fit is Fit.DOES_NOT_FIT


# --- phase ----------------------------------------------------------------------------------------------------------------


def variant(pos, genotype):
    return SimpleNamespace(contig="chr1", pos=pos, ref="A", alt="G", key=("chr1", pos, "A", "G"), genotypes={"child": genotype})


def phased(first, second, *, sets=("7", "7"), reads=None, mother=(REF, REF), father=(REF, REF)):
    people = family(**TRIO)
    calls = [Genotype(alleles, 30, (15, 15), 99, True, name) for alleles, name in zip((first, second), sets, strict=True)]
    whos = [judge(people, child=calls[n], mother=mother[n], father=father[n])[1] for n in (0, 1)]
    return phase_of((variant(100, calls[0]), whos[0]), (variant(200, calls[1]), whos[1]), reads)


@pytest.mark.parametrize(
    ("kwargs", "state", "how"),
    [
        ({}, "in trans", "the caller's haplotypes"),
        ({"second": (0, 1)}, "in cis", "the caller's haplotypes"),
        ({"sets": ("7", "8")}, "unknown", ""),
        ({"sets": ("", "")}, "unknown", ""),
        ({"mother": (HET, REF), "father": (REF, HET)}, "in trans", "one from each parent and the caller's haplotypes"),
        (
            {"mother": (HET, HET)},
            "unknown",
            "in cis by both from the mother but in trans by the caller's haplotypes",
        ),
        (
            {"sets": ("", ""), "reads": {("chr1", 100, "A", "G"): ("5", 0), ("chr1", 200, "A", "G"): ("5", 1)}},
            "in trans",
            "reads that span both",
        ),
        ({"sets": ("", ""), "reads": {("chr1", 100, "A", "G"): ("5", 0), ("chr1", 200, "A", "G"): ("6", 1)}}, "unknown", ""),
    ],
)
def test_phase_of_two_variants_and_how_it_is_known(kwargs, state, how):
    phase = phased(**{"first": (0, 1), "second": (1, 0)} | kwargs)
    assert (phase.state, phase.how) == (state, how)


def test_compound_heterozygous_in_cis_does_not_fit_and_reads_make_it_fit_without_parents():
    who = judge(family(), child=HET)[1]
    assert compound_heterozygous(who, who, Phase("in cis", "reads that span both")).fit is Fit.DOES_NOT_FIT
    assert compound_heterozygous(who, who, Phase("in trans", "reads that span both")).reasons == ("in trans: reads that span both",)


def test_compound_heterozygous_of_a_duo_says_what_one_parent_tells():
    people = family(mother="no")
    one, two = (judge(people, child=HET, mother=state)[1] for state in (HET, REF))
    model = compound_heterozygous(one, two)
    assert model.fit is Fit.POSSIBLE
    assert model.reasons == ("phase unknown", "mother has one of the two only: the other came from the other parent or is new")


def test_compound_heterozygous_does_not_fit_an_affected_sibling_who_lacks_one():
    people = family(**TRIO, sibling="yes")
    one = judge(people, child=HET, mother=HET, father=REF, sibling=HET)[1]
    two = judge(people, child=HET, mother=REF, father=HET, sibling=REF)[1]
    assert compound_heterozygous(one, two).reasons == ("affected sibling lacks one of the two",)


# --- segregation ----------------------------------------------------------------------------------------------------------


def test_segregation_counts_meioses_of_affected_carriers_and_names_who_speaks_against():
    people = family(mother="yes", father="no", sibling="yes")
    models, who = judge(people, child=HET, mother=HET, father=REF, sibling=HET)
    counted = segregation(who, models["autosomal dominant"])
    assert (counted.meioses, counted.affected_with, counted.unaffected_without) == (2.0, ("mother", "sibling"), ("father",))
    models, who = judge(people, child=HET, mother=HET, father=REF, sibling=REF)
    assert segregation(who, models["autosomal dominant"]).against == ("affected sibling does not have it",)


def test_segregation_of_a_recessive_pair_counts_siblings_with_both_and_no_parent():
    people = family(**TRIO, sibling="yes")
    one = judge(people, child=HET, mother=HET, father=REF, sibling=HET)[1]
    two = judge(people, child=HET, mother=REF, father=HET, sibling=HET)[1]
    counted = segregation(one, compound_heterozygous(one, two), two)
    assert (counted.meioses, counted.affected_with, counted.unaffected_without) == (2.0, ("sibling",), ())


def test_segregation_of_what_is_new_counts_nothing():
    models, who = judge(family(**TRIO), child=HET, mother=REF, father=REF)
    assert segregation(who, models["de novo, dominant"]).meioses == 0


def test_a_parent_called_heterozygous_on_few_fragments_may_be_mosaic_and_that_is_said():
    counted = {"mother": AlleleReads(29, 8, 0, 0.001), "father": AlleleReads(30, 0, 0, 0.001)}
    model = judge(family(**TRIO), child=HET, mother=HET, father=REF, reads=counted)[0]["autosomal dominant"]
    assert model.reasons == ("unaffected mother has it, perhaps mosaic (8 of 37 fragments): only with incomplete penetrance",)


@pytest.mark.parametrize(("alt", "state"), [(4, Seen.MOSAIC), (0, Seen.NOT_KNOWN), (1, Seen.NOT_KNOWN)])
def test_a_parent_the_caller_was_not_sure_of_is_mosaic_by_its_reads_and_else_not_known(alt, state):
    counted = {"mother": AlleleReads(40 - alt, alt, 0, 0.001), "father": AlleleReads(30, 0, 0, 0.001)}
    unsure = Genotype((0, 0), 40, (40 - alt, alt), 7, False)
    assert judge(family(**TRIO), child=HET, mother=unsure, father=REF, reads=counted)[1].parents() == (state, Seen.ABSENT)
