"""Weak calls are flagged by the QUAL that belongs to them."""

from pathlib import Path
from types import SimpleNamespace

import pysam
import pytest

from scripts.filter_calls import main, phased_by_caller
from workflow.caller_qualities import CallerQualities, caller_records, shortest
from workflow.errors import InputError
from workflow.joint_members import columns
from workflow.text import open_text, read_vcf_header

HEAD = (
    '##fileformat=VCFv4.2\n##FILTER=<ID=LowQual,Description="Low quality">\n##contig=<ID=b,length=9000>\n##contig=<ID=a,length=9000>\n'
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    '##ALT=<ID=NON_REF,Description="Any other allele">\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


def vcf(path: Path, samples: str, *records: str) -> Path:
    genotypes = "\t".join("0/1" for _ in samples.split())
    lines = ["\t".join([*record.split()[:2], ".", *record.split()[2:5], ".", record.split()[5], "GT", genotypes]) for record in records]
    path.write_text(HEAD + COLUMNS + "\t".join(samples.split()) + "\n" + "".join(f"{line}\n" for line in lines))
    return path


def run(tmp_path: Path, caller: str, chunks: list[Path], gvcfs: list[Path]) -> list[tuple[str, int, str, float, str, float | None]]:
    output = SimpleNamespace(vcf=tmp_path / "out.vcf.gz")
    with open_text(chunks[0]) as lines:
        members = columns(read_vcf_header(lines))
    beds = []
    for number, contig in enumerate("ba"[: len(chunks)]):
        beds.append(tmp_path / f"{number}.bed")
        beds[-1].write_text(f"{contig}\t0\t9000\n")
    params = SimpleNamespace(caller=caller, members=members)
    main(input=SimpleNamespace(chunks=chunks, gvcfs=gvcfs, beds=beds), output=output, params=params)
    with pysam.VariantFile(str(output.vcf)) as found:
        records = [
            (one.chrom, one.pos, ",".join(one.alts), one.qual, next(iter(one.filter)), dict(one.info).get("JOINT_QUAL")) for one in found
        ]
    return [(*one[:3], round(one[3], 2), one[4], one[5] and round(one[5], 2)) for one in records]


def test_main_takes_an_indel_by_the_callers_qual_and_a_snv_by_the_joint_one(tmp_path):
    mother = vcf(tmp_path / "m.g.vcf", "m", "b 10 A <NON_REF> . END=99", "b 100 CA C,<NON_REF> 27 DP=1", "b 200 GT G,<NON_REF> 9 DP=1",
                 "b 300 A T,<NON_REF> 3 DP=1", "a 50 TAA T,TA,<NON_REF> 2 DP=1")  # fmt: skip
    child = vcf(tmp_path / "c.g.vcf", "c", "b 100 CA C,<NON_REF> 8 DP=1", "b 200 GT G,<NON_REF> 10.4 DP=1", "a 50 TA T,<NON_REF> 11 DP=1")
    first = vcf(tmp_path / "1.vcf", "m c", "b 100 CA C 12 DP=1", "b 200 GT G 55 DP=1", "b 300 A T 30 DP=1", "b 310 A T 29.9 DP=1")
    second = vcf(tmp_path / "2.vcf", "m c", "a 50 TAA TA 40 DP=1", "a 60 C CAA 31 DP=1", "a 70 C CAA 29 .")
    assert run(tmp_path, "gatk", [first, second], [mother, child]) == [
        ("b", 100, "C", 27.0, "PASS", 12.0),
        ("b", 200, "G", 10.4, "DRAGENHardQUAL", 55.0),
        ("b", 300, "T", 30.0, "PASS", None),
        ("b", 310, "T", 29.9, "LowQual", None),
        ("a", 50, "TA", 11.0, "PASS", 40.0),  # TAA>TA is TA>T of the child
        ("a", 60, "CAA", 31.0, "PASS", 31.0),  # in no member's gVCF: by the joint QUAL
        ("a", 70, "CAA", 29.0, "LowQual", 29.0),
    ]


@pytest.mark.parametrize(("chunk", "first"), [(0, "b:200"), (1, "a:50")])
def test_main_refuses_joint_calls_that_end_before_those_of_a_member(tmp_path, chunk, first):
    mother = vcf(tmp_path / "m.g.vcf", "m", "b 100 C T,<NON_REF> 60 DP=1", "b 200 G T,<NON_REF> 60 DP=1", "b 300 G T,<NON_REF> 49 DP=1",
                 "a 50 T A,<NON_REF> 60 DP=1")  # fmt: skip
    calls = [["b 100 C T 60 DP=1", "b 200 G T 60 DP=1"], ["a 50 T A 60 DP=1"]]
    calls[chunk].pop()
    chunks = [vcf(tmp_path / f"{number}.vcf", "m", *some) for number, some in enumerate(calls)]
    with pytest.raises(InputError, match=f"{chunk}.vcf.*1 calls of its samples are missing among the joint calls, the first at {first}"):
        run(tmp_path, "gatk", chunks, [mother])


def test_main_does_not_miss_calls_outside_of_the_chunks(tmp_path):
    mother = vcf(tmp_path / "m.g.vcf", "m", "b 100 C T,<NON_REF> 60 DP=1", "b 9001 G T,<NON_REF> 60 DP=1")
    assert len(run(tmp_path, "gatk", [vcf(tmp_path / "1.vcf", "m", "b 100 C T 60 DP=1")], [mother])) == 1


def test_main_flags_freebayes_calls_below_20_and_asks_no_gvcf(tmp_path):
    chunk = vcf(tmp_path / "1.vcf", "m", "b 100 CA C 19.9 DP=1", "b 200 G T 20 DP=1")
    assert [one[4] for one in run(tmp_path, "freebayes", [chunk], [tmp_path / "not-there.g.vcf.gz"])] == ["FreebayesQual20", "PASS"]


def test_main_writes_a_chunk_without_calls_as_a_whole_file(tmp_path):
    assert run(tmp_path, "gatk", [vcf(tmp_path / "1.vcf", "m")], [vcf(tmp_path / "m.g.vcf", "m")]) == []


def test_main_replaces_the_callers_line_of_a_filter(tmp_path):
    run(tmp_path, "gatk", [vcf(tmp_path / "1.vcf", "m")], [vcf(tmp_path / "m.g.vcf", "m")])
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as found:
        assert found.header.filters["LowQual"].description == "QUAL is below 30"


def test_caller_qualities_at_one_place_are_asked_more_than_once_and_places_passed_over(tmp_path):
    lines = vcf(
        tmp_path / "m.g.vcf", "m", "b 5 A C,<NON_REF> 1 .", "b 9 A AT,<NON_REF> 2 .", "b 9 A AG,<NON_REF> 3 .", "a 1 A T,<NON_REF> 4 ."
    )
    member = CallerQualities(caller_records(lines.read_text().splitlines(), {"b": 0, "a": 1}))
    both = {("A", "AT"): 2.0, ("A", "AG"): 3.0}
    assert [member.at(place) for place in ((0, 9), (0, 9), (0, 10), (1, 1), (1, 2))] == [both, both, {}, {("A", "T"): 4.0}, {}]


@pytest.mark.parametrize(
    ("pair", "short"), [("CAA CA", "CA C"), ("C CAA", "C CAA"), ("CAT CAG", "CAT CAG"), ("TT T", "TT T"), ("A *", "A *")]
)
def test_shortest_drops_only_what_both_alleles_end_in(pair, short):
    assert shortest(*pair.split()) == tuple(short.split())


@pytest.mark.parametrize(
    ("members", "words"), [(["kid", "mother"], "2.vcf: mother vanished from the joint calls"), (["kid"], "mother is no member of the case")]
)
def test_main_refuses_a_chunk_that_lost_or_won_a_member(tmp_path, members, words):
    chunks = [vcf(tmp_path / "1.vcf", "kid mother", "b 100 CA C 12 DP=1"), vcf(tmp_path / "2.vcf", "kid", "a 50 TAA TA 40 DP=1")]
    with pytest.raises(InputError, match=words):
        main(
            input=SimpleNamespace(chunks=chunks, gvcfs=[]),
            output=SimpleNamespace(vcf=tmp_path / "out.vcf.gz"),
            params=SimpleNamespace(caller="freebayes", members=members),
        )
    assert not (tmp_path / "out.vcf.gz").exists()


@pytest.mark.parametrize(
    ("genotype", "expected"),
    [
        ("0|1:0|1", "0|1:0|1"),
        ("0|1:1|0", "1|0:1|0"),  # GenotypeGVCFs forgets the order
        ("1|1:1|0", "1|1:1|0"),
        ("0|2:1|0", "2|0:1|0"),
        ("1|2:0|1", "1/2:0|1"),
        ("0|1:.", "0/1:."),
        ("0|1", "0/1"),
        ("0/1:.", "0/1:."),
        ("./.", "./."),
    ],
)
def test_phased_by_caller_keeps_the_callers_order(genotype, expected):
    fields = ["c", "1", ".", "A", "C", "50", ".", "DP=1", "GT:PGT", genotype, "0/0:."]
    assert phased_by_caller(fields) == [*fields[:9], expected, "0/0:."]
    assert phased_by_caller([*fields[:8], "GT", "0|1"])[9] == "0|1"
