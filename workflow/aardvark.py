"""aardvark (PacBio), the default scorer: its command line, and its labelled VCFs as scored alleles.

aardvark builds both haplotypes of truth and calls over each stretch of neighbouring variants and asks which variants must be given up
for the sequences to be equal (its docs/methods.md). Each allele is written with the number of copies that its own genotype has and the
number that fitted: EA and OA in the truth's file, OA and EA in the calls'. A call with more copies than fit (1/1 for a true 0/1) is a
false positive and leaves the truth found; one with fewer is a true positive and leaves the truth a false negative.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pysam

from workflow.scorable import Record
from workflow.scored_alleles import Allele, Error, Label, Scored, Side, alleles_of

FILES = {Side.TRUTH: "truth.vcf.gz", Side.CALL: "query.vcf.gz"}


def command(reference: str | Path, truth: str | Path, calls: str | Path, confident: str | Path, out: str | Path, threads: int) -> list[str]:
    """Return the command that compares calls with the truth and writes the folder `out`."""
    return [
        "aardvark", "compare", "--reference", str(reference), "--truth-vcf", str(truth), "--query-vcf", str(calls),
        "--regions", str(confident), "--output-dir", str(out), "--threads", str(threads),
    ]  # fmt: skip


def version(out: str | Path) -> str | None:
    """Return the release that wrote the folder `out`, as it says itself in the header of its VCF; None if it does not."""
    with pysam.TabixFile(str(Path(out) / FILES[Side.TRUTH])) as file:
        found = re.search(r'^##aardvark_version="?(\d[\d.]*)', "\n".join(map(str, file.header)), re.MULTILINE)
    return found[1] if found else None


def read_scores(out: str | Path, side: Side, scorable: str | Path, contig: str) -> Iterator[tuple[Allele, Scored]]:
    """Yield every allele of one contig that aardvark scored, with its label.

    Args:
        out: the folder that aardvark wrote.
        side: truth or calls.
        scorable: the VCF that aardvark was given for this side.
        contig: which one.

    Raises:
        RuntimeError: a labelled allele is not among those given.
    """
    given = (allele for record in _records(scorable, contig) for allele in alleles_of(record))
    for line in _lines(Path(out) / FILES[side], contig):
        fields = line.split("\t")
        wanted = (int(fields[1]), fields[3].upper(), fields[4].upper())
        allele = next((one for one in given if (one.pos, one.ref, one.alt) == wanted), None)
        if allele is None:
            raise RuntimeError(f"aardvark labelled {contig}:{wanted[0]} {wanted[1]}>{wanted[2]}, which it was not given")
        yield allele, _scored(dict(zip(fields[8].split(":"), fields[9].split(":"), strict=True)))


def _scored(values: dict[str, str]) -> Scored:
    label = Label(values["BD"])
    if label is Label.TP:
        return Scored(label, Error.NONE, int(values["RI"]))
    fitted = int(values["OA"] if label is Label.FN else values["EA"])
    lost = Error.MISSING if label is Label.FN else Error.EXTRA
    return Scored(label, Error.GENOTYPE if fitted else lost, int(values["RI"]))


def _lines(vcf: str | Path, contig: str) -> Iterator[str]:
    with pysam.TabixFile(str(vcf)) as file:
        if contig in file.contigs:
            yield from file.fetch(contig)


def _records(scorable: str | Path, contig: str) -> Iterator[Record]:
    for line in _lines(scorable, contig):
        contig, pos, _, ref, alts, qual, filters, _, _, sample = line.split("\t")
        genotype, depth = sample.split(":")
        yield Record(contig, int(pos), ref, tuple(alts.split(",")), qual, filters, genotype, depth.strip("."))


def check_sums(out: str | Path, table: pd.DataFrame) -> None:
    """Compare the scored alleles of both sides with aardvark's own summary.

    Args:
        out: the folder that aardvark wrote.
        table: all alleles, with the columns `side`, `label` and `error`.

    Raises:
        RuntimeError: a sum differs.
    """
    with open(Path(out) / "summary.tsv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    whole = {"comparison": "GT", "filter": "ALL", "region_label": "ALL", "variant_type": "ALL"}
    own = next(row for row in rows if whole.items() <= row.items())
    ours = {f"{name}_{label.lower()}": int(((table.side == side) & (table.label == label)).sum()) for name, side, label in SUMS}
    wrong = table.error == Error.GENOTYPE
    ours |= {"truth_fn_gt": int((wrong & (table.side == Side.TRUTH)).sum()), "query_fp_gt": int((wrong & (table.side == Side.CALL)).sum())}
    theirs = {name: int(own[name]) for name in ours}
    if ours != theirs:
        raise RuntimeError(f"the labels that aardvark wrote give {ours}, but its summary says {theirs}")


SUMS = (("truth", Side.TRUTH, Label.TP), ("truth", Side.TRUTH, Label.FN), ("query", Side.CALL, Label.TP), ("query", Side.CALL, Label.FP))
