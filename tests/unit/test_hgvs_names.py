"""Names worked out by hand from the HGVS recommendations, on one gene of nine codons seen from both strands.

Protein: Met Ala Arg Lys Lys Leu Trp Glu Ter. Numbers in comments are 1-based positions on the forward contig.
"""

import random

import pytest

from workflow.bases import reverse_complement
from workflow.hgvs_edits import Change, NotNamedError, trimmed_change
from workflow.hgvs_names import TranscriptNamer, genomic_name
from workflow.transcript import Transcript

PARTS = [
    "TTTTTTTTTT",  # 1-10 before the gene
    "ACGACG",  # 11-16 5' UTR, c.-6 to c.-1
    "ATGGCA",  # 17-22 c.1 to c.6
    "GTAAGTCCCCAG",  # 23-34 intron, c.6+1 to c.7-1
    "CGTAAAAAACTG",  # 35-46 c.7 to c.18
    "GTGAGTTTTCAG",  # 47-58 intron
    "TGGGAATAA",  # 59-67 c.19 to c.27
    "GCTGACCTAACATAA",  # 68-82 3' UTR, c.*1 to c.*15
    "GGGGG",  # 83-87 behind the gene
]
SEQUENCE = "".join(PARTS)
SIZE = len(SEQUENCE)
EXONS, CDS = ((10, 22), (34, 46), (58, 82)), ((16, 22), (34, 46), (58, 67))


class Text:
    """Bases held in memory, with the interface of workflow.bases.Bases."""

    def __init__(self, **contigs: str) -> None:
        self.contigs = contigs

    def get(self, contig: str, start: int, end: int) -> str:
        return self.contigs[contig][max(0, start) : max(0, end)]


def mirror(blocks):
    return tuple(sorted((SIZE - end, SIZE - start) for start, end in blocks))


def transcript(**changed) -> Transcript:
    values = {
        "gene": "G", "gene_id": "G", "id": "NM_1.1", "source_id": "NM_1.1", "biotype": "protein_coding", "contig": "plus", "strand": "+",
        "exons": EXONS, "cds": CDS, "phase": 0, "is_mane": True, "is_canonical": True,
    }  # fmt: skip
    return Transcript(**(values | changed))


MINUS = {"contig": "minus", "strand": "-", "exons": mirror(EXONS), "cds": mirror(CDS)}
BASES = Text(plus=SEQUENCE, minus=reverse_complement(SEQUENCE))
NAMERS = {"+": TranscriptNamer(transcript(), BASES), "-": TranscriptNamer(transcript(**MINUS), BASES)}

NAMES = [
    # substitutions
    (35, "C", "T", "c.7C>T", "p.Arg3Cys"),
    (36, "G", "A", "c.8G>A", "p.Arg3His"),
    (37, "T", "C", "c.9T>C", "p.Arg3="),
    (38, "A", "T", "c.10A>T", "p.Lys4Ter"),
    (17, "A", "G", "c.1A>G", "p.Met1?"),
    (65, "T", "C", "c.25T>C", "p.Ter9GlnextTer5"),
    (67, "A", "G", "c.27A>G", "p.Ter9="),
    # untranslated regions and introns
    (11, "A", "G", "c.-6A>G", ""),
    (16, "G", "A", "c.-1G>A", ""),
    (68, "G", "A", "c.*1G>A", ""),
    (82, "A", "C", "c.*15A>C", ""),
    (23, "G", "A", "c.6+1G>A", ""),
    (28, "T", "C", "c.6+6T>C", ""),
    (29, "C", "T", "c.7-6C>T", ""),
    (32, "C", "T", "c.7-3C>T", ""),
    (28, "TC", "T", "c.7-3del", ""),
    (32, "C", "CG", "c.7-3_7-2insG", ""),
    # the run of six A: everything moves to its 3' end
    (37, "TA", "T", "c.15del", "p.Lys5AsnfsTer8"),
    (37, "T", "TA", "c.15dup", "p.Leu6ThrfsTer6"),
    (37, "TAAA", "T", "c.13_15del", "p.Lys5del"),
    (37, "T", "TAAA", "c.13_15dup", "p.Lys5dup"),
    # in frame
    (37, "T", "TGGG", "c.9_10insGGG", "p.Arg3_Lys4insGly"),
    (37, "T", "TTAG", "c.9_10insTAG", "p.Lys4Ter"),
    (37, "T", "TGGGTGA", "c.9_10insGGGTGA", "p.Arg3_Lys4insGlyTer"),
    (37, "T", "TAAATAG", "c.12_13insTAGAAA", "p.Lys5Ter"),
    (35, "C", "CATTAAA", "c.7_8insATTAAA", "p.Arg3delinsHisTer"),
    (35, "C", "CATTAAC", "c.7_8insATTAAC", "p.Ala2_Arg3insHisTer"),
    (64, "A", "AGAATAA", "c.24_25insGAATAA", "p.Glu8dup"),
    (61, "G", "GGAGTAG", "c.23_24insGTAGGA", "p.Ter9="),
    (35, "CGT", "TTA", "c.7_9delinsTTA", "p.Arg3Leu"),
    (40, "AA", "TC", "c.12_13delinsTC", "p.Lys4_Lys5delinsAsnGln"),
    (59, "TGG", "CCA", "c.19_21inv", "p.Trp7Pro"),
    (58, "GTGGGAA", "G", "c.20_25del", "p.Trp7_Glu8del"),
    (43, "ACTG", "A", "c.16_18del", "p.Leu6del"),
    (36, "GTAAA", "GC", "c.9_12delinsC", "p.Lys5del"),
    (62, "GAATAA", "TAATAA", "c.22G>T", "p.Glu8Ter"),
    (62, "GAATAA", "TAATAG", "c.22_27delinsTAATAG", "p.Glu8Ter"),
    (61, "GGAATAA", "GTAA", "c.22_24del", "p.Glu8del"),
    # frame shift straight into a stop; around the start codon
    (61, "G", "GTA", "c.21_22insTA", "p.Glu8Ter"),
    (16, "GA", "G", "c.1del", "p.Met1?"),
    (14, "ACGA", "A", "c.-2_1del", "p.Met1?"),
]  # fmt: skip


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize(("pos", "ref", "alt", "coding", "protein"), NAMES)
def test_names_follow_hgvs_on_both_strands(strand, pos, ref, alt, coding, protein):
    assert SEQUENCE[pos - 1 : pos - 1 + len(ref)] == ref
    names = NAMERS[strand].names(on_strand(trimmed_change("plus", pos, ref, alt), strand))
    assert (names.coding, names.protein, names.note) == (coding, protein, "")


def on_strand(change: Change, strand: str) -> Change:
    if strand == "+":
        return change
    ref, alt = reverse_complement(change.ref), reverse_complement(change.alt)
    return Change("minus", SIZE - change.end, SIZE - change.start, ref, alt)


@pytest.mark.parametrize("strand", "+-")
@pytest.mark.parametrize(
    ("pos", "ref", "alt", "coding", "note"),
    [
        (43, "ACTGG", "A", "c.16_18+1del", "splice site"),
        (64, "ATAAG", "A", "c.25_*1del", "3' untranslated region"),
        (81, "AAG", "A", "", "outside the transcript"),
        (46, "G", "GC", "c.18_18+1insC", "splice site"),
    ],
)
def test_names_give_a_reason_where_a_name_would_be_a_guess(strand, pos, ref, alt, coding, note):
    names = NAMERS[strand].names(on_strand(trimmed_change("plus", pos, ref, alt), strand))
    assert (names.coding, names.protein) == (coding, "")
    assert note in names.note


def with_unknown(*positions: int) -> TranscriptNamer:
    text = "".join("N" if at + 1 in positions else base for at, base in enumerate(SEQUENCE))
    return TranscriptNamer(transcript(), Text(plus=text))


def test_names_stand_where_unknown_bases_are_elsewhere():
    assert with_unknown(20, 62).names(trimmed_change("plus", 35, "C", "T")).protein == "p.Arg3Cys"


@pytest.mark.parametrize(
    ("unknown", "pos", "ref", "alt", "coding"),
    [
        (36, 35, "C", "T", "c.7C>T"),  # in the codon
        (70, 37, "TA", "T", "c.15del"),  # before the new stop
        (42, 37, "TAAA", "T", ""),  # the shift runs into it
        (43, 43, "N", "T", "c.15N>T"),
        (45, 37, "TAAA", "T", "c.13_15del"),  # the codon beside the deletion
    ],
)
def test_names_are_not_given_where_unknown_bases_decide_them(unknown, pos, ref, alt, coding):
    names = with_unknown(unknown).names(trimmed_change("plus", pos, ref, alt))
    assert (names.coding, names.protein) == (coding, "")
    assert "unknown bases" in names.note


def test_names_refuse_proteins_of_incomplete_coding_sequence():
    for part in (transcript(phase=1), transcript(cds=((16, 22), (34, 46), (58, 66)))):
        names = TranscriptNamer(part, BASES).names(trimmed_change("plus", 35, "C", "T"))
        assert names == type(names)("c.7C>T", "", "protein: the coding sequence of the transcript is not complete")


def test_names_count_from_the_first_base_without_coding_sequence():
    names = TranscriptNamer(transcript(cds=()), BASES).names(trimmed_change("plus", 35, "C", "T"))
    assert (names.coding, names.protein, names.note) == ("n.13C>T", "", "")


def test_names_use_the_mitochondrial_code():
    # ATA TGA AGA: Met Trp Ter in table 2, Ile Ter Arg in table 1
    one = transcript(contig="chrM", exons=((0, 9),), cds=((0, 9),))
    namer = TranscriptNamer(one, Text(chrM="ATATGAAGACC"))
    assert namer.names(Change("chrM", 5, 6, "A", "G")).protein == "p.Trp2="
    assert namer.names(Change("chrM", 7, 8, "G", "A")).protein == "p.Ter3LysextTer?"


def test_names_never_fail_on_odd_transcripts():
    """Whatever gene models hold (no stop, stops inside, odd lengths, unknown bases): a name or a reason, never an exception."""
    chance = random.Random(5)
    reasons = set()
    for _ in range(300):
        text = "".join(chance.choice("ACGTACGTACGTN") if chance.random() < 0.3 else base for base in SEQUENCE)
        cds = ((16, 22), (34, 46), (58, chance.randint(60, 82)))
        contig = chance.choice(["plus", "chrM"])
        odd = transcript(contig=contig, strand=chance.choice("+-"), cds=cds, phase=chance.choice([0, 0, 0, 1]))
        namer = TranscriptNamer(odd, Text(**{contig: text}))
        for _ in range(20):
            start = chance.randint(8, 80)
            ref = text[start : start + chance.randint(1, 6)]
            alt = "".join(chance.choice("ACGT") for _ in range(chance.randint(1, 6)))
            names = namer.names(trimmed_change(contig, start + 1, ref, alt))
            assert names.coding or names.note
            reasons.add(names.note)
    assert len(reasons) > 8


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "name"),
    [
        (35, "C", "T", "g.35C>T"),
        (37, "TA", "T", "g.43del"),
        (37, "T", "TA", "g.43dup"),
        (37, "T", "TAAA", "g.41_43dup"),
        (37, "TAAA", "T", "g.41_43del"),
        (37, "T", "TGG", "g.37_38insGG"),
        (40, "AA", "TC", "g.40_41delinsTC"),
        (59, "TGG", "CCA", "g.59_61inv"),
        (35, "CGTAC", "CGTTC", "g.38A>T"),
    ],
)
def test_genomic_name_moves_to_the_right(pos, ref, alt, name):
    assert genomic_name(trimmed_change("plus", pos, ref, alt), BASES) == name


def test_genomic_name_is_mitochondrial_on_the_mitochondrion():
    assert genomic_name(trimmed_change("chrM", 3243, "A", "G"), BASES) == "m.3243A>G"


def test_genomic_name_is_refused_beside_unknown_bases():
    bases = Text(plus="ACAANNN")
    with pytest.raises(NotNamedError):
        genomic_name(trimmed_change("plus", 2, "CA", "C"), bases)
