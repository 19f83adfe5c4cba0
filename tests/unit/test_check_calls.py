"""Reads and calls that were lost on the way, made on purpose."""

from types import SimpleNamespace

import pysam
import pytest

from scripts.check_calls import check_file, findings, main, silent
from workflow.covered_calls import Covered, beyond, covered_by, without
from workflow.errors import InputError
from workflow.files import read_json
from workflow.silent_contigs import Depths, read_depths, suspected

SUMMARY = """chrom\tlength\tbases\tmean\tmin\tmax
chr1\t1000000\t30000000\t30.00\t0\t60
chr1_region\t900000\t27000000\t30.00\t0\t60
chr2\t1000000\t0\t0.00\t0\t0
chr2_region\t900000\t0\t0.00\t0\t0
total\t2000000\t30000000\t15.00\t0\t60
""".splitlines()


def block(contig, start, end, ref="A"):
    return f"{contig}\t{start}\t.\t{ref}\t<NON_REF>\t.\t.\tEND={end}\tGT\t0/0\n".encode()


def variant(contig, pos, ref):
    return f"{contig}\t{pos}\t.\t{ref}\tT\t50\tPASS\tXEND=9999\tGT\t0/1\n".encode()


def test_covered_by_joins_blocks_and_the_bases_of_ref():
    covered = covered_by(
        [b"#CHROM\n", block("1", 1, 10), variant("1", 11, "ACG"), block("1", 14, 20), block("1", 25, 30), block("2", 5, 6)]
    )
    assert covered.intervals == {"1": [(0, 20), (24, 30)], "2": [(4, 6)]}
    assert covered.records == {"1": 4, "2": 1}


def test_covered_by_nothing_covers_nothing():
    assert covered_by([b"##x\n"]) == Covered()


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ([(0, 10)], [], [(0, 10)]),
        ([(0, 10)], [(0, 10)], []),
        ([(0, 10)], [(2, 3), (5, 20)], [(0, 2), (3, 5)]),
        ([(0, 10), (15, 20)], [(8, 16)], [(0, 8), (16, 20)]),
        ([(5, 6)], [(0, 2), (7, 9)], [(5, 6)]),
    ],
)
def test_without(first, second, left):
    assert without(first, second) == left
    assert beyond({"1": first}, {"1": second}) == ({"1": left} if left else {})


def depths(**means):
    return Depths(means, means, {name: int(mean * 1e6) for name, mean in means.items()})


@pytest.mark.parametrize(
    ("means", "owed", "found"),
    [
        ({"chr1": 30.0, "chr2": 0.0, "chr3": 29.0}, 1_000_000, ["chr2"]),
        ({"chr1": 30.0, "chr2": 1.4, "chr3": 29.0}, 1_000_000, ["chr2"]),
        ({"chr1": 30.0, "chr2": 15.0, "chr3": 29.0}, 1_000_000, []),
        ({"chr1": 30.0, "chr2": 0.0, "chr3": 29.0}, 60, []),
        ({"chr1": 30.0, "chrM": 0.0}, 16_569, ["chrM"]),
        ({"chr1": 30.0, "chrM": 2000.0}, 16_569, []),
        ({"chr1": 0.0, "chrM": 2000.0}, 16_569, ["chr1"]),
        ({"chr1": 0.0, "chr2": 0.0}, 1_000_000, []),
        ({"chr1": 30.0}, 1_000_000, []),
    ],
    ids=["none", "next to none", "one copy", "too short to tell", "no mitochondrion", "many mitochondria", "only those", "nobody", "alone"],
)
def test_suspected(means, owed, found):
    assert list(suspected(depths(**means), dict.fromkeys(means, owed))) == found


def test_read_depths_tells_regions_from_whole_contigs():
    read = read_depths(SUMMARY)
    assert read.owed == {"chr1": 30.0, "chr2": 0.0}
    assert read.bases == {"chr1": 27_000_000, "chr2": 0}
    assert list(suspected(read, {"chr1": 900_000, "chr2": 900_000})) == ["chr2"]


@pytest.mark.parametrize(("reads", "found"), [(0, ["chr2"]), (5, ["chr2"]), (50, [])])
def test_silent_contig_is_cleared_by_reads_of_any_mapping_quality(reads, found):
    alignments = SimpleNamespace(fetch=lambda contig, start, end: [SimpleNamespace(reference_length=100)] * reads)
    assert silent(alignments, {"chr2": [(0, 900)]}, {"chr2": 1000}) == found


def found(covered, callable_, contigs=(), means=None):
    return list(findings("kid", list(contigs), depths(**(means or {"chr1": 30.0})), ["chr1"], callable_, covered))


def test_findings_of_whole_files_are_none():
    assert found(covered_by([block("chr1", 1, 100)]), {"chr1": [(0, 90)]}) == []


def test_findings_name_sample_contig_and_the_first_gap():
    gap = found(covered_by([block("chr1", 1, 40), block("chr1", 61, 100)]), {"chr1": [(0, 50), (70, 90)]})
    assert gap == ["the gVCF of kid has no record for 10 callable bases of chr1 (first chr1:41-50)"]
    assert found(Covered(), {"chr1": [(0, 50)]}) == ["the gVCF of kid has no record on chr1 though reads lie there (mean depth 30x)"]
    assert found(Covered(), {}) == ["the gVCF of kid has no record on chr1 though reads lie there (mean depth 30x)"]
    assert "kid has next to no reads on chr1" in found(covered_by([block("chr1", 1, 100)]), {}, ["chr1"], {"chr1": 0.0})[0]


def test_check_file_fails_unless_a_person_waived_it():
    with pytest.raises(InputError, match="a; and 1 more such findings"):
        check_file("kid", ["a", "b"], "", [])
    waived = check_file("kid", ["a"], "waived by A. Person until 2027-01-01: known", [])
    assert waived["metrics"]["reads_and_calls_complete"]["value"] is False
    assert waived["notes"] == ["a (waived by A. Person until 2027-01-01: known)"]
    assert check_file("kid", [], "", [])["metrics"]["reads_and_calls_complete"]["value"] is True


LENGTH = 3000
CONTIGS = ("chr1", "chr2", "chrY")


@pytest.fixture
def sample(tmp_path):
    """Make the files of a person with reads on chr1 and chr2 and no Y: 60 reads a contig."""
    fasta = tmp_path / "ref.fa"
    fasta.write_text("".join(f">{contig}\n{'ACGT' * (LENGTH // 4)}\n" for contig in CONTIGS))
    pysam.faidx(str(fasta))
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": contig, "LN": LENGTH} for contig in CONTIGS]}
    with pysam.AlignmentFile(str(tmp_path / "a.cram"), "wc", header=header, reference_filename=str(fasta)) as out:
        for contig, number in ((contig, number) for contig in (0, 1) for number in range(60)):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.query_sequence, read.cigarstring = f"r{contig}{number}", "ACGT" * 25, "100M"
            read.reference_id, read.reference_start, read.mapping_quality = contig, 48 * number, 0
            out.write(read)
    pysam.index(str(tmp_path / "a.cram"))
    (tmp_path / "territory.bed").write_text("".join(f"{contig}\t0\t{LENGTH}\n" for contig in CONTIGS))
    (tmp_path / "callable.bed").write_text("".join(f"{contig}\t0\t{LENGTH}\n" for contig in CONTIGS))
    (tmp_path / "absent.bed").write_text(f"chrY\t0\t{LENGTH}\t0\n")
    means = {"chr1": 30.0, "chr2": 30.0, "chrY": 0.1}
    rows = [f"{name}{end}\t{LENGTH}\t{int(mean * LENGTH)}\t{mean}\t0\t9\n" for name, mean in means.items() for end in ("", "_region")]
    (tmp_path / "summary.txt").write_text("chrom\tlength\tbases\tmean\tmin\tmax\n" + "".join(rows))
    with pysam.BGZFile(str(tmp_path / "a.g.vcf.gz"), "w") as out:
        out.write(b"#CHROM\n" + b"".join(block(contig, 1, LENGTH) for contig in ("chr1", "chr2")))
    return tmp_path


def check(folder):
    names = {"cram": "a.cram", "fasta": "ref.fa", "gvcf": "a.g.vcf.gz", "callable": "callable.bed", "territory": "territory.bed",
             "absent": "absent.bed", "summary": "summary.txt"}  # fmt: skip
    main(
        input=SimpleNamespace(**{key: str(folder / name) for key, name in names.items()}),
        output=[str(folder / "out.json")],
        params=SimpleNamespace(waived=""),
        wildcards=SimpleNamespace(sample="kid"),
    )
    return read_json(folder / "out.json")


def test_main_chromosome_that_the_karyotype_lacks_is_no_finding(sample):
    found = check(sample)
    assert [row["contig"] for row in found["contigs"]] == ["chr1", "chr2"]
    assert found["metrics"]["reads_and_calls_complete"]["value"] is True


def test_main_chromosome_that_the_karyotype_has_is_one(sample):
    (sample / "absent.bed").write_text("")
    with pytest.raises(InputError, match="kid has next to no reads on chrY"):
        check(sample)
    assert not (sample / "out.json").exists()


def test_main_contig_with_reads_of_no_mapping_quality_is_no_finding(sample):
    summary = (sample / "summary.txt").read_text()
    (sample / "summary.txt").write_text(summary.replace(f"chr2\t{LENGTH}\t90000\t30.0", f"chr2\t{LENGTH}\t0\t0.0").replace(
        f"chr2_region\t{LENGTH}\t90000\t30.0", f"chr2_region\t{LENGTH}\t0\t0.0"))  # fmt: skip
    (sample / "callable.bed").write_text(f"chr1\t0\t{LENGTH}\n")
    found = {row["contig"]: row for row in check(sample)["contigs"]}
    assert (found["chr2"]["mean_depth"], found["chr2"]["callable"]) == (0.0, 0)


def test_main_damaged_gvcf_is_one_sentence(sample):
    content = (sample / "a.g.vcf.gz").read_bytes()
    (sample / "a.g.vcf.gz").write_bytes(content[:40] + bytes(byte ^ 255 for byte in content[40:60]) + content[60:])
    with pytest.raises(InputError, match=r"a\.g\.vcf\.gz: the gVCF cannot be read to its end"):
        check(sample)
