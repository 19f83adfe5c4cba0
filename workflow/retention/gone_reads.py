"""Samples whose FASTQ files were removed after a proof: later runs go on from their CRAM, and stop where they cannot.

Snakemake takes a file whose makers lack their input, and that is there, as it is. So nothing of such a sample is made anew from its reads,
and nothing asks whether it should be: this module does, before any job.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.alignment import read_group_line
from workflow.cohort import Cohort, Unit
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import short_digest
from workflow.release_log import Event
from workflow.retention.proof import REFERENCE, load_proof, proof_path, reference_of
from workflow.retention.removal_log import latest, read_removals
from workflow.settings import Settings

CODE = ("rules/alignment.smk", "workflow/alignment.py")
TOOLS = ("minibwa", "bwa", "samtools")
RESTORE = "restore the reads with `make -C {root} restore CONFIG={config} DIRECTORY={here} SAMPLE={sample}` and run the same command again"


def alignment_of(identity: Mapping[str, Any], sample: str, cohort: Cohort) -> dict[str, Any]:
    """Return what the alignments of a sample come from, by name: aligner, code, tools, read groups of its units; without the reference.

    Args:
        identity: the identity of the workflow (`identity.identify`).
        sample: its name.
        cohort: the sheets.
    """
    tools, code = identity["tools"], identity["code"]
    groups = {unit.name: read_group_line(sample, unit.name, unit.library, unit.platform) for unit in cohort.units[sample]}
    return {
        "aligner": identity["parameters"]["aligner"],
        **{name: tools[name] for name in TOOLS if name in tools},
        **{name: code[name] for name in CODE if name in code},
        **{f"unit {name}": group for name, group in groups.items()},
    }


def digest_of_alignment(alignment: Mapping[str, Any]) -> str:
    """Return a digest (16 hexadecimal digits) of what `alignment_of` gives, whatever `reference_of` has added to it."""
    told = json.dumps({name: value for name, value in alignment.items() if name != REFERENCE}, sort_keys=True)
    return short_digest(told)


def gone(settings: Settings, cohort: Cohort) -> dict[str, Event]:
    """Return the removal of each sample of which a FASTQ file was removed and is not there, by sample.

    Raises:
        InputError: the log of removals is broken.
    """
    removed = {file: event for file, event in latest(read_removals(settings.results)).items() if event["event"] == "removed"}
    found = {}
    for sample, units in cohort.units.items() if removed else ():
        for path in (file for unit in units for file in (unit.fastq_1, unit.fastq_2)):
            if (event := removed.get(path)) and not os.path.exists(path):
                found[sample] = event
    return found


def check_gone(settings: Settings, cohort: Cohort) -> None:
    """Refuse to start where the CRAM of such a sample is gone too, or its proof.

    Raises:
        InputError: naming the sample, the removal, and from where the file can come back.
    """
    for sample, event in gone(settings, cohort).items():
        cram = settings.results / "samples" / sample / f"{sample}.cram"
        for file in (cram, proof_path(settings.results, sample)):
            if not os.path.isfile(file):
                what = f"the file is gone, and the FASTQ files of sample `{sample}` were removed on {event['time'][:10]}"
                raise InputError(what, file=file, remedy=_copy(settings, file))


def _copy(settings: Settings, file: Path) -> str:
    """Return where the newest sealed copy of a file is."""
    folder = settings.results / "release" / "versions"
    copies = [path for path in folder.glob(f"*/{file.relative_to(settings.results)}") if path.parts[len(folder.parts)].isdigit()]
    newest = max(copies, key=lambda path: int(path.parts[len(folder.parts)]), default=None)
    return f"put it back: copy {newest}" if newest else "put it back from a copy"


def check_alignments(settings: Settings, cohort: Cohort, identity: Mapping[str, Any], dictionary: Path) -> None:
    """Refuse to start where a sample whose reads are gone would have to be aligned anew.

    To go on with the alignment that is there is not offered: receipts, lineage and manifest would call it the work of an aligner that never
    saw the reads.

    Raises:
        InputError: naming the first such sample, what changed, and the command that restores its reads.
    """
    reference = reference_of(dictionary)
    for sample, event in gone(settings, cohort).items():
        now = alignment_of(identity, sample, cohort) | reference
        if event["alignment"] == digest_of_alignment(now) and event[REFERENCE] == now.get(REFERENCE, event[REFERENCE]):
            continue
        proof = load_proof(settings.results, sample)
        changed = changes(proof["alignment"], now) if proof else ["its proof is gone"]
        what = f"sample `{sample}` would have to be aligned anew ({'; '.join(changed)})"
        what += f", but its FASTQ files were removed on {event['time'][:10]}"
        raise InputError(what, file=settings.file, remedy=restore_command(settings, sample))


def restore_command(settings: Settings, sample: str) -> str:
    """Return the words that tell how a sample's reads come back."""
    config = os.path.abspath(settings.file.split(", ")[0])
    return RESTORE.format(root=ROOT, config=config, here=Path.cwd(), sample=sample)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return in words what differs between two alignments, as `alignment_of` gives them."""
    names = [name for name in dict.fromkeys((*before, *after)) if name != REFERENCE or name in after]
    return [f"{name}: {_shown(before.get(name))} → {_shown(after.get(name))}" for name in names if before.get(name) != after.get(name)]


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def md5_of(unit: Unit, mate: int, results: Path) -> str:
    """Return the MD5 that a unit's file of first (1) or second (2) reads must have: the sheet's, or that of the file as it was restored.

    Raises:
        InputError: the log of removals is broken.
    """
    path, md5 = (unit.fastq_1, unit.md5_1) if mate == 1 else (unit.fastq_2, unit.md5_2)
    event = latest(read_removals(results)).get(path) if md5 else None
    return str(event["md5"]) if event and event["event"] == "restored" else md5
