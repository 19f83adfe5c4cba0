"""Truth sets and call sets looked at before anything is scored: whole, of this assembly, about one person, with something to find.

Used before the first job of a run, and by `python -m scripts.score_calls`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pysam

from workflow.bases import Bases
from workflow.errors import InputError
from workflow.fasta_index import BGZF
from workflow.interval_arrays import IntervalArray, read_interval_arrays
from workflow.reference import plain_name
from workflow.regions import check_bed
from workflow.schema import nearest
from workflow.scorable import Record, inside, left_out, parse_record

COMPARED_RECORDS = 1000
TOLERATED_MISMATCHES = 0.05
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One person's column of a VCF: `number` is 0 for the first."""

    vcf: Path
    number: int
    name: str


def find_column(vcf: Path, sample: str | None, contigs: Collection[str], key: str) -> Column:
    """Return the column of a person in a bgzipped, indexed VCF; without a name, the only one.

    Args:
        vcf: the file.
        sample: name of the column, or None.
        contigs: of the regions that are scored.
        key: what names the column if there are several, for messages.

    Raises:
        InputError: the file cannot be looked up by position, has no contig of `contigs`, or does not say which column is meant.
    """
    with _opened(vcf) as file:
        names = str(file.header[-1]).split("\t")[9:] if len(file.header) else []
        _check_contigs(vcf, file.contigs, contigs)
    if not names:
        raise InputError("there is no column of genotypes", file=vcf, remedy="give a VCF with a sample")
    if sample is None and len(names) > 1:
        raise InputError(f"there are {len(names)} samples ({_listed(names)})", file=vcf, remedy=f"choose one with {key}")
    if sample is not None and sample not in names:
        hint = nearest(sample, names) if len(names) > NAMES_SHOWN else f"it has {_listed(names)}"
        raise InputError(f"there is no sample {sample}", file=vcf, remedy=f"mend {key} ({hint})")
    name = sample or names[0]
    return Column(vcf, names.index(name), name)


@contextmanager
def _opened(vcf: Path) -> Iterator[pysam.TabixFile]:
    """Open a VCF by its index, without htslib's own messages."""
    try:
        with open(vcf, "rb") as handle:
            packed = handle.read(len(BGZF)) == BGZF
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else f"the file cannot be read ({error.strerror})"
        raise InputError(what, file=vcf, remedy="check the path; it is relative to the working directory") from None
    if not packed:
        raise InputError(
            "the VCF is not compressed with bgzip", file=vcf, remedy="compress it with `bgzip` and index it with `tabix -p vcf`"
        )
    if not any(Path(f"{vcf}{end}").exists() for end in (".tbi", ".csi")):
        raise InputError("the VCF has no index beside it", file=vcf, remedy="index it with `tabix -p vcf`")
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.TabixFile(str(vcf)) as file:
            yield file
    except (OSError, ValueError) as error:
        raise InputError("the VCF or its index cannot be read", file=vcf, remedy="fetch both again") from error
    finally:
        pysam.set_verbosity(verbosity)


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:NAMES_SHOWN])
    return shown + (f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else "")


def _check_contigs(vcf: Path, own: Collection[str], wanted: Collection[str]) -> None:
    """Refuse a VCF without any contig of the regions, and say so if it only names them otherwise."""
    if not own:
        raise InputError("the VCF holds no variant", file=vcf, remedy="fetch it again")
    if set(own) & set(wanted):
        return
    other = next(((one, contig) for one in own for contig in wanted if plain_name(one) == plain_name(contig)), None)
    if other:
        what = f"contig {other[0]} is named {other[1]} in the reference and the regions"
        raise InputError(what, file=vcf, remedy="rename its contigs, for example with `bcftools annotate --rename-chrs`")
    what = f"there is no variant on any contig of the regions (it has {_listed(own)}; they have {_listed(wanted)})"
    raise InputError(what, file=vcf, remedy="give calls and regions of the same part of the genome")


def confident_regions(bed: Path, territory: Path | None, contigs: Mapping[str, int], key: str) -> dict[str, IntervalArray]:
    """Return where accuracy is measured, by contig in the reference's order: where the truth is complete and calls are owed.

    The lines of the BED may stand in any order and overlap.

    Args:
        bed: where the truth is complete.
        territory: where calls are owed; None is everywhere.
        contigs: lengths of the reference's contigs, in bases.
        key: what named the BED, for messages.

    Raises:
        InputError: the BED is missing, malformed, outside the reference, or shares no base with the territory.
    """
    check_bed(bed, contigs, key, "give the BED that was published with the truth")
    found = {contig: names[""] for contig, names in read_interval_arrays(bed).items()}
    if territory:
        owed = {contig: names[""] for contig, names in read_interval_arrays(territory).items()}
        found = {contig: here.intersection(owed[contig]) for contig, here in found.items() if contig in owed}
    found = {contig: found[contig] for contig in contigs if contig in found and len(found[contig])}
    if not found:
        raise InputError(f"the regions of the truth share no base with {territory}", file=bed, remedy="give regions that overlap")
    return found


def check_truth(column: Column, confident: Mapping[str, IntervalArray], bases: Bases) -> None:
    """Refuse a truth without a variant in its regions, or whose reference bases are not this reference's.

    Raises:
        InputError: naming the truth's VCF.
    """
    records = list(islice(_variants(column, confident), COMPARED_RECORDS))
    if not records:
        what = "the truth has no variant inside its regions, so there is nothing to measure"
        raise InputError(what, file=column.vcf, remedy="check that VCF and BED belong together, and the sample that is meant")
    known = [(one.ref, bases.get(one.contig, one.pos - 1, one.pos - 1 + len(one.ref))) for one in records]
    compared = [(ref, there) for ref, there in known if set(ref + there) <= set("ACGT")]
    wrong = sum(ref != there for ref, there in compared)
    if wrong > TOLERATED_MISMATCHES * len(compared):
        what = f"{wrong} of the first {len(compared)} variants of the truth have other reference bases than the reference"
        raise InputError(what, file=column.vcf, remedy="give the truth for this assembly")


def _variants(column: Column, confident: Mapping[str, IntervalArray]) -> Iterator[Record]:
    """Yield the records of a truth that are scored."""
    with _opened(column.vcf) as file:
        for contig in confident:
            lines = file.fetch(contig) if contig in file.contigs else ()
            records = (parse_record(line.split("\t"), column.number) for line in lines)
            for record in inside((one for one in records if one), confident):
                if left_out(record, passing_only=True) is None:
                    yield record


def confident_bases(confident: Mapping[str, IntervalArray]) -> int:
    """Return the number of bases in which accuracy is measured."""
    return int(np.sum([here.bases for here in confident.values()]))
