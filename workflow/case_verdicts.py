"""Verdicts of specialists on cases: files that the page saves, read back at the next run and held against the data of today.

Not to be taken for verdicts on metrics (`workflow/verdicts.py`).
"""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pysam

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.names import looks_like_cpr
from workflow.page_words import source_name
from workflow.schema import TYPES, Violation, first_violation, nearest
from workflow.settings import Settings
from workflow.variant_keys import Key, key_of, record_of

Data = Mapping[str, Any]
FACTS = ("rank", "gene", "hgvs_c", "hgvs_p", "genotype", "model", "class", "acmg_points", "criteria")
"""What a verdict remembers of a variant, and the page compares."""
WORDS = {"hgvs_c": "c. name", "hgvs_p": "p. name", "acmg_points": "points"}
REMEDY = "save it anew from the page of the case, or correct it"


def load_verdicts(
    source: Path | None, cohort: Cohort, today: datetime.date | None, config: str = "config"
) -> dict[str, list[dict[str, Any]]]:
    """Return the verdicts by case, oldest first, as plain data; none without a source.

    Args:
        source: a file, or a folder whose .json files are all verdicts.
        cohort: the cases that they may be on.
        today: the day that no verdict may be later than; None = not asked.
        config: name of the config file, for messages.

    Raises:
        InputError: a file is no verdict, has no author or date, or is on a case that is not in the sheets.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for file in _files(source, config) if source else []:
        one = read_verdict(file, cohort, today)
        found.setdefault(one["case"], []).append(one)
    return {case: sorted(those, key=lambda one: (one["date"], one["author"])) for case, those in found.items()}


def _files(source: Path, config: str) -> list[Path]:
    if source.is_dir():
        return sorted(source.glob("*.json"))
    if source.is_file():
        return [source]
    raise InputError(f"there is no file or folder {source}, which `interpretation.verdicts` names", file=config, remedy="correct the path")


def read_verdict(file: Path, cohort: Cohort, today: datetime.date | None) -> dict[str, Any]:
    """Return one verdict.

    Raises:
        InputError: in one sentence, naming the file.
    """
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise InputError("this is no verdict: it is no valid JSON", file=file, remedy=REMEDY) from None
    if violation := first_violation("verdict", content):
        raise InputError(_in_words(violation), file=file, remedy=REMEDY)
    if content["case"] not in cohort.cases:
        what = f"the verdict is on case `{content['case']}`, which is not in the sheets ({nearest(content['case'], cohort.cases)})"
        raise InputError(what, file=file, remedy="take the file out, or correct the name")
    _check_day(content["date"], file, today)
    if looks_like_cpr(
        json.dumps([content["author"], content.get("comment", ""), [one.get("comment") for one in content.get("variants", [])]])
    ):
        raise InputError("the verdict holds what looks like a CPR number", file=file, remedy="take it out of author and comments")
    return {"comment": "", "workflow": "", "seen": {}, "variants": [], **content}


def _check_day(text: str, file: Path, today: datetime.date | None) -> None:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"`date` is no day: {text}", file=file, remedy="give it as YYYY-MM-DD") from None
    if today and day > today:
        raise InputError(f"`date` is {text}, which is to come", file=file, remedy="mend the date")


def _in_words(violation: Violation) -> str:
    if violation.keyword == "required":
        missing = violation.missing_key()
        return f"the verdict has no {missing}" if not violation.path else f"`{violation.key(missing)}` is missing in the verdict"
    if violation.keyword == "type":
        return f"{f'`{violation.key()}`' if violation.path else 'the verdict'} must be {TYPES[violation.wanted]}"
    if violation.keyword == "additionalProperties":
        return f"a verdict has no `{violation.key(violation.unknown_key())}`"
    if violation.key() in {"author", "date"} and not str(violation.value).strip():
        return f"the verdict has no {violation.key()}"
    if violation.keyword == "const":
        return f"`{violation.key()}` is not `{violation.wanted}`: this is no verdict that can be read"
    allowed = violation.rule.get("x-form") or (
        " or ".join(filter(None, violation.wanted)) if isinstance(violation.wanted, list) else violation.wanted
    )
    return f"`{violation.key()}` of the verdict must be {allowed}"


def check_verdicts(settings: Settings, verdicts: Mapping[str, Sequence[Data]]) -> None:
    """Refuse a verdict on a variant that finished calls do not have; where they are not made yet, the job that reads them refuses.

    Raises:
        InputError: naming case and variant.
    """
    for case, those in verdicts.items():
        vcf = settings.results / "cases" / case / f"{case}.vcf.gz"
        if vcf.is_file() and vcf.with_name(f"{vcf.name}.tbi").is_file():
            refuse_unknown_variants(case, those, str(vcf))


def refuse_unknown_variants(case: str, verdicts: Iterable[Data], vcf: str) -> None:
    """Refuse a verdict on a variant that the calls of its case do not have.

    Raises:
        InputError: naming case, author and variant.
    """
    with pysam.VariantFile(vcf) as calls:
        for verdict in verdicts:
            for one in verdict["variants"]:
                if record_of(calls, one) is None:
                    name = "{chrom}-{pos}-{ref}-{alt}".format_map(one)
                    what = (
                        f"the calls of case {case} have no variant {name}, on which {verdict['author']} gave a verdict on {verdict['date']}"
                    )
                    raise InputError(
                        what, remedy="take the variant out of the verdict's file, or the file out of `interpretation.verdicts`"
                    )


def facts_of(candidate: Data) -> dict[str, Any]:
    """Return what a verdict remembers of a candidate."""
    return {name: candidate.get(name, "") for name in FACTS}


def held_against(verdicts: Iterable[Data], candidates: Sequence[Data], knowledge: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the verdicts, latest first, with `changed` in words: of the case, and of each variant with its `rank` (None: no candidate).

    Args:
        verdicts: of one case.
        candidates: as the page lists them.
        knowledge: `{name, evaluated, release}` of each source.
    """
    now = {key_of(one): one for one in candidates}
    releases = {one["name"]: one["release"] for one in knowledge if one["evaluated"]}
    told = []
    for verdict in verdicts:
        variants = [{"comment": "", **_without_seen(one), **_since(one, now.get(key_of(one)))} for one in verdict["variants"]]
        told.append({**_without_seen(verdict), "variants": variants, "changed": _changed_knowledge(verdict["seen"], releases)})
    return sorted(told, key=lambda one: (one["date"], one["author"]), reverse=True)


def _without_seen(one: Data) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "seen"}


def may_not_tell_all(interpretation: Data) -> bool:
    """Say whether some genes may not be told of: outside of the question, without consent."""
    scope = interpretation.get("secondary_findings") or {}
    return bool(scope.get("configured") and not scope.get("consent"))


def without_closed(verdicts: Sequence[Data], vcf: str, interpretation: Data) -> list[Data]:
    """Return the verdicts without variants of genes that may not be told of: outside of the question, without consent."""
    if not may_not_tell_all(interpretation):
        return list(verdicts)
    told: list[Data] = []
    for verdict in verdicts:
        from workflow.case_evidence import records_of  # heavy, and most runs have no verdicts

        records = records_of(verdict["variants"], vcf)
        open_ones = [one for one in verdict["variants"] if (found := records.get(key_of(one))) and (found.consequences or found.hgvs_g)]
        told.append({**verdict, "variants": open_ones})
    return told


def latest_verdicts(verdicts: Sequence[Data]) -> dict[Key, str]:
    """Return the latest verdict on each variant; `verdicts` as `held_against` gives them, latest first."""
    found: dict[Key, str] = {}
    for verdict in reversed(verdicts):
        found |= {key_of(one): one["verdict"] for one in verdict["variants"] if one["verdict"]}
    return found


def _since(one: Data, candidate: Data | None) -> dict[str, Any]:
    before = one.get("seen") or {}
    if candidate is None:
        return {"rank": None, "gene": before.get("gene", ""), "changed": ["it is no candidate any more"]}
    now = facts_of(candidate)
    changed = [
        f"{WORDS.get(name, name)}: {before[name]} then, {now[name]} now" for name in FACTS if name in before and before[name] != now[name]
    ]
    return {"rank": candidate["rank"], "gene": candidate["gene"], "changed": changed}


def _changed_knowledge(seen: Data, now: Mapping[str, str]) -> list[str]:
    before = seen.get("knowledge")
    if before is None:
        return []
    names = sorted({*before, *now})
    return [
        f"{source_name(name)}: {before.get(name, 'not evaluated')} then, {now.get(name, 'not evaluated')} now"
        for name in names
        if before.get(name) != now.get(name)
    ]
