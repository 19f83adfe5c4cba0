"""Bases counted at sites from alignments built in code, and sites that a sample shows by itself."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pysam
import pytest

from scripts import count_sites
from tests.unit.small_bam import other, random_bases, read_of, write_bam, write_fasta
from workflow.site_counts import SiteCounts, count_at, genotype_likelihoods, query_offset, read_counts, write_counts
from workflow.site_panel import panel_of, write_panel

SEQUENCE = random_bases(5000, 1)
READ = 100


def header() -> pysam.AlignmentHeader:
    groups = [{"ID": name, "SM": "s"} for name in ("L1", "L2")]
    content = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "20", "LN": len(SEQUENCE)}], "RG": groups}
    return pysam.AlignmentHeader.from_dict(content)


def read(start: int, *, lane: str = "L1", changes: dict[int, str] | None = None, name: str = "r", **more) -> pysam.AlignedSegment:
    """Return a read of the reference with some bases changed (by position)."""
    bases = list(SEQUENCE[start : start + READ])
    for position, base in (changes or {}).items():
        if start <= position < start + READ:
            bases[position - start] = base
    made = read_of(header(), start, f"{READ}M", "".join(bases), name=name, **more)
    made.set_tag("RG", lane)
    return made


def counted(tmp_path: Path, reads: list[pysam.AlignedSegment], positions: list[int], groups: tuple[int, ...] = ()):
    fasta = write_fasta(tmp_path / "ref.fa", {"20": SEQUENCE})
    bam = write_bam(tmp_path / "s.bam", header(), reads)
    rows = [("20", position, SEQUENCE[position], other(SEQUENCE[position]), float("nan")) for position in positions]
    return count_at(str(bam), str(fasta), rows, groups)


def test_count_at_tells_lanes_and_alleles_apart(tmp_path: Path) -> None:
    alt, third = other(SEQUENCE[1000]), other(SEQUENCE[1000], 2)
    reads = [read(950), read(960, lane="L2"), read(970, changes={1000: alt}), read(980, lane="L2", changes={1000: third}), read(3000)]
    lanes, counts = counted(tmp_path, reads, [1000, 1070])
    assert lanes == ("L1", "L2")
    assert counts[:, :, 0].tolist() == [[1, 1, 0], [1, 0, 1]]
    assert counts[:, 0, 1].tolist() == [0, 1]


def test_count_at_leaves_out_what_is_not_trusted(tmp_path: Path) -> None:
    reads = [read(950, flag=flag) for flag in (0x400, 0x100, 0x800, 0x200)] + [read(950, mapq=19), read(950, quality=24)]
    assert counted(tmp_path, reads, [1000])[1].sum() == 0


def test_count_at_counts_overlapping_mates_once(tmp_path: Path) -> None:
    left = read(950, flag=0x1 | 0x2 | 0x20 | 0x40, mate=(0, 990), template=140)
    right = read(990, flag=0x1 | 0x2 | 0x10 | 0x80, mate=(0, 950), template=-140)
    assert counted(tmp_path, [left, right], [1000, 1060])[1][0, 0].tolist() == [1, 1]


def test_count_at_counts_a_fragment_once_in_a_group(tmp_path: Path) -> None:
    _lanes, counts = counted(tmp_path, [read(950, name="a"), read(960, name="b")], [1000, 1010, 1020], (1, 1, 0))
    assert counts[0, 0].tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("operations", "position", "offset"),
    [
        ([(0, 10)], 105, 5),
        ([(4, 3), (0, 10)], 105, 8),
        ([(0, 3), (2, 4), (0, 5)], 105, None),
        ([(0, 3), (1, 2), (0, 5)], 105, 7),
        ([(0, 3)], 105, None),
    ],
)
def test_query_offset_follows_the_cigar(operations: list[tuple[int, int]], position: int, offset: int | None) -> None:
    assert query_offset(operations, 100, position) == offset


def test_genotype_likelihoods_prefer_what_was_seen() -> None:
    table = genotype_likelihoods(np.array([10, 5, 0, 0]), np.array([0, 5, 10, 0]), 0.001)
    assert table.dtype == np.float32
    assert table.argmax(1)[:3].tolist() == [0, 1, 2]
    assert table[3].tolist() == [0, 0, 0]
    assert table[1, 1] == pytest.approx(10 * np.log10(0.5), rel=1e-4)


def test_read_counts_gives_what_was_written(tmp_path: Path) -> None:
    shorts = np.arange(6, dtype=np.uint16).reshape(2, 3)
    write_counts(tmp_path / "c.npz", SiteCounts("s", "d", ("L1", "L2"), shorts, shorts + 1, shorts + 2, {"x_look": np.array([5, 1])}))
    again = read_counts(tmp_path / "c.npz")
    assert (again.sample, again.panel, again.lanes) == ("s", "d", ("L1", "L2"))
    assert again.other.tolist() == (shorts + 2).tolist()
    assert again.more["x_look"].tolist() == [5, 1]


def test_main_finds_the_samples_own_sites(tmp_path: Path) -> None:
    """A homozygous site at 1000, a heterozygous one at 2000, and one beside a deletion at 3000, which is not trusted."""
    fasta = write_fasta(tmp_path / "ref.fa", {"20": SEQUENCE})
    changes = {1000: other(SEQUENCE[1000]), 3000: other(SEQUENCE[3000])}
    reads = []
    for number in range(1200):
        start = (number * 37) % (len(SEQUENCE) - READ)
        both = changes | ({2000: other(SEQUENCE[2000])} if number % 2 else {})
        if start < 2985 and start + READ > 3010:
            bases = SEQUENCE[start:2994] + SEQUENCE[2996 : start + READ + 2]
            made = read_of(header(), start, f"{2994 - start}M2D{READ - 2994 + start}M", bases.replace("\n", ""), name=f"n{number}")
            made.set_tag("RG", "L1")
            reads.append(made)
        else:
            reads.append(read(start, changes=both, name=f"n{number}"))
    bam = write_bam(tmp_path / "s.bam", header(), reads)
    (tmp_path / "territory.bed").write_text("20\t200\t4800\n")
    site = ("20", 500, SEQUENCE[500], other(SEQUENCE[500]), 0.3)
    write_panel(tmp_path / "p.tsv.gz", panel_of([site], name="p", assembly="GRCh38", release="1"))
    files = SimpleNamespace(cram=str(bam), fasta=str(fasta), territory=tmp_path / "territory.bed", sites=tmp_path / "p.tsv.gz")
    count_sites.main(input=files, output=[tmp_path / "c.npz"], params=SimpleNamespace(par=[]), wildcards=SimpleNamespace(sample="s"))
    found = read_counts(tmp_path / "c.npz")
    assert found.more["own_positions"].tolist() == [1000, 2000]
    assert found.ref.shape == (2, 1)
    assert found.ref.sum() > 10
    bases, wrong = found.more["controls"].tolist()
    assert bases > 300
    assert wrong == 0
