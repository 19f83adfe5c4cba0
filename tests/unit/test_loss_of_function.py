"""PVS1's decision tree branch by branch, and what becomes of the messenger, on transcripts whose ends are worked out by hand."""

import re

import pytest

from workflow.acmg_points import Strength
from workflow.bases import reverse_complement
from workflow.decay import Ending, early_stop, escapes, last_junction, skipped_exon, without_exon
from workflow.hgvs_edits import Change
from workflow.hgvs_names import TranscriptNamer
from workflow.loss_of_function import Loss, weigh_loss
from workflow.transcript import Transcript

DECAYS, STAYS, UNKNOWN_END = Ending(True, 0.9, exon=2), Ending(False, 0.3, exon=4), Ending(None, 0.4, exon=2, note="no stop")
SMALL, IN_FRAME = Ending(False, 0.05, exon=4), Ending(False, 0.2, in_frame=True, exon=3)


@pytest.mark.parametrize(
    ("loss", "strength", "words"),
    [
        # nonsense and frame shift
        (Loss("truncation", True, DECAYS), Strength.VERY_STRONG, "decay of the messenger expected"),
        (Loss("truncation", False, DECAYS), None, "does not have"),
        (Loss("truncation", True, STAYS, critical=True), Strength.STRONG, "critical"),
        (Loss("truncation", True, STAYS, tolerated=True), None, "frequent in the population"),
        (Loss("truncation", True, STAYS, tolerated=False), Strength.STRONG, "30% of the protein lost"),
        (Loss("truncation", True, STAYS), Strength.STRONG, "whether losses in this exon are frequent is not known"),
        (Loss("truncation", True, SMALL), Strength.MODERATE, "5% of the protein lost"),
        (Loss("truncation", True, Ending(False, 0.1)), Strength.MODERATE, "10% of the protein lost"),
        (Loss("truncation", False, STAYS), None, "does not have"),
        (Loss("truncation", True, UNKNOWN_END), None, "decay is not known"),
        (Loss("truncation", True, None), None, "not known"),
        # positions 1 and 2 of an intron
        (Loss("splice", True, DECAYS), Strength.VERY_STRONG, "skipping exon 2, decay"),
        (Loss("splice", False, DECAYS), None, "does not have"),
        (Loss("splice", True, STAYS, critical=True), Strength.STRONG, "critical"),
        (Loss("splice", True, STAYS), Strength.STRONG, "no decay of the messenger expected"),
        (Loss("splice", True, SMALL), Strength.MODERATE, "5%"),
        (Loss("splice", True, STAYS, tolerated=True), None, "frequent"),
        (Loss("splice", True, IN_FRAME), Strength.STRONG, "reading frame kept"),
        (Loss("splice", True, IN_FRAME, critical=True), Strength.STRONG, "critical"),
        (Loss("splice", True, IN_FRAME, tolerated=True), None, "frequent"),
        (Loss("splice", True, Ending(False, 0.04, in_frame=True)), Strength.MODERATE, "reading frame kept"),
        (Loss("splice", True, Ending(None, 0.0, exon=1, note="the exon is not translated")), None, "not translated"),
        (Loss("splice", True, Ending(None, None, note="the exon holds the start codon")), None, "start codon"),
        # start codon
        (Loss("start", True, pathogenic_upstream=True), Strength.MODERATE, "before the next in-frame start"),
        (Loss("start", True, pathogenic_upstream=False), Strength.SUPPORTING, "none is known"),
        (Loss("start", True), Strength.SUPPORTING, "was not evaluated"),
        (Loss("start", True, other_start=True), None, "starts elsewhere"),
        (Loss("start", False), None, "does not stand for the gene"),
    ],
)
def test_weigh_loss_at_each_end_of_the_tree(loss: Loss, strength: Strength | None, words: str) -> None:
    found, way = weigh_loss(loss)
    assert found == strength
    assert words in way


@pytest.mark.parametrize(
    ("stop_end", "junction", "escaping"), [(50, 100, False), (51, 100, True), (100, 100, True), (5, 0, True), (300, 100, True)]
)
def test_escapes_needs_more_than_50_bases_before_the_last_junction(stop_end: int, junction: int, escaping: bool) -> None:
    assert escapes(stop_end, junction) is escaping


def test_last_junction_of_one_exon_is_none() -> None:
    assert (last_junction([100]), last_junction([60, 70, 80])) == (0, 130)


# Four exons, of 60, 90, 60 and 100 bases, 40 bases of intron between them. The start codon stands at base 10 of exon 1; the coding sequence
# ends 70 bases into exon 4: 270 bases, 89 residues and the stop.
EXONS, INTRON, FIRST, CODING = (60, 90, 60, 100), 40, 10, 270


class Genome:
    def __init__(self, text: str) -> None:
        self.text = text

    def get(self, contig: str, start: int, end: int) -> str:
        return self.text[max(0, start) : end]


def make(strand: str = "+", lengths: tuple[int, ...] = EXONS, coding: int = CODING) -> TranscriptNamer:
    """A coding sequence of GCA codons (Ala), whose other frames (CAG, AGC) hold no stop; stops of every frame follow the end."""
    size = sum(lengths)
    spliced = "C" * FIRST + "ATG" + "GCA" * (coding // 3 - 2) + "TAA"
    spliced += "".join("TGACTAACTGA"[at % 11] for at in range(size - len(spliced)))
    blocks, text, behind = [], "T" * 20, 0
    for length in lengths:
        blocks.append((len(text), len(text) + length))
        text += spliced[behind : behind + length] + "GT" + "A" * (INTRON - 4) + "AG"
        behind += length
    whole = len(text)
    first, last = FIRST, FIRST + coding
    cds, behind = [], 0
    for start, end in blocks:
        low, high = max(first, behind), min(last, behind + end - start)
        if low < high:
            cds.append((start + low - behind, start + high - behind))
        behind += end - start
    if strand == "-":
        text = reverse_complement(text)
        blocks = sorted((whole - end, whole - start) for start, end in blocks)
        cds = sorted((whole - end, whole - start) for start, end in cds)
    item = Transcript("G", "G", "NM_1.1", "NM_1.1", "protein_coding", "1", strand, tuple(blocks), tuple(cds), 0, True, True)
    return TranscriptNamer(item, Genome(text))  # type: ignore[arg-type]


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize(
    ("protein", "decay", "exon"),
    [
        ("NM_1.1:p.Ala10Ter", True, 1),
        ("NM_1.1:p.Ala50Ter", True, 3),  # the stop ends at 10 + 150 = 160 of a junction at 210: 50 bases before it
        ("NM_1.1:p.Ala51Ter", False, 3),
        ("NM_1.1:p.Ala80Ter", False, 4),
        ("NM_1.1:p.Ala10GlnfsTer30", True, 1),
        ("NM_1.1:p.Ala10GlnfsTer60", False, 1),
    ],
)
def test_early_stop(strand: str, protein: str, decay: bool, exon: int) -> None:
    namer = make(strand)
    ending = early_stop(namer, protein, Change("1", 40, 41, "G", "T"))
    assert (ending.decay, ending.exon) == (decay, exon)
    residue = int(re.findall(r"\d+", protein.rpartition(":")[2])[0])
    assert ending.removed == pytest.approx((89 - residue + 1) / 89, abs=1e-4)


def test_early_stop_moves_the_junction_with_the_bases_that_are_lost() -> None:
    namer = make()
    protein = "NM_1.1:p.Ala10fsTer41"  # ends at 10 + 3 * 50 = 160; with one base less the junction is at 209
    assert early_stop(namer, protein, Change("1", 40, 41, "G", "T")).decay is True
    assert early_stop(namer, protein, Change("1", 40, 41, "G", "")).decay is False


@pytest.mark.parametrize(("protein", "note"), [("p.Ala3fsTer?", "no stop follows"), ("p.?", "not known"), ("", "not known")])
def test_early_stop_that_is_not_known(protein: str, note: str) -> None:
    ending = early_stop(make(), protein, Change("1", 40, 41, "G", ""))
    assert ending.decay is None
    assert note in ending.note


def test_early_stop_in_one_exon_never_decays() -> None:
    assert early_stop(make(lengths=(310,)), "p.Ala10Ter", Change("1", 40, 41, "G", "T")).decay is False


@pytest.mark.parametrize("strand", ["+", "-"])
def test_without_exon_keeps_the_frame_or_not(strand: str) -> None:
    namer = make(strand)
    kept = without_exon(namer, 2)  # 90 bases
    assert (kept.in_frame, kept.decay, kept.removed) == (True, False, pytest.approx(90 / 267, abs=1e-4))
    assert without_exon(namer, 1).note == "the exon holds the start codon"
    last = without_exon(namer, 4)
    assert not last.in_frame
    assert without_exon(make(strand, (60, 91, 60, 100), 270), 2).in_frame is False


def test_without_exon_reads_on_to_the_first_stop() -> None:
    namer = make("+", (60, 91, 60, 100), 270)
    ending = without_exon(namer, 2)  # frame 1 is read from base 50 of the coding sequence on; its first stop lies behind the old end
    assert ending.decay is False
    assert ending.removed == pytest.approx((89 - 50 // 3) / 89, abs=1e-4)


def test_without_exon_decays_where_the_new_stop_is_early() -> None:
    namer = make("+", (60, 91, 160, 100), 360)
    spliced_at = namer.transcript.exons[2][0]
    text = namer.bases.text  # type: ignore[attr-defined]
    namer.bases.text = f"{text[:spliced_at]}{'TAATAATAA' + 'TTAATTAATTAA'}{text[spliced_at + 21 :]}"  # type: ignore[attr-defined]
    assert without_exon(namer, 2).decay is True


def test_without_exon_that_is_not_translated() -> None:
    namer = make("+", (5, 305), 270)
    assert without_exon(namer, 1).note == "the exon is not translated"


def test_without_exon_where_unknown_bases_decide() -> None:
    namer = make("+", (60, 91, 60, 100), 270)
    text, (start, end) = namer.bases.text, namer.transcript.exons[2]  # type: ignore[attr-defined]
    namer.bases.text = f"{text[:start]}{'N' * (end - start)}{text[end:]}"  # type: ignore[attr-defined]
    assert "unknown bases" in without_exon(namer, 2).note


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize(("terms", "beside", "exon"), [("splice_donor_variant", "donor", 2), ("splice_acceptor_variant", "acceptor", 3)])
def test_skipped_exon_is_the_one_beside_the_site(strand: str, terms: str, beside: str, exon: int) -> None:
    namer = make(strand)
    second, third = namer.transcript.exons_in_order[1:3]
    places = {"+donor": second[1], "+acceptor": third[0] - 1, "-donor": second[0] - 1, "-acceptor": third[1]}
    start = places[strand + beside]
    ending = skipped_exon(namer, (terms,), Change("1", start, start + 1, namer.bases.get("1", start, start + 1), "C"))
    assert ending.exon == exon


def test_skipped_exon_of_both_sites_at_once_is_not_known() -> None:
    namer = make()
    start, end = namer.transcript.exons[1][1], namer.transcript.exons[2][0]
    both = ("splice_donor_variant", "splice_acceptor_variant")
    assert "not known" in skipped_exon(namer, both, Change("1", start, end, namer.bases.get("1", start, end), "")).note
