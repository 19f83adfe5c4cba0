import dataclasses
import random

import pysam
import pytest

from workflow.candidate_rows import candidate_row, transcript_status
from workflow.candidates import Sieve, by_call_quality, chosen_consequences, missing_sources
from workflow.family import Family
from workflow.gene_facts import GeneFacts, Phenotype
from workflow.hpo_annotations import Mode
from workflow.inheritance import Fit, Model
from workflow.ranking import DE_NOVO_WEIGHT, FIT_WEIGHT, OTHER_MODE_WEIGHT, model_weight, rank_hits
from workflow.variants import AnnotatedVariant, Consequence, Genotype, KnowledgeState, read_annotated
from workflow.weights import Effect, Frequency, call_doubts, effect_of, frequency_of, variant_weight

HET, HOM, REF = (0, 1), (1, 1), (0, 0)
ALONE = Family.of([{"sample": "p", "role": "proband", "sex": "female", "affected": "yes"}], "p")


def call(alleles=HET, *, depth=30, alt_reads=15, quality=99):
    return Genotype(alleles, depth, (depth - alt_reads, alt_reads), quality, False)


def effect(terms="missense_variant", impact="MODERATE", gene="GENE1", hgvs_c="NM_1.1:c.10A>G", **more):
    names = {
        "symbol": gene,
        "gene": gene,
        "transcript": "NM_1.1",
        "biotype": "protein_coding",
        "hgvs_c": hgvs_c,
        "is_mane": True,
        "strand": "+",
    }
    empty = {"exon": "", "intron": "", "hgvs_p": "", "hgvs_note": "", "haplotype": "", "is_canonical": False}
    return Consequence(terms=tuple(terms.split("&")), impact=impact, **(names | empty | more))


def variant(*consequences, pos=100, filters=(), genotype=None, annotations=None, qual=50.0, contig="chr1"):
    calls = {"p": genotype or call()}
    return AnnotatedVariant(contig, pos, "A", "G", qual, filters, calls, tuple(consequences), "NC_1:g.100A>G", annotations or {})


def sieve(**more):
    return Sieve("p", **({"max_frequency": 0.01, "frequencies": False} | more))


@pytest.mark.parametrize(
    ("terms", "impact", "hgvs_c", "expected"),
    [
        ("stop_gained", "HIGH", "NM_1.1:c.10C>T", Effect.LOSS),
        ("missense_variant", "MODERATE", "NM_1.1:c.10A>G", Effect.CHANGE),
        ("splice_region_variant&intron_variant", "LOW", "NM_1.1:c.1157+5G>A", Effect.SPLICE),
        ("splice_region_variant&intron_variant", "LOW", "NM_1.1:c.937-3C>G", Effect.SPLICE),
        ("splice_region_variant&intron_variant", "LOW", "NM_1.1:c.937-7C>G", None),
        ("splice_region_variant&intron_variant", "LOW", "NM_1.1:c.937-34C>G", None),
        ("splice_region_variant&synonymous_variant", "LOW", "NM_1.1:c.1968G>A", Effect.SPLICE),
        ("splice_region_variant&synonymous_variant", "LOW", "NM_1.1:c.1698C>T", None),
        ("synonymous_variant", "LOW", "NM_1.1:c.1968G>A", None),
        ("intron_variant", "MODIFIER", "NM_1.1:c.937-3C>G", None),
    ],
)
def test_effect_of_lists_what_can_matter(terms, impact, hgvs_c, expected):
    assert effect_of(effect(terms, impact, hgvs_c=hgvs_c)) is expected


@pytest.mark.parametrize(
    ("annotations", "evaluated", "value", "words"),
    [
        ({"gnomad_AF": "0.001", "gnomad_AF_grpmax": "0.02"}, True, 0.02, "0.02"),
        ({"gnomad_AF": "1.5e-05"}, True, 1.5e-5, "1.5e-05"),
        ({}, True, None, "not found"),
        ({"gnomad_AC": "3"}, True, None, "not evaluated"),
        ({"gnomad_AF": "0.001"}, False, None, "not evaluated"),
    ],
)
def test_frequency_of_takes_the_highest_and_never_takes_silence_for_zero(annotations, evaluated, value, words):
    found = frequency_of(variant(annotations=annotations), evaluated=evaluated)
    assert (found.value, found.in_words) == (value, words)


def test_frequency_weight_falls_by_half_a_decade_for_each_tenfold():
    weights = [Frequency(value, "").weight for value in (0.0, 1e-5, 1e-4, 1e-2)]
    assert weights == pytest.approx([0.5, 0.5, 0.0, -1.0])
    assert Frequency(None, "not evaluated").weight == 0


def test_variant_weight_counts_doubts_about_the_call():
    doubtful = call(quality=12, alt_reads=3)
    assert len(call_doubts(doubtful)) == 2
    unknown = Frequency(None, "not evaluated")
    assert variant_weight(Effect.CHANGE, unknown, doubtful) == variant_weight(Effect.CHANGE, unknown, call()) - 1


def test_chosen_consequences_takes_mane_then_canonical_then_the_first_of_each_gene():
    other, mane = effect("stop_gained", "HIGH", is_mane=False), effect("intron_variant", "MODIFIER")
    canonical = effect(gene="GENE2", is_mane=False, is_canonical=True)
    assert chosen_consequences(variant(other, mane, effect(gene="GENE2", is_mane=False), canonical)) == [mane, canonical]


def test_chosen_consequences_takes_mane_plus_clinical_only_where_mane_select_is_not_hit():
    plus = effect("missense_variant", "MODERATE", is_mane=False, is_plus_clinical=True)
    assert chosen_consequences(variant(effect("intron_variant", "MODIFIER"), plus)) == [plus]
    assert chosen_consequences(variant(mane := effect("stop_gained", "HIGH"), plus)) == [mane]
    silent = effect("intron_variant", "MODIFIER", is_mane=False, is_plus_clinical=True)
    assert chosen_consequences(variant(mane := effect("synonymous_variant", "LOW"), silent)) == [mane]
    assert transcript_status(plus) == ", MANE Plus Clinical"


def test_sieve_lists_what_clinvar_names_pathogenic_with_a_star_though_no_effect_is_seen():
    silent = effect("synonymous_variant", "LOW")
    said = {"clinvar_CLNSIG": "Pathogenic/Likely_pathogenic", "clinvar_CLNREVSTAT": "criteria_provided,_single_submitter"}
    named = variant(silent, annotations=said)
    others = [
        variant(silent, annotations=said | {"clinvar_CLNREVSTAT": "no_assertion_criteria_provided"}),
        variant(silent, annotations=said | {"clinvar_CLNSIG": "Uncertain_significance"}),
        variant(silent, annotations=said | {"gnomad_AF": "0.2"}),
        variant(annotations=said),
    ]
    (hit,) = sieve(frequencies=True).hits([named, *others])
    assert (hit.variant, hit.effect, hit.named) == (named, Effect.SPLICE, "pathogenic")
    assert next(sieve().hits([variant(effect(), annotations=said)])).named == "", "its effect is seen"


def test_sieve_counts_every_record_under_the_step_that_took_it_out():
    steps = {
        "not in the proband": variant(effect(), genotype=call(REF)),
        "not known in the proband": variant(effect(), genotype=call((None, None))),
        "flagged by the caller: LowQual and Other": variant(effect(), filters=("LowQual", "Other")),
        "outside genes": variant(),
        "synonymous, untranslated, intronic or non-coding": variant(effect("synonymous_variant", "LOW")),
        "splice region, at a position that seldom matters": variant(effect("splice_region_variant", "LOW", hgvs_c="NM_1.1:c.1698C>T")),
        "effect on another transcript only": variant(effect("intron_variant", "MODIFIER"), effect(is_mane=False)),
        "more frequent than 0.01": variant(effect(), annotations={"gnomad_AF": "0.2"}),
    }
    kept = variant(effect(), annotations={"gnomad_AF": "0.0001"})
    tried = sieve(frequencies=True)
    assert [hit.variant for hit in tried.hits([*steps.values(), kept])] == [kept]
    assert tried.counts == dict.fromkeys(steps, 1) | {"records in the call set": len(steps) + 1}
    assert [one["why"] for one in tried.withheld] == [
        "flagged by the caller: LowQual and Other",
        "splice region, at a position that seldom matters",
        "effect on another transcript only",
        "more frequent than 0.01",
    ]


def test_sieve_gives_a_hit_for_each_gene_of_a_variant():
    assert [hit.gene for hit in sieve().hits([variant(effect(), effect(gene="GENE2"))])] == ["GENE1", "GENE2"]


def test_by_call_quality_keeps_the_best_in_order_and_counts_all():
    calls = [
        variant(pos=pos, genotype=call(quality=quality), qual=qual)
        for pos, quality, qual in [(1, 20, 9), (2, 99, 5), (3, None, 99), (4, 99, 7)]
    ]
    best, found = by_call_quality(iter(calls), "p", 2)
    assert ([one.pos for one in best], found) == ([4, 2], 4)


def test_by_call_quality_of_equal_calls_keeps_the_order_of_the_genome():
    best, _ = by_call_quality([variant(pos=pos) for pos in (1, 2, 3)], "p", 2)
    assert [one.pos for one in best] == [1, 2]


@pytest.mark.parametrize(("hpo", "terms", "names"), [(True, True, []), (True, False, ["phenotype"]), (False, False, ["hpo"])])
def test_missing_sources_names_each_with_its_reason(hpo, terms, names):
    states = {name: KnowledgeState(name, name == "gene_models", "") for name in ("gene_models", "hpo", "clinvar", "panels")}
    assert list(missing_sources(states, hpo=hpo, terms=terms)) == ["clinvar", *names, "panels", "acmg"]


@pytest.mark.parametrize(
    ("name", "fit", "modes", "weight"),
    [
        ("autosomal dominant", Fit.FITS, {Mode.DOMINANT, Mode.RECESSIVE}, 0.0),
        ("autosomal dominant", Fit.FITS, set(), 0.0),
        ("autosomal dominant", Fit.FITS, {Mode.RECESSIVE}, OTHER_MODE_WEIGHT),
        ("autosomal dominant", Fit.POSSIBLE, {Mode.DOMINANT}, FIT_WEIGHT[Fit.POSSIBLE]),
        ("de novo, dominant", Fit.FITS, {Mode.DOMINANT}, DE_NOVO_WEIGHT),
        ("de novo, dominant", Fit.POSSIBLE, {Mode.DOMINANT}, FIT_WEIGHT[Fit.POSSIBLE]),
    ],
)
def test_model_weight_asks_the_genotypes_and_the_gene(name, fit, modes, weight):
    assert model_weight(Model(name, Mode.DOMINANT, fit), frozenset(modes)) == weight


class KnownGenes(Phenotype):
    """A phenotype whose genes are given."""

    def __init__(self, *facts):
        super().__init__([], ranking=object())
        self.given = {one.symbol: one for one in facts}

    def facts(self, symbol):
        return self.given.get(symbol, GeneFacts(symbol))


def ranked(variants, *facts, family=ALONE):
    return rank_hits(sieve().hits(variants), family, KnownGenes(*facts), 10)


def test_rank_hits_adds_phenotype_variant_and_inheritance():
    fits, other = GeneFacts("GENE1", 3.0, 0.1, 1, modes=frozenset({Mode.DOMINANT})), GeneFacts("GENE2", -2.0, 1e-6, 4000)
    first, second, third = ranked([variant(effect(gene="GENE2")), variant(effect(gene="GENE3")), variant(effect())], fits, other)
    assert [one.gene.symbol for one in (first, second, third)] == ["GENE1", "GENE3", "GENE2"]
    assert first.score == first.gene.score + first.variant_score + first.inheritance_score == 3.0


def test_rank_hits_puts_a_carrier_of_a_recessive_gene_lower_unless_a_second_hit_is_there():
    recessive = GeneFacts("GENE1", 3.0, 0.1, 1, modes=frozenset({Mode.RECESSIVE}))
    (carrier,) = ranked([variant(effect())], recessive)
    pair = ranked([variant(effect()), variant(effect(hgvs_c="NM_1.1:c.90A>G"), pos=200)], recessive)
    assert carrier.inheritance_score == OTHER_MODE_WEIGHT
    assert {one.models[0].name for one in pair} == {"autosomal recessive, compound heterozygous"}
    assert [one.pair.hit.variant.pos for one in pair] == [200, 100]
    assert pair[0].score > carrier.score


def test_rank_hits_of_a_tumour_evaluates_no_inheritance():
    tumour = Family.of([{"sample": "p", "role": "tumour", "sex": "female", "affected": "unknown"}], "p")
    (one,) = ranked([variant(effect())], family=tumour)
    row = candidate_row(1, "case", one, {})
    assert row["zygosity_model"] == "heterozygous: not evaluated (tumour)"


def test_candidate_row_gives_each_reason_apart_and_together():
    facts = GeneFacts("GENE1", 2.5, 0.1, 7, ("OMIM:1", "Disease"), ({"share": 0.7}, {"share": -0.5}), modes=frozenset({Mode.RECESSIVE}))
    (one,) = ranked([variant(effect(), genotype=call(depth=15, alt_reads=7))], facts)
    row = candidate_row(3, "case", one, {"clinvar": "not configured", "acmg": "later"})
    assert row["reasons"] == [
        "missense variant in GENE1 (NM_1.1, MANE Select)",
        "heterozygous, 7 of 15 reads",
        "phenotype fits Disease (OMIM:1): 1 of 2 terms, gene 7 of all",
        "frequency not evaluated",
    ]
    assert row["evidence"] == "; ".join(row["reasons"])
    assert row["zygosity_model"] == "heterozygous: autosomal dominant"
    assert "known diseases of the gene are autosomal recessive" in row["inheritance_note"]
    assert (row["rank"], row["class"], row["clinvar"], row["not_evaluated"]) == (3, "not evaluated", "not evaluated", "clinvar,acmg")
    assert (row["phenotype_score"], row["gene_rank"], row["allele_balance"]) == (2.5, 7, 0.467)


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        ({"clinvar_CLNSIG": "Pathogenic", "clinvar_ALLELEID": "1"}, "Pathogenic"),
        ({"clinvar_ALLELEID": "1"}, "no assertion"),
        ({}, "not found"),
    ],
)
def test_candidate_row_shows_clinvar_and_does_not_count_it(annotations, words):
    (plain,), (known,) = ranked([variant(effect())]), ranked([variant(effect(), annotations=annotations)])
    assert candidate_row(1, "case", known, {})["clinvar"] == words
    assert known.score == plain.score


def test_candidate_row_of_a_gene_without_disease_says_so():
    row = candidate_row(1, "case", ranked([variant(effect())])[0], {})
    assert (row["phenotype_score"], row["gene_rank"]) == ("no known disease", "no known disease")
    unasked = dataclasses.replace(ranked([variant(effect())])[0], by_phenotype=False)
    assert candidate_row(1, "case", unasked, {})["phenotype_score"] == "not evaluated"


def random_calls(seed):
    """Return an annotated VCF of a proband `p` and a relative, with records of every kind that the sieve tells apart."""
    dice = random.Random(seed)
    fields = [("INFO", name, "String") for name in ("CSQ", "HGVSg", "clinvar_CLNSIG", "clinvar_CLNREVSTAT", "gnomad_AF")]
    fields += [("FORMAT", name, kind) for name, kind in (("GT", "String"), ("DP", "Integer"), ("GQ", "Integer"))]
    head = [f'##{kind}=<ID={name},Number=1,Type={form},Description="x">' for kind, name, form in fields]
    head += [f'##genvej_knowledge=<ID={name},Status=evaluated,Release="1">' for name in ("clinvar", "gnomad")]
    head += ["##contig=<ID=chr1,length=100000>", '##FILTER=<ID=Low,Description="Low">']
    lines = ["##fileformat=VCFv4.2", *head, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tq\tp"]
    kinds = ("intron_variant|MODIFIER", "missense_variant|MODERATE", "stop_gained|HIGH", "splice_region_variant&intron_variant|LOW")
    for pos in range(1, 600):
        entries = [
            f"G|{dice.choice(kinds)}|G{n}|G{n}|T{n}|protein_coding||1/2|T{n}:c.9-{dice.choice((3, 9))}A>G||T{n}|YES|1|||" for n in (1, 2)
        ]
        info = [f"HGVSg=NC_1:g.{pos}A>G", *([f"CSQ={','.join(entries[: dice.choice((1, 1, 2))])}"] * (dice.random() < 0.8))]
        info += ["clinvar_CLNSIG=Pathogenic", "clinvar_CLNREVSTAT=reviewed_by_expert_panel"] * (dice.random() < 0.1)
        info += [f"gnomad_AF={dice.choice(('0.2', '0.0001'))}"] * (dice.random() < 0.5)
        calls = [f"{dice.choice(('0/1', '1/1', '0/0', './.', '1', '.', '0', './1', '0|1', '.|0'))}:20:90" for _ in "qp"]
        columns = ("chr1", str(pos), ".", "A", "G", "50", dice.choice(("PASS", "PASS", ".", "Low")), ";".join(info), "GT:DP:GQ", *calls)
        lines.append("\t".join(columns))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("proband", ["p", "q", "nobody"])
def test_hits_in_finds_and_counts_what_hits_does_of_all_records(tmp_path, proband):
    (tmp_path / "calls.vcf").write_text(random_calls(3))
    path = pysam.tabix_index(str(tmp_path / "calls.vcf"), preset="vcf", force=True)
    slow, fast = (Sieve(proband, max_frequency=0.01, frequencies=True) for _ in "ab")
    expected = list(slow.hits(read_annotated(path)))
    assert list(fast.hits_in(path)) == expected
    assert list(fast.counts.items()) == list(slow.counts.items())
    assert fast.withheld == slow.withheld
    assert proband == "nobody" or (len(expected) > 50 and len(slow.counts) > 5)


def test_what_comes_back_here_and_nowhere_else_ranks_below_its_like_and_says_so():
    counts = {"inhouse_AC": "9", "inhouse_AN": "60"}
    here = variant(effect(), pos=200, annotations=counts | {"inhouse_recurrent": "yes"})
    first, second = ranked([here, variant(effect(gene="GENE2"), annotations=counts)], GeneFacts("GENE1", 1.0), GeneFacts("GENE2", 1.0))
    assert (first.gene.symbol, second.gene.symbol) == ("GENE2", "GENE1")
    assert first.variant_score - second.variant_score == 0.5
    evidence = candidate_row(2, "c", second, {})["evidence"]
    assert "comes back in this centre and is unknown elsewhere: perhaps an artefact" in evidence
    assert "in this centre AC 9 of AN 60 (0.15)" in evidence
