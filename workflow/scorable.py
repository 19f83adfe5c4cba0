"""One person's variants as scorers take them: the records of one column that carry an alternative allele inside the confident regions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pysam

from workflow.files import atomic
from workflow.interval_arrays import IntervalArray
from workflow.text import open_text

Confident = Mapping[str, IntervalArray]
PASSING = {"PASS", "."}
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
HEADER = (
    "##fileformat=VCFv4.2",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads at the site, as the caller counted them">',
)


@dataclass(frozen=True, slots=True)
class Record:
    """One VCF record of one person, as text; `pos` is 1-based."""

    contig: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    qual: str
    filters: str
    genotype: str
    depth: str

    def line(self) -> str:
        """Return the record as a line of a VCF with the columns GT and DP."""
        fields = (self.contig, self.pos, ".", self.ref, ",".join(self.alts), self.qual, self.filters, ".", "GT:DP")
        return "\t".join(map(str, fields)) + f"\t{self.genotype}:{self.depth or '.'}\n"


def copies(genotype: str) -> list[int | None]:
    """Return the number of the allele on each copy of a GT such as `0/1`, `1`, `.|1`; None where it is not called."""
    return [int(part) if part.isdigit() else None for part in genotype.replace("|", "/").split("/")]


def read_records(vcf: str | Path, column: int) -> Iterator[Record]:
    """Yield every record of a VCF that has a GT, for the sample in `column` (0 for the first)."""
    with open_text(vcf) as lines:
        for line in lines:
            if not line.startswith("#") and (record := parse_record(line.rstrip("\r\n").split("\t"), column)):
                yield record


def parse_record(fields: list[str], column: int) -> Record | None:
    """Return the record in the fields of a VCF line for the sample in `column`; None if it has no GT."""
    names = fields[8].split(":")
    values = dict(zip(names, fields[9 + column].split(":"), strict=False))
    if "GT" not in values:
        return None
    depth = values.get("DP", "")
    return Record(
        fields[0],
        int(fields[1]),
        fields[3].upper(),
        tuple(fields[4].upper().split(",")),
        fields[5],
        fields[6],
        values["GT"],
        depth.strip("."),
    )


def left_out(record: Record, *, passing_only: bool) -> str | None:
    """Return why a record is not scored, None if it is; the reason `no variant` is no loss and not told."""
    if passing_only and record.filters not in PASSING:
        return "FILTER is not PASS"
    numbers = [number for number in copies(record.genotype) if number]
    alleles = [record.alts[number - 1] for number in numbers if number <= len(record.alts)]
    if not numbers or set(alleles) == {"*"}:
        return "no variant"
    if len(copies(record.genotype)) > 2:
        return "more than two copies in the genotype"
    if len(alleles) < len(numbers) or any(set(allele) - set("ACGTN*") for allele in alleles):
        return "alternative allele without bases"
    return None


def write_scorable(
    vcf: str | Path, column: int, out: str | Path, *, confident: Confident, lengths: Mapping[str, int], passing_only: bool
) -> dict[str, int]:
    """Write one person's records that begin in the confident regions as a bgzipped, indexed VCF with the one column `SAMPLE`.

    INFO is left out, since fields such as SVTYPE change what scorers do with a record.

    Args:
        vcf: sorted by position within each contig, plain or compressed.
        column: number of the person's column, 0 for the first.
        out: the VCF that is written.
        confident: where the truth is complete.
        lengths: of the reference's contigs, in bases.
        passing_only: leave out records that a filter flagged.

    Returns:
        numbers of records: `scored`, and each reason for leaving one out.
    """
    counts: Counter[str] = Counter(scored=0)
    named = [f"##contig=<ID={name},length={lengths[name]}>" for name in confident]
    head = [*HEADER, *_filter_lines(vcf), *named, f"{COLUMNS}\tSAMPLE", ""]
    with atomic(out) as part:
        with pysam.BGZFile(str(part), "wb", None) as handle:
            handle.write("\n".join(head).encode())
            for record in inside(read_records(vcf, column), confident):
                reason = left_out(record, passing_only=passing_only)
                counts[reason or "scored"] += 1
                if reason is None:
                    handle.write(record.line().encode())
        pysam.tabix_index(str(part), preset="vcf", force=True)
    del counts["no variant"]
    return dict(counts)


def _filter_lines(vcf: str | Path) -> list[str]:
    """Return the header lines of a VCF that describe its filters."""
    with open_text(vcf) as lines:
        return [line.rstrip("\r\n") for line in takewhile(lambda line: line.startswith("#"), lines) if line.startswith("##FILTER=<")]


def inside(records: Iterable[Record], confident: Confident) -> Iterator[Record]:
    """Yield the records whose first base is in the confident regions; records and regions are walked along together."""
    contig, starts, ends, at = "", [], [], 0
    for record in records:
        if record.contig != contig:
            contig, at = record.contig, 0
            here = confident.get(contig)
            starts, ends = (here.starts.tolist(), here.ends.tolist()) if here else ([], [])
        place = record.pos - 1
        while at < len(ends) and ends[at] <= place:
            at += 1
        if at < len(ends) and starts[at] <= place:
            yield record
