"""Facts of candidates: neighbours in ClinVar by codon, starts, population counts, stars."""

from pathlib import Path
from typing import Any

import pysam
import pytest

from workflow.acmg_facts import Release
from workflow.acmg_gather import Gatherer
from workflow.bases import Bases, reverse_complement
from workflow.classification import cells, reportable
from workflow.clinvar import ClinVar, clinvar_of, severity_of, stars_of
from workflow.config_sections import Knowledge
from workflow.dosage import read_dosage
from workflow.errors import InputError
from workflow.hgvs_place import genomic_base
from workflow.population import population_of
from workflow.transcript import Transcript
from workflow.variants import AnnotatedVariant, Consequence

# Met Lys Arg Met Gly Ter: the codon of Arg (CGC) is split, its first base ends exon 1
SPLICED = "CCCCC" + "ATGAAACGCATGGGTTAA" + "CCCCC"
INTRON = "GTAAAAAAAAAG"
PLUS = "TTTTT" + SPLICED[:12] + INTRON + SPLICED[12:] + "TTTTT"


def transcript(strand: str, *, cds_start: int = 10, name: str = "NM_1.1") -> Transcript:
    size = len(PLUS)
    exons, cds = [(5, 17), (29, 45)], [(cds_start, 17), (29, 40)]
    if strand == "-":
        exons, cds = ([(size - end, size - start) for start, end in blocks[::-1]] for blocks in (exons, cds))
    return Transcript("G", "G", name, name, "", "1", strand, tuple(exons), tuple(cds), 0, True, True)


def gatherer(folder: Path, strand: str, records: list[tuple[int, str, str]], *others: Transcript) -> Gatherer:
    """Return one with ClinVar records (coding base, new base, INFO), written on the transcript's strand."""
    text = PLUS if strand == "+" else reverse_complement(PLUS)
    (folder / "ref.fa").write_text(f">1\n{text}\n")
    pysam.faidx(str(folder / "ref.fa"))
    bases, item = Bases(folder / "ref.fa"), transcript(strand)
    made = Gatherer(bases, [item, *others], {"clinvar": Release("clinvar", "r")})
    lines = []
    for number, alt, info in records:
        at = genomic_base(made.namers["NM_1.1"], "", number, 0)
        lines.append((at + 1, text[at], alt if strand == "+" else reverse_complement(alt), info))
    body = "".join(f"1\t{pos}\t.\t{ref}\t{alt}\t.\t.\t{info}\n" for pos, ref, alt, info in sorted(lines))
    (folder / "c.vcf").write_text(f"##fileformat=VCFv4.1\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n{body}")
    pysam.tabix_index(str(folder / "c.vcf"), preset="vcf", force=True)
    made.clinvar = ClinVar(Knowledge("clinvar", folder / "c.vcf.gz", "r", "vcf", ()), bases)
    return made


def facts(made: Gatherer, strand: str, number: int, alt: str, terms: str, protein: str, row: dict[str, Any] | None = None) -> Any:
    text = PLUS if strand == "+" else reverse_complement(PLUS)
    at = genomic_base(made.namers["NM_1.1"], "", number, 0)
    told = dict(
        impact="", symbol="G", gene="G", transcript="NM_1.1", biotype="", exon="", intron="", hgvs_note="", haplotype="", strand=strand
    )
    one = Consequence(terms=(terms,), hgvs_c="", hgvs_p=f"NM_1.1:{protein}", is_mane=True, is_canonical=True, **told)
    alt = alt if strand == "+" else reverse_complement(alt)
    variant = AnnotatedVariant("1", at + 1, text[at], alt, None, (), {}, (one,), "", {})
    return made.facts({"gene": "G", "transcript": "NM_1.1", **(row or {})}, variant)


P, LP = "CLNSIG=Pathogenic;CLNREVSTAT=criteria_provided,_single_submitter;ALLELEID=1", "CLNSIG=Likely_pathogenic;ALLELEID=2"


@pytest.mark.parametrize("strand", ["+", "-"])
def test_neighbours_of_a_codon_that_an_intron_splits(tmp_path: Path, strand: str) -> None:
    made = gatherer(tmp_path, strand, [(7, "T", P), (8, "A", LP), (9, "A", P), (4, "C", P), (8, "T", P)])
    found = facts(made, strand, 8, "A", "missense_variant", "p.Arg3His").neighbours
    assert {(one.protein, one.severity, one.stars, one.same_bases) for one in found} == {
        ("p.Arg3Cys", "pathogenic", 1, False),
        ("p.Arg3His", "likely pathogenic", 0, True),
        ("p.Arg3Leu", "pathogenic", 1, False),
    }, "a silent change and another codon are no neighbours"


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize(
    ("records", "upstream"), [([(5, "C", P)], True), ([(13, "C", P)], False), ([(5, "C", LP)], False), ([(1, "C", P)], False)]
)
def test_upstream_looks_between_the_start_and_the_next_methionine(tmp_path: Path, strand: str, records: Any, upstream: bool) -> None:
    made = gatherer(tmp_path, strand, records)
    assert facts(made, strand, 1, "C", "start_lost", "p.Met1?").upstream is upstream
    assert facts(made, strand, 8, "A", "missense_variant", "p.Arg3His").upstream is None


def test_others_tells_a_transcript_that_starts_elsewhere(tmp_path: Path) -> None:
    alone = gatherer(tmp_path, "+", [(5, "C", P)])
    assert facts(alone, "+", 1, "C", "start_lost", "p.Met1?").others is False
    more = gatherer(tmp_path, "+", [(5, "C", P)], transcript("+", cds_start=13, name="NM_2.1"))
    assert facts(more, "+", 1, "C", "start_lost", "p.Met1?").others is True


@pytest.mark.parametrize(("verdicts", "sure"), [(("confirmed", "confirmed"), True), (("confirmed", "unclear"), False), ((), False)])
def test_parentage_needs_every_parent_of_the_claim(tmp_path: Path, verdicts: tuple[str, ...], sure: bool) -> None:
    made = gatherer(tmp_path, "+", [(5, "C", P)])
    made.parents = dict(zip(("mother", "father"), verdicts, strict=False))
    row = {"de_novo": {"confirmed": True, "parents": [{"role": "mother"}, {"role": "father"}]}}
    assert facts(made, "+", 8, "A", "missense_variant", "p.Arg3His", row).parentage is sure
    assert facts(made, "+", 8, "A", "missense_variant", "p.Arg3His").parentage is False


def variant(**annotations: str) -> AnnotatedVariant:
    return AnnotatedVariant("1", 1, "A", "C", None, (), {}, (), "", annotations)


def test_population_of_tells_counts_and_what_is_not_told() -> None:
    told = population_of(variant(gnomad_AC="3", gnomad_AN="6000", gnomad_AF_grpmax="0.002", gnomad_grpmax="nfe", gnomad_nhomalt="1"))
    assert (told.af, told.ac, told.an, told.popmax, told.homozygotes) == (0.0005, 3, 6000, 0.002, 1)
    assert told.in_words == "AF 0.0005, AC 3 of AN 6,000, highest 0.002 (nfe), 1 homozygotes"
    assert population_of(variant(gnomad_AF="0.1")).in_words == "AF 0.1, AN not told, homozygotes not told"
    nothing = population_of(variant(clinvar_CLNSIG="Benign"))
    assert (nothing.known, nothing.highest, nothing.in_words) == (False, None, "not found")


@pytest.mark.parametrize(
    ("significance", "severity"),
    [
        ("Pathogenic", "pathogenic"),
        ("Pathogenic/Likely_pathogenic|risk_factor", "pathogenic"),
        ("Likely_pathogenic", "likely pathogenic"),
        ("Conflicting_classifications_of_pathogenicity", ""),
        ("Uncertain_significance", ""),
        ("Likely_benign", ""),
    ],
)
def test_severity_of(significance: str, severity: str) -> None:
    assert severity_of(significance) == severity


def test_clinvar_of_tells_stars_and_conflicts() -> None:
    assert [stars_of(one) for one in ("practice_guideline", "reviewed_by_expert_panel", "no_assertion_criteria_provided")] == [4, 3, 0]
    review = "criteria_provided,_conflicting_classifications"
    told = clinvar_of(
        variant(clinvar_CLNSIGCONF="Benign(1)|Pathogenic(2)", clinvar_CLNREVSTAT=review, clinvar_CLNDN="not_provided"), "2026"
    )
    assert (told["stars"], told["conflicts"], told["conditions"], told["release"]) == (1, ["Benign(1)", "Pathogenic(2)"], [], "2026")
    assert clinvar_of(variant(), "2026")["known"] is False


def test_read_dosage_refuses_another_table(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("gene\tscore\nA\t3\n")
    with pytest.raises(InputError, match="there is no row below a header with Gene Symbol"):
        read_dosage(tmp_path / "d.tsv")


def test_stars_that_were_not_taken_over_are_not_told_and_keep_nothing_back() -> None:
    told = clinvar_of(variant(clinvar_CLNSIG="Pathogenic"), "2026")
    assert told["stars"] is None
    row = {"class": "uncertain significance", "clinvar_record": told, "effect": None}
    assert reportable(row)
    assert cells(row)["clinvar_stars"] == "not evaluated"
    assert not reportable(row | {"clinvar_record": told | {"stars": 0}})
