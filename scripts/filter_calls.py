"""Gather a case's calls and flag the weak ones; none is removed.

GATK: joint genotyping computes QUAL from genotype likelihoods alone. The caller's own QUAL, in the gVCF of each member, holds DRAGEN's
priors as well, which know how often reads slip in a repeat and how often repeats vary. So an insertion or deletion has the best QUAL
that the caller gave it in a member, and GATK's threshold for DRAGEN mode applies to what it was made for; its joint QUAL stays as
INFO/JOINT_QUAL. A single-nucleotide variant keeps its joint QUAL. What each choice did to accuracy: docs/decisions/003.

GenotypeGVCFs 4.6.2 writes every phased heterozygote as `0|1`, in whatever order the caller had it, so that two variants in trans would
read as in cis. PGT keeps the caller's order: the genotype is put right from it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pysam

from workflow.call_filters import CALL_FILTERS, JOINT_FILTERS, CallFilter
from workflow.caller_qualities import CallerQualities, caller_records, shortest
from workflow.errors import InputError
from workflow.files import atomic
from workflow.intervals import bed_lines
from workflow.joint_members import columns, refuse_lost
from workflow.text import open_text, read_vcf_header

JOINT_QUAL = '##INFO=<ID=JOINT_QUAL,Number=1,Type=Float,Description="QUAL of joint genotyping, without the caller\'s priors">'
CONTIG = re.compile(r"^##contig=<ID=([^,>]+)", re.MULTILINE)


def flagged(fields: list[str], filters: Sequence[CallFilter]) -> list[str]:
    """Return the columns of a record with FILTER set by its QUAL."""
    failed = [one.name for one in filters if float(fields[5]) < one.min_qual]
    return [*fields[:6], ";".join(failed) or "PASS", *fields[7:]]


def phased_by_caller(fields: list[str]) -> list[str]:
    """Return the columns of a record with each phased genotype in the order that PGT says.

    A genotype of two alternative alleles loses its phase, since PGT does not tell which of them stands first.
    """
    keys = fields[8].split(":") if len(fields) > 8 else []
    if "PGT" not in keys:
        return fields
    at = keys.index("PGT")
    return [*fields[:9], *(_ordered(column.split(":"), at) for column in fields[9:])]


def _ordered(values: list[str], at: int) -> str:
    alleles = sorted(values[0].split("|"))
    order = values[at] if len(values) > at else "."
    if len(alleles) == 2 and alleles[0] != alleles[1]:
        if alleles[0] == "0" and order in {"0|1", "1|0"}:
            values[0] = "|".join(alleles if order == "0|1" else reversed(alleles))
        else:
            values[0] = "/".join(alleles)
    return ":".join(values)


def judged(line: str, members: Sequence[CallerQualities], contigs: Mapping[str, int], caller: str) -> str:
    """Return a record with its QUAL and FILTER."""
    fields = line.rstrip("\n").split("\t")
    if fields[5] == ".":
        fields[5] = "0"
    if caller != "gatk":
        return "\t".join(flagged(fields, CALL_FILTERS[caller])) + "\n"
    fields = phased_by_caller(fields)
    place, alts = (contigs[fields[0]], int(fields[1])), fields[4].split(",")
    found = [member.at(place) for member in members]
    if all(len(allele) == 1 for allele in (fields[3], *alts)):
        return "\t".join(flagged(fields, JOINT_FILTERS)) + "\n"
    alleles = {shortest(fields[3], alt) for alt in alts}
    quals = [qual for quals in found for pair, qual in quals.items() if pair in alleles]
    fields[7] = f"JOINT_QUAL={fields[5]}" + (f";{fields[7]}" if fields[7] != "." else "")
    if quals:
        fields[5] = f"{max(quals):g}"
    return "\t".join(flagged(fields, CALL_FILTERS[caller] if quals else JOINT_FILTERS)) + "\n"


def lost_calls(members: Sequence[CallerQualities], chunk: Sequence[tuple[int, int, int]], records: int) -> list[tuple[int, int]]:
    """Return where strong calls of the members have no joint call in a chunk that was read to its end, if they are too many for chance.

    On 4,000 calls of real reads there was none. Of more than a thousand joint calls, one in a thousand is let pass.

    Args:
        members: the members' own calls, read up to the last joint call of the chunk.
        chunk: (number of the contig, start, end) of its intervals, 0-based half-open, in order.
        records: how many joint calls it has.
    """
    contig, _, end = chunk[-1]
    lost = set()
    for member in members:
        member.at((contig, end + 1))
        lost |= {place for place in member.unasked if any(one == place[0] and start < place[1] <= stop for one, start, stop in chunk)}
        member.unasked.clear()
    return sorted(lost) if 1000 * len(lost) > records else []


def lost_calls_error(path: str, names: Sequence[str], lost: Sequence[tuple[int, int]]) -> InputError:
    """Return the error for joint calls that lack calls of the members."""
    what = f"{len(lost):,} calls of its samples are missing among the joint calls, the first at {names[lost[0][0]]}:{lost[0][1]:,}"
    return InputError(what, file=path, remedy="delete it and run the same command again; it is made anew")


def with_filters(header: Sequence[str], caller: str) -> Iterator[str]:
    """Yield a header with the filters that may be set; lines of the same name are replaced."""
    filters = CALL_FILTERS[caller] + (JOINT_FILTERS if caller == "gatk" else ())
    *others, columns = header
    yield from (line for line in others if not any(line.startswith(f"##FILTER=<ID={one.name},") for one in filters))
    yield from (f'##FILTER=<ID={one.name},Description="{one.description}">\n' for one in filters)
    yield from (JOINT_QUAL + "\n", columns) if caller == "gatk" else (columns,)


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the calls of all chunks, one after the other, indexed; `params.caller` names the caller."""
    with ExitStack() as stack, atomic(output.vcf) as part:
        chunks = [stack.enter_context(open_text(path)) for path in input.chunks]
        headers = [read_vcf_header(lines) for lines in chunks]
        for header, path in zip(headers, input.chunks, strict=True):
            refuse_lost(params.members, columns(header), path)
        contigs = {name: number for number, name in enumerate(CONTIG.findall("".join(headers[0])))}
        gvcfs = [stack.enter_context(open_text(path)) for path in (input.gvcfs if params.caller == "gatk" else ())]
        members = [CallerQualities(caller_records(lines, contigs)) for lines in gvcfs]
        with pysam.BGZFile(str(part), "wb", None) as target:
            target.write("".join(with_filters(headers[0], params.caller)).encode())
            for lines, path, bed in zip(chunks, input.chunks, input.beds, strict=True):
                records = 0
                for records, line in enumerate(lines, 1):  # noqa: B007 - the last number is how many there are
                    target.write(judged(line, members, contigs, params.caller).encode())
                if lost := lost_calls(members, [(contigs[name], start, end) for name, start, end, _ in bed_lines(bed)], records):
                    raise lost_calls_error(path, list(contigs), lost)
        pysam.tabix_index(str(part), preset="vcf", force=True)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
