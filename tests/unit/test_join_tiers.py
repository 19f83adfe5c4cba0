"""One gVCF out of two tiers: sorted, without a base twice in blocks, and refused where a base is missing."""

import gzip
from pathlib import Path
from types import SimpleNamespace

import pysam
import pytest

from scripts.join_tiers import main
from tests.unit.small_bam import random_bases, write_fasta
from workflow.errors import InputError

SEQUENCES = {"chr2": random_bases(400, 1), "chr10": random_bases(200, 2), "chr1": random_bases(200, 3)}  # as the FASTA has them
HEADER = "".join(
    [
        "##fileformat=VCFv4.2\n",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n',
        *(f"##contig=<ID={name},length={len(sequence)}>\n" for name, sequence in SEQUENCES.items()),
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tanna\n",
    ]
)


def block(contig: str, start: int, end: int) -> str:
    """Return a block over [start, end), 0-based."""
    return f"{contig}\t{start + 1}\t.\t{SEQUENCES[contig][start]}\t<NON_REF>\t.\t.\tEND={end}\tGT\t0/0\n"


def variant(contig: str, start: int, ref: int = 1, alt: str = "T") -> str:
    bases = SEQUENCES[contig][start : start + ref]
    return f"{contig}\t{start + 1}\t.\t{bases}\t{alt},<NON_REF>\t50\t.\tDP=30\tGT\t0/1\n"


class Tiers:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fasta = write_fasta(folder / "ref.fa", SEQUENCES)

    def join(self, settled: list[str], assembled: list[str], chunk: list[tuple], absent: list[tuple] = ()) -> list[str]:  # type: ignore[assignment]
        """Return the records of the joined gVCF."""
        (self.folder / "settled.gz").write_bytes(gzip.compress("".join(settled).encode()))
        with pysam.BGZFile(str(self.folder / "assembled.g.vcf.gz"), "wb") as handle:
            handle.write((HEADER + "".join(assembled)).encode())
        for name, intervals in (("chunk.bed", chunk), ("absent.bed", absent)):
            (self.folder / name).write_text("".join("\t".join(map(str, interval)) + "\n" for interval in intervals))
        files = {"settled": "settled.gz", "assembled": "assembled.g.vcf.gz", "absent": "absent.bed", "chunk": "chunk.bed"}
        vcf = self.folder / "joined.g.vcf.gz"
        main(
            input=SimpleNamespace(fasta=self.fasta, **{key: self.folder / name for key, name in files.items()}),
            output=SimpleNamespace(vcf=vcf, tbi=f"{vcf}.tbi"),
        )
        assert (self.folder / "joined.g.vcf.gz.tbi").exists()
        with pysam.VariantFile(str(vcf)) as calls:
            assert list(calls.header.samples) == ["anna"]
            return [str(call) for call in calls]


@pytest.fixture
def tiers(tmp_path: Path) -> Tiers:
    return Tiers(tmp_path)


def test_main_puts_both_tiers_in_the_order_of_the_fasta(tiers: Tiers) -> None:
    settled = [block("chr2", 0, 100), variant("chr2", 200, alt="A"), block("chr2", 201, 400), block("chr10", 50, 200), block("chr1", 0, 30)]
    assembled = [block("chr2", 100, 200), block("chr10", 0, 50), variant("chr1", 30), block("chr1", 31, 200)]
    chunk = [("chr2", 0, 400), ("chr10", 0, 200), ("chr1", 0, 200)]
    joined = tiers.join(settled, assembled, chunk)
    places = [(fields[0], int(fields[1]) - 1) for fields in (record.split("\t") for record in joined)]
    first = [("chr2", 0), ("chr2", 100), ("chr2", 200), ("chr2", 201), ("chr10", 0), ("chr10", 50)]
    assert places == [*first, ("chr1", 0), ("chr1", 30), ("chr1", 31)]
    assert sorted(joined) == sorted(settled + assembled)


def test_main_deletion_that_reaches_out_of_its_stretch_trims_the_block_behind(tiers: Tiers) -> None:
    settled = [block("chr2", 0, 90), block("chr2", 110, 400)]
    assembled = [block("chr2", 90, 100), variant("chr2", 100, ref=25, alt=SEQUENCES["chr2"][100])]
    joined = tiers.join(settled, assembled, [("chr2", 0, 400)])
    assert joined == [settled[0], *assembled, block("chr2", 125, 400)]


def test_main_deletion_that_swallows_a_block_leaves_none_of_it_and_keeps_variants(tiers: Tiers) -> None:
    inside = variant("chr2", 115, alt="A")
    settled = [block("chr2", 110, 115), inside, block("chr2", 116, 118), block("chr2", 118, 400)]
    deletion = variant("chr2", 100, ref=25, alt=SEQUENCES["chr2"][100])
    joined = tiers.join(settled, [block("chr2", 0, 100), deletion], [("chr2", 0, 400)])
    assert joined == [block("chr2", 0, 100), deletion, inside, block("chr2", 125, 400)]


@pytest.mark.parametrize(("base", "written"), [("R", "N"), ("N", "N"), ("a", "A")])
def test_main_trimmed_block_says_the_base_as_gatk_reads_it(tmp_path: Path, base: str, written: str) -> None:
    tiers = Tiers(tmp_path)
    sequence = SEQUENCES["chr2"]
    write_fasta(tiers.fasta, SEQUENCES | {"chr2": sequence[:125] + base + sequence[126:]})
    deletion = variant("chr2", 100, ref=25, alt=sequence[100])
    joined = tiers.join([block("chr2", 0, 100), block("chr2", 110, 400)], [deletion], [("chr2", 0, 400)])
    assert joined[-1].split("\t")[:4] == ["chr2", "126", ".", written]


@pytest.mark.parametrize(
    ("settled", "assembled", "missing"),
    [
        pytest.param([(0, 100), (101, 400)], [], "leaves out 1 bases of chr2, the first at 101", id="between"),
        pytest.param([(1, 400)], [], "leaves out 1 bases of chr2, the first at 1", id="first"),
        pytest.param([(0, 200)], [(200, 390)], "leaves out 10 bases of chr2, the first at 391", id="last"),
        pytest.param([], [], "leaves out 400 bases of chr2, the first at 1", id="all"),
    ],
)
def test_main_refuses_a_gvcf_that_leaves_out_a_base(tiers: Tiers, settled: list, assembled: list, missing: str) -> None:
    parts = ([block("chr2", *one) for one in settled], [block("chr2", *one) for one in assembled])
    with pytest.raises(InputError, match=missing):
        tiers.join(*parts, [("chr2", 0, 400)])
    assert not (tiers.folder / "joined.g.vcf.gz").exists()


def test_main_what_reaches_beyond_the_chunk_makes_up_for_no_missing_base(tiers: Tiers) -> None:
    deletion = variant("chr2", 195, ref=25, alt=SEQUENCES["chr2"][195])
    with pytest.raises(InputError, match="leaves out 5 bases of chr2, the first at 51"):
        tiers.join([block("chr2", 0, 50), block("chr2", 55, 195)], [deletion], [("chr2", 0, 200)])


def test_main_missing_contig_is_refused_and_an_absent_one_is_not_owed(tiers: Tiers) -> None:
    chunk = [("chr2", 0, 400), ("chr1", 10, 90)]
    with pytest.raises(InputError, match="leaves out 80 bases of chr1, the first at 11"):
        tiers.join([block("chr2", 0, 400)], [], chunk)
    assert tiers.join([block("chr2", 0, 400)], [], chunk, [("chr1", 0, 200, 0)]) == [block("chr2", 0, 400)]


def test_main_without_anything_owed_is_a_header(tiers: Tiers) -> None:
    assert tiers.join([], [], [("chr1", 10, 90)], [("chr1", 0, 200, 0)]) == []
