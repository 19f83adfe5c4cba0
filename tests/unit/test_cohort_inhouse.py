"""In-house frequencies in the annotated calls of a case."""

import random
from pathlib import Path

import pysam
import pytest

from scripts.cohort_store import main
from tests.cohort_people import Made
from workflow.annotator import Annotator
from workflow.case_calls import parse_row
from workflow.cohort_store.case_counts import inhouse_counts
from workflow.cohort_store.recurrent import is_recurrent
from workflow.cohort_store.versions import create
from workflow.errors import InputError
from workflow.settings import Knowledge
from workflow.variants import AnnotatedVariant

LINE = "chr2\t500\t.\tC\tT\t50\tPASS\t.\tGT\t0/1\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inhouse")
    create(folder / "store", "GRCh38", 5)
    dice = random.Random(3)
    for number in range(6):
        vcf, bed = Made(f"p{number}", "XX", {6: dice.choice([(0, 1), (1, 1)])}).whole().write(folder)
        main(
            [
                "add",
                "--store",
                str(folder / "store"),
                str(vcf),
                str(bed),
                "--sample",
                f"p{number}",
                "--sex",
                "female",
                "--family",
                f"f{number}",
            ]
        )
    fasta = folder / "ref.fa"
    bases = "".join(dice.choices("ACGT", k=1200))
    fasta.write_text(f">chr2\n{bases[:499]}C{bases[500:]}\n")
    pysam.faidx(str(fasta))
    return folder / "store"


def gnomad(folder: Path, pos: int) -> Knowledge:
    file = folder / f"gnomad{pos}.vcf"
    base = pysam.FastaFile(str(folder / "ref.fa")).fetch("chr2", pos - 1, pos)
    alt = "T" if pos == 500 else "G" if base != "G" else "A"
    info = '##INFO=<ID=AF,Number=A,Type=Float,Description="AF">\n'
    file.write_text(
        f"##fileformat=VCFv4.2\n##contig=<ID=chr2>\n{info}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr2\t{pos}\t.\t{base}\t{alt}\t.\t.\tAF=0.1\n"
    )
    return Knowledge("gnomad", Path(pysam.tabix_index(str(file), preset="vcf", force=True)), "4", "vcf", ())


def annotated(store: Path, *knowledge: Knowledge, members: tuple[str, ...] = ()) -> str:
    annotator = Annotator(str(store.parent / "ref.fa"), "GRCh38", {one.name: one for one in knowledge}, None, members=members)
    assert {field.id for field in annotator.info()} >= {"inhouse_AC", "inhouse_AN"}
    return "".join(annotator.lines([parse_row(LINE)], ["x"])).split("\t")[7]


def inhouse(store: Path, release: str = "7") -> Knowledge:
    return Knowledge("inhouse", store, release, "inhouse", ())


def test_annotator_counts_without_the_family_of_the_case(store: Path) -> None:
    assert "inhouse_AN=12;" in annotated(store, inhouse(store))
    assert "inhouse_AN=10;" in annotated(store, inhouse(store), members=("p3", "q"))


def test_annotator_tells_what_comes_back_and_is_known_nowhere_else(store: Path) -> None:
    assert "inhouse_recurrent" not in annotated(store, inhouse(store))  # gnomad was not looked at
    assert "inhouse_recurrent=yes" in annotated(store, inhouse(store), gnomad(store.parent, 700))
    assert "inhouse_recurrent" not in annotated(store, inhouse(store), gnomad(store.parent, 500))


@pytest.mark.parametrize(
    ("ac", "seen", "an", "recurrent"), [(5, 0, 400, True), (4, 0, 400, False), (4, 1, 400, True), (9, 0, 1000, False), (10, 0, 1000, True)]
)
def test_is_recurrent_asks_for_people_and_a_share(ac: int, seen: int, an: int, recurrent: bool) -> None:
    values = {"inhouse_AC": str(ac), "inhouse_seen": str(seen), "inhouse_AN": str(an)}
    assert is_recurrent(values, elsewhere=False) is recurrent


@pytest.mark.parametrize(("release", "words"), [("99", "version 99 is not kept; the store is at 7"), ("new", "must be the version")])
def test_a_version_that_is_not_there_is_refused(store: Path, release: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        annotated(store, inhouse(store, release))


@pytest.mark.parametrize(
    ("annotations", "short", "words", "recurrent"),
    [
        ({}, "not told", "not told: nobody here was judged at this place", False),
        ({"AC": "0", "AN": "30", "nhomalt": "0", "seen": "0"}, "0/30", "AC 0 of AN 30", False),
        ({"AC": "3", "AN": "6000", "nhomalt": "1", "nhemi": "2", "seen": "4"}, "3/6000",
         "AC 3 of AN 6,000 (0.0005), 1 homozygotes, 2 with the only copy, 4 more with a call that does not count", False),
        ({"AC": "9", "AN": "12", "recurrent": "yes"}, "9/12", "AC 9 of AN 12 (0.75)", True),
    ],
)  # fmt: skip
def test_counts_of_a_candidate_tell_nobody_from_not_told(annotations: dict[str, str], short: str, words: str, *, recurrent: bool) -> None:
    given = {f"inhouse_{name}": value for name, value in annotations.items()}
    found = inhouse_counts(AnnotatedVariant("1", 1, "A", "G", None, (), {}, (), "", given))
    assert (found.in_short, found.recurrent, found.known) == (short, recurrent, short != "not told")
    assert found.in_words.startswith(words)
