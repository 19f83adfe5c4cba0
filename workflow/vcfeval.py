"""RTG Tools' vcfeval, the other scorer: its command line, and its annotated VCFs as scored alleles.

In output mode `annotate`, vcfeval gives back the records of both files with a word on each in INFO: BASE (truth) and CALL (calls) are TP,
FN or FP, FN_CA or FP_CA where the allele is common to both and the genotype is not, HARD where a stretch was too complex to compare, OUT
outside the regions and IGN where there is nothing to compare. SYNC names the stretch. A genotype error is false on both sides.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pysam

from workflow.scorable import parse_record
from workflow.scored_alleles import Allele, Error, Label, Scored, Side, alleles_of

FILES = {Side.TRUTH: "baseline.vcf.gz", Side.CALL: "calls.vcf.gz"}
WORDS = {Side.TRUTH: "BASE", Side.CALL: "CALL"}
FALSE = {Side.TRUTH: (Label.FN, Error.MISSING), Side.CALL: (Label.FP, Error.EXTRA)}
NOT_SCORED = {"OUT", "IGN"}


def command(reference: str | Path, truth: str | Path, calls: str | Path, confident: str | Path, out: str | Path, threads: int) -> list[str]:
    """Return the command that compares calls with the truth and writes the folder `out`; `reference` is in RTG's own format (SDF)."""
    return [
        "rtg", "vcfeval", "--template", str(reference), "--baseline", str(truth), "--calls", str(calls),
        "--evaluation-regions", str(confident), "--all-records", "--ref-overlap", "--output-mode", "annotate",
        "--output", str(out), "--threads", str(threads),
    ]  # fmt: skip


def version(out: str | Path) -> str | None:
    """Return the release that wrote the folder `out`, as its log says (`RTG Tools 3.12.1`); None if there is none."""
    log = Path(out) / "vcfeval.log"
    found = re.search(r"RTG Tools (\d[\d.]*)", log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else None
    return found[1] if found else None


def read_scores(out: str | Path, side: Side, _scorable: str | Path, contig: str) -> Iterator[tuple[Allele, Scored]]:
    """Yield every allele of one contig that vcfeval scored, with its label; each allele of a record has the record's.

    What was too complex to compare counts as false, so that it is not passed over in silence.

    Args:
        out: the folder that vcfeval wrote.
        side: truth or calls.
        contig: which one.

    Raises:
        RuntimeError: a record has no label.
    """
    with pysam.TabixFile(str(Path(out) / FILES[side])) as file:
        for line in file.fetch(contig) if contig in file.contigs else ():
            fields = line.split("\t")
            info = dict(item.partition("=")[::2] for item in fields[7].split(";"))
            record = parse_record(fields, 0)
            if record is None or WORDS[side] not in info:
                raise RuntimeError(f"vcfeval wrote no label for {contig}:{fields[1]} of the {side}")
            if info[WORDS[side]] not in NOT_SCORED:
                scored = _scored(info[WORDS[side]], side, int(info.get("SYNC", "-1").split(",")[0]))
                yield from ((allele, scored) for allele in alleles_of(record))


def _scored(word: str, side: Side, group: int) -> Scored:
    if word == "TP":
        return Scored(Label.TP, Error.NONE, group)
    label, lost = FALSE[side]
    if word not in {str(label), f"{label}_CA", "HARD"}:
        raise RuntimeError(f"vcfeval's label {word} is not known")
    return Scored(label, Error.GENOTYPE if word.endswith("_CA") else lost, group)


def check_sums(out: str | Path, table: pd.DataFrame) -> None:
    """Compare the true alleles with vcfeval's own summary, which counts records: there are as many or more alleles.

    Raises:
        RuntimeError: there are fewer.
    """
    last = (Path(out) / "summary.txt").read_text(encoding="utf-8").strip().splitlines()[-1].split()
    for side, theirs in ((Side.TRUTH, last[1]), (Side.CALL, last[2])):
        ours = int(((table.side == side) & (table.label == Label.TP)).sum())
        if ours < int(float(theirs)):
            raise RuntimeError(f"the labels that vcfeval wrote give {ours} true alleles of the {side}, but its summary says {theirs}")
