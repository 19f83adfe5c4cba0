"""Released frequencies: no number below the minimum can be had from one release, nor from any two."""

import csv
import hashlib
import random
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq
import pysam
import pytest

from scripts.cohort_store import main
from tests.cohort_people import SITES, Made
from workflow.cohort_store.masking import Row, masked, settled
from workflow.cohort_store.model import Counts
from workflow.cohort_store.versions import create
from workflow.config_sections import Knowledge

MINIMUM = 5


def counts(people: int, hom: int = 0) -> Counts:
    return Counts(people + hom, 2000, hom, 0, people)


def test_masked_tells_nothing_of_few() -> None:
    assert masked(counts(4), {}, MINIMUM) is None
    assert masked(counts(5), {}, MINIMUM) == Row(5, 2000, None, None, {})
    assert masked(counts(20, hom=4), {}, MINIMUM) == Row(24, 2000, None, None, {})
    assert masked(counts(20, hom=15), {}, MINIMUM) == Row(35, 2000, 15, None, {})
    assert masked(counts(20, hom=17), {}, MINIMUM) == Row(37, 2000, None, None, {})  # three heterozygous ones would follow


def test_masked_hides_what_groups_leave_of_the_total() -> None:
    groups = {"sex=female": counts(18), "sex=male": counts(2)}
    assert masked(counts(20), groups, MINIMUM) == Row(20, 2000, None, None, {})
    groups = {"ancestry=A": counts(8), "ancestry=B": counts(9), "ancestry=C": counts(3)}
    row = masked(counts(20), groups, MINIMUM)
    assert row is not None
    assert set(row.groups) == {"ancestry=B"}


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [(12, [10], 10), (18, [10], 10), (19, [10], 19), (10, [10], 10), (13, [20, 15], 15), (10, [15, 20], 20), (4, [6], 6), (0, [6], 6),
     (0, [17], None), (7, [], 7)],
)  # fmt: skip
def test_settled_shows_no_small_difference(now: int, before: list[int], told: int | None) -> None:
    earlier = [Row(ac, 2000, None, None) for ac in before]
    row = settled(masked(counts(now), {}, MINIMUM), counts(now), earlier, MINIMUM, {})
    assert (row.ac if row else None) == told


def test_a_row_that_is_too_near_elsewhere_does_not_vanish() -> None:
    """Who sees a common variant vanish would know that a few people tell it from what another table says."""
    old = Row(36, 2000, None, None)
    assert settled(None, counts(41), [old], MINIMUM, {}) == old
    assert settled(None, counts(41), [], MINIMUM, {}) is None
    assert settled(None, counts(4), [old], MINIMUM, {}) is None


@pytest.mark.parametrize("now", [36, 37, 40, 32])
def test_copies_do_not_tell_a_row_that_changed_a_little_from_one_that_did_not(now: int) -> None:
    old = Row(36, 1990, None, None, {"sex=male": (36, 990)})
    groups = {"sex=male": Counts(now, 1000, 0, 0, now)}
    row = settled(masked(counts(now), groups, MINIMUM), counts(now), [old], MINIMUM, groups)
    assert row == Row(36, 2000, None, None, {"sex=male": (36, 1000)})


def test_differences_are_counted_in_people_of_two_copies() -> None:
    """25 alleles and 20 may be three people apart: four people have up to eight."""
    new = masked(Counts(25, 2000, 1, 0, 23), {}, MINIMUM)
    row = settled(new, Counts(25, 2000, 1, 0, 23), [Row(20, 2000, None, None)], MINIMUM, {})
    assert row == Row(20, 2000, None, None)


@pytest.mark.parametrize("own", [False, True])
def test_none_and_one_to_four_people_are_told_alike(own: bool) -> None:
    """Whatever was told, of this kind or elsewhere: alleles that four people can make differ lead to one answer."""
    dice, apart = random.Random(4), 0
    for _ in range(300):
        told = [dice.randint(5, 60) for _ in range(dice.randint(1, 4))]
        rows = [Row(ac, 2000, None, None) for ac in told]
        half = dice.randint(0, len(rows))
        answers: dict[int, Row | None] = {
            now: settled(masked(counts(now), {}, MINIMUM), counts(now), rows[:half], MINIMUM, {}, rows[half:], own=own) for now in range(90)
        }
        for ac in told:
            assert len({repr(answers[now]) for now in range(max(0, ac - 8), ac + 9)}) == 1
        assert len({repr(answers[now]) for now in range(5)}) == 1
        apart += len({repr(answer) for answer in answers.values()}) > 2
    assert apart


def test_a_newly_told_group_does_not_show_which_rows_changed() -> None:
    """A row that did not change has the groups that one has which changed by a few people."""
    old = Row(36, 2000, None, None, {"sex=male": (18, 1000)})
    groups = {"sex=male": Counts(18, 1000, 0, 0, 18), "ancestry=A": Counts(30, 900, 0, 0, 30)}
    rows = [settled(masked(counts(now), groups, MINIMUM), counts(now), [old], MINIMUM, groups) for now in (36, 38)]
    assert rows[0] == rows[1] == old


def test_a_small_group_is_silent_where_elsewhere_is_silent_of_it() -> None:
    """Five men beside a table that tells of none: at most four of them are counted there, so one at least is not."""
    for male, told in ((5, {}), (16, {}), (17, {"sex=male": (17, 1000)})):
        groups = {"sex=male": Counts(male, 1000, 0, 0, male)}
        row = settled(masked(counts(80), groups, MINIMUM), counts(80), [], MINIMUM, groups, [Row(36, 1800, None, None)])
        assert row == Row(80, 2000, None, None, told)


@pytest.mark.parametrize("male", [18, 20, 26])
def test_a_group_that_hardly_changed_is_silent_where_the_total_changed(male: int) -> None:
    old = Row(36, 2000, 10, None, {"sex=male": (18, 1000)})
    groups = {"sex=male": Counts(male, 1000, 0, 0, male)}
    row = settled(masked(Counts(80, 2000, 12, 0, 68), groups, MINIMUM), Counts(80, 2000, 12, 0, 68), [old], MINIMUM, groups)
    assert row == Row(80, 2000, None, None)


def numbers(row: dict[str, int | None], ploidy_two: bool) -> dict[str, int]:
    """Return every count that a row tells or that follows from it by subtraction, by what it is of."""
    kept = {name: value for name, value in row.items() if name.startswith("ac") or name in {"hom", "hemi"}}
    told = {name: value for name, value in kept.items() if value is not None}
    if "hom" in told and ploidy_two:
        told["not hom"] = row["ac"] - 2 * told["hom"]  # type: ignore[operator]
    for dimension in {name.partition("=")[0] for name in told if "=" in name}:
        mine = [name for name in told if name.startswith(f"{dimension}=")]
        told[f"rest of {'+'.join(sorted(mine))}"] = row["ac"] - sum(told[name] for name in mine)  # type: ignore[operator]
    return told


def attack(releases: list[Path]) -> list[str]:
    """Return each small number that one release or a difference of two tells."""
    found, tables = [], []
    for release in releases:
        rows = pq.read_table(release / "frequencies.parquet").to_pylist()
        tables.append({(row["contig"], row["pos"], row["alt"]): numbers(row, row["contig"] not in {"X", "Y", "MT"}) for row in rows})
    for table in tables:
        found += [f"{key} {name}={value}" for key, told in table.items() for name, value in told.items() if 0 < value < MINIMUM]
    for first, second in combinations(tables, 2):
        for key in first.keys() & second.keys():
            for name in first[key].keys() & second[key].keys():
                if 0 < abs(first[key][name] - second[key][name]) < (MINIMUM if name in {"hom", "hemi"} else 2 * MINIMUM - 1):
                    found.append(f"{key} {name}: {first[key][name]} and {second[key][name]}")
    return found


def person(name: str, dice: random.Random) -> Made:
    made = Made(name, dice.choice(["XX", "XY"])).whole()
    for at, (contig, _, _, alts) in enumerate(SITES):
        if contig in {"chr1", "chr2"} and dice.random() < (0.03, 0.1, 0.3, 0.2, 0.5)[at % 5]:
            made.genotypes[at] = tuple(sorted(dice.choices([0, 1, len(alts)], k=2)))
    return made


def add(store: Path, made: Made, ancestry: str) -> None:
    vcf, bed = made.write(store.parent)
    main(
        [
            "add",
            "--store",
            str(store),
            str(vcf),
            str(bed),
            "--sample",
            made.name,
            "--sex",
            made.karyotype,
            "--ancestry",
            ancestry,
            "--no-compact",
        ]
    )


def test_no_release_nor_two_tell_a_small_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dice, store = random.Random(11), tmp_path / "store"
    create(store, "GRCh38", MINIMUM)
    releases, inside = [], []
    for number in range(5):
        for step in range(dice.randint(6, 25) if number else 40):
            name = f"p{number}x{step}"
            add(store, person(name, dice), dice.choice("AABBBC"))
            inside.append(name)
        for name in dice.sample(inside, number):
            main(["withdraw", "--store", str(store), "--sample", name, "--later"])
            inside.remove(name)
        releases.append(tmp_path / f"r{number}")
        assert main(["release", "--store", str(store), "--output", str(releases[-1])]) == 0
    tables = [pq.read_table(release / "frequencies.parquet").num_rows for release in releases]
    assert min(tables) >= 3
    assert attack(releases) == []
    told = {(row["pos"], row["alt"]): row["ac"] for row in pq.read_table(releases[0] / "frequencies.parquet").to_pylist()}
    with pysam.VariantFile(str(releases[0] / "frequencies.vcf.gz")) as vcf:
        assert {(one.pos, one.alts[0]): one.info["AC"][0] for one in vcf} == told
    capsys.readouterr()
    main(["counts", "--store", str(store)])
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines(), delimiter="\t"))
    assert {int(row["ac"]) for row in rows if int(row["ac"]) < MINIMUM}, "there was something to mask"


def test_a_release_after_few_changes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dice, store = random.Random(1), tmp_path / "store"
    create(store, "GRCh38", MINIMUM)
    command = ["release", "--store", str(store), "--output"]
    for number in range(4):
        add(store, person(f"p{number}", dice), "A")
    assert main([*command, str(tmp_path / "r0")]) == 2
    assert "4 genomes are counted, fewer than 5" in capsys.readouterr().err
    for number in range(4, 12):
        add(store, person(f"p{number}", dice), "A")
    assert main([*command, str(tmp_path / "r1")]) == 0
    assert main([*command, str(tmp_path / "r1")]) == 2
    assert "exists already" in capsys.readouterr().err
    add(store, person("p99", dice), "A")
    assert main([*command, str(tmp_path / "r2")]) == 2
    assert "1 genomes came or went since release 1" in capsys.readouterr().err
    assert not (tmp_path / "r2").exists()
    lines = (tmp_path / "r1" / "SHA256SUMS").read_text().split()
    assert all(
        hashlib.sha256((tmp_path / "r1" / name).read_bytes()).hexdigest() == digest
        for digest, name in zip(lines[::2], lines[1::2], strict=True)
    )
    sheet = (tmp_path / "r1" / "DATASHEET.md").read_text()
    assert "| all | 12 |" in sheet
    assert "fewer than 5 people stand behind" in sheet.replace("\n", " ")


def test_inhouse_leaves_out_the_own_family(tmp_path: Path) -> None:
    from workflow.cohort_store.inhouse import InhouseSource
    from workflow.tabix_source import Site

    dice, store = random.Random(2), tmp_path / "store"
    create(store, "GRCh38", MINIMUM)
    for number in range(8):
        made = Made(f"p{number}", "XX", {6: (0, 1)}, {6: "Low"} if number == 7 else {}).whole()
        add(store, made, dice.choice("AB"))
    sites = [Site(500, "C", "T"), Site(501, "A", "C")]
    version = max(int(file.stem) for file in (store / "versions").glob("*.json"))
    of_store = InhouseSource(Knowledge("inhouse", store, str(version), "inhouse", ()), ["p0", "stranger"], "GRCh38").look_up("chr2", sites)
    assert of_store[0] == {
        "inhouse_AC": "6", "inhouse_AN": "12", "inhouse_AF": "0.5", "inhouse_nhomalt": "0", "inhouse_nhemi": "0", "inhouse_seen": "1",
    }  # fmt: skip
    assert of_store[1]["inhouse_AC"] == "0"
    assert of_store[1]["inhouse_AN"] == "14"
    main(["release", "--store", str(store), "--output", str(tmp_path / "r1")])
    table = Knowledge("inhouse", tmp_path / "r1" / "frequencies.parquet", "1", "inhouse", ())
    assert InhouseSource(table, ["p0"], "GRCh38").look_up("chr2", sites) == [
        {"inhouse_AC": "7", "inhouse_AN": "14", "inhouse_AF": "0.5"},
        {},
    ]
