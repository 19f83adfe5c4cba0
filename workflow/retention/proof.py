"""The proof that a CRAM holds every read of the FASTQ files that it was made of; and in words what differs where it does not."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.errors import InputError
from workflow.files import read_json, sha256_of, short_digest
from workflow.retention.read_digest import METHOD, Digest, Fastq, Group

if TYPE_CHECKING:
    from workflow.cohort import Cohort
    from workflow.settings import Settings

FORMAT = 1
REFERENCE = "reference"
"""The name of the reference's digest among what alignments come from."""
KEEP = "keep the FASTQ files, delete the CRAM and run the workflow again; it is made anew from them"
LEFT_OUT = "the order of the reads, and what stands behind the first blank of a read's first line"
Units = Mapping[str, tuple[Digest, Digest]]
"""Digests of first and second reads by unit."""


def reference_of(dictionary: Path) -> dict[str, str]:
    """Return `{reference: digest}` of the contigs, lengths and bases that a sequence dictionary tells of; nothing where there is none."""
    if not dictionary.is_file():
        return {}
    lines = [line.split("\t") for line in dictionary.read_text(encoding="utf-8").splitlines() if line.startswith("@SQ")]
    told = sorted("\t".join(field for field in line if field.startswith(("SN:", "LN:", "M5:"))) for line in lines)
    return {REFERENCE: short_digest("\n".join(told))}


def proof_path(results: Path, sample: str) -> Path:
    """Return where the proof of a sample is."""
    return results / "retention" / f"{sample}.proof.json"


def differences(fastq: Units, cram: Mapping[Group, Digest], groups: Mapping[str, str]) -> list[str]:
    """Return in words what differs between FASTQ and CRAM, nothing if each unit's first and second reads are the same in both.

    Args:
        fastq: the digests of each unit's files.
        cram: those of the CRAM, by read group and read of the pair.
        groups: the read group of each unit.
    """
    known = {(groups[unit], mate) for unit in fastq for mate in (1, 2)}
    strange = sum(digest.reads for group, digest in cram.items() if group not in known)
    found = [f"{_many(strange)} of the CRAM {_verb(strange)} of no unit or no read of a pair"] if strange else []
    held = {unit: (cram.get((groups[unit], 1), Digest()), cram.get((groups[unit], 2), Digest())) for unit in fastq}
    if not strange and len(fastq) > 1 and held != dict(fastq) and _together(held) == _together(fastq):
        return [f"reads stand under other units than they came in ({', '.join(fastq)})"]
    return found + [words for unit in fastq for words in _of_unit(unit, fastq[unit], held[unit])]


def _together(units: Units) -> tuple[Digest, Digest]:
    first, second = Digest(), Digest()
    for one, other in units.values():
        first, second = first + one, second + other
    return first, second


def _of_unit(unit: str, fastq: tuple[Digest, Digest], cram: tuple[Digest, Digest]) -> Iterator[str]:
    """Give what differs in one unit."""
    if fastq == cram:
        return
    if fastq[0] + fastq[1] == cram[0] + cram[1]:
        yield f"first and second reads are exchanged in unit {unit}"
        return
    for mate, (owed, there) in enumerate(zip(fastq, cram, strict=True), 1):
        if owed != there:
            yield f"{_which(owed, there)} in {'first' if mate == 1 else 'second'} reads of unit {unit}"


def _which(owed: Digest, there: Digest) -> str:
    """Return the first thing in which two digests differ; bases are compared under their names, qualities under both."""
    if owed.reads > there.reads:
        return f"{_many(owed.reads - there.reads)} of {owed.reads:,} {_verb(owed.reads - there.reads)} missing"
    if owed.reads < there.reads:
        return f"{_many(there.reads - owed.reads)} {_verb(there.reads - owed.reads)} there beyond the {owed.reads:,} that came"
    if owed.names != there.names:
        return "names of reads differ"
    return "bases differ" if owed.bases != there.bases else "qualities differ"


def _many(number: int) -> str:
    return f"{number:,} read{'' if number == 1 else 's'}"


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"


def check_files(record: Mapping[str, Any], files: Mapping[str, tuple[Fastq, Fastq]]) -> None:
    """Refuse FASTQ files that are not those which intake has verified.

    Args:
        record: fastq.json of the sample.
        files: what was read, by unit.
    """
    for unit in record["units"]:
        for name, one in zip(("fastq_1", "fastq_2"), files[unit["unit"]], strict=True):
            if unit[name]["sha256"] != one.sha256:
                what = "the file is not the one that intake has verified"
                raise InputError(what, file=unit[name]["path"], remedy="run the workflow again, so that it is read as it is now")


def make_proof(
    sample: str, cram: Path, held: Mapping[Group, Digest], record: Mapping[str, Any], files: Mapping[str, tuple[Fastq, Fastq]],
    groups: Mapping[str, str], alignment: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return the proof.

    Args:
        sample: its name.
        cram: the file.
        held: digests of the CRAM.
        record: fastq.json.
        files: what the FASTQ files hold, by unit.
        groups: read group by unit.
        alignment: what the alignments come from (`gone_reads.alignment_of`).

    Raises:
        InputError: the CRAM does not hold the same reads; with what differs.
    """
    check_files(record, files)
    if different := differences({unit: (one.digest, two.digest) for unit, (one, two) in files.items()}, held, groups):
        what = f"sample `{sample}`: the CRAM does not hold the reads that came: {'; '.join(different)}"
        raise InputError(what, file=cram, remedy=KEEP)
    units = []
    for unit in record["units"]:
        pair = {}
        for name, one in zip(("fastq_1", "fastq_2"), files[unit["unit"]], strict=True):
            pair[name] = {"path": unit[name]["path"], "bytes": one.size, "sha256": one.sha256, **one.digest.as_record()}
        units.append({"unit": unit["unit"], "read_group": groups[unit["unit"]], **pair})
    return {
        "format": FORMAT,
        "sample": sample,
        "method": METHOD,
        "not_compared": LEFT_OUT,
        "cram": {"bytes": cram.stat().st_size, "sha256": sha256_of(cram)},
        "alignment": dict(alignment),
        "units": units,
    }


def load_proof(results: Path, sample: str) -> dict[str, Any] | None:
    """Return the proof of a sample, None if there is none.

    Raises:
        InputError: it is damaged, or of a version that is not known.
    """
    file = proof_path(results, sample)
    if not file.is_file():
        return None
    try:
        proof: dict[str, Any] = read_json(file)
        known = proof["format"] == FORMAT and proof["sample"] == sample
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        remedy = "delete it and run the workflow again while the FASTQ files are there, or put it back from a copy"
        raise InputError("this is no proof that this version of Genvej reads", file=file, remedy=remedy)
    return proof


def digests_of(proof: Mapping[str, Any]) -> Units:
    """Return the digests of a proof, by unit."""
    return {unit["unit"]: (Digest.of_record(unit["fastq_1"]), Digest.of_record(unit["fastq_2"])) for unit in proof["units"]}


def files_of(proof: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return `{path, bytes, sha256, …}` of each FASTQ file that a proof is about."""
    return [unit[name] for unit in proof["units"] for name in ("fastq_1", "fastq_2")]


def proofs_owed(settings: "Settings", cohort: "Cohort", is_done: Callable[[str], bool] = lambda _: False) -> tuple[list[str], list[str]]:
    """Return the proofs that a run owes, as paths, and the samples that have none and lack FASTQ files to make it from.

    Args:
        settings: where results are.
        cohort: the sheets.
        is_done: whether the run leaves a sample as it is: a proof that is there, and younger than the CRAM, is then not asked for.
    """
    owed, unprovable = [], []
    for sample, units in cohort.units.items():
        path = proof_path(settings.results, sample)
        proved = _changed(path)
        if proved and is_done(sample) and proved >= _changed(settings.results / "samples" / sample / f"{sample}.cram"):
            continue
        if proved or all(os.path.exists(file) for unit in units for file in (unit.fastq_1, unit.fastq_2)):
            owed.append(str(path))
        else:
            unprovable.append(sample)
    return owed, unprovable


def _changed(file: Path) -> int:
    """Return when a file was last written, in nanoseconds; 0 if it is not there."""
    try:
        return os.stat(file).st_mtime_ns
    except OSError:
        return 0
