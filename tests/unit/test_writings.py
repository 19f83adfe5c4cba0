"""One haplotype written in two ways is neither lost nor gained; what differs by a base, a copy or a flag is."""

from tests.results_trees import vcf_text
from workflow.call_changes import CallCounts, compare_calls
from workflow.writings import pair_writings


def kinds(tmp_path, old, new, samples=("kid",)):
    for name, records in (("old", old), ("new", new)):
        (tmp_path / f"{name}.vcf").write_text(vcf_text([f"chr1 {record}" for record in records], samples))
    counts = CallCounts()
    changes = list(pair_writings(compare_calls(tmp_path / "old.vcf", tmp_path / "new.vcf", "c", samples, counts), counts))
    return [(one.kind.value, one.sample, one.pos) for one in changes], counts.lost_passed


APART = ("100 C G PASS . 1/1:9", "104 G C PASS . 1/1:9")
JOINED = ("100 CACTG GACTC PASS . 1/1:9",)


def test_pair_writings_joined_and_apart_are_the_same_in_both_directions(tmp_path):
    written = [("written otherwise", "kid", pos) for pos in (100, 100, 104)]
    assert kinds(tmp_path, APART, JOINED) == (written, 0)
    assert kinds(tmp_path, JOINED, APART) == (written, 0)


def test_pair_writings_another_base_copy_or_flag_is_lost_and_gained(tmp_path):
    lost_and_gained = {"variant lost", "variant gained"}
    for new in (
        "100 CACTG GACTT PASS . 1/1:9",
        "100 CACTG GACTC PASS . 0/1:9",
        "100 CACTG GACTC Low . 1/1:9",
        "100 CACTGA GACTCT PASS . 1/1:9",
    ):
        changes, lost = kinds(tmp_path, APART, (new,))
        assert {kind for kind, _, _ in changes} == lost_and_gained, new
        assert lost == 2


def test_pair_writings_deletion_with_a_changed_base_before_it(tmp_path):
    old = ("100 C T PASS . 0/1:9", "101 AGG A PASS . 0/1:9")
    changes, _ = kinds(tmp_path, old, ("100 CAGG TA PASS . 0/1:9",))
    assert {kind for kind, _, _ in changes} == {"written otherwise"}


def test_pair_writings_only_half_of_a_joined_call_is_no_match(tmp_path):
    changes, lost = kinds(tmp_path, APART[:1], JOINED)
    assert changes == [("variant lost", "kid", 100), ("variant gained", "kid", 100)]
    assert lost == 1


def test_pair_writings_keeps_samples_apart(tmp_path):
    old = ("100 C G PASS . 0/1:9 0/1:9", "104 G C PASS . 0/1:9 0/0:9")
    changes, _ = kinds(tmp_path, old, ("100 CACTG GACTC PASS . 0/1:9 0/1:9",), ("kid", "mum"))
    assert {(kind, sample) for kind, sample, _ in changes} == {
        ("written otherwise", "kid"),
        ("variant lost", "mum"),
        ("variant gained", "mum"),
    }


def test_pair_writings_passes_everything_else_on_in_order(tmp_path):
    old = ("90 A T PASS . 0/1:9", *APART, "200 A T PASS . 0/1:9", "300 A T PASS . 0/1:9")
    new = ("90 A T PASS . 1/1:9", *JOINED, "300 A T Low . 0/1:9")
    changes, lost = kinds(tmp_path, old, new)
    assert [kind for kind, _, _ in changes] == ["genotype changed", *["written otherwise"] * 3, "variant lost", "filter changed"]
    assert lost == 2


def test_pair_writings_counts_copies(tmp_path):
    """Both copies have T>C at 103, one of them T>C at 100 too: written as two calls, or as one of two bases beside one of one."""
    old = ("100 T C PASS . 0/1:9", "103 T C PASS . 1/1:9")
    changes, lost = kinds(tmp_path, old, ("100 TTCT CTCC PASS . 0/1:9", "103 T C PASS . 0/1:9"))
    assert [kind for kind, _, _ in changes] == ["written otherwise"] * 3
    assert lost == 0
    changes, _ = kinds(tmp_path, old, ("100 TTCT CTCC PASS . 1/1:9", "103 T C PASS . 0/1:9"))
    assert "written otherwise" not in {kind for kind, _, _ in changes}


def test_pair_writings_a_call_that_became_unsure_is_no_other_writing(tmp_path):
    changes, _ = kinds(tmp_path, ("100 T C PASS . 0/0:9",), ("100 T C PASS . ./.:9",))
    assert changes == [("genotype changed", "kid", 100)]
