"""What a reanalysis is about, fixed when it starts: its name, the releases, the cases and the results that they are held against.

It lies in `<results>/reanalysis/<name>/plan.json`. A reanalysis that is finished is never done again under its name: what is asked of it
later must be the same, or another name is needed.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workflow.cohort import Cohort
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.reanalysis.open_cases import UNKNOWN, why_not, wish_of
from workflow.reanalysis.releases import Age, age, date_of
from workflow.run_record import files_of_source
from workflow.settings import Settings

SCHEMA = "genvej-reanalysis/1"
FOLDER, PLAN, DIFFERENCE, WORK_LIST = "reanalysis", "plan.json", "difference.json", "work_list.tsv"
SAME = ("knowledge", "workflow")
Data = Mapping[str, Any]


def knowledge_now(settings: Settings) -> dict[str, Knowledge]:
    """Return all sources as a reanalysis takes them: those in use, the new releases in place of theirs."""
    return settings.knowledge | settings.reanalysis.knowledge


def name_of(settings: Settings) -> str:
    """Return the name of the reanalysis: the config's, else the new sources with their releases; empty where none is configured."""
    new = settings.reanalysis.knowledge.values()
    made = "_".join(f"{one.name}-{re.sub('[^A-Za-z0-9.]+', '-', one.release).strip('-')}" for one in new)
    return settings.reanalysis.name or made[:100]


def folder_of(settings: Settings) -> Path:
    """Return the folder of the reanalysis."""
    return settings.results / FOLDER / name_of(settings)


def is_finished(settings: Settings) -> bool:
    """Say whether the reanalysis of this name is done."""
    return bool(name_of(settings)) and (folder_of(settings) / DIFFERENCE).is_file()


def source_record(source: Knowledge | None) -> dict[str, Any] | None:
    """Return what a plan keeps of a release: name, release, day, kind, fields and bytes."""
    if source is None:
        return None
    day = date_of(source)
    size = sum(Path(file).stat().st_size for file in files_of_source(source.path)) if source.path.exists() else 0
    return {
        "release": source.release,
        "date": day.isoformat() if day else "",
        "kind": source.kind,
        "fields": list(source.fields),
        "bytes": size,
    }


def make_plan(settings: Settings, cohort: Cohort, verdicts: Mapping[str, Sequence[Data]], identity: Data) -> dict[str, Any]:
    """Return the plan of a reanalysis: the one that was fixed, if it is there and about the same, else a new one.

    Raises:
        InputError: a finished reanalysis of this name was about other releases or made by another version of the workflow, or a release is
            older than the one in use.
    """
    file = folder_of(settings) / PLAN
    new = _new_plan(settings, identity)
    if file.is_file():
        kept: dict[str, Any] = read_json(file)
        if all(kept[name] == new[name] for name in SAME):
            return kept
        if is_finished(settings):
            differs = [name for name in SAME if kept[name] != new[name]]
            other = f"was made with other {' and '.join(differs)}, and is never written over"
            what = f"the reanalysis {name_of(settings)} of {kept['made']} {other}"
            raise InputError(what, file=file, remedy="give the new one another `reanalysis.name`")
    refuse_older(settings)
    return new | _cases(settings, cohort, verdicts)


def _new_plan(settings: Settings, identity: Data) -> dict[str, Any]:
    changed = {
        name: {"old": source_record(settings.knowledge.get(name)), "new": source_record(new)}
        for name, new in settings.reanalysis.knowledge.items()
    }
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"schema": SCHEMA, "name": name_of(settings), "made": today, "workflow": identity["id"], "knowledge": changed}


def _cases(settings: Settings, cohort: Cohort, verdicts: Mapping[str, Sequence[Data]]) -> dict[str, Any]:
    """Return the cases that are done again, each with its batch and the digest of what it is held against; and why others are not."""
    cases: dict[str, dict[str, Any]] = {}
    left_out = {}
    for name, case in cohort.cases.items():
        if why := why_not(case, verdicts.get(name, ()), settings.results):
            left_out[name] = why
            continue
        batch = len(cases) // settings.reanalysis.batch + 1
        digest = sha256_of(settings.results / f"cases/{name}/candidates.tsv")
        cases[name] = {"batch": f"{batch:04d}", "candidates": digest, "recontact": wish_of(case)}
    return {"cases": cases, "not_done": left_out}


def batches(plan: Data) -> list[str]:
    """Return the names of a plan's batches."""
    return list(dict.fromkeys(one["batch"] for one in plan["cases"].values()))


def cases_of(plan: Data, batch: str) -> list[str]:
    """Return the cases of a batch."""
    return [name for name, one in plan["cases"].items() if one["batch"] == batch]


def keep_plan(settings: Settings, plan: Data) -> None:
    """Fix the plan as the first job of a reanalysis is about to start."""
    write_json(folder_of(settings) / PLAN, plan)


def wishes(plan: Data, cohort: Cohort) -> dict[str, str]:
    """Return each case's wish to be contacted as the sheet has it today, unknown where the case is not in it any more."""
    return {name: wish_of(cohort.cases[name]) if name in cohort.cases else UNKNOWN for name in plan["cases"]}


def with_new_knowledge(settings: Settings) -> Settings:
    """Return the config with the new releases in place of those in use."""
    return replace(settings, knowledge=knowledge_now(settings))


def refuse_older(settings: Settings) -> None:
    """Refuse a release that is older than the one in use, or of unknown age, unless the config says that it may be.

    Raises:
        InputError: naming both releases.
    """
    for name, new in settings.reanalysis.knowledge.items():
        old = settings.knowledge.get(name)
        found = age(old, new) if old else Age.NEWER
        if found in {Age.NEWER, Age.SAME} or settings.reanalysis.allow_older:
            continue
        says = "older than" if found is Age.OLDER else "of unknown age beside"
        what = f"`reanalysis.knowledge.{name}.release` is {new.release}, {says} {old.release if old else ''}, which is in use"
        raise InputError(what, file=settings.file, remedy="name a newer one by its date, or set `reanalysis.allow_older: true`")
