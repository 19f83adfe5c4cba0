import pysam
import pytest

from workflow.variants import Genotype, KnowledgeState, parse_csq, read_annotated, read_knowledge

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chrX,length=1000>
##FILTER=<ID=DRAGENHardQUAL,Description="weak">
##INFO=<ID=AC,Number=A,Type=Integer,Description="x">
##INFO=<ID=HGVSg,Number=1,Type=String,Description="x">
##INFO=<ID=CSQ,Number=.,Type=String,Description="x">
##INFO=<ID=gnomad_AF,Number=1,Type=Float,Description="x">
##INFO=<ID=clinvar_CLNDN,Number=.,Type=String,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
##genvej_knowledge=<ID=gene_models,Status=evaluated,Release="Ensembl 113, MANE 1.4">
##genvej_knowledge=<ID=clinvar,Status=evaluated,Release="2026-11-01">
##genvej_knowledge=<ID=gnomad,Status=evaluated,Release="4.1">
##genvej_knowledge=<ID=panels,Status=not_evaluated,Release="">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tboy\tmother
"""
ENTRY = "T|missense_variant&splice_region_variant|MODERATE|ABC|G1|NM_1.1|protein_coding|2/3|NM_1.1:c.7C>T|NM_1.1:p.Leu3%3D|NM_1.1|YES|-1|||"
OTHER = "T|intron_variant|MODIFIER|DEF|G2|NM_2.1|protein_coding||NM_2.1:c.9+7G>A||||1|1/4|a%20reason%3B%20two|"
ROWS = [
    f"chrX\t35\t.\tC\tT\t50.5\tPASS\tAC=1;HGVSg=NC_000023.11:g.35C>T;CSQ={ENTRY},{OTHER};gnomad_AF=1.2345e-05;clinvar_CLNDN=a,b%2Cc"
    "\tGT:AD:DP:GQ\t1:0,9:9:99\t0|1:5,6:11:40",
    "chrX\t40\t.\tCA\tC\t.\tDRAGENHardQUAL\tAC=1\tGT:AD:DP:GQ\t./.:.:.:.\t0/1:.:7:.",
]


@pytest.fixture
def vcf(tmp_path):
    plain = tmp_path / "case.vcf"
    plain.write_text(HEADER + "".join(f"{row}\n" for row in ROWS))
    return pysam.tabix_index(str(plain), preset="vcf", force=True)


def test_read_annotated_gives_sites_filters_and_annotations(vcf):
    first, second = read_annotated(vcf)
    assert (first.contig, first.pos, first.ref, first.alt, first.qual, first.filters) == ("chrX", 35, "C", "T", 50.5, ())
    assert first.hgvs_g == "NC_000023.11:g.35C>T"
    assert first.annotations == {"gnomad_AF": "1.2345e-05", "clinvar_CLNDN": "a,b,c"}
    assert (second.qual, second.filters, second.consequences, second.annotations, second.hgvs_g) == (None, ("DRAGENHardQUAL",), (), {}, "")


def test_read_annotated_keeps_ploidy_phase_and_what_is_missing(vcf):
    first, second = (variant.genotypes for variant in read_annotated(vcf))
    assert first == {"boy": Genotype((1,), 9, (0, 9), 99, first["boy"].phased), "mother": Genotype((0, 1), 11, (5, 6), 40, True)}
    assert second == {"boy": Genotype((None, None), None, None, None, False), "mother": Genotype((0, 1), 7, None, None, False)}


def test_parse_csq_reads_mane_plus_clinical_and_files_from_before_it():
    (older,), (plus,) = parse_csq(ENTRY), parse_csq(f"{ENTRY}|NM_1.1")
    assert (older.is_plus_clinical, plus.is_plus_clinical) == (False, True)
    with pytest.raises(ValueError, match="zip"):
        parse_csq(f"{ENTRY}|NM_1.1|more")


def test_read_annotated_decodes_consequences_in_order(vcf):
    first, second = next(read_annotated(vcf)).consequences
    assert (first.terms, first.impact, first.exon) == (("missense_variant", "splice_region_variant"), "MODERATE", "2/3")
    assert (first.hgvs_c, first.hgvs_p, first.strand) == ("NM_1.1:c.7C>T", "NM_1.1:p.Leu3=", "-")
    assert (first.is_mane, first.is_canonical, second.is_mane, second.is_canonical) == (True, True, False, False)
    assert (second.gene, second.intron, second.hgvs_note) == ("G2", "1/4", "a reason; two")


def test_read_annotated_of_a_region(vcf):
    assert [variant.pos for variant in read_annotated(vcf, "chrX:38-45")] == [40]


def test_read_knowledge_tells_silence_from_absence(vcf):
    states = read_knowledge(vcf)
    assert states["gene_models"] == KnowledgeState("gene_models", True, "Ensembl 113, MANE 1.4")
    assert states["panels"] == KnowledgeState("panels", False, "")


def test_parse_csq_refuses_another_layout():
    with pytest.raises(ValueError, match="zip"):
        parse_csq("T|missense_variant|MODERATE")
