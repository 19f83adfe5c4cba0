import gzip
import shutil
import subprocess
from types import SimpleNamespace

import pysam
import pytest

from scripts.build_gene_models import genes_of, lost_genes, main, one_locus, renamed, usable
from workflow.gff3_lines import biotype_of, blocks_of, lines_of, tags_of
from workflow.refgene import ManeSelect, Model, fault, frames_of, introns, read_exons, read_refgene

EXONS = ((100, 150), (200, 250), (300, 360))
LMNA = (
    "NM_170707\tchr1\t+\t156114669\t156140089\t156114918\t156139106\t12\t"
    "156114669,156130616,156134402,156134804,156135186,156135900,156136213,156136920,156137112,156137653,156138487,156139079,\t"
    "156115274,156130773,156134528,156134975,156135312,156136121,156136436,156137028,156137232,156137743,156138757,156140089,\t"
    "LMNA\t0,2,0,0,0,0,2,0,0,0,0,0,\n"
)
HEADER = "#name\tchrom\tstrand\ttxStart\ttxEnd\tcdsStart\tcdsEnd\texonCount\texonStarts\texonEnds\tname2\texonFrames\n"


def model(name: str = "NM_1", gene: str = "GENE", contig: str = "chr1", strand: str = "+", exons=EXONS, coding=(120, 320)) -> Model:
    bare = Model(name, gene, contig, strand, exons, coding, ())
    return Model(name, gene, contig, strand, exons, coding, frames_of(bare))


def select(exons=EXONS, gene: str = "GENE", contig: str = "chr1") -> ManeSelect:
    return ManeSelect({(contig, gene): exons})


def test_read_refgene_reads_a_published_row_and_its_frames_fit() -> None:
    (lmna,) = read_refgene([HEADER, LMNA])
    assert (lmna.gene, lmna.span, len(lmna.exons)) == ("LMNA", (156114669, 156140089), 12)
    assert sum(end - start for start, end in lmna.cds) == 3 * 665  # 664 amino acids and the stop codon
    assert fault(lmna) is None


@pytest.mark.parametrize(("strand", "frames"), [("+", (0, 0, 2)), ("-", (1, 2, 0))])
def test_frames_of_follow_the_strand(strand: str, frames: tuple[int, ...]) -> None:
    assert frames_of(model(strand=strand)) == frames


def test_frames_of_are_minus_one_without_coding_bases() -> None:
    assert frames_of(model(coding=(200, 230))) == (-1, 0, -1)


def test_fault_names_what_is_wrong() -> None:
    assert fault(model(coding=(120, 319))) is None
    assert "whole codons" in str(fault(model(coding=(120, 320))))
    assert "contig" in str(fault(model(contig="chr1_KI270706v1_random")))
    wrong = Model("NM_1", "GENE", "chr1", "+", EXONS, (120, 319), (0, 1, 2))
    assert "frames" in str(fault(wrong))


def test_read_exons_gathers_a_transcript_in_order() -> None:
    rows = ["#contig\tstart\tend\n", "chr1\t300\t360\tE2\tGENE\t2\tT1\n", "chr1\t100\t150\tE1\tGENE\t1\tT1\n"]
    assert read_exons(rows) == {("chr1", "GENE"): ((100, 150), (300, 360))}


def test_distance_is_that_of_the_ends_and_none_for_another_structure() -> None:
    mane = select()
    assert mane.distance(model()) == 0
    assert mane.distance(model(exons=((90, 150), (200, 250), (300, 365)))) == 15
    assert mane.distance(model(exons=((100, 150), (200, 251), (300, 360)))) is None
    assert mane.distance(model(exons=((80, 150), (200, 250), (300, 360)), coding=(90, 320))) is None, "codes beyond MANE Select"


def test_introns_of_one_exon_are_none() -> None:
    assert introns(((1, 2),)) == ()
    assert introns(EXONS) == ((150, 200), (250, 300))


def test_renamed_gives_the_newer_symbol_and_keeps_the_old_as_alias() -> None:
    (new,) = renamed([model(gene="OLD")], select(gene="NEW"))
    assert (new.gene, new.alias) == ("NEW", "OLD")


def test_renamed_leaves_a_symbol_that_is_taken_or_claimed_twice() -> None:
    taken = [model("NM_1", "OLD"), model("NM_2", "NEW", exons=((500, 600),), coding=(500, 500))]
    claimed = [model("NM_1", "OLD"), model("NM_2", "OTHER")]
    for models in (taken, claimed):
        assert renamed(models, select(gene="NEW")) == models


def test_one_locus_keeps_mane_select_or_x_and_else_nothing() -> None:
    here, there = model(), model(exons=((1100, 1150), (1200, 1250), (1300, 1360)), coding=(1120, 1320))
    assert one_locus([here, there], select()) == [here]
    assert one_locus([here, there], select(gene="OTHER")) == []
    x, y = model(contig="chrX"), model(contig="chrY")
    assert one_locus([y, x], select()) == [x]


def test_usable_counts_what_is_left_out_and_lost_genes_names_it() -> None:
    sound = model(coding=(120, 319))
    broken = model("NM_2", "BROKEN")
    twice = [model("NM_3", "TWICE", coding=(120, 319)), model("NM_3", "TWICE", "chr2", coding=(120, 319))]
    kept, dropped = usable([sound, broken, *twice], select())
    assert kept == [sound]
    assert sorted(dropped.values()) == [1, 2]
    assert lost_genes([sound, broken, *twice], kept) == {"BROKEN", "TWICE"}


def test_genes_of_parts_loci_of_one_symbol() -> None:
    far = model("NM_2", exons=((900, 990),), coding=(900, 990))
    assert [(name, [each.id for each in gene]) for name, gene in genes_of([far, model(), model("NM_3")])] == [
        ("GENE", ["NM_1", "NM_3"]),
        ("GENE.2", ["NM_2"]),
    ]


def test_tags_of_prefer_mane_select_with_the_nearest_ends() -> None:
    near, far = model("NM_9"), model("NM_1", exons=((10, 150), (200, 250), (300, 360)))
    longer = model("NM_2", exons=((100, 400),), coding=(100, 400))
    assert tags_of([far, longer, near], select()) == {"NM_9": "MANE_Select,canonical"}


def test_tags_of_without_mane_select_prefer_its_coding_boundaries_then_length() -> None:
    alike = model("NM_1", exons=((90, 95), *EXONS), coding=(120, 320))
    longer = model("NM_2", exons=((100, 400),), coding=(100, 400))
    assert tags_of([longer, alike], select()) == {"NM_1": "canonical"}
    assert tags_of([longer, alike], select(gene="OTHER")) == {"NM_2": "canonical"}


def test_blocks_of_a_minus_strand_transcript_have_utr_names_and_phases() -> None:
    found = [(feature, span, phase) for feature, span, phase in blocks_of(model(strand="-")) if feature != "exon"]
    assert found == [
        ("three_prime_UTR", (100, 120), "."),
        ("CDS", (120, 150), "2"),
        ("CDS", (200, 250), "1"),
        ("CDS", (300, 320), "0"),
        ("five_prime_UTR", (320, 360), "."),
    ]


def test_biotype_of_speaks_the_words_of_csq() -> None:
    silent = [model("NR_1", coding=(360, 360))]
    assert biotype_of([*silent, model()], {}) == "protein_coding"
    assert biotype_of(silent, {"GENE": "lncRNA"}) == "lincRNA"
    assert biotype_of(silent, {}) == "misc_RNA"


def test_lines_of_name_parents() -> None:
    texts = [text for *_, text in sorted(lines_of("GENE", [model(), model("NR_1", coding=(360, 360))], "protein_coding", {}))]
    assert "ID=gene:GENE;Name=GENE;biotype=protein_coding" in texts[0]
    assert any("ID=transcript:NR_1;Parent=gene:GENE;Name=NR_1;biotype=processed_transcript" in text for text in texts)


@pytest.fixture
def tables(tmp_path):
    """Two genes of one protein, M A W K *, in two exons: PLUS at 100, MINUS its mirror image."""
    plus = "GG" + "ATGGC" + "GTAAGTAG" + "CTGGAAATAG" + "GG"  # the second codon is split by the intron
    sequence = "T" * 100 + plus + "T" * 73 + plus.translate(str.maketrans("ACGT", "TGCA"))[::-1] + "T" * 100
    (tmp_path / "ref.fa").write_text(f">chr1\n{sequence}\n")
    pysam.faidx(str(tmp_path / "ref.fa"))
    rows = [
        "NM_1\tchr1\t+\t100\t127\t102\t125\t2\t100,115,\t107,127,\tPLUS\t0,2,\n",
        "NM_2\tchr1\t-\t200\t227\t202\t225\t2\t200,220,\t212,227,\tMINUS\t2,0,\n",
    ]
    (tmp_path / "refgene.tsv").write_text(HEADER + "".join(rows))
    with gzip.open(tmp_path / "mane.bed.gz", "wt") as mane:
        mane.write("chr1\t100\t107\tE1\tPLUS\t1\tT\nchr1\t115\t130\tE2\tPLUS\t2\tT\n")
    with gzip.open(tmp_path / "genes.tsv.gz", "wt") as genes:
        genes.write("chr1\t100\t130\tPLUS\tENSG1\t+\tprotein_coding\n")
    output = SimpleNamespace(gff3=tmp_path / "models.gff3.gz", index=tmp_path / "models.gff3.gz.tbi")
    main(
        input=SimpleNamespace(refgene=tmp_path / "refgene.tsv", mane=tmp_path / "mane.bed.gz", genes=tmp_path / "genes.tsv.gz"),
        output=output,
    )
    return tmp_path


def test_main_writes_an_indexed_file_with_mane_select_marked(tables) -> None:
    with pysam.TabixFile(str(tables / "models.gff3.gz")) as models:
        heads = [row.split("\t") for row in models.fetch("chr1", 0, 400) if "\tmRNA\t" in row]
    assert [(row[3], row[4]) for row in heads] == [("101", "127"), ("201", "227")]
    assert heads[0][8].endswith("tag=MANE_Select,canonical")
    assert heads[1][8].endswith("tag=canonical")


@pytest.mark.skipif(not shutil.which("bcftools"), reason="bcftools is not on PATH")
@pytest.mark.parametrize(("position", "ref", "alt", "expected"), [
    (106, "G", "T", "missense|PLUS|NM_1|protein_coding|+|2A>2S"),
    (116, "C", "T", "synonymous|PLUS|NM_1|protein_coding|+|2A|"),
    (123, "T", "C", "stop_lost|PLUS|NM_1|protein_coding|+|5*>5Q"),
    (119, "G", "A", "stop_gained|PLUS|NM_1|protein_coding|+|3W>3*"),
    (222, "C", "A", "missense|MINUS|NM_2|protein_coding|-|2A>2S"),
    (209, "C", "T", "stop_gained|MINUS|NM_2|protein_coding|-|3W>3*"),
])  # fmt: skip
def test_csq_translates_the_models_on_both_strands(tables, position: int, ref: str, alt: str, expected: str) -> None:
    vcf = tables / "x.vcf"
    head = "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    vcf.write_text(f"{head}chr1\t{position}\t.\t{ref}\t{alt}\t.\t.\t.\n")
    command = ["bcftools", "csq", "-f", str(tables / "ref.fa"), "-g", str(tables / "models.gff3.gz"), str(vcf)]
    assert expected in subprocess.run(command, check=True, capture_output=True, text=True).stdout
