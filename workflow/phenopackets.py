"""Phenopackets (GA4GH v2, JSON): what is asked about a sample."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.cohort import KnownQuestion, Question, Sample
from workflow.errors import InputError
from workflow.features import read_features, read_measurements, read_records
from workflow.names import NAME, looks_like_cpr, path_holds_cpr
from workflow.schema import TYPES, Violation, first_violation, nearest
from workflow.settings import Settings

SEXES = {"FEMALE": "female", "MALE": "male"}


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run knew of a phenopacket: whose it is, bytes and date (ns), whether it has terms."""

    subject: str
    size: int
    mtime_ns: int
    has_terms: bool


def load_questions(
    settings: Settings, samples: Mapping[str, Sample], known: Mapping[str, Known] | None = None
) -> dict[str, Question | KnownQuestion]:
    """Return the phenopackets of the sheet and the config, by sample name.

    Args:
        settings: the config.
        samples: the sheet.
        known: phenopackets that earlier runs checked, by path; one that is the same still is not read now.

    Raises:
        InputError: a phenopacket is missing or invalid, or is of another person than the sheet says.
    """
    questions: dict[str, Question | KnownQuestion] = {}

    def read(subject: str, file: Path) -> Question:
        return _checked(file, samples[subject], samples, settings.samples)

    for file, wanted in _files(settings, samples):
        before = _known_question(file, wanted, samples, read, (known or {}).get(str(file)))
        question = before or _checked(file, wanted, samples, settings.samples)
        if earlier := questions.get(question.subject):
            if earlier.file.resolve() == file.resolve():
                continue
            what = f"sample `{question.subject}` has a second phenopacket (the first is {earlier.file})"
            raise InputError(what, file=file, remedy="keep the one that is meant")
        questions[question.subject] = question
    return questions


def _checked(file: Path, wanted: Sample | None, samples: Mapping[str, Sample], sheet: Path) -> Question:
    question = read_phenopacket(file)
    _check_person(question, wanted, samples, sheet)
    return question


def _known_question(
    file: Path, wanted: Sample | None, samples: Mapping[str, Sample], read: Callable[[str, Path], Question], known: Known | None
) -> KnownQuestion | None:
    """Return a phenopacket as it is known, None if it is not, is another file now, or is named for another sample."""
    if known is None or known.subject not in samples or (wanted and wanted.name != known.subject):
        return None
    try:
        status = os.stat(file)
    except OSError:
        return None
    if (status.st_size, status.st_mtime_ns) != (known.size, known.mtime_ns):
        return None
    return KnownQuestion(known.subject, file, has_terms=known.has_terms, read=read)


def _files(settings: Settings, samples: Mapping[str, Sample]) -> Iterator[tuple[Path, Sample | None]]:
    """Give every phenopacket file, with the sample whose row names it (None where the config does)."""
    yield from ((sample.phenopacket, sample) for sample in samples.values() if sample.phenopacket)
    for path in settings.phenopackets:
        for file in _in_folder(path) if path.is_dir() else [path]:
            if path_holds_cpr(str(file)):
                what = "the name of a file in `phenopackets` holds what looks like a CPR number"
                raise InputError(what, file=settings.file, remedy="rename it; a CPR number must not stand in names, sheets or logs")
            yield file, None


def _in_folder(folder: Path) -> list[Path]:
    if found := sorted(folder.glob("*.json")):
        return found
    raise InputError("no phenopacket is in the folder", file=folder, remedy="give their names the ending .json, or take the folder out")


def read_phenopacket(file: Path) -> Question:
    """Return what a phenopacket asks; names of keys may be written as in JSON (`metaData`) or as in protobuf (`meta_data`).

    Raises:
        InputError: the file is missing, not JSON, or not a Phenopacket v2 of one person.
    """
    content = _camel(_json(file))
    if isinstance(content, dict) and {"proband", "members"} & content.keys():
        raise InputError("this is a Family or Cohort message", file=file, remedy="give the phenopacket of the proband alone")
    if violation := first_violation("phenopacket", content):
        raise InputError(_in_words(violation), file=file, remedy="correct it as Phenopackets v2 asks")
    if looks_like_cpr(content["id"]) or looks_like_cpr(content["subject"]["id"]):
        remedy = "use a pseudonym; a CPR number must not stand in names, sheets or logs"
        raise InputError("`id` or `subject.id` holds what looks like a CPR number", file=file, remedy=remedy)
    sex = SEXES.get(content["subject"].get("sex", ""), "unknown")
    terms, measurements = read_features(content, file), read_measurements(content, file)
    return Question(content["id"], content["subject"]["id"], sex, terms, file, measurements, tuple(read_records(content)))


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except OSError:
        raise InputError(
            "there is no such phenopacket", file=file, remedy="check the path; it is relative to the working directory"
        ) from None
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        raise InputError("this is no valid JSON", file=file, row=row, remedy="write the phenopacket anew") from None


def _camel(value: Any) -> Any:
    """Return JSON content with protobuf's names of keys (`meta_data`) written as in JSON (`metaData`)."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda match: match[1].upper(), key): _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def _in_words(violation: Violation) -> str:
    """Return a violation of the schema without repeating a value, which may be personal."""
    if violation.keyword == "required":
        return f"`{violation.key(violation.missing_key())}` is missing"
    if violation.keyword == "type":
        return f"{f'`{violation.key()}`' if violation.path else 'the file'} must be {TYPES[violation.wanted]}"
    return f"`{violation.key()}` must be {violation.rule.get('x-form') or ' or '.join(map(str, violation.wanted))}"


def _check_person(question: Question, wanted: Sample | None, samples: Mapping[str, Sample], sheet: Path) -> None:
    """Refuse a phenopacket of a person who is not in the sheet, or not in the row that names it, or whose sex differs."""
    sample = samples.get(question.subject)
    if sample is None or (wanted and sample != wanted):
        whose = f"`{question.subject}`" if NAME.fullmatch(question.subject) else "somebody whose `subject.id` no sample can have"
        where = f"but row {wanted.row} of {sheet} is `{wanted.name}`" if wanted else f"who is not in {sheet}"
        hint = "" if wanted else f" ({nearest(question.subject, samples)})"
        raise InputError(
            f"the phenopacket is of {whose}, {where}{hint}", file=question.file, remedy="`subject.id` must be the name of the sample"
        )
    if {question.sex, sample.sex} == {"female", "male"}:
        what = f"the phenopacket says {question.sex}, row {sample.row} of {sheet} says {sample.sex}"
        raise InputError(what, file=question.file, remedy="find out which is true; the sample may be of another person")
