"""The reads at a variant: alleles told apart, rows packed, what is left out, and the drawing."""

import itertools
import random
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pysam
import pytest

from workflow.pileup import cs_string, view_of
from workflow.pileup_svg import draw_view
from workflow.sites import Site, allele_of, make_site

CONTIG = "chr1"
START = 200  # of most variants below, 0-based
UNIQUE = "".join(random.Random(1).choices("ACGT", k=400))
REPEAT = "TGCAAAAAAAGT"  # seven A behind TGC


class Reads:
    """Build a sorted, indexed BAM over one contig, read by read."""

    def __init__(self, folder: Path, sequence: str) -> None:
        self.folder, self.sequence = folder, sequence
        (folder / "ref.fa").write_text(f">{CONTIG}\n{sequence}\n")
        self.reference = pysam.FastaFile(str(folder / "ref.fa"))
        self.header = pysam.AlignmentHeader.from_dict(
            {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": CONTIG, "LN": len(sequence)}]}
        )
        self.reads: list[pysam.AlignedSegment] = []

    def add(self, start: int, cigar: str, bases: str, *, flag: int = 0, mapq: int = 60, quality: int = 35, name: str = "") -> None:
        read = pysam.AlignedSegment(self.header)
        read.query_name = name or f"r{len(self.reads)}"
        read.query_sequence, read.flag, read.reference_id, read.reference_start, read.mapping_quality = bases, flag, 0, start, mapq
        read.cigarstring = cigar
        read.query_qualities = pysam.qualitystring_to_array(chr(33 + quality) * len(bases))
        self.reads.append(read)

    def plain(self, start: int, length: int, change: dict[int, str] | None = None, **more: object) -> None:
        """Add a read that matches the reference but for substitutions at reference positions."""
        bases = "".join((change or {}).get(i, self.sequence[i]) for i in range(start, start + length))
        self.add(start, f"{length}M", bases, **more)  # type: ignore[arg-type]

    def open(self) -> pysam.AlignmentFile:
        path = str(self.folder / "reads.bam")
        with pysam.AlignmentFile(path, "wb", header=self.header) as out:
            for read in sorted(self.reads, key=lambda r: r.reference_start):
                out.write(read)
        pysam.index(path)
        return pysam.AlignmentFile(path)

    def site(self, start: int, ref: str, alt: str) -> Site:
        return make_site(self.reference, CONTIG, start, ref, alt)

    def view(self, site: Site, **more: int) -> dict:
        return view_of(self.open(), self.reference, site, **({"min_mapping_quality": 20} | more))


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    return Reads(tmp_path, UNIQUE)


@pytest.fixture
def repeat(tmp_path: Path) -> Reads:
    return Reads(tmp_path, UNIQUE[:200] + REPEAT + UNIQUE[200:])


def other_base(base: str) -> str:
    return "A" if base != "A" else "C"


def test_view_counts_alleles_by_strand(reads: Reads) -> None:
    alt = other_base(UNIQUE[START])
    third = next(base for base in "ACGT" if base not in {alt, UNIQUE[START]})
    for flag, change in [(0, {}), (16, {}), (16, {}), (0, {START: alt}), (16, {START: alt}), (0, {START: third})]:
        reads.plain(150, 100, change, flag=flag)
    view = reads.view(reads.site(START, UNIQUE[START], alt))
    assert view["alleles"] == {
        "ref": {"forward": 1, "reverse": 2},
        "alt": {"forward": 1, "reverse": 1},
        "other": {"forward": 1, "reverse": 0},
    }
    assert view["depth"][START - view["start"]] == 6


def test_view_leaves_out_duplicates_and_does_not_count_low_mapping_quality(reads: Reads) -> None:
    reads.plain(150, 100)
    reads.plain(150, 100, flag=0x400)
    reads.plain(150, 100, flag=0x100)
    reads.plain(150, 100, flag=0x800)
    reads.plain(150, 100, mapq=0)
    view = reads.view(reads.site(START, UNIQUE[START], other_base(UNIQUE[START])))
    assert sum(view["alleles"]["ref"].values()) == 1
    assert (view["of"], view["excluded"]) == (2, {"duplicate": 1, "low_mapping_quality": 1})
    assert [read.get("faint", False) for read in sorted(view["reads"], key=lambda r: r["mapping_quality"])] == [True, False]
    assert max(view["depth"]) == 1


def test_view_puts_reads_with_the_variant_on_top_and_no_two_reads_on_one_place(reads: Reads) -> None:
    alt = other_base(UNIQUE[START])
    for start in range(110, 260, 5):
        reads.plain(start, 60, {START: alt} if start % 2 else {})
    view = reads.view(reads.site(START, UNIQUE[START], alt))
    rows = {allele: [read["row"] for read in view["reads"] if read["allele"] == allele] for allele in ("alt", "ref")}
    assert max(rows["alt"]) < min(rows["ref"])
    for first, second in itertools.combinations(view["reads"], 2):
        assert first["row"] != second["row"] or first["end"] < second["start"] or second["end"] < first["start"]


def test_view_thins_deep_reads_the_same_way_each_time_but_counts_them_all(reads: Reads) -> None:
    for number in range(600):
        reads.plain(120 + number % 60, 100, flag=16 * (number % 2))
    site = reads.site(START, UNIQUE[START], other_base(UNIQUE[START]))
    view, again = reads.view(site), reads.view(site)
    assert view == again
    assert view["of"] == 600
    assert 20 <= max(read["row"] for read in view["reads"]) + 1 <= 40
    assert view["shown"] == len(view["reads"]) < 600
    assert sum(view["alleles"]["ref"].values()) == 600


def test_view_is_cut_at_the_start_of_the_contig(reads: Reads) -> None:
    reads.plain(0, 60)
    view = reads.view(reads.site(10, UNIQUE[10], other_base(UNIQUE[10])))
    assert (view["start"], view["end"], len(view["depth"])) == (0, 51, 51)
    assert view["reference"] == UNIQUE[:51]


def test_view_without_reads_says_so(reads: Reads) -> None:
    view = reads.view(reads.site(START, UNIQUE[START], other_base(UNIQUE[START])))
    assert (view["reads"], view["of"], set(view["depth"])) == ([], 0, {0})
    assert "<svg" in draw_view(view, "no reads")


def test_view_gives_each_reads_differences_and_weak_bases(reads: Reads) -> None:
    ref = UNIQUE
    change = {190: other_base(ref[190])}
    reads.plain(170, 40, change, quality=10)
    read = reads.view(reads.site(START, ref[START], other_base(ref[START])))["reads"][0]
    assert read["cs"] == f":20*{ref[190].lower()}{change[190].lower()}:19"
    assert read["weak"] == [190]


def test_view_names_bases_that_differ_often(reads: Reads) -> None:
    near = other_base(UNIQUE[210])
    for number in range(10):
        reads.plain(150, 100, {210: near} if number < 3 else {220: other_base(UNIQUE[220])} if number == 3 else {})
    view = reads.view(reads.site(START, UNIQUE[START], other_base(UNIQUE[START])))
    assert view["differing"] == [{"position": 210, "base": near, "reads": 3}]


@pytest.mark.parametrize("place", range(7))
def test_allele_of_a_deletion_in_a_repeat_is_found_wherever_the_aligner_put_it(repeat: Reads, place: int) -> None:
    sequence = repeat.sequence
    gap = 203 + place
    repeat.add(150, f"{gap - 150}M1D{60 - place}M", sequence[150:gap] + sequence[gap + 1 : gap + 61 - place])
    site = repeat.site(202, "CA", "C")
    assert allele_of(repeat.reads[0], site) == "alt"
    assert repeat.view(site)["alleles"]["alt"]["forward"] == 1


def test_allele_of_a_read_that_ends_in_the_repeat_is_unknown(repeat: Reads) -> None:
    repeat.plain(150, 57)
    assert allele_of(repeat.reads[0], repeat.site(202, "CA", "C")) is None


def test_allele_of_an_insertion_needs_the_same_length(repeat: Reads) -> None:
    sequence = repeat.sequence
    for inserted in ("A", "AA"):
        repeat.add(150, f"53M{len(inserted)}I60M", sequence[150:203] + inserted + sequence[203:263])
    site = repeat.site(202, "C", "CA")
    assert [allele_of(read, site) for read in repeat.reads] == ["alt", "other"]


def test_allele_of_an_indel_forgives_one_substituted_base_but_not_the_last(repeat: Reads) -> None:
    repeat.plain(150, 100, {205: "T"})
    repeat.plain(150, 100, {210: "A"})
    site = repeat.site(202, "CA", "C")
    assert [allele_of(read, site) for read in repeat.reads] == ["ref", "other"]


def test_allele_of_a_read_with_the_base_deleted_is_other(reads: Reads) -> None:
    reads.add(150, "50M1D49M", UNIQUE[150:200] + UNIQUE[201:250])
    assert allele_of(reads.reads[0], reads.site(START, UNIQUE[START], other_base(UNIQUE[START]))) == "other"


def test_cs_string_of_insertion_and_deletion(reads: Reads) -> None:
    bases = UNIQUE[180:190] + "GG" + UNIQUE[190:200] + UNIQUE[203:213]
    reads.add(180, "10M2I10M3D10M", bases)
    view = reads.view(reads.site(150, UNIQUE[150], other_base(UNIQUE[150])), flank=100)
    assert view["reads"][0]["cs"] == f":10+gg:10-{UNIQUE[200:203].lower()}:10"
    assert cs_string([], 5, 9) == ":4"


def test_view_reports_soft_clips(reads: Reads) -> None:
    reads.add(180, "5S40M7S", "T" * 5 + UNIQUE[180:220] + "T" * 7)
    assert reads.view(reads.site(START, UNIQUE[START], other_base(UNIQUE[START])))["reads"][0]["clipped"] == [5, 7]


def test_draw_view_is_well_formed_small_and_escapes_its_label(reads: Reads) -> None:
    alt = other_base(UNIQUE[START])
    random_ = random.Random(2)
    for number in range(200):
        start = random_.randrange(100, 200)
        errors = {place: other_base(UNIQUE[place]) for place in range(start, start + 100) if random_.random() < 0.01}
        reads.plain(start, 100, errors | ({START: alt} if number % 2 else {}), flag=16 * random_.randrange(2))
    drawn = draw_view(reads.view(reads.site(START, UNIQUE[START], alt)), '<script>"&')
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == '<script>"&'
    assert len(drawn) < 20_000
    letters = "".join(node.text or "" for node in root.iter("text") if node.get("class") == f"b{alt}")
    assert letters.count(alt) > 10
    assert not re.search(r"nan|inf|None", drawn)


def test_draw_view_marks_insertions_deletions_and_strands(reads: Reads) -> None:
    reads.add(180, "10M12I30M", UNIQUE[180:190] + "G" * 12 + UNIQUE[190:220])
    reads.add(180, "10M3D30M", UNIQUE[180:190] + UNIQUE[193:223], flag=16)
    drawn = draw_view(reads.view(reads.site(START, UNIQUE[START], other_base(UNIQUE[START]))), "label")
    classes = {node.get("class"): node for node in ElementTree.fromstring(drawn)}
    assert {"fwd", "rev", "ins", "del", "gap", "site", "depth", "seq"} <= classes.keys()
    assert "".join(node.text or "" for node in ElementTree.fromstring(drawn).iter("text") if node.get("class") == "ins") == "12"
