"""Two call sets read side by side: what was gained, lost, carried otherwise, flagged otherwise, annotated otherwise."""

from pathlib import Path

import pytest

from tests.results_trees import HEADER, RECORDS, vcf_text
from workflow.call_changes import CallCounts, compare_calls
from workflow.changes import Change
from workflow.errors import InputError


def compared(
    tmp_path: Path, new: tuple[str, ...], old: tuple[str, ...] = RECORDS, samples: tuple[str, ...] = ("kid", "mum"), header: str = HEADER
):
    (tmp_path / "old.vcf").write_text(vcf_text(old))
    (tmp_path / "new.vcf").write_text(vcf_text(new, header=header))
    counts = CallCounts()
    changes = list(compare_calls(tmp_path / "old.vcf", tmp_path / "new.vcf", "family", samples, counts))
    return changes, counts


def told(changes: list[Change]) -> list[tuple[str, ...]]:
    return [(one.kind.value, one.sample, f"{one.chrom}:{one.pos} {one.ref}>{one.alt}", one.field, one.old, one.new) for one in changes]


def with_record(number: int, record: str | None) -> tuple[str, ...]:
    return (*RECORDS[:number], *([record] if record else []), *RECORDS[number + 1 :])


def test_compare_calls_of_the_same_calls_gives_nothing_and_counts_them(tmp_path):
    changes, counts = compared(tmp_path, RECORDS)
    assert changes == []
    # kid carries five, mum two; one of kid's is flagged
    assert counts == CallCounts(before=7, after=7, both=7, passed=6, lost_passed=0, moved=0)


def test_compare_calls_lost_record_is_lost_by_its_carriers_only(tmp_path):
    changes, counts = compared(tmp_path, with_record(0, None))
    assert told(changes) == [("variant lost", "kid", "chr1:100 A>G", "GT", "0/1 PASS", "")]
    assert changes[0].gene == "LMNA"
    assert (counts.before, counts.after, counts.lost_passed) == (7, 6, 1)


def test_compare_calls_gained_record_at_a_position_that_both_have(tmp_path):
    changes, _ = compared(tmp_path, (*RECORDS[:2], "chr1 200 C G LowQual DP=9 0/0:9 0/1:9", *RECORDS[2:]))
    assert told(changes) == [("variant gained", "mum", "chr1:200 C>G", "GT", "", "0/1 LowQual")]


def test_compare_calls_tells_the_alleles_of_a_split_record_apart(tmp_path):
    changes, _ = compared(tmp_path, with_record(2, None))
    assert told(changes) == [("variant lost", name, "chr1:200 C>CA", "GT", "0/1 PASS", "") for name in ("kid", "mum")]


def test_compare_calls_order_of_records_at_one_position_does_not_matter(tmp_path):
    assert compared(tmp_path, (RECORDS[0], RECORDS[2], RECORDS[1], *RECORDS[3:]))[0] == []


def test_compare_calls_genotype_changes_with_the_number_of_copies_but_not_with_phase(tmp_path):
    changes, _ = compared(tmp_path, with_record(3, "chr2 50 G GA LowQual DP=9 1/0:9 0/0:9"))
    assert changes == []
    changes, counts = compared(tmp_path, with_record(3, "chr2 50 G GA LowQual DP=9 1|1:9 ./.:9"))
    assert [(one.kind, one.sample, one.old, one.new) for one in changes] == [
        ("genotype changed", "kid", "0/1 LowQual", "1/1 LowQual"),
        ("genotype changed", "mum", "0/0 LowQual", "./. LowQual"),
    ]
    assert counts.both == 7


def test_compare_calls_carrier_that_becomes_reference_has_lost_it(tmp_path):
    changes, _ = compared(tmp_path, with_record(0, RECORDS[0].replace("0/1:9", "0/0:9")))
    assert told(changes) == [("variant lost", "kid", "chr1:100 A>G", "GT", "0/1 PASS", "0/0")]


def test_compare_calls_flag_that_comes_counts_as_a_lost_pass(tmp_path):
    changes, counts = compared(tmp_path, with_record(1, RECORDS[1].replace("PASS", "LowQual;Other")))
    assert told(changes) == [("filter changed", name, "chr1:200 C>T", "FILTER", "PASS", "LowQual;Other") for name in ("kid", "mum")]
    assert counts.lost_passed == 2


def test_compare_calls_no_filter_is_a_pass_and_the_order_of_flags_does_not_matter(tmp_path):
    assert compared(tmp_path, with_record(0, RECORDS[0].replace("PASS", ".")))[0] == []
    old = with_record(0, RECORDS[0].replace("PASS", "a;b"))
    assert compared(tmp_path, with_record(0, RECORDS[0].replace("PASS", "b;a")), old)[0] == []


def test_compare_calls_numbers_of_the_caller_are_no_change_but_move_the_case(tmp_path):
    changes, counts = compared(tmp_path, with_record(0, RECORDS[0].replace("DP=9", "DP=8").replace(":9", ":8")))
    assert changes == []
    assert counts.moved == 1


def test_compare_calls_annotation_names_the_subfield_and_the_source_field(tmp_path):
    new = RECORDS[1].replace("stop_gained", "missense_variant").replace("p.Gln2Ter", "p.Gln2%3D").replace("Benign", "Pathogenic")
    changes, counts = compared(tmp_path, with_record(1, new))
    assert [(one.sample, one.gene, one.field, one.old, one.new) for one in changes] == [
        ("", "NTRK1", "CSQ.Consequence", "stop_gained", "missense_variant"),
        ("", "NTRK1", "CSQ.HGVSp", "p.Gln2Ter", "p.Gln2="),
        ("", "NTRK1", "clinvar_CLNSIG", "Benign", "Pathogenic"),
    ]
    assert counts.moved == 0


def test_compare_calls_transcripts_that_come_go_or_take_the_first_place(tmp_path):
    entry, other = "G|missense_variant|LMNA|NM_1|p.Arg1Gly|", "G|intron_variant|RIT1|NM_3||"
    changes, _ = compared(tmp_path, with_record(0, RECORDS[0].replace(entry, f"{entry},{other}")))
    assert [(one.gene, one.field, one.old, one.new) for one in changes] == [("RIT1", "CSQ", "", "NM_3 intron_variant")]
    both, turned = (with_record(0, RECORDS[0].replace(entry, text)) for text in (f"{entry},{other}", f"{other},{entry}"))
    changes, _ = compared(tmp_path, turned, both)
    assert [(one.field, one.old, one.new) for one in changes] == [("CSQ, first transcript", "NM_1", "NM_3")]


def test_compare_calls_one_sample_only(tmp_path):
    changes, counts = compared(tmp_path, with_record(2, None), samples=("mum",))
    assert [one.sample for one in changes] == ["mum"]
    assert counts.before == 2


def test_compare_calls_contig_that_only_one_file_has(tmp_path):
    header = HEADER.replace("##contig=<ID=chr2", "##contig=<ID=chr1_decoy,length=9>\n##contig=<ID=chr2")
    changes, _ = compared(tmp_path, (*RECORDS[:3], "chr1_decoy 5 A C PASS . 0/1:9 0/0:9", *RECORDS[3:]), header=header)
    assert told(changes) == [("variant gained", "kid", "chr1_decoy:5 A>C", "GT", "", "0/1 PASS")]


@pytest.mark.parametrize(
    ("records", "header", "says"),
    [
        ((RECORDS[1], RECORDS[0]), HEADER, "not in the order of the contigs"),
        ((RECORDS[0].replace("chr1", "chr9"),), HEADER, "does not fit the header: chr9:100"),
        (RECORDS, "\n".join([*HEADER.splitlines()[:1], *HEADER.splitlines()[2:0:-1], *HEADER.splitlines()[3:], ""]), "different orders"),
    ],
)
def test_compare_calls_refuses_what_is_out_of_order(tmp_path, records, header, says):
    with pytest.raises(InputError, match=says):
        compared(tmp_path, records, header=header)
