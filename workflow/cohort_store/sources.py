"""Candidates for the store out of released sample folders, or of VCFs with a callable BED.

A folder `<results>/samples/<sample>` (also inside of a sealed version) has the decision, the callable bases and the relations that were
found; its calls are those of its case, its karyotype the one that was used to call it. A VCF comes without any of this: whoever adds it
answers for release and consent, and the store keeps that this was declared.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workflow.cohort_store.admission import Candidate, consented
from workflow.cohort_store.calls import genome_of
from workflow.cohort_store.judged import Judged, judged_of, ploidy_of
from workflow.cohort_store.model import ConsentFor, Person
from workflow.cohort_store.people import People
from workflow.cohort_store.reading import Genotypes, read_callable, read_genotypes
from workflow.errors import InputError
from workflow.files import read_json
from workflow.interval_arrays import IntervalArray
from workflow.ploidy import KARYOTYPES, karyotype_of_order

RELEASED, DECLARED = "release", "release and consent declared by the steward"
SURE = 2.0
"""log10 odds from which a relation that was found counts (docs/decisions/016)."""

Judge = Callable[[str], Mapping[str, Judged]]
"""Gives where a genome was judged, by its karyotype."""


@dataclass(frozen=True)
class Folder:
    """A released sample folder: where its files are."""

    path: Path
    sample: str
    case: str
    calls: Path

    @property
    def callable(self) -> Path:
        """Its callable bases."""
        return self.path / "callable.bed.gz"

    @property
    def karyotype(self) -> str:
        """The karyotype that it was called with, empty where its results do not have it."""
        results = (self.path.parents[1], *self.path.parents[4:5])  # a sealed version lies in its results
        files = (one / "coverage" / f"{self.sample}.karyotype.json" for one in results)
        return next((str(read_json(file)["used"]) for file in files if file.is_file()), "")


def read_folder(path: Path) -> Folder:
    """Return a released sample folder.

    Raises:
        InputError: it is none, its sample is not released, or its case has no calls.
    """
    decision = _json(path / "release.json")
    sample, made = str(decision.get("sample", "")), str(decision.get("decision", ""))
    if sample != path.resolve().name:
        raise InputError("this is no folder of a sample", file=path, remedy="name `<results>/samples/<sample>`")
    if made != RELEASED:
        raise InputError(
            f"{sample} is not released; the decision is {made or 'not there'}", file=path / "release.json", remedy="add it when it is"
        )
    for record in sorted((path.resolve().parents[1] / "cases").glob("*/release.json")):
        members = [str(one["sample"]) for one in _json(record).get("members", [])]
        if sample in members:
            calls = record.parent / f"{record.parent.name}.vcf.gz"
            if calls.is_file():
                return Folder(path.resolve(), sample, record.parent.name, calls)
    raise InputError(f"the calls of the case of {sample} are not beside it", file=path, remedy="name the folder inside of its results")


def _json(file: Path) -> Mapping[str, Any]:
    try:
        return dict(read_json(file))
    except FileNotFoundError:
        raise InputError("there is no such file", file=file, remedy="name the folder of a released sample") from None
    except (OSError, ValueError, TypeError):
        raise InputError("it cannot be read", file=file, remedy="put it back from the sealed release") from None


def of_folder(folder: Folder, person: Person, assembly: str, consent_for: ConsentFor | None) -> Candidate:
    """Return the candidate of a released sample.

    Args:
        folder: where it lies.
        person: what is known of it; its family is the case where none is named.
        assembly: of the store.
        consent_for: answers for each person and purpose.

    Raises:
        InputError: consent does not cover the store, or a file cannot be used.
    """
    person = replace(
        person, sample=folder.sample, family=person.family or f"case {folder.case}", karyotype=person.karyotype or folder.karyotype
    )
    store, beacon = consented(person, consent_for) if consent_for else (False, False)
    if not store:
        what = (
            f"consent of {folder.sample} does not cover the frequency store"
            if consent_for
            else "nothing says that consent covers the frequency store"
        )
        raise InputError(what, file=folder.path, remedy="unknown is no: give the consent with `--consent`, or leave the sample out")
    genotypes = read_genotypes([folder.calls], assembly, [folder.sample])
    one = _candidate(genotypes, 0, _judge(read_callable(folder.callable, assembly), assembly), person, assembly, folder.path)
    return replace(one, beacon=beacon, declared=getattr(consent_for, "declared", ""))


def refuse_relatives(folder: Folder, people: People) -> None:
    """Refuse a sample that was found to be a counted person again, or a close relative of one.

    Raises:
        InputError: the relation is sure and the other one is counted.
    """
    file = folder.path / "relations.json"
    for one in _json(file).get("matches", []) if file.is_file() else []:
        if one["relation"] != "unrelated" and float(one["lead"]) >= SURE and people.of("sample", str(one["sample"])):
            what = f"{folder.sample} is not added: its reads say `{one['relation']}` of a genome that is counted already"
            raise InputError(what, file=file, remedy="one of a family is counted, and a person once")


def of_vcfs(files: Sequence[Path], callable_: Path, persons: Mapping[str, Person], assembly: str, samples: Sequence[str], *,
            beacon: bool) -> Iterator[Candidate]:  # fmt: skip
    """Give the candidates of VCFs.

    Args:
        files: VCFs about the same samples.
        callable_: BED of the callable bases of all of them, or a folder with `<sample>.bed` or `<sample>.bed.gz` of each.
        persons: what is known, by sample.
        assembly: of the store.
        samples: names of columns; empty = all.
        beacon: consent covers the Beacon, as declared.

    Raises:
        InputError: a file cannot be used.
    """
    genotypes = read_genotypes(files, assembly, samples)
    shared = None if callable_.is_dir() else _judge(read_callable(callable_, assembly), assembly)
    for at, sample in enumerate(genotypes.samples):
        judge = shared or _judge(read_callable(_own_bed(callable_, sample), assembly), assembly)
        one = _candidate(genotypes, at, judge, persons.get(sample, Person(sample)), assembly, files[0])
        yield replace(one, beacon=beacon, declared=DECLARED)


def _judge(intervals: Mapping[str, IntervalArray], assembly: str) -> Judge:
    return functools.cache(lambda karyotype: judged_of(intervals, karyotype, assembly))


def _own_bed(folder: Path, sample: str) -> Path:
    return next((file for file in (folder / f"{sample}.bed.gz", folder / f"{sample}.bed") if file.is_file()), folder / f"{sample}.bed")


def _candidate(genotypes: Genotypes, at: int, judge: Judge, person: Person, assembly: str, file: Path) -> Candidate:
    karyotype = person.karyotype or genotypes.karyotype(at)
    genome = genome_of(genotypes.of(at), judge(karyotype), ploidy_of(karyotype, assembly), genotypes.long)
    if not any(len(one.starts) for one in genome.judged.values()):
        remedy = "give the BED of its callable bases; names of contigs must agree"
        raise InputError(f"{person.sample} has no callable base", file=file, remedy=remedy)
    return Candidate(person, genome, karyotype, genotypes.caller, genotypes.prefix, file)


def karyotype_of(sex: str) -> str:
    """Return the karyotype that `sex` names: female, male, unknown, a karyotype such as XXY, or empty.

    Raises:
        InputError: it names none.
    """
    if not sex:
        return ""
    found = karyotype_of_order(sex) or "unknown"
    if found not in KARYOTYPES and found != "unknown":
        raise InputError(f"{sex} is no sex", remedy="use female, male, unknown or a karyotype such as XXY")
    return found
