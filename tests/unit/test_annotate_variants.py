from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pysam
import pytest

from scripts.annotate_variants import annotate, check, main, refuse_silent_sources
from workflow.accessions import accession, aliases
from workflow.annotated_header import knowledge_lines
from workflow.annotator import Annotator
from workflow.case_calls import BATCH, batches, parse_row, sample_calls
from workflow.closed_genes import ClosedGenes
from workflow.config_sections import Knowledge
from workflow.consequences import IMPACT, by_severity, csq_terms, ontology_term, place_terms, protein_terms
from workflow.csq_field import Introns, csq_value, effects, encoded
from workflow.errors import InputError
from workflow.haplotypes import Compound, SampleCall, read_compounds, together
from workflow.hgvs_edits import trimmed_change
from workflow.hgvs_names import TranscriptNamer
from workflow.overlaps import Overlaps
from workflow.transcript import Transcript, TranscriptMap
from workflow.vcf_source import VcfSource

SEQUENCE = "TTTTTATGAAACGCTGGTAACCCCCGGGGG" * 4  # Met Lys Arg Trp Ter from base 6, 1-based


class Text:
    def get(self, contig: str, start: int, end: int) -> str:
        return SEQUENCE[max(0, start) : end]


def transcript(
    name: str,
    gene: str = "A",
    *,
    start: int = 0,
    end: int = 30,
    strand: str = "+",
    cds=((5, 20),),
    mane=False,
    canonical=False,
    contig="chr1",
):
    return Transcript(gene, gene, name, name, "protein_coding", contig, strand, ((start, end),), cds, 0, mane, canonical)


def first_entry(change, transcripts, csq=None, haplotypes=None) -> list[dict[str, str]]:
    namers = [TranscriptNamer(item, Text()) for item in transcripts]
    names = (
        "allele",
        "terms",
        "impact",
        "symbol",
        "gene",
        "transcript",
        "biotype",
        "exon",
        "c",
        "p",
        "mane",
        "canonical",
        "strand",
        "intron",
        "note",
        "hap",
        "plus",
    )
    value = csq_value(change, effects(change, namers, csq or {}, haplotypes or {}))
    return [dict(zip(names, entry.split("|"), strict=True)) for entry in value.split(",")]


# --- terms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("missense", "missense_variant"),
        ("5_prime_utr", "5_prime_UTR_variant"),
        ("*frameshift", "frameshift_variant"),
        ("stop_gained", "stop_gained"),
        ("inframe_deletion", "inframe_deletion"),
        ("non_coding", "non_coding_transcript_exon_variant"),
        ("inframe_altering", "protein_altering_variant"),
        ("splice_donor", "splice_donor_variant"),
        ("coding_sequence", "coding_sequence_variant"),
        ("new_word", "coding_sequence_variant"),
    ],
)
def test_ontology_term_knows_the_words_of_csq(name, term):
    assert ontology_term(name) == term
    assert term in IMPACT


def test_csq_terms_gathers_by_transcript_and_leaves_out_entries_without_one():
    value = "splice_region|A|NM_1|protein_coding,missense|A|NM_1|protein_coding|+|3R>3H|36G>A,intron|A||protein_coding,@100"
    assert csq_terms(value) == {"NM_1": ["splice_region_variant", "missense_variant"]}


def test_by_severity_puts_the_gravest_first():
    assert by_severity(["intron_variant", "splice_region_variant", "stop_gained", "intron_variant"]) == (
        "stop_gained",
        "splice_region_variant",
        "intron_variant",
    )


@pytest.mark.parametrize(
    ("strand", "start", "terms"),
    [
        ("+", 2, ["5_prime_UTR_variant"]),
        ("-", 2, ["3_prime_UTR_variant"]),
        ("+", 25, ["3_prime_UTR_variant"]),
        ("+", 10, ["coding_sequence_variant"]),
    ],
)
def test_place_terms_knows_the_direction_of_the_transcript(strand, start, terms):
    assert place_terms(TranscriptMap(transcript("NM_1", strand=strand)), start, start + 1) == terms


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("p.Trp2Ter", "stop_gained"),
        ("p.Met1?", "start_lost"),
        ("p.Arg3His", "missense_variant"),
        ("p.Arg3=", "synonymous_variant"),
        ("p.Ter9=", "stop_retained_variant"),
        ("p.Ter9GlnextTer5", "stop_lost"),
        ("p.Lys5AsnfsTer8", "frameshift_variant"),
        ("p.Lys5del", "inframe_deletion"),
        ("p.Lys5dup", "inframe_insertion"),
        ("p.Lys5_Leu6insGly", "inframe_insertion"),
        ("p.Lys5delinsGlyPro", "protein_altering_variant"),
        ("", "coding_sequence_variant"),
    ],
)
def test_protein_terms_reads_the_name(name, term):
    assert protein_terms(name) == [term]


# --- CSQ ---------------------------------------------------------------------------------------------------------


def test_csq_value_puts_the_chosen_transcript_of_the_gravest_gene_first():
    transcripts = [
        transcript("NM_3", "B", mane=True, cds=()),
        transcript("NM_1", "A", canonical=True),
        transcript("NM_2", "A", mane=True, cds=((5, 20),)),
        transcript("NM_0", "A"),
    ]
    csq = {"NM_2": ["synonymous_variant"], "NM_1": ["synonymous_variant"], "NM_0": ["stop_gained"]}
    found = first_entry(trimmed_change("chr1", 12, "C", "T"), transcripts, csq)
    assert [(item["transcript"], item["impact"]) for item in found] == [
        ("NM_2", "LOW"),
        ("NM_0", "HIGH"),
        ("NM_1", "LOW"),
        ("NM_3", "MODIFIER"),
    ]
    assert (found[0]["mane"], found[0]["canonical"], found[2]["mane"], found[2]["canonical"]) == ("NM_2", "", "", "YES")


def test_csq_value_names_mane_plus_clinical():
    plus = replace(transcript("NM_1"), is_plus_clinical=True)
    found = first_entry(trimmed_change("chr1", 12, "C", "T"), [plus, transcript("NM_2", mane=True)])
    assert [(item["transcript"], item["mane"], item["plus"]) for item in found] == [("NM_2", "NM_2", ""), ("NM_1", "", "NM_1")]


def test_csq_value_writes_names_so_that_vcf_can_hold_them():
    (entry,) = first_entry(
        trimmed_change("chr1", 11, "A", "G"), [transcript("NM_1.2")], {"NM_1.2": ["synonymous_variant"]}, {"NM_1.2": "x=1;y z"}
    )
    assert (entry["c"], entry["p"], entry["hap"]) == ("NM_1.2:c.6A>G", "NM_1.2:p.Lys2%3D", "x%3D1%3By%20z")
    assert encoded("a,b|c%") == "a%2Cb%7Cc%25"


def test_csq_value_writes_an_unknown_protein_where_a_splice_site_is_hit():
    one = transcript("NM_1", cds=((5, 12), (20, 28)))
    split = Transcript(**{name: getattr(one, name) for name in one.__slots__} | {"exons": ((0, 12), (20, 30))})
    (entry,) = first_entry(trimmed_change("chr1", 13, "G", "A"), [split], {"NM_1": ["splice_donor_variant"]})
    assert (entry["c"], entry["p"], entry["exon"], entry["intron"]) == ("NM_1:c.7+1G>A", "NM_1:p.?", "", "1/1")


def test_csq_value_writes_an_unknown_protein_in_the_intronic_splice_region_only():
    one = transcript("NM_1", cds=((5, 12), (20, 28)))
    split = Transcript(**{name: getattr(one, name) for name in one.__slots__} | {"exons": ((0, 12), (20, 30))})
    for terms, expected in ((["splice_region_variant", "intron_variant"], "NM_1:p.?"), (["intron_variant"], "")):
        (entry,) = first_entry(trimmed_change("chr1", 16, "G", "A"), [split], {"NM_1": terms})
        assert (entry["p"], entry["intron"]) == (expected, "1/1")


def test_csq_value_takes_the_mitochondrial_code_over_csq():
    (entry,) = first_entry(trimmed_change("chrM", 17, "G", "A"), [transcript("MT-X", contig="chrM")], {"MT-X": ["stop_gained"]})
    assert (entry["p"], entry["terms"]) == ("MT-X:p.Trp4%3D", "synonymous_variant")


def test_csq_value_adds_the_place_to_a_bare_splice_region():
    (entry,) = first_entry(trimmed_change("chr1", 3, "T", "A"), [transcript("NM_1")], {"NM_1": ["splice_region_variant"]})
    assert entry["terms"] == "splice_region_variant&5_prime_UTR_variant"


def test_overlaps_sweeps_forward_and_forgets_what_lies_behind():
    overlaps = Overlaps(
        [transcript("late", start=50, end=80), transcript("early", start=0, end=30), transcript("other", contig="chr2")], Text()
    )

    def at(contig, start, end):
        return [namer.transcript.id for namer in overlaps.at(contig, start, start, end)]

    assert [at("chr1", 29, 30), at("chr1", 30, 30), at("chr1", 29, 60), at("chr1", 79, 80)] == [["early"], [], ["late"], ["late"]]
    assert [at("chr2", 0, 0), at("chr2", 1, 1), at("chr9", 1, 2)] == [[], ["other"], []]


# --- joint effects ---------------------------------------------------------------------------------------------------

PAIR = Compound(((35, "C", "T"), (36, "G", "A")), "NM_1", "missense_variant", "3R>3Y")


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        (("0|1", "35"), ("0|1", "35"), True),
        (("0|1", "35"), ("1|0", "35"), False),
        (("0|1", "35"), ("0|1", "36"), False),
        (("0/1", ""), ("0/1", ""), False),
        (("1/1", ""), ("1/1", ""), True),
        (("1/1", ""), ("0/1", ""), True),
        (("1", ""), ("1", ""), True),
        (("0|1", ""), ("0|1", ""), True),
    ],
)
def test_together_asks_for_one_copy_in_one_phase_set(one, other, holds):
    calls = {part: {"child": SampleCall(*call)} for part, call in zip(PAIR.parts, (one, other), strict=True)}
    assert together(PAIR, "child", calls) is holds
    assert together(PAIR, "mother", calls) is False


def test_read_compounds_keeps_only_joint_effects(tmp_path):
    path = tmp_path / "haplotypes.txt"
    pair, one = "protein_coding|+|3R>3Y|35C>T+36G>A", "protein_coding|+|7W>7C|60G>C"
    lines = [
        "# CSQ",
        f"CSQ\tchild\t2\tchr1\t35\tmissense|A|NM_1|{pair}",
        f"CSQ\tchild\t2\tchr1\t36\tsplice_region|A|NM_1|{pair}",
        f"CSQ\tchild\t1\tchr1\t60\tmissense|A|NM_1|{one}",
        "CSQ\tchild\t2\tchr1\t61\tsplice_region|A|NM_1|protein_coding",
        "CSQ\tchild\t2\tchr1\t62\tstop_lost|A|NM_1|protein_coding|+",
    ]
    path.write_text("".join(f"{line}\n" for line in lines))
    assert read_compounds(path) == {"chr1": {PAIR: {("child", 2)}}}


def test_introns_write_what_effects_and_csq_value_write():
    exons = ((0, 20), (40, 55), (80, 100))
    transcripts = [
        replace(transcript("NM_1", "B;1", strand="-", mane=True), exons=exons, cds=((10, 20), (40, 50))),
        replace(transcript("NM_2", "B;1", canonical=True), exons=((0, 20), (60, 100)), cds=((5, 20), (60, 90))),
        replace(transcript("NR_3", "A", cds=()), exons=exons, cds=(), is_plus_clinical=True),
    ]
    namers, introns, simple = [TranscriptNamer(item, Text()) for item in transcripts], Introns(), 0
    for base in range(100):
        for some in (namers, namers[1:], namers[::-1], namers[:1]):
            change = trimmed_change("chr1", base + 1, SEQUENCE[base], "G" if SEQUENCE[base] != "G" else "C")
            found = introns.value(change, some)
            inside = all(item.map.number(base)[0] == "intron" for item in some)
            assert found == (csq_value(change, effects(change, some, {}, {})) if inside else "")
            simple += inside
    assert simple > 100
    assert introns.value(trimmed_change("chr1", 30, SEQUENCE[29], SEQUENCE[29] + "A"), namers) == ""


# --- the file ---------------------------------------------------------------------------------------------------------


def test_parse_row_takes_bcsq_out_and_leaves_the_rest_as_it_was():
    line = "chr1\t5\t.\tT\tA\t50\tPASS\tAC=1;BCSQ=intron|A||protein_coding;DB\tGT:PS\t0|1:5\t./.:.\n"
    row = parse_row(line)
    assert row.bcsq == "intron|A||protein_coding"
    assert row.with_info([]) == line.replace("BCSQ=intron|A||protein_coding;", "")
    assert row.with_info(["X=1"]).split("\t")[7] == "AC=1;DB;X=1"
    assert sample_calls(row, ["a", "b"]) == {"a": SampleCall("0|1", "5"), "b": SampleCall("./.", "")}
    assert parse_row("chr1\t5\t.\tT\tA\t.\t.\t.\n").with_info([]).endswith("\t.\n")


def test_batches_end_at_contigs_and_at_gaps_only():
    def line(contig, pos):
        return f"{contig}\t{pos}\t.\tT\tA\t.\t.\t.\n"

    dense = [line("chr1", pos) for pos in range(1, BATCH + 200)]
    sizes = [len(batch) for batch in batches([*dense, line("chr1", BATCH + 5000), line("chr2", 1)])]
    assert sizes == [BATCH + 199, 1, 1]


def test_knowledge_lines_say_what_was_not_evaluated():
    lines = knowledge_lines(
        {"clinvar": Knowledge("clinvar", Path("x"), 'of "May"', "vcf", ()), "house": Knowledge("house", Path("y"), "3", "bed", ())}
    )
    assert lines[0] == '##genvej_knowledge=<ID=gene_models,Status=not_evaluated,Release="">'
    assert "##genvej_knowledge=<ID=clinvar,Status=evaluated,Release=\"of 'May'\">" in lines
    assert lines[-1] == '##genvej_knowledge=<ID=house,Status=evaluated,Release="3">'
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("assembly", "contig", "name"),
    [
        ("GRCh38", "chr1", "NC_000001.11"),
        ("GRCh37", "20", "NC_000020.10"),
        ("GRCh38", "chrM", "NC_012920.1"),
        ("GRCh38", "chrUn_1", "chrUn_1"),
    ],
)
def test_accession_knows_both_ways_of_naming_contigs(assembly, contig, name):
    assert accession(assembly, contig) == name


def test_aliases_starts_with_the_contig_itself():
    assert aliases("chr7") == ("chr7", "7", "NC_000007.14", "NC_000007.13")
    assert {"MT", "chrM", "M", "NC_012920.1"} <= set(aliases("chrM"))
    assert aliases("scaffold_1") == ("scaffold_1", "chrscaffold_1")


HEADER = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=120>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "reference.fa"
    path.write_text(f">chr1\n{SEQUENCE}\n")
    (tmp_path / "reference.fa.fai").write_text(f"chr1\t{len(SEQUENCE)}\t6\t{len(SEQUENCE)}\t{len(SEQUENCE) + 1}\n")
    return str(path)


@pytest.mark.parametrize("count", [0, 3])
def test_annotate_writes_every_record_and_check_counts_them(tmp_path, fasta, count):
    calls = tmp_path / "calls.vcf"
    calls.write_text(HEADER + "".join(f"chr1\t{pos}\t.\tT\tA\t.\tPASS\t.\n" for pos in range(1, count + 1)))
    output = tmp_path / "out.vcf.gz"
    annotator = Annotator(fasta, "GRCh38", {}, None)
    assert annotate(str(calls), output, annotator, {}, []) == count
    check(output, count)
    with pytest.raises(OSError, match="were written"):
        check(output, count + 1)


def test_refuse_silent_sources_takes_a_large_silence_for_the_wrong_file(fasta):
    annotator = Annotator(fasta, "GRCh38", {}, None)
    source = object.__new__(VcfSource)
    source.knowledge, source.matched = Knowledge("gnomad", Path("g.vcf.gz"), "4", "vcf", ()), 0
    annotator.sources = [source]
    refuse_silent_sources(annotator, 100)
    with pytest.raises(InputError, match=r"g\.vcf\.gz: knowledge source gnomad knows none of 101"):
        refuse_silent_sources(annotator, 101)
    source.knowledge = Knowledge("clinvar", Path("c.vcf.gz"), "4", "vcf", ())
    refuse_silent_sources(annotator, 50_000)
    with pytest.raises(InputError, match=r"c\.vcf\.gz: knowledge source clinvar knows none of 50001"):
        refuse_silent_sources(annotator, 50_001)


@pytest.mark.parametrize(("on_genes", "with_terms", "refused"), [(21, 0, True), (21, 1, False), (20, 0, False)])
def test_refuse_silent_sources_gene_models_that_named_no_consequence(fasta, on_genes, with_terms, refused):
    annotator = Annotator(fasta, "GRCh38", {}, None)
    annotator.on_genes, annotator.with_terms = on_genes, with_terms
    models = Knowledge("gene_models", Path("g.gff3"), "112", "gff3", ())
    with pytest.raises(InputError, match=r"g\.gff3: the gene models gave none of 21") if refused else nullcontext():
        refuse_silent_sources(annotator, 1000, models)


def test_annotate_refuses_calls_that_lost_a_member(tmp_path, fasta):
    calls = tmp_path / "calls.vcf"
    calls.write_text(HEADER.replace("INFO\n", "INFO\tFORMAT\tkid\n"))
    with pytest.raises(InputError, match="mother vanished from the joint calls"):
        annotate(str(calls), tmp_path / "out.vcf.gz", Annotator(fasta, "GRCh38", {}, None), {}, ["kid", "mother"])


def test_main_leaves_nothing_behind_when_it_fails(tmp_path, fasta):
    calls = tmp_path / "calls.vcf"
    calls.write_text(HEADER + "chr1\tfive\t.\tT\tA\t.\tPASS\t.\n")
    output = SimpleNamespace(vcf=str(tmp_path / "out/a.vcf.gz"), tbi=str(tmp_path / "out/a.vcf.gz.tbi"))
    with pytest.raises(ValueError, match="five"):
        main(
            input=SimpleNamespace(vcf=str(calls), haplotypes=[], fasta=fasta, scope=[]),
            output=output,
            params=SimpleNamespace(assembly="GRCh38", knowledge=[], members=[]),
        )
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(("consenting", "named"), [(set(), False), ({"kid"}, True), ({"mum"}, False)])
def test_annotate_leaves_a_bare_call_of_a_closed_gene(tmp_path, fasta, consenting, named):
    models = tmp_path / "g.gff3"
    parts = (("gene", ".", "ID=gene:A;Name=A"), ("mRNA", ".", "ID=transcript:T;Parent=gene:A"), ("exon", ".", "Parent=transcript:T"))
    models.write_text("##gff-version 3\n" + "".join(f"chr1\tx\t{kind}\t1\t30\t.\t+\t{phase}\t{names}\n" for kind, phase, names in parts))
    (tmp_path / "c.vcf").write_text(
        '##fileformat=VCFv4.1\n##contig=<ID=chr1>\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t3\t.\tT\tA\t.\t.\tCLNSIG=Pathogenic\nchr1\t42\t.\tC\tA\t.\t.\tCLNSIG=Benign\n"
    )
    pysam.tabix_index(str(tmp_path / "c.vcf"), preset="vcf", force=True)
    sources = {
        "gene_models": Knowledge("gene_models", models, "1", "gff3", ()),
        "clinvar": Knowledge("clinvar", tmp_path / "c.vcf.gz", "1", "vcf", ()),
    }
    calls = tmp_path / "calls.vcf"
    header = HEADER.replace("INFO\n", "INFO\tFORMAT\tkid\tmum\n")
    calls.write_text(header + "chr1\t3\t.\tT\tA\t.\tPASS\t.\tGT\t0/1\t0/0\nchr1\t42\t.\tC\tA\t.\tPASS\t.\tGT\t0/1\t0/0\n")
    closed = ClosedGenes(frozenset({"A"}), frozenset(consenting), "v3")
    annotate(str(calls), tmp_path / "out.vcf.gz", Annotator(fasta, "GRCh38", sources, None, closed), sources, ["kid", "mum"])
    with pysam.BGZFile(str(tmp_path / "out.vcf.gz")) as lines:
        first, second = [line.decode().split("\t")[7] for line in lines if not line.startswith(b"#")]
    assert [name in first for name in ("CSQ=", "HGVSg=", "clinvar_CLNSIG=Pathogenic")] == [named] * 3
    assert "HGVSg=" in second
    if not named:
        assert first == "."
