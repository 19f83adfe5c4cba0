import random

import pysam
import pytest

from scripts.bench.simulate import MARGIN, haplotype, left_aligned, make_variants
from scripts.bench.simulate_reads import READ, slip_rate, stutter
from scripts.bench.site_files import write_bed, write_vcf


@pytest.fixture(scope="module")
def sequence():
    dice = random.Random(7)
    parts = []
    while sum(map(len, parts)) < 400_000:  # a repeat of one to three bases about every 300 bases, as in life
        parts += ["".join(dice.choices("ACGT", k=300)), dice.choice(["A", "CA", "GAA"]) * dice.randrange(4, 15)]
    return "".join(parts)


@pytest.fixture(scope="module")
def variants(sequence):
    return make_variants(sequence, random.Random(1))


def is_snv(one):
    return len(one.ref) == len(one.alt) == 1


def test_make_variants_has_the_rates_of_life(sequence, variants):
    snvs, indels = [one for one in variants if is_snv(one)], [one for one in variants if not is_snv(one)]
    assert 0.97 * len(sequence) / 1000 < len(snvs) <= len(sequence) / 1000
    assert 0.9 * len(sequence) / 8000 < len(indels) <= len(sequence) / 8000
    assert sum(all(one.copies) for one in variants) / len(variants) == pytest.approx(1 / 3, abs=0.08)
    assert sum({one.ref, one.alt} in ({"A", "G"}, {"C", "T"}) for one in snvs) / len(snvs) == pytest.approx(2 / 3, abs=0.08)


def test_make_variants_fit_the_sequence_and_do_not_touch(sequence, variants):
    done = MARGIN // 2
    for one in variants:
        assert sequence[one.at : one.at + len(one.ref)] == one.ref != one.alt
        assert one.at > done
        assert any(one.copies)
        done = one.at + len(one.ref)
    assert done < len(sequence) - MARGIN // 2


def test_make_variants_puts_most_indels_into_repeats(sequence, variants):
    indels = [one for one in variants if not is_snv(one)]
    after = [sequence[one.at + 1 : one.at + 9] for one in indels]
    in_repeats = sum(text[:6] in ("AAAAAA", "CACACA", "ACACAC") or text in ("GAAGAAGA", "AAGAAGAA", "AGAAGAAG") for text in after)
    assert in_repeats / len(indels) > 0.45


def test_make_variants_follows_from_the_seed(sequence, variants):
    assert make_variants(sequence, random.Random(1)) == variants
    assert make_variants(sequence, random.Random(2)) != variants


def test_left_aligned_moves_an_indel_to_the_start_of_its_repeat():
    assert left_aligned("TGAAAC", 4, "AC"[:1] + "", "AA") == (1, "G", "GA")
    assert left_aligned("TGCACAC", 4, "CAC"[:3], "C") == (1, "GCA", "G")


def test_left_aligned_leaves_what_cannot_move():
    assert left_aligned("TGACC", 2, "A", "AT") == (2, "A", "AT")


@pytest.mark.parametrize("copy", [0, 1])
def test_haplotype_is_what_the_truth_file_says(tmp_path, sequence, variants, copy):
    fasta = tmp_path / "ref.fa"
    fasta.write_text(f">one\n{sequence}\n")
    pysam.faidx(str(fasta))
    write_vcf(tmp_path / "truth.vcf.gz", fasta, [("one", one.at + 1, one.ref, one.alt, one.genotype) for one in variants], "SIM")
    bases = list(sequence)
    with pysam.VariantFile(str(tmp_path / "truth.vcf.gz")) as truth:
        records = list(truth)
    assert len(records) == len(variants)
    for record in records:  # each base of the reference alone, so that order does not matter
        if record.samples["SIM"]["GT"][copy]:
            bases[record.start : record.stop] = [record.alts[0], *[""] * (len(record.ref) - 1)]
    assert haplotype(sequence, variants, copy) == "".join(bases) != sequence


def test_write_bed_joins_neighbours(tmp_path):
    write_bed(tmp_path / "a.bed", [("1", 0, 5), ("1", 5, 9), ("1", 12, 14), ("2", 14, 20)])
    assert (tmp_path / "a.bed").read_text() == "1\t0\t9\n1\t12\t14\n2\t14\t20\n"


def test_stutter_slips_as_often_as_the_rate_says():
    read, dice = "ACGT" * 20 + "C" + "A" * 12 + "GT" * 20, random.Random(3)
    lengths = [len(stutter(read, "F" * len(read), dice)[0]) - len(read) for _ in range(40_000)]
    assert (lengths.count(-1) + lengths.count(1)) / len(lengths) == pytest.approx(slip_rate(12), rel=0.2)
    assert lengths.count(-1) > lengths.count(1) > 0


def test_stutter_keeps_qualities_beside_their_bases_and_the_length_of_a_read():
    bases, dice = "A" * 20 + "CG" * (READ // 2 - 10), random.Random(5)
    marks = "".join("x" if base == "A" else "y" for base in bases)
    found = {stutter(bases, marks, dice) for _ in range(200)}
    assert len(found) == 3
    for read, qualities in found:
        assert len(read) == len(qualities) <= READ
        assert all((base == "A") == (mark == "x") for base, mark in zip(read, qualities, strict=True))


def test_stutter_leaves_short_runs_alone():
    read = "ACGTTTTTTTACG" * 8
    assert all(stutter(read, read, random.Random(seed)) == (read, read) for seed in range(50))
