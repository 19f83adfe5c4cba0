"""The change of version that a release stands on: which version was before, and whether a person accepted the change.

The version before is found in the sealed versions of the results folder, newest first: those made by the same version are passed over,
and so are those whose own change nobody had accepted. So a change stays unsigned until it is signed, however often the same command runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json
from workflow.names import NAME
from workflow.sealing import versions
from workflow.signing import read_people
from workflow.signoff import standing

RECORD, RUN_RECORD = "release/change.json", "provenance/run.json"
ID_LENGTH = 12


class Status(StrEnum):
    """How a release stands to the version before."""

    FIRST = "first version"
    SAME = "same version"
    UNSIGNED = "unsigned change"
    REJECTED = "rejected change"
    ACCEPTED = "accepted change"


SETTLED = frozenset({Status.FIRST, Status.SAME, Status.ACCEPTED})
"""What a later version may be compared with."""


@dataclass(frozen=True)
class Sealed:
    """Which version of the workflow made a sealed version of a release, and how its change stood then."""

    workflow: str
    status: Status


def state_of_change(results: Path, impact: Path, now: str, previous: str | None, people: Path | None = None) -> dict[str, Any]:
    """Return what release/change.json holds: `{workflow, status, from, why, who, when, key}`, null where it does not apply.

    Args:
        results: the results folder with its sealed versions.
        impact: the folder of reports and sign-offs.
        now: id of the version that runs.
        previous: the config's `release.previous`: an id or a results folder, for a results folder without earlier versions.
        people: the config's `release.people`: with it, only a signature with the key of one of them counts.

    Raises:
        InputError: `previous` names neither an id nor a results folder, or a sign-off file or the table of people is damaged.
    """
    before = version_before(sealed_versions(results), now) or (version_of(previous) if previous else None)
    state = dict.fromkeys(("workflow", "status", "from", "why", "who", "when", "key")) | {"workflow": now, "from": before}
    if before is None:
        return state | {"status": Status.FIRST.value}
    if before == now:
        return state | {"status": Status.SAME.value}
    found = standing(impact, before, now, read_people(people) if people else None)
    if found.signature is None:
        return state | {"status": Status.UNSIGNED.value, "why": found.why_none}
    status = Status.ACCEPTED if found.signature["verdict"] == "accepted" else Status.REJECTED
    said = {"who": found.signature["who"], "when": found.signature["when"][:10]}
    return state | {"status": status.value, **said, "key": found.signature.get("key") if people else None}


def version_before(newest_first: Iterator[Sealed], now: str) -> str | None:
    """Return the id of the newest settled version that is not `now`, None if there is none."""
    return next((one.workflow for one in newest_first if one.workflow != now and one.status in SETTLED), None)


def sealed_versions(results: Path) -> Iterator[Sealed]:
    """Give what made each sealed version, newest first. One without the record was made before there was any: it is settled."""
    for folder in reversed(versions(results / "release" / "versions")):
        file = next((folder / name for name in (RECORD, RUN_RECORD) if (folder / name).is_file()), None)
        if file:
            yield _sealed(file, is_record=file.name == Path(RECORD).name)


def _sealed(file: Path, *, is_record: bool) -> Sealed:
    """Return what a sealed change.json, or a run.json in its place, says."""
    try:
        content = read_json(file)
        return Sealed(content["workflow"], Status(content["status"])) if is_record else Sealed(id_in(content), Status.FIRST)
    except (ValueError, KeyError, TypeError):
        remedy = "put it back from a copy: what was released must stay"
        raise InputError("this file of a sealed version is damaged", file=file, remedy=remedy) from None


def id_in(run: Mapping[str, Any]) -> str:
    """Return the id in a provenance/run.json; the digest of the code stands in for it in one that is older than ids."""
    identity = run.get("workflow")
    return str(identity["id"] if identity else run["genvej"]["code"][:ID_LENGTH])


def version_of(previous: str) -> str:
    """Return the id that the config's `release.previous` means: that of a results folder, or the text itself.

    Raises:
        InputError: it is neither.
    """
    folder = Path(previous)
    if (folder / RUN_RECORD).is_file():
        return id_in(read_json(folder / RUN_RECORD))
    if NAME.fullmatch(previous) and len(previous) == ID_LENGTH and not folder.exists():
        return previous
    what = "`release.previous` is neither a results folder with provenance/run.json nor the id of a version (12 digits of 0-9 and a-f)"
    raise InputError(what, file=previous, remedy="mend it, or take it out for a first version")
