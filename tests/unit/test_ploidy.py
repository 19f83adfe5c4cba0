import pytest

from workflow.ploidy import SexContigs, copies_of_karyotype, karyotype_of_order, measured_karyotype, ploidy_regions

CONTIGS = {"1": 1000, "X": 500, "Y": 200, "MT": 16}
SEX = SexContigs("X", "Y", (("X", 10, 60), ("X", 450, 500), ("Y", 10, 60)))


@pytest.mark.parametrize(("karyotype", "copies"), [("XX", (2, 0)), ("XY", (1, 1)), ("X0", (1, 0)), ("XXY", (2, 1)), ("XYY", (1, 2))])
def test_copies_of_karyotype(karyotype, copies):
    assert copies_of_karyotype(karyotype) == copies


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (1.0, 0.0, "XX"),
        (0.5, 0.45, "XY"),
        (0.52, 0.02, "X0"),
        (1.02, 0.5, "XXY"),
        (0.5, 1.0, "XYY"),
        (1.5, 0.0, "XXX"),
        (0.75, 0.25, None),
        (None, 0.5, None),
    ],
)
def test_measured_karyotype_by_depth_ratio(x, y, expected):
    assert measured_karyotype(x, y) == expected


def test_karyotype_of_order_knows_words_and_symbols():
    assert [karyotype_of_order(sex) for sex in ("female", "male", "XXY", "unknown")] == ["XX", "XY", "XXY", None]


def test_ploidy_regions_of_a_man_are_haploid_outside_par():
    regions = ploidy_regions("XY", CONTIGS, SEX, ["MT"])
    assert regions == [("MT", 0, 16, 1), ("X", 0, 10, 1), ("X", 60, 450, 1), ("Y", 0, 10, 1), ("Y", 10, 60, 0), ("Y", 60, 200, 1)]


def test_ploidy_regions_of_a_woman_have_no_y():
    assert ploidy_regions("XX", CONTIGS, SEX) == [("Y", 0, 10, 0), ("Y", 10, 60, 0), ("Y", 60, 200, 0)]


def test_ploidy_regions_of_a_reference_without_sex_contigs_are_empty():
    assert ploidy_regions("XY", {"20": 100}, SexContigs(None, None, ())) == []
