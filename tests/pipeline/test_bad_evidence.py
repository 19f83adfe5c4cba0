"""Mistakes in evidence sheets, verdicts, panels and the secondary list, through the real command line: refused before any job."""

import json
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pysam
import pytest

from tests.pipeline.test_bad_input import RAW, Mistake, Outcome, also, column, config, good, run, write

__all__ = ["good"]  # the fixture: a folder in which all is well

BASES = "".join(random.Random(1).choices("ACGT", k=16569))
REF = BASES[100]
ALT, WRONG = (base for base in "ACGT" if base not in (REF, BASES[101]))
HEADER = "case\tvariant\thgvs\tcriterion\tstrength\tdirection\tfact\tauthor\tdate\treference\n"
CELLS = {
    "case": "fam", "variant": f"MT-101-{REF}-{ALT}", "hgvs": "", "criterion": "PS3", "strength": "moderate", "direction": "pathogenic",
    "fact": "no enzyme left", "author": "A. Berg", "date": "2026-03-01", "reference": "PMID:1",
}  # fmt: skip
GFF3 = "".join(
    f"MT\tx\t{kind}\t101\t400\t.\t+\t{'0' if kind == 'CDS' else '.'}\t{names}\n"
    for kind, names in (
        ("gene", "ID=gene:G1;Name=KMT2D"), ("mRNA", "ID=transcript:NM_1;version=2;Parent=gene:G1"), ("exon", "Parent=transcript:NM_1"),
        ("CDS", "Parent=transcript:NM_1"),
    )
)  # fmt: skip
MODELS = {"gene_models": {"path": "g.gff3", "release": "1"}}
HGNC = {"symbols": {"path": "hgnc.tsv", "release": "2026-01"}}


def evidence(**cells: str) -> Callable[[Path], None]:
    sheet = HEADER + "\t".join((CELLS | cells).values()) + "\n"
    return also(write("e.tsv", sheet), config(interpretation={"evidence": "e.tsv"}))


def verdict(**change: object) -> Callable[[Path], None]:
    variant = {"chrom": "MT", "pos": 101, "ref": REF, "alt": ALT, "verdict": "causative"}
    content = {"schema": "genvej-verdict/1", "case": "fam", "author": "A. Berg", "date": "2026-03-01", "conclusion": "explained"}
    told = {key: value for key, value in (content | {"variants": [variant]} | change).items() if value is not None}
    return also(write("v.json", json.dumps(told)), config(interpretation={"verdicts": "v.json"}))


def knowledge(**more: dict[str, str]) -> Callable[[Path], None]:
    table = "symbol\tprev_symbol\talias_symbol\nKMT2D\tMLL2\tALR\n"
    return also(write("g.gff3", GFF3), write("hgnc.tsv", table), config(knowledge=MODELS | more))


def called_otherwise(folder: Path) -> None:
    """Give the case finished calls, in which another variant is."""
    target = folder / "results" / "cases" / "fam"
    target.mkdir(parents=True)
    header = '##fileformat=VCFv4.2\n##contig=<ID=MT>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\n"
    (target / "fam.vcf").write_text(f"{header}{columns}MT\t102\t.\t{BASES[101]}\t{ALT}\t9\tPASS\t.\tGT\t0/1\n")
    pysam.tabix_index(str(target / "fam.vcf"), preset="vcf", force=True)


PANEL = "panel\tgene\tversion\nKabuki\tMLL2\t1.2\n"
MISTAKES = [
    Mistake("no author", evidence(author=""), ("e.tsv, row 2: `author` is empty",)),
    Mistake("no date", evidence(date=""), ("e.tsv, row 2: `date` is empty", "YYYY-MM-DD")),
    Mistake("never counted", evidence(criterion="PP5"), ("e.tsv, row 2: PP5 is never counted",)),
    Mistake("another reference", evidence(variant=f"MT-101-{WRONG}-{ALT}"), ("e.tsv, row 2: ", f"where the reference GRCh37 has {REF}")),
    Mistake(
        "name of another place",
        evidence(hgvs=f"NC_012920.1:m.102{BASES[101]}>{ALT}"),
        ("e.tsv, row 2: ", "is not the name of MT-101", f"which is m.101{REF}>{ALT}"),
    ),
    Mistake(
        "name that contradicts its transcript",
        also(evidence(variant=f"NM_1.2:c.1{WRONG}>{ALT}"), knowledge()),
        ("e.tsv, row 2: ", f"says {WRONG} where the reference has {REF}"),
    ),
    Mistake(
        "variant that the case has not", also(evidence(), called_otherwise), ("e.tsv, row 2: the calls of case fam have no variant MT-101",)
    ),
    Mistake("verdict without author", verdict(author=None), ("v.json: the verdict has no author", "save it anew")),
    Mistake("verdict without date", verdict(date=None), ("v.json: the verdict has no date",)),
    Mistake("verdict on another case", verdict(case="family"), ("v.json: the verdict is on case `family`", "did you mean `fam`?")),
    Mistake(
        "verdict that is none", also(write("v.json", "[]"), config(interpretation={"verdicts": "v.json"})), ("v.json: the verdict must be",)
    ),
    Mistake(
        "verdict on a variant that the case has not",
        also(verdict(), called_otherwise),
        ("the calls of case fam have no variant MT-101", "A. Berg gave a verdict on 2026-03-01"),
    ),
    Mistake("verdicts that are not there", config(interpretation={"verdicts": "gone"}), ("there is no file or folder gone",)),
    Mistake(
        "renamed gene of a panel",
        also(column("samples.tsv", "genes", "Kabuki"), write("p.tsv", PANEL), knowledge(panels={"path": "p.tsv", "release": "1"}, **HGNC)),
        ("samples.tsv, row 2: ", "`MLL2` of panel Kabuki", "it is now `KMT2D`"),
    ),
    Mistake(
        "unknown gene", also(column("samples.tsv", "genes", "KMT2E"), knowledge()), ("no gene or panel `KMT2E`", "did you mean `KMT2D`?")
    ),
    Mistake(
        "secondary list without gene models",
        also(write("s.tsv", "gene\nTTN\n"), config(interpretation={"secondary_findings": {"path": "s.tsv", "release": "3"}})),
        ("`interpretation.secondary_findings` needs gene models",),
    ),
    Mistake(
        "secondary gene that cannot be kept back",
        also(knowledge(), write("s.tsv", "gene\nTTN\n"), config(interpretation={"secondary_findings": {"path": "s.tsv", "release": "3"}})),
        ("s.tsv: the gene models have no gene `TTN`",),
    ),
    Mistake(
        "table of dosage that is none",
        also(write("d.tsv", "gene\n"), config(knowledge={"dosage": {"path": "d.tsv", "release": "1"}})),
        ("d.tsv: there is no row below a header with Gene Symbol",),
    ),
    Mistake("consent that is no word", column("samples.tsv", "secondary_findings", "maybe"), ("`secondary_findings` is 'maybe'",)),
]


@pytest.fixture(scope="module")
def outcomes(good: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Outcome]]:
    home = tmp_path_factory.mktemp("evidence")
    with ThreadPoolExecutor(max_workers=2) as pool:
        return {one.name: pool.submit(run, one, good, home / str(number)) for number, one in enumerate(MISTAKES)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_bad_evidence_is_refused_in_one_sentence(mistake: Mistake, outcomes: dict[str, Future[Outcome]]) -> None:
    outcome = outcomes[mistake.name].result()
    assert outcome.status != 0, outcome.text
    assert not RAW.search(outcome.text), outcome.text
    lines = [line for line in outcome.text.splitlines() if all(part in line for part in mistake.says)]
    assert lines, outcome.text
    assert not list((outcome.folder / "results").rglob("*.cram"))
