"""Genotypes out of VCFs, of one sample or of thousands at once; callable intervals out of BED."""

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cyvcf2
import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import LONG, code_of_allele, trimmed
from workflow.cohort_store.calls import RawCalls
from workflow.cohort_store.model import UNNAMED
from workflow.errors import InputError
from workflow.formats import damage
from workflow.interval_arrays import IntervalArray, read_interval_arrays
from workflow.made_by import programs_of_lines
from workflow.reference import lengths, par_regions, plain_name

ASSEMBLIES = {"GRCh37": ("grch37", "hg19", "b37", "hs37"), "GRCh38": ("grch38", "hg38", "hs38")}
_CONTIG = re.compile(r"^##contig=<(?=.*\bID=([^,>]+))(?=.*\blength=(\d+))")
_SOURCE = re.compile(r"^##(?:source=|(?=DeepVariant_version=|DRAGENVersion=))(\S.*?)\s*$", re.MULTILINE)
_SAYS = re.compile(r"^##(?:reference|assembly)=(.*)|^##contig=<.*\bassembly=([^,>]+)", re.IGNORECASE)


@dataclass
class _Contig:
    """What was read of one contig: a variant a row, an entry a genotype with it."""

    positions: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    rows: list[NDArray[np.int32]] = field(default_factory=list)
    samples: list[NDArray[np.int32]] = field(default_factory=list)
    alt: list[NDArray[np.uint8]] = field(default_factory=list)
    written: list[NDArray[np.uint8]] = field(default_factory=list)
    missing: list[tuple[NDArray[np.int32], int]] = field(default_factory=list)


@dataclass(frozen=True)
class Genotypes:
    """Genotypes of some samples.

    Attributes:
        samples: names, in the order of the VCF's columns.
        prefix: `chr` or empty, as contigs are named.
        caller: program and version, or `not named`.
        long: letters of long alleles.
        left_out: alleles of no exact sequence, and calls on other than primary contigs.
        haploid, diploid: genotypes of each sample on X outside PAR, with one allele; with two.
    """

    samples: tuple[str, ...]
    prefix: str
    caller: str
    contigs: Mapping[str, Mapping[str, NDArray[Any]]]
    long: Mapping[int, tuple[str, str]]
    left_out: int
    haploid: NDArray[np.int64]
    diploid: NDArray[np.int64]

    def of(self, at: int) -> dict[str, RawCalls]:
        """Return the genotypes of one sample by its place in `samples`."""
        return {contig: _of_sample(table, at) for contig, table in self.contigs.items()}

    def karyotype(self, at: int) -> str:
        """Return the karyotype that the genotypes on X outside PAR are written for: XY, XX or `unknown`."""
        one, two = int(self.haploid[at]), int(self.diploid[at])
        return "XY" if one > 9 * two else "XX" if two > 9 * one else "unknown"


def _of_sample(table: Mapping[str, NDArray[Any]], at: int) -> RawCalls:
    first, last = np.searchsorted(table["samples"], [at, at + 1])
    rows = table["rows"][first:last]
    missing = table["missing"][slice(*np.searchsorted(table["without"], [at, at + 1]))]
    return RawCalls(
        table["positions"][rows],
        table["codes"][rows],
        table["alt"][first:last],
        table["written"][first:last],
        table["filters"][rows],
        missing,
    )


def read_genotypes(files: Sequence[Path], assembly: str, samples: Collection[str] = ()) -> Genotypes:
    """Return the genotypes of VCFs about the same samples.

    Args:
        files: one, or one a region.
        assembly: what the store is of.
        samples: names of the columns to read; empty = all.

    Raises:
        InputError: a file is missing, damaged, of another assembly, of a tumour, or lacks a sample.
    """
    reader = _Reader(assembly, samples)
    for file in files:
        reader.read(file)
    return reader.result()


class _Reader:
    def __init__(self, assembly: str, samples: Collection[str]) -> None:
        self.assembly, self.wanted = assembly, list(samples)
        self.names: tuple[str, ...] = ()
        self.callers: set[str] = set()
        self.prefixes: set[str] = set()
        self.contigs: dict[str, _Contig] = {}
        self.long: dict[int, tuple[str, str]] = {}
        self.left_out = 0
        self.haploid = self.diploid = np.zeros(0, np.int64)
        self.par = [(start, end) for contig, start, end in par_regions(assembly) if contig == "X"]

    def read(self, file: Path) -> None:
        """Read one file."""
        vcf = _opened(file, self.wanted)
        names = tuple(vcf.samples)
        if self.names and names != self.names:
            raise InputError("it is about other samples than the VCF before it", file=file, remedy="give VCFs with the same columns")
        if not self.names:
            self.names, self.haploid, self.diploid = names, np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
        self.callers.add(caller_of(vcf.raw_header))
        check_header(vcf.raw_header, self.assembly, file)
        known = lengths(self.assembly)
        for record in vcf:
            name = plain_name(record.CHROM)
            if name not in known:
                self.left_out += 1
                continue
            if known[name] < record.POS:
                what = f"position {record.POS} lies behind the end of {record.CHROM} in {self.assembly}, of which the store is"
                raise InputError(what, file=file, remedy=f"give calls on {self.assembly}")
            self.prefixes.add("chr" if record.CHROM.startswith("chr") else "")
            self._record(name, record, record.genotype.array()[:, :-1])

    def _record(self, name: str, record: Any, genotypes: NDArray[np.int16]) -> None:
        contig = self.contigs.setdefault(name, _Contig())
        written = (genotypes != -2).sum(axis=1).astype(np.uint8)
        empty = np.flatnonzero((genotypes < 0).all(axis=1))
        if len(empty):
            contig.missing.append((empty.astype(np.int32), record.POS))
        if name == "X" and not any(start < record.POS <= end for start, end in self.par):
            self.haploid += written == 1
            self.diploid += written == 2
        for number, alt in enumerate(record.ALT, start=1):
            copies = (genotypes == number).sum(axis=1).astype(np.uint8)
            carriers = np.flatnonzero(copies).astype(np.int32)
            if not alt.strip("ACGTNacgtn"):
                if len(carriers):
                    self._allele(contig, record, alt, (carriers, copies[carriers], written[carriers]))
            elif alt not in {"*", "<NON_REF>", "<*>"}:
                self.left_out += len(carriers)

    def _allele(
        self, contig: _Contig, record: Any, alt: str, entries: tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]
    ) -> None:
        pos, ref, alt = trimmed(record.POS, record.REF.upper(), alt.upper())
        code = code_of_allele(ref, alt)
        if code & LONG and self.long.setdefault(code, (ref, alt)) != (ref, alt):
            raise InputError(f"two long alleles at {record.CHROM}:{pos} have one hash", remedy="report this; the genome is not added")
        carriers, copies, written = entries
        contig.rows.append(np.full(len(carriers), len(contig.positions), np.int32))
        contig.positions.append(pos)
        contig.codes.append(code)
        contig.filters.append(record.FILTER or "PASS")
        contig.samples.append(carriers)
        contig.alt.append(copies)
        contig.written.append(written)

    def result(self) -> Genotypes:
        """Return all that was read."""
        if len(self.callers) > 1:
            raise InputError(f"the VCFs are of different callers ({', '.join(sorted(self.callers))})", remedy="give those of one caller")
        if len(self.prefixes) > 1:
            raise InputError("contigs are named with and without `chr`", remedy="use one way of naming")
        tables = {name: _table(contig) for name, contig in self.contigs.items()}
        caller = next(iter(self.callers), UNNAMED)
        return Genotypes(self.names, "".join(self.prefixes), caller, tables, self.long, self.left_out, self.haploid, self.diploid)


def _table(contig: _Contig) -> dict[str, NDArray[Any]]:
    """Return a contig's entries sorted by sample, those of one sample in the order of the file."""

    def whole(parts: list[NDArray[Any]], kind: type) -> NDArray[Any]:
        return np.concatenate(parts) if parts else np.zeros(0, kind)

    samples = whole(contig.samples, np.int32)
    order = np.argsort(samples, kind="stable")
    without = whole([people for people, _ in contig.missing], np.int32)
    places = whole([np.full(len(people), pos, np.int32) for people, pos in contig.missing], np.int32)
    by_sample = np.argsort(without, kind="stable")
    columns: dict[str, list[NDArray[Any]]] = {"rows": [*contig.rows], "alt": [*contig.alt], "written": [*contig.written]}
    return {name: whole(parts, np.int32)[order] for name, parts in columns.items()} | {
        "samples": samples[order],
        "positions": np.array(contig.positions, np.int32),
        "codes": np.array(contig.codes, np.uint64),
        "filters": np.array(contig.filters, np.str_),
        "without": without[by_sample],
        "missing": places[by_sample],
    }


def _opened(file: Path, wanted: Sequence[str]) -> Any:
    packed = "vcf" if file.name.endswith(".gz") else "plain vcf"
    if wrong := damage(file, packed):
        raise InputError(f"the VCF cannot be used: {wrong}", file=file, remedy="give the whole file")
    vcf = cyvcf2.VCF(str(file))
    if lost := [name for name in wanted if name not in vcf.samples]:
        raise InputError(f"there is no sample {lost[0]}", file=file, remedy="name one of its columns")
    if not vcf.samples:
        raise InputError("it has no genotypes", file=file, remedy="give a VCF with samples")
    if wanted:
        vcf.set_samples(list(wanted))
    return vcf


def caller_of(header: str) -> str:
    """Return the caller and its version as a VCF's header names them, or `not named`; of others the header's own words."""
    programs = programs_of_lines(header.splitlines())
    named = sorted(f"{name} {version}" for name, version in programs.items()) or sorted(set(_SOURCE.findall(header)))
    return ", ".join(named) or UNNAMED


def check_header(header: str, assembly: str, file: Path) -> None:
    """Refuse a VCF whose header names another assembly, has contigs of another length, or is of a tumour; tell if it names none.

    Raises:
        InputError: naming the file.
    """
    told = False
    for line in header.splitlines():
        said = _SAYS.match(line)
        length = _CONTIG.match(line)
        known = lengths(assembly).get(plain_name(length[1])) if length else None
        if (said and _names_other((said[1] or said[2]).lower(), assembly)) or (length and known and int(length[2]) != known):
            what = f"it is not on {assembly}, of which the store is"
            raise InputError(what, file=file, remedy=f"give calls on {assembly}, or use a store of their assembly")
        if line.startswith(("##tumor_sample=", "##normal_sample=")):
            raise InputError("it is of a tumour, which is never counted", file=file, remedy="give germline calls")
        told = told or bool(known) or bool(said and any(name in (said[1] or said[2]).lower() for name in ASSEMBLIES[assembly]))
    if not told:
        print(f"{file}: its header names no assembly and no lengths of contigs; taken to be on {assembly}, the store's", file=sys.stderr)


def _names_other(text: str, assembly: str) -> bool:
    own, other = ASSEMBLIES[assembly], next(names for name, names in ASSEMBLIES.items() if name != assembly)
    return any(name in text for name in other) and not any(name in text for name in own)


def read_callable(file: Path, assembly: str) -> dict[str, IntervalArray]:
    """Return the callable intervals of a BED, by contig without `chr`.

    Raises:
        InputError: it is missing, damaged, no BED, or not inside the assembly.
    """
    if not file.is_file():
        raise InputError("there is no such file", file=file, remedy="give the BED of callable bases")
    try:
        found = {plain_name(contig): named[""] for contig, named in read_interval_arrays(file).items()}
    except (OSError, EOFError, ValueError, OverflowError):
        raise InputError("it cannot be read as BED", file=file, remedy="a line is contig, start, end, separated by tabs") from None
    for contig, intervals in found.items():
        length = lengths(assembly).get(contig)
        if length is not None and len(intervals) and (int(intervals.ends[-1]) > length or int(intervals.starts[0]) < 0):
            raise InputError(f"an interval lies outside of {contig} in {assembly}", file=file, remedy="give the BED of this assembly")
    return found
