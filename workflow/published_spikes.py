"""Published patients as cases of one cohort: each one's variant written into a real person's reads, with the patient's own terms.

Files have the format of solved cases (`workflow/case_base.py`), with `vcf: [[assembly, contig, position, ref, alt, zygosity]]` and
`hgvs: [[kind, name]]` besides.
"""

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysam

from workflow.errors import InputError
from workflow.intervals import read_bed
from workflow.ontology import Ontology
from workflow.spiking import Edit, Variant, edited, half_of, name_of, of_mate
from workflow.spiking_indels import changed_fragments
from workflow.text import open_text

Record = Mapping[str, Any]
ASSEMBLIES = {"hg38", "GRCh38"}
COPIES = {"heterozygous": "0/1", "homozygous": "1/1"}


@dataclass(frozen=True)
class Spike:
    """One case: a published patient, the variant, and the terms that the HPO release knows (none that is also excluded).

    Attributes:
        genotype: `0/1` or `1/1`.
        names: published HGVS names by kind, `c` and `p`, with accession and version.
        patients: the published patients of the file with this variant; `patient` is the one of them drawn by a digest.
        unknown_terms: number of the patient's terms that the release does not use by any name.
    """

    case: str
    patient: str
    gene: str
    source: str
    variant: Variant
    genotype: str
    names: Mapping[str, str]
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    patients: tuple[str, ...]
    unknown_terms: int


@dataclass(frozen=True)
class Written:
    """How many fragments lie over a variant, and how many of them carry it now."""

    over: int
    changed: int


def read_published(path: str | Path) -> list[dict[str, Any]]:
    """Read a file of published patients, JSON or the same gzipped.

    Raises:
        InputError: it is no such file.
    """
    try:
        with open_text(path) as handle:
            records = json.load(handle)
        if not (isinstance(records, list) and all({"id", "obs", "vcf"} <= record.keys() for record in records)):
            raise ValueError
    except (OSError, EOFError, ValueError, AttributeError) as error:
        remedy = "give a list of {id, genes, obs, exc, vcf, hgvs, pmid} (config/README.md)"
        raise InputError("the published patients cannot be read", file=path, remedy=remedy) from error
    return records


def spikes_of(records: Iterable[Record], regions: str | Path, fasta: str | Path, ontology: Ontology) -> tuple[list[Spike], Counter[str]]:
    """Return one case for each distinct variant that lies in the regions, in order of place, and why patients were left out.

    Patients with more than one recorded variant, or one on a sex chromosome's single copy, are left out.
    """
    intervals, left_out = read_bed(regions), Counter[str]()
    by_variant: dict[tuple[str, int, str, str, str], list[Record]] = defaultdict(list)
    with pysam.FastaFile(str(fasta)) as bases:
        for record in records:
            if why := _why_not(record, intervals, bases):
                left_out[why] += 1
            else:
                by_variant[tuple(record["vcf"][0][1:6])].append(record)
    return [_spike(key, by_variant[key], ontology) for key in sorted(by_variant)], left_out


def _why_not(record: Record, intervals: Mapping[str, Sequence[tuple[int, int]]], bases: pysam.FastaFile) -> str:
    """Return why a patient is no case, empty if it is one."""
    if not record["vcf"] or not record.get("genes"):
        return "no variant or no gene recorded"
    if len(record["vcf"]) > 1:
        return "more than one variant recorded"
    assembly, contig, position, ref, _alt, zygosity = record["vcf"][0]
    if assembly not in ASSEMBLIES or zygosity not in COPIES:
        return "of another assembly, or with one copy alone"
    if not any(start < position and position - 1 + len(ref) <= end for start, end in intervals.get(contig, ())):
        return "outside of the regions that have reads"
    return "" if bases.fetch(contig, position - 1, position - 1 + len(ref)).upper() == ref else "REF is not the reference's"


def _spike(key: tuple[str, int, str, str, str], patients: Sequence[Record], ontology: Ontology) -> Spike:
    contig, position, ref, alt, zygosity = key
    one = min(patients, key=lambda record: (not record["obs"], hashlib.sha256(record["id"].encode()).hexdigest()))
    told = [*one["obs"], *(one.get("exc") or ())]
    observed, excluded = ({now for name in names if (now := ontology.current(name))} for names in (one["obs"], one.get("exc") or ()))
    return Spike(
        re.sub(r"[^A-Za-z0-9]+", "-", f"{one['genes'][0]}-{position}-{ref}-{alt}"),
        str(one["id"]),
        str(one["genes"][0]),
        str(one.get("pmid", "")),
        Variant(contig, position, ref, alt),
        COPIES[zygosity],
        {kind.removeprefix("hgvs."): name for kind, name in one.get("hgvs") or ()},
        tuple(sorted(observed)),
        tuple(sorted(excluded - observed)),
        tuple(str(record["id"]) for record in patients),
        sum(ontology.current(name) is None for name in told),
    )


class Person:
    """A real person's reads: an indexed BAM, and the FASTQ pair that its reads came from."""

    def __init__(self, bam: str | Path, fastq: Sequence[str | Path], fasta: str | Path) -> None:
        self.bam, self.fasta = str(bam), str(fasta)
        self.lines = [gzip.decompress(Path(path).read_bytes()).splitlines(keepends=True) for path in fastq]
        self.names = {name_of(header) for header in self.lines[0][::4]}

    def edits(self, spike: Spike) -> tuple[dict[str, list[Edit]], Written]:
        """Return the edits of the fragments that get the variant: half of those that can, or all."""
        variant = spike.variant
        with pysam.AlignmentFile(self.bam) as bam, pysam.FastaFile(self.fasta) as bases:
            start, end = variant.position - 1, variant.position - 1 + len(variant.ref)
            usable, over = changed_fragments(
                bam.fetch(variant.contig, start, end),
                self.names,
                variant,
                lambda first, last: bases.fetch(variant.contig, first, last).upper(),
            )
        chosen = half_of(usable) if spike.genotype == "0/1" else usable
        return chosen, Written(over, len(chosen))

    def write(self, spike: Spike, folder: Path) -> Written:
        """Write the pair of FASTQ files of a case; files that hold the same already keep their date.

        The case stands behind each read's name: where only first reads lie over a variant, two cases have the same second reads otherwise,
        and the workflow rightly refuses reads that are used twice.
        """
        chosen, written = self.edits(spike)
        for mate, lines in enumerate(self.lines):
            content = b"".join(named(edited(lines, of_mate(chosen, mate)), spike.case))
            keep_or_write(folder / f"{spike.case}_{mate + 1}.fastq.gz", gzip.compress(content, 1, mtime=0))
        return written


def named(lines: Iterable[bytes], word: str) -> Iterator[bytes]:
    """Give the lines of a FASTQ file with a word as the comment behind each read's name."""
    for number, line in enumerate(lines):
        yield line.split()[0] + f" {word}\n".encode() if number % 4 == 0 else line


def keep_or_write(path: Path, content: bytes) -> None:
    """Write a file unless it holds just this already, so that nothing is made anew for its date."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def phenopacket(spike: Spike, ontology: Ontology) -> dict[str, Any]:
    """Return the case's terms as Phenopacket v2; the person's sex is that of the reads and stands in the sheet alone."""
    features: list[dict[str, Any]] = [{"type": {"id": term, "label": ontology.name(term)}} for term in spike.observed]
    features += [{"type": {"id": term, "label": ontology.name(term)}, "excluded": True} for term in spike.excluded]
    meta = {"created": "2026-01-01T00:00:00Z", "createdBy": "evaluate_spikes", "phenopacketSchemaVersion": "2.0", "resources": []}
    return {"id": spike.patient, "subject": {"id": spike.case}, "phenotypicFeatures": features, "metaData": meta}


def write_cohort(work: Path, spikes: Sequence[Spike], data: Path, sex: str, ontology: Ontology) -> None:
    """Write sheets, phenopackets and config.yaml of a run over all cases; `data` is the folder that `make data` prepares."""
    samples = [f"{one.case}\t{one.case}\tproband\t{sex}\tyes\tdonor" for one in spikes]
    units = [f"{one.case}\tL1\treads/{one.case}_1.fastq.gz\treads/{one.case}_2.fastq.gz\tdonor\tILLUMINA" for one in spikes]
    for one in spikes:
        keep_or_write(work / f"phenopackets/{one.case}.json", json.dumps(phenopacket(one, ontology), indent=1).encode())
    keep_or_write(work / "samples.tsv", "\n".join(["sample\tcase\trole\tsex\taffected\tperson", *samples, ""]).encode())
    keep_or_write(work / "units.tsv", "\n".join(["sample\tunit\tfastq_1\tfastq_2\tlibrary\tplatform", *units, ""]).encode())
    config = {
        "samples": "samples.tsv",
        "units": "units.tsv",
        "phenopackets": "phenopackets",
        "reference": {"name": "GRCh38", "fasta": str(data / "GRCh38.chr1.fa")},
        "regions": str(data / "regions.bed"),
        "knowledge": {
            "gene_models": {"path": str(data / "gene_models.gff3.gz"), "release": "as prepared by `make data`"},
            "hpo": {"path": str(data / "hpo"), "release": ontology.release},
        },
    }
    keep_or_write(work / "config.yaml", (json.dumps(config, indent=1) + "\n").encode())
