"""The page of the frequency store: its numbers by a count of another way, what may be passed on, and who is not counted."""

import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.cohort_store import main
from tests.cohort_people import STRETCHES, Made, brute_force, copies, judged, random_genome
from workflow.cohort_page.page import PAGE_FILES
from workflow.cohort_page.spectrum import BINS, KINDS
from workflow.cohort_store.model import Variant
from workflow.cohort_store.view import open_view
from workflow.consent.left_out import Standing, left_out
from workflow.digests import ROOT

NUMBER = 37
"""Genomes: 32 in a segment and five that wait."""


def add(store: Path, folder: Path, one: Made, *more: str) -> None:
    vcf, bed = one.write(folder)
    command = ["add", str(vcf), "--callable", str(bed), "--store", str(store), "--sex", one.karyotype, "--sample", one.name]
    assert main([*command, "--consent", "frequency_store", *more]) == 0


def facts(store: Path, folder: Path, *more: str) -> dict[str, Any]:
    assert main(["page", "--store", str(store), "--output", str(folder / "page.html"), *more]) == 0
    return dict(json.loads((folder / "page.json").read_text()))


@pytest.fixture(scope="module")
def people() -> list[Made]:
    dice = random.Random(11)
    return [random_genome(f"p{number}", dice) for number in range(NUMBER)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, people: list[Made]) -> Path:
    folder = tmp_path_factory.mktemp("page")
    assert main(["init", "--store", str(folder / "store")]) == 0
    for number, one in enumerate(people):
        add(folder / "store", folder, one, "--ancestry", "EUR" if number < 30 else "EAS" if number < 34 else "")
    return folder / "store"


@pytest.fixture(scope="module")
def told(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return facts(store, tmp_path_factory.mktemp("told"))


def by_base(people: list[Made], contig: str) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Return copies judged and copies there of each base of a contig's stretches, one person and one stretch after the other."""
    where = [(start, end) for name, start, end in STRETCHES if name == contig]
    first, last = min(start for start, _ in where), max(end for _, end in where)
    seen, there = np.zeros(last - first, int), np.zeros(last - first, int)
    for one in people:
        for start, end in where:
            there[start - first : end - first] += copies(one.karyotype, contig, start + 1)
        for name, start, end in one.stretches:
            if name == contig:
                seen[start - first : end - first] += copies(one.karyotype, contig, start + 1)
        for pos in lost(one, contig):
            seen[pos - 1 - first] -= copies(one.karyotype, contig, pos)
    return seen, there


def lost(one: Made, contig: str) -> set[int]:
    """Return the judged positions at which somebody is not in the denominator: a filtered, missing or contradictory genotype."""
    without = (pos for name, pos in judged(one)[1] if name == contig)
    return {pos for pos in without if any(name == contig and start < pos <= end for name, start, end in one.stretches)}


def test_callability_is_a_count_base_by_base(people: list[Made], told: dict[str, Any]) -> None:
    for row in told["callability"]["contigs"]:
        have, there = by_base(people, f"chr{row['contig'].replace('MT', 'M')}")
        seen = have > 0
        assert row["bases"] == seen.sum(), row["contig"]
        assert row["share"] == pytest.approx(have[seen].sum() / there[seen].sum(), abs=1e-9), row["contig"]
        assert row["half"] == (have[seen] >= 0.5 * there[seen]).sum()
        assert row["well"] == (have[seen] >= 0.95 * there[seen]).sum()
    assert {row["contig"] for row in told["callability"]["contigs"]} == {"1", "2", "X", "Y", "MT"}
    whole = Counter[str]()
    for row in told["callability"]["stretches"]:
        whole[row["contig"]] += row["bases"]
    assert whole == {row["contig"]: row["bases"] for row in told["callability"]["contigs"]}


def test_owed_regions_count_what_nobody_was_judged_at(people: list[Made], store: Path, tmp_path: Path) -> None:
    (tmp_path / "owed.bed").write_text("chrX\t4999000\t5000100\nchr1\t1000000\t1001000\n")
    told = facts(store, tmp_path, "--regions", str(tmp_path / "owed.bed"))["callability"]["owed"]
    on_x, _ = by_base(people, "chrX")
    start = min(start for name, start, _ in STRETCHES if name == "chrX")
    on_x = on_x[4_999_000 - start : 5_000_100 - start]
    on_1 = by_base(people, "chr1")[0][1_000_000 - 999_000 : 1_001_000 - 999_000]
    there = 1100 * sum(copies(one.karyotype, "chrX", 5_000_000) for one in people) + 1000 * 2 * NUMBER
    assert told["bases"] == 2100
    assert told["in_somebody"] == (on_x > 0).sum() + (on_1 > 0).sum() < 2100
    assert told["share"] == pytest.approx((on_x.sum() + on_1.sum()) / there, abs=1e-9)


def bin_of(ac: int, an: int) -> str:
    if ac <= 2:
        return BINS[ac - 1]
    return next((name for name, top in zip(BINS[2:], (0.001, 0.005, 0.01, 0.05, 0.5), strict=False) if ac / an < top), BINS[-1])


def kind_of(ref: str, alt: str) -> str:
    if len(ref) == len(alt):
        return KINDS[0] if len(ref) == 1 else KINDS[1]
    if min(len(ref), len(alt)) > 1 or ref[0] != alt[0]:
        return KINDS[4]
    return KINDS[2] if len(alt) > 1 else KINDS[3]


def test_spectrum_and_kinds_are_those_of_a_count_by_genotype(people: list[Made], store: Path, told: dict[str, Any]) -> None:
    true = brute_force(people)
    seen = told["spectrum"]
    assert {one["name"]: one["variants"] for one in seen["bins"] if one["variants"]} == Counter(
        bin_of(ac, an) for ac, an, *_ in true.values()
    )
    assert {one["name"]: one["variants"] for one in seen["kinds"] if one["variants"]} == Counter(kind_of(*key[2:]) for key in true)
    assert seen["variants"] == len(true) == sum(sum(one["by_bin"]) for one in seen["kinds"])
    with open_view(store) as view:
        counts = view.frequency([Variant(key[0][3:].replace("M", "MT"), *key[1:]) for key in true])
    assert seen["few"] == sum(one.people < 5 for one in counts)


def test_growth_and_groups_add_up(told: dict[str, Any], people: list[Made]) -> None:
    assert sum(one["added"] - one["removed"] for one in told["growth"]) == told["genomes"] == told["growth"][-1]["count"] == NUMBER
    groups = {one["name"]: one for one in told["groups"]}
    assert {one["name"]: one["genomes"] for one in groups["ancestry"]["groups"]} == {"EUR": 30, "EAS": 4}
    assert groups["ancestry"]["unknown"] == 3
    assert groups["sex"]["unknown"] == 0
    assert {one["name"]: one["genomes"] for one in groups["sex"]["groups"]} == Counter(
        {"XX": "female", "XY": "male"}.get(one.karyotype, "other") for one in people
    )


def test_page_says_for_whom_it_is_and_loads_nothing(store: Path, tmp_path: Path) -> None:
    facts(store, tmp_path)
    text = (tmp_path / "page.html").read_text()
    assert "For the inside of the centre only" in text
    assert f"{NUMBER} genomes counted" in text
    assert re.search(r"not evaluated</span> A store does not know who was not offered", text)
    assert not re.search(r"https?://(?!www.w3)|<script|src=|url\(", text)
    assert not re.search(r"\bp\d+\b", text.partition("<body>")[2]), "it names nobody"


def test_genes_are_told_with_gene_models_by_name(store: Path, tmp_path: Path) -> None:
    lines = ["##gff-version 3"]
    for name, contig, start, end in (("ONE", "chr1", 999_001, 1_000_000), ("OFF", "chr1", 30_000_001, 30_000_100)):
        row = f"{contig}\t.\t{{}}\t{start}\t{end}\t.\t+\t.\t"
        lines += [row.format("gene") + f"ID=gene:{name};Name={name};biotype=protein_coding"]
        lines += [row.format("mRNA") + f"ID=transcript:T{name};Parent=gene:{name};biotype=protein_coding"]
        lines += [
            row.format("exon") + f"Parent=transcript:T{name}",
            row.format("CDS").replace("\t.\t", "\t0\t") + f"Parent=transcript:T{name}",
        ]
    (tmp_path / "genes.gff3").write_text("\n".join(lines) + "\n")
    rows = facts(store, tmp_path, "--genes", str(tmp_path / "genes.gff3"))["callability"]["genes"]
    assert [(one["gene"], one["contig"], one["start"], one["end"], one["bases"]) for one in rows] == [
        ("ONE", "1", 999_001, 1_000_000, 1000)
    ]
    assert 0 < rows[0]["share"] < 1


def test_withdrawn_people_leave_the_page_but_for_their_number(store: Path, people: list[Made], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(store, tmp_path / "store"))
    gone = [people[0].name, people[-1].name]
    assert main(["withdraw", "--store", str(copy), *(word for name in gone for word in ("--sample", name)), "--readers", "0"]) == 0
    found = facts(copy, tmp_path)
    rest = [one for one in people if one.name not in gone]
    assert (found["genomes"], found["withdrawn"], found["growth"][-1]["count"]) == (NUMBER - 2, 2, NUMBER - 2)
    assert found["spectrum"]["variants"] == len(brute_force(rest))
    have, there = by_base(rest, "chr1")
    assert found["callability"]["contigs"][0]["share"] == pytest.approx(have[have > 0].sum() / there[have > 0].sum(), abs=1e-9)


def test_page_of_a_release_has_no_number_of_few_people(store: Path, people: list[Made], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(store, tmp_path / "store"))
    assert main(["release", "--store", str(copy), "--output", str(tmp_path / "out")]) == 0
    found, text = json.loads((tmp_path / "out/index.json").read_text()), (tmp_path / "out/index.html").read_text()
    assert "May be passed on" in text
    assert "index.html" in (tmp_path / "out/SHA256SUMS").read_text()
    ancestry = next(one for one in found["groups"] if one["name"] == "ancestry")
    assert (ancestry["groups"], ancestry["unknown"], ancestry["hidden"]) == ([{"name": "EUR", "genomes": 30}], None, ["EAS"])
    sizes = [row["genomes"] for one in found["groups"] for row in one["groups"]]
    rests = [NUMBER - sum(row["genomes"] for row in one["groups"]) for one in found["groups"]]
    assert all(number >= 5 for number in [*sizes, *(rest for rest in rests if rest)])
    assert [one["variants"] for one in found["spectrum"]["bins"][:2]] == [0, 0]
    for row in found["callability"]["contigs"]:
        have, there = by_base(people, f"chr{row['contig'].replace('MT', 'M')}")
        enough = have >= (20 if row["contig"] in {"X", "Y"} else 10)
        assert (row["bases"], row["share"]) == (enough.sum(), pytest.approx(have[enough].sum() / there[enough].sum(), abs=1e-9))
    hidden = {"1", "2", "X", "Y", "MT"} - {row["contig"] for row in found["callability"]["contigs"]}
    assert len(hidden) == found["callability"]["hidden"]
    assert (found["left_out"], found["admitted"], found["withdrawn"], found["callability"]["genes"]) == (None, [], None, [])
    assert found["growth"] == [{"when": found["when"], "version": found["version"], "added": 0, "removed": 0, "count": NUMBER}]


def test_page_of_an_empty_store_says_so(tmp_path: Path) -> None:
    assert main(["init", "--store", str(tmp_path / "store")]) == 0
    found = facts(tmp_path / "store", tmp_path)
    assert (found["genomes"], found["spectrum"]["variants"], found["callability"]["contigs"]) == (0, 0, [])
    assert "Nobody has been counted yet" in (tmp_path / "page.html").read_text()


def test_page_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", "--store", str(tmp_path), "--output", str(tmp_path / "p.html")]) == 2
    assert main(["init", "--store", str(tmp_path / "store")]) == 0
    assert main(["page", "--store", str(tmp_path / "store"), "--output", str(tmp_path / "p.txt")]) == 2
    told = capsys.readouterr().err
    assert "there is no store" in told
    assert "p.txt: the page is a file of HTML" in told
    assert told.count("\n") == 2


def test_left_out_gives_each_sample_one_reason_and_names_nobody(tmp_path: Path) -> None:
    records = tmp_path / "cohort_store" / "counted"
    records.mkdir(parents=True)
    for sample, why in {
        "anna": "anna is not added: the person is counted already",
        "bo": "the decision on the sample is hold",
        "eva": "eva has no callable base",
    }.items():
        (records / f"{sample}.json").write_text(json.dumps({"counted": False, "why": why}))
    why = {"a tumour": ["t1"], "the answer for the frequency store is no": ["n1", "n2"], "the register was not asked": ["kept"]}
    told = Standing(["anna", "bo", "eva", "inside", "new"], why, 2).as_param()
    found = left_out(told, tmp_path, {"inside", "kept"})
    assert (found["offered"], found["cases_not_analysed"]) == (9, 2)
    assert {one["why"]: one["samples"] for one in found["reasons"]} == {
        "a tumour": 1, "the answer for the frequency store is no": 2, "the person is counted already": 1,
        "the decision on the sample is hold": 1, "the sample has no callable base": 1, "not offered to the store yet": 1,
    }  # fmt: skip
    assert sum(one["samples"] for one in found["reasons"]) == found["offered"] - 2


def test_page_files_names_every_template_and_style() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "workflow/report/cohort").iterdir()}
    assert there == {name for name in PAGE_FILES if "/cohort/" in name}
