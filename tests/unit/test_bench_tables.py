import pytest

from scripts.bench.costs import Cost, Run
from scripts.bench.pages import BEGIN, END, measured_sets, missing, write_block
from scripts.bench.records import ENGINE, TOTAL, Accuracy, Row, accuracy_of, read_records, replaced, rows_of, write_records
from scripts.bench.score import Score, scores_of
from scripts.bench.tables import accuracy, exponent, growth, ratio, regressions, side_by_side, verdict


def whole(reads, chain, cpu_s, disk_mb=0.0):
    return Row(reads, chain, TOTAL, 3, cpu_s, 20.0, 900.0, 50.0, disk_mb, 25.0)


def test_rows_of_sums_the_chain_and_keeps_the_rest_apart():
    run = Run({"a": Cost("a", 1, 5, 6, 70, 8), "b": Cost("b", 2, 10, 3, 40, 1)}, wall_s=12, cpu_s=18, peak_disk_mb=100)
    rows = {row.stage: row for row in rows_of("2.5", "ours", run, 60, [Cost("verify_fastq", 1, 4, 4, 9, 0)])}
    assert rows[TOTAL] == Row("2.5", "ours", TOTAL, 3, 15, 12, 70, 9, 40, 60)
    assert rows[ENGINE].cpu_s == 3
    assert rows["on top: verify_fastq"].cpu_s == 4


def test_side_by_side_divides_ours_by_each_other_chain():
    table = side_by_side([whole("10", "ours", 30, 50), whole("10", "classical", 100, 100), whole("5", "light", 1)], "10")
    assert table.rows[0] == ["ours", "30", "20", "900", "50", "50", "2.00"]
    assert table.rows[-1] == ["ours / classical", "0.30", "1.00", "1.00", "1.00", "0.50", ""]
    assert len(table.rows) == 3


def test_side_by_side_without_ours_has_no_ratio():
    assert [row[0] for row in side_by_side([whole("10", "light", 1), whole("10", "classical", 2)], "10").rows] == ["light", "classical"]


def test_ratio_to_nothing_is_not_a_number():
    assert ratio(1, 0) == "–"


@pytest.mark.parametrize(("small", "large", "power"), [(10, 40, 1.0), (10, 160, 2.0), (10, 10, 0.0), (10, 20, 0.5)])
def test_exponent_of_powers(small, large, power):
    assert exponent(small, large, 4) == pytest.approx(power)


def test_exponent_of_what_was_not_measured_is_none():
    assert exponent(0, 5, 4) is None


def test_growth_compares_the_chains_that_ran_on_both():
    table = growth([whole("2.5", "ours", 10), whole("10", "ours", 40), whole("10", "light", 4)])
    assert table.rows == [["ours", "1.00", "0.00", "0.00", "0.00", "–"]]


@pytest.mark.parametrize(
    ("old", "new", "text"), [(100, 111, "SLOWER"), (100, 109, ""), (1, 1.5, ""), (111, 100, "faster"), (100, 100, ""), (5, 6.2, "SLOWER")]
)
def test_verdict_marks_more_than_the_budget(old, new, text):
    assert verdict(old, new) == text


def test_regressions_looks_at_our_own_stages_only():
    kept = [whole("10", "ours", 100), whole("10", "light", 1)]
    table = regressions(kept, [whole("10", "ours", 150), whole("10", "light", 9), whole("5", "ours", 1)])
    assert [[row[3], row[4]] for row in table.rows] == [["1.50", "SLOWER"]]


def test_records_come_back_as_they_were_kept(tmp_path):
    rows = [whole("10", "ours", 30.5), whole("10", "light", 3.0)]
    write_records(tmp_path / "a.tsv", rows, "how")
    assert read_records(tmp_path / "a.tsv", Row) == rows
    found = accuracy_of("real", "ours", [Score("hg001", "SNV", 45, 0, 0), Score("hg001", "INDEL", 0, 0, 0)])
    write_records(tmp_path / "b.tsv", found, "how")
    assert read_records(tmp_path / "b.tsv", Accuracy) == found
    assert [one.f1 for one in found] == [1.0, 0.0]


def test_read_records_without_a_table_is_empty(tmp_path):
    assert read_records(tmp_path / "none.tsv", Row) == []


def test_replaced_takes_a_set_from_one_run_only():
    kept = [whole("5", "ours", 1), whole("10", "ours", 1), whole("10", "light", 1)]
    assert replaced(kept, [whole("10", "ours", 2)]) == [kept[0], whole("10", "ours", 2)]


def test_accuracy_shows_counts_of_chains_side_by_side():
    found = [Accuracy("real", "ours", "hg001", "SNV", 45, 0, 0, 1.0), Accuracy("real", "light", "hg001", "SNV", 44, 1, 1, 0.9778)]
    assert accuracy(found).rows == [["real reads (3 samples): hg001 SNV", "45/0/0 1.0000", "44/1/1 0.9778"]]


def test_as_markdown_and_text_hold_every_cell():
    table = side_by_side([whole("10", "ours", 30)], "10")
    assert "| ours | 30 | 20 | 900 | 50 | 0 | 0.00 |" in table.as_markdown()
    assert table.as_text().splitlines()[-1].split() == table.rows[0]


def test_write_block_replaces_what_stands_between_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert write_block(page, "new")
    assert page.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_write_block_leaves_a_page_without_marks_alone(tmp_path):
    (tmp_path / "page.md").write_text("text")
    assert not write_block(tmp_path / "page.md", "new")
    assert (tmp_path / "page.md").read_text() == "text"


def test_missing_names_the_sets_that_were_not_measured():
    rows = [whole("10", "ours", 1), whole("real", "ours", 1), whole("2.5", "ours", 1)]
    assert measured_sets(rows) == ["real", "2.5", "10"]
    assert missing(rows) == " Not measured: 5 Mb at 30x."


def test_scores_of_takes_the_whole_of_passed_genotypes_only():
    line = {"call_set": "PASS", "level": "genotype", "stratum": "all", "zygosity": "all", "variant_type": "SNV"}
    line |= {"truth_tp": "9", "query_fp": "1", "truth_fn": "2"}
    others = [{**line, "call_set": "ALL"}, {**line, "level": "allele"}, {**line, "stratum": "gc"}, {**line, "variant_type": "DELETION"}]
    assert scores_of([*others, line], "one") == [Score("one", "SNV", 9, 1, 2)]
