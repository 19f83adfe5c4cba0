"""aardvark's labels, read by our own code, against the answers of a brute-force comparison of haplotypes written here."""

import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pysam
import pytest

from workflow import aardvark
from workflow.interval_arrays import IntervalArray
from workflow.scorable import write_scorable
from workflow.scored_alleles import Side, frame
from workflow.tools import read_pins

# 40 bases without repeats on both sides keep the cases apart.
LEFT, RIGHT = "GATCCTAGGCATGTCAGTCCATAGCTTACGGATTGCAACG", "CGTACTTGACCTGATGCAATCGGTATTCAGCGACTAGTCC"
Variant = tuple[int, str, str, str]  # 0-based place in the middle, REF, ALT, GT


@dataclass(frozen=True)
class Case:
    """Truth and calls over `LEFT + middle + RIGHT`."""

    name: str
    middle: str
    truth: tuple[Variant, ...]
    calls: tuple[Variant, ...]


CASES = (
    Case("the same", "TCGATTGC", ((2, "G", "A", "0/1"), (5, "T", "C", "1/1")), ((2, "G", "A", "0/1"), (5, "T", "C", "1/1"))),
    Case("missed", "TCGATTGC", ((2, "G", "A", "0/1"),), ()),
    Case("extra", "TCGATTGC", (), ((2, "G", "A", "0/1"),)),
    Case("another base", "TCGATTGC", ((2, "G", "A", "0/1"),), ((2, "G", "T", "0/1"),)),
    Case("het called hom", "TCGATTGC", ((2, "G", "A", "0/1"),), ((2, "G", "A", "1/1"),)),
    Case("hom called het", "TCGATTGC", ((2, "G", "A", "1/1"),), ((2, "G", "A", "0/1"),)),
    Case("deletion at the other end of a homopolymer", "TCAAAAAGC", ((1, "CA", "C", "0/1"),), ((6, "AG", "G", "0/1"),)),
    Case("insertion at the other end of a tandem repeat", "TGATATATGC", ((1, "G", "GAT", "1/1"),), ((7, "T", "TAT", "1/1"),)),
    Case("insertion of another length", "TCAAAAAGC", ((1, "C", "CA", "0/1"),), ((1, "C", "CAA", "0/1"),)),
    Case("two SNVs as one block", "TCGATTGC", ((2, "G", "A", "1/1"), (3, "A", "T", "1/1")), ((2, "GA", "AT", "1/1"),)),
    Case("one block as two SNVs", "TCGATTGC", ((2, "GA", "AT", "0/1"),), ((2, "G", "A", "0/1"), (3, "A", "T", "0/1"))),
    Case("complex block split", "CGATTACA", ((1, "GATT", "GCT", "0/1"),), ((2, "A", "C", "0/1"), (3, "TT", "T", "0/1"))),
    Case("phased on one copy as a block", "TCGATTGC", ((2, "G", "A", "1|0"), (3, "A", "T", "1|0")), ((2, "GA", "AT", "0/1"),)),
    Case("phased on both copies called as a block", "TCGATTGC", ((2, "G", "A", "1|0"), (3, "A", "T", "0|1")), ((2, "GA", "AT", "0/1"),)),
    Case("phased, called without", "TCGATTGC", ((2, "G", "A", "1|0"), (5, "T", "C", "0|1")), ((2, "G", "A", "0/1"), (5, "T", "C", "0/1"))),
    Case("half call", "TCGATTGC", ((2, "G", "A", "0/1"),), ((2, "G", "A", "./1"),)),
    Case("half call, phased", "TCGATTGC", ((2, "G", "A", "0/1"),), ((2, "G", "A", ".|1"),)),
    Case("half call of a homozygous variant", "TCGATTGC", ((2, "G", "A", "1/1"),), ((2, "G", "A", "./1"),)),
    Case("two alleles", "TCGATTGC", ((2, "G", "A,T", "1/2"),), ((2, "G", "T,A", "1/2"),)),
    Case("two alleles, one called", "TCGATTGC", ((2, "G", "A,T", "1/2"),), ((2, "G", "A", "0/1"),)),
    Case("two alleles as two records", "TCGATTGC", ((2, "G", "A,GTT", "1/2"),), ((2, "G", "A", "0/1"), (2, "G", "GTT", "0/1"))),
    Case(
        "SNV under a deletion, told by *", "TCGATTGC",
        ((1, "CGA", "C", "0/1"), (2, "G", "A", "0/1")), ((1, "CGA", "C", "0/1"), (2, "G", "A,*", "1/2")),
    ),
    Case("one copy only", "TCGATTGC", ((2, "G", "A", "1"),), ((2, "G", "A", "1/1"),)),
    Case("one of two neighbours missed", "TCGATTGC", ((2, "G", "A", "0/1"), (3, "A", "T", "0/1")), ((3, "A", "T", "0/1"),)),
)  # fmt: skip


# --- brute force: every way to lay the alleles on two copies, every way to give some of them up ----------------------------------------


@dataclass(frozen=True)
class Edit:
    """One alternative allele on one copy: `allele` says which, over both records and sides."""

    allele: tuple[int, int]
    start: int
    end: int
    added: str


def layings(variants: tuple[Variant, ...], *, keep_phase: bool) -> Iterator[tuple[list[Edit], list[Edit]]]:
    """Yield the edits of each copy for every way to lay unphased genotypes on two copies."""
    ways = []
    for _, _, _, genotype in variants:
        copies = tuple(genotype.replace("|", "/").split("/"))
        copies = copies * 2 if len(copies) == 1 else copies
        ways.append({copies} if keep_phase and "|" in genotype else {copies, copies[::-1]})
    for way in itertools.product(*ways):
        yield tuple(
            [
                Edit((number, int(copies[side])), place, place + len(ref), alts.split(",")[int(copies[side]) - 1])
                for number, ((place, ref, alts, _), copies) in enumerate(zip(variants, way, strict=True))
                if copies[side] not in "0." and alts.split(",")[int(copies[side]) - 1] != "*"
            ]
            for side in (0, 1)
        )  # type: ignore[misc]


def apply(middle: str, edits: tuple[Edit, ...]) -> str | None:
    """Return the sequence with edits made, None if two of them change the same base or put bases in the same place."""
    text, behind = middle, len(middle) + 1
    for edit in sorted(edits, key=lambda edit: -_lead(middle, edit)):
        start = _lead(middle, edit)
        if edit.end > behind or start == behind:
            return None
        text, behind = text[:start] + edit.added[start - edit.start :] + text[edit.end :], start
    return text


def _lead(middle: str, edit: Edit) -> int:
    """Return the first base that an edit changes, behind the bases that REF and ALT share."""
    pairs = zip(middle[edit.start : edit.end], edit.added, strict=False)
    return edit.start + next((i for i, (a, b) in enumerate(pairs) if a != b), min(edit.end - edit.start, len(edit.added)))


def kept(edits: list[Edit]) -> Iterator[tuple[Edit, ...]]:
    """Yield every choice of edits, the fullest first."""
    for number in range(len(edits), -1, -1):
        yield from itertools.combinations(edits, number)


def best_on_copy(middle: str, truth: list[Edit], calls: list[Edit]) -> list[tuple[tuple[Edit, ...], tuple[Edit, ...]]]:
    """Return the choices with the fewest edits given up under which truth and calls make the same sequence."""
    equal = [
        (one, two) for one in kept(truth) for two in kept(calls) if (text := apply(middle, one)) is not None and text == apply(middle, two)
    ]
    most = max(len(one) + len(two) for one, two in equal)
    return [(one, two) for one, two in equal if len(one) + len(two) == most]


def expected(case: Case) -> set[tuple[tuple[str, ...], ...]]:
    """Return every answer that gives up the fewest edits: labels of the truth's alleles and of the calls', each in order."""
    scored: dict[int, set[tuple[tuple[str, ...], ...]]] = {}
    for truth in layings(case.truth, keep_phase=True):
        for calls in layings(case.calls, keep_phase=False):
            first, second = (best_on_copy(case.middle, truth[side], calls[side]) for side in (0, 1))
            for (t1, c1), (t2, c2) in itertools.product(first, second):
                lost = sum(map(len, (*truth, *calls))) - sum(map(len, (t1, c1, t2, c2)))
                answer = labels(truth, (t1, t2), "FN", "missing allele"), labels(calls, (c1, c2), "FP", "extra allele")
                scored.setdefault(lost, set()).add(answer)
    return scored[min(scored)]


def labels(edits: tuple[list[Edit], list[Edit]], left: tuple[tuple[Edit, ...], ...], false: str, gone: str) -> tuple[str, ...]:
    """Return the label of each allele by how many of its copies are left."""
    said = []
    for allele in sorted({edit.allele for copy in edits for edit in copy}):
        owned, fits = (sum(edit.allele == allele for copy in copies for edit in copy) for copies in (edits, left))
        said.append("TP" if owned == fits else f"{false} {'genotype' if fits else gone}")
    return tuple(said)


# --- the real scorer -------------------------------------------------------------------------------------------------------------------


def write_vcf(path: Path, side: str) -> Path:
    """Write truth or calls of all cases, a contig a case."""
    with pysam.BGZFile(str(path), "wb") as out:
        lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        lines += [f"##contig=<ID=c{number},length={len(LEFT + case.middle + RIGHT)}>" for number, case in enumerate(CASES)]
        lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tanna"]
        for number, case in enumerate(CASES):
            for place, ref, alts, genotype in getattr(case, side):
                assert case.middle[place : place + len(ref)] == ref, case.name
                lines.append(f"c{number}\t{len(LEFT) + place + 1}\t.\t{ref}\t{alts}\t50\tPASS\t.\tGT\t{genotype}")
        out.write("\n".join([*lines, ""]).encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which aardvark compared all cases."""
    folder = tmp_path_factory.mktemp("scored")
    sequences = [LEFT + case.middle + RIGHT for case in CASES]
    (folder / "ref.fa").write_text("".join(f">c{number}\n{text}\n" for number, text in enumerate(sequences)))
    pysam.faidx(str(folder / "ref.fa"))
    (folder / "all.bed").write_text("".join(f"c{number}\t0\t{len(text)}\n" for number, text in enumerate(sequences)))
    confident = {f"c{number}": IntervalArray.of([0], [len(text)]) for number, text in enumerate(sequences)}
    lengths = {f"c{number}": len(text) for number, text in enumerate(sequences)}
    for side in ("truth", "calls"):
        raw = write_vcf(folder / f"{side}.raw.vcf.gz", side)
        write_scorable(raw, 0, folder / f"{side}.vcf.gz", confident=confident, lengths=lengths, passing_only=True)
    files = [folder / name for name in ("ref.fa", "truth.vcf.gz", "calls.vcf.gz", "all.bed", "out")]
    subprocess.run(aardvark.command(*files, threads=1), check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_read_scores_agrees_with_a_brute_force_comparison_of_haplotypes(scored: Path, number: int) -> None:
    answers = expected(CASES[number])
    assert len(answers) == 1, "the case has several right answers, so it shows nothing"
    found = []
    for side, name in ((Side.TRUTH, "truth"), (Side.CALL, "calls")):
        rows = list(aardvark.read_scores(scored / "out", side, scored / f"{name}.vcf.gz", f"c{number}"))
        found.append(tuple(f"{one.label} {one.error}".strip() for _, one in rows))
    assert tuple(found) == next(iter(answers))


def test_version_is_the_one_that_wrote_the_labels(scored: Path) -> None:
    assert aardvark.version(scored / "out") == read_pins()["aardvark"].version


@pytest.mark.parametrize("lost", ["truth TP", "call FP"])
def test_check_sums_refuses_labels_that_do_not_add_up(scored: Path, lost: str) -> None:
    parts = []
    for side, name in ((Side.TRUTH, "truth"), (Side.CALL, "calls")):
        rows = (
            row
            for number in range(len(CASES))
            for row in aardvark.read_scores(scored / "out", side, scored / f"{name}.vcf.gz", f"c{number}")
        )
        parts.append(frame(rows).assign(side=str(side)))
    table = pd.concat(parts, ignore_index=True)
    aardvark.check_sums(scored / "out", table)
    side, label = lost.split()
    first = table[(table.side == side) & (table.label == label)].index[0]
    with pytest.raises(RuntimeError, match=r"the labels that aardvark wrote give .* but its summary says"):
        aardvark.check_sums(scored / "out", table.drop(index=first))
