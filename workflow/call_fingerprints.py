"""Genotype likelihoods at sites out of a VCF or gVCF: for genomes that were called elsewhere, and for a run's own variants.

A record with the site's alternative base gives its PL, else its GQ; a block of a gVCF, and a called 0/0 without the alternative, tell
the reference. A site that no record covers says nothing: in a plain VCF silence is not reference.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pysam

from workflow.errors import InputError
from workflow.fingerprints import MOST, Bytes, Fingerprint, Sites, alleles_of, autosome_of, key_of

LEAST_DEPTH, LEAST_GQ = 8, 20
"""Of a heterozygous or homozygous variant from which a run's own site is made."""
MOST_OWN = 20_000
"""Own sites of a run, at most, evenly taken."""
ASSUMED_GQ = 20
"""Of a called genotype whose record has neither PL nor GQ."""
PLAIN = re.compile("^[ACGT]$")


def open_calls(file: str | Path) -> pysam.VariantFile:
    """Return a VCF that is open and has an index.

    Raises:
        InputError: it has not.
    """
    try:
        calls = pysam.VariantFile(str(file))
        if calls.index is None:
            raise InputError("the VCF has no index", file=file, remedy="compress it with `bgzip` and index it with `tabix -p vcf`")
    except (OSError, ValueError):
        raise InputError(
            "this cannot be read as VCF", file=file, remedy="give a VCF or gVCF, compressed with `bgzip`, and its index"
        ) from None
    return calls


def likelihoods_of(calls: pysam.VariantFile, sample: str, sites: Sites) -> Bytes:
    """Return what a sample's records say at some sites, (sites, 3)."""
    quality = np.zeros((len(sites), 3), np.uint8)
    names = {autosome_of(name): name for name in map(str, calls.header.contigs) if autosome_of(name)}
    for contig, wanted in _by_contig(sites).items():
        if contig in names:
            try:
                records = calls.fetch(names[contig], min(wanted), max(wanted) + 1)
            except ValueError:  # the index has no record of this contig
                continue
            for record in records:
                _fill(quality, record, sample, wanted)
    return quality


def _by_contig(sites: Sites) -> dict[int, dict[int, list[tuple[int, str, str]]]]:
    """Return, by chromosome and position, (row, reference, alternative) of each site."""
    found: dict[int, dict[int, list[tuple[int, str, str]]]] = {}
    for row, key in enumerate(sites.keys.tolist()):
        contig, position, ref, alt = alleles_of(key)
        found.setdefault(contig, {}).setdefault(position, []).append((row, ref, alt))
    return found


def _fill(quality: Bytes, record: pysam.VariantRecord, sample: str, wanted: Mapping[int, list[tuple[int, str, str]]]) -> None:
    """Write what one record says; a record that knows the alternative base wins over a block."""
    length = record.stop - record.start
    places = (
        range(record.start, record.stop) if length < len(wanted) else (place for place in wanted if record.start <= place < record.stop)
    )
    for place in places:
        for row, ref, alt in wanted.get(place, ()):
            known = _site(record, sample, ref, alt) if place == record.start else None
            known = known or (_reference(record, sample) if not quality[row].any() else None)
            if known:
                quality[row] = [min(value, MOST) for value in known]


def _site(record: pysam.VariantRecord, sample: str, ref: str, alt: str) -> tuple[int, int, int] | None:
    """Return the likelihoods of a record about this very site, None if it is about something else."""
    alleles = record.alleles or ()
    if alt not in alleles[1:] or alleles[0] != ref:
        return None
    call, number = record.samples[sample], alleles.index(alt)
    indices = call.allele_indices or ()
    if len(indices) != 2 or None in indices:
        return None
    scaled = call.get("PL")
    if scaled and len(scaled) == len(alleles) * (len(alleles) + 1) // 2 and None not in scaled:
        values = [int(scaled[at]) for at in (0, number * (number + 1) // 2, number * (number + 3) // 2)]
        return (values[0] - min(values), values[1] - min(values), values[2] - min(values))
    if not set(indices) <= {0, number}:
        return None
    quality = int(call.get("GQ") or ASSUMED_GQ)
    called = sum(index == number for index in indices)
    return tuple(0 if copies == called else quality * max(1, abs(copies - called)) for copies in range(3))  # type: ignore[return-value]


def _reference(record: pysam.VariantRecord, sample: str) -> tuple[int, int, int] | None:
    """Return the likelihoods of a block or record that calls the reference here, None if it does not."""
    call = record.samples[sample]
    if call.allele_indices != (0, 0) or len(record.ref or "") != 1:
        return None
    quality = int(call.get("GQ") or 0)
    return (0, quality, MOST) if quality else None


def own_sites(calls: pysam.VariantFile, sample: str) -> Iterator[int]:
    """Yield the site numbers of a sample's plain, sure single-nucleotide variants on the autosomes."""
    for record in calls.fetch():
        contig, alts = autosome_of(record.contig), [alt for alt in record.alts or () if PLAIN.match(alt)]
        if contig and len(alts) == 1 and PLAIN.match(record.ref or ""):
            call = record.samples[sample]
            carried = 1 in (call.allele_indices or ())
            if (
                carried
                and (call.get("DP") or 0) >= LEAST_DEPTH
                and (call.get("GQ") or 0) >= LEAST_GQ
                and set(record.filter.keys()) <= {"PASS"}
            ):
                yield key_of(contig, record.start, str(record.ref), alts[0])


def sites_of_run(files: Mapping[str, str], assembly: str) -> Sites:
    """Return the variants that any sample of a run carries, frequency unknown; `files` has the gVCF of each sample."""
    found: set[int] = set()
    for sample, file in files.items():
        with open_calls(file) as calls:
            found.update(own_sites(calls, sample))
    keys = np.array(sorted(found), np.int64)
    keys = keys[:: max(1, -(-len(keys) // MOST_OWN))] if len(keys) else keys
    return Sites(assembly, keys, np.full(len(keys), np.nan, np.float32))


def fingerprint_calls(file: str | Path, samples: Iterable[str], sites: Sites) -> Iterator[Fingerprint]:
    """Yield the fingerprints of samples of a VCF.

    Raises:
        InputError: the file cannot be read, or has no such sample.
    """
    with open_calls(file) as calls:
        for sample in samples:
            if sample not in calls.header.samples:
                raise InputError(
                    f"the VCF has no sample `{sample}`", file=file, remedy=f"it has {', '.join(list(calls.header.samples)[:10])}"
                )
            yield Fingerprint(sample, sites, likelihoods_of(calls, sample, sites))
