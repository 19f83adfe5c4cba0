import pytest

from workflow.intervals import equal_parts, intersection, merged, read_bed, shared_by, split_at, total_length


def test_merged_joins_overlapping_and_adjacent():
    assert merged([(5, 9), (1, 3), (3, 4), (8, 12), (20, 20)]) == [(1, 4), (5, 12)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([(0, 10)], [(10, 20)], []),
        ([(0, 10), (20, 30)], [(5, 25)], [(5, 10), (20, 25)]),
        ([], [(0, 1)], []),
    ],
)
def test_intersection_is_half_open(first, second, expected):
    assert intersection(first, second) == expected
    assert intersection(second, first) == expected


def test_shared_by_leaves_out_contigs_that_share_nothing():
    assert shared_by({"1": [(0, 5)], "2": [(0, 5)]}, {"2": [(3, 9)], "3": [(0, 9)]}) == {"2": [(3, 5)]}


def test_split_at_loses_nothing():
    assert split_at([(0, 10), (20, 30)], [10, 25, 5]) == [(0, 5), (5, 10), (20, 25), (25, 30)]


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 40])
def test_equal_parts_deals_every_base_once_in_order(parts):
    intervals = {"1": [(0, 10), (15, 22)], "2": [(3, 17)]}
    dealt = equal_parts(intervals, parts)
    assert len(dealt) == parts
    bases = [(contig, position) for part in dealt for contig, start, end in part for position in range(start, end)]
    assert bases == [(contig, p) for contig, stretch in intervals.items() for start, end in stretch for p in range(start, end)]
    sizes = [sum(end - start for _, start, end in part) for part in dealt]
    assert max(sizes) - min(sizes) <= 1


def test_read_bed_keeps_only_the_label_asked_for(tmp_path):
    bed = tmp_path / "x.bed"
    bed.write_text("#comment\n1\t0\t5\tLOW\n1\t5\t9\tCALLABLE\n1\t9\t12\tCALLABLE\n2\t1\t2\tLOW\n")
    assert read_bed(bed, label="CALLABLE") == {"1": [(5, 12)]}
    assert total_length(read_bed(bed)) == 13
