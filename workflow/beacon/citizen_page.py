"""The page of look-ups for one person who is counted, Danish first: made by the steward, of the log whose chain was checked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from workflow.beacon.lookup_log import FILE, lookups
from workflow.beacon.names import Names
from workflow.beacon.own_lookups import Found, own_lookups, tables_of
from workflow.beacon.records import FOLDER, read_beacon_releases
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.model import BEACON, Member
from workflow.cohort_store.people import People, Row
from workflow.cohort_store.publishing import read_releases
from workflow.cohort_store.versions import GENOMES, INSIDE
from workflow.cohort_store.view import View, open_view
from workflow.page_frame import FOLDER as REPORT
from workflow.page_frame import environment, inlined
from workflow.page_numbers import number
from workflow.run_record import now

STYLES = ("page.css", "citizen/citizen.css")
LANGUAGES = ("da", "en")
MOST_LISTED = 200


def citizen_facts(store: Path, sample: str, names: Names) -> dict[str, Any]:
    """Return what the page says of a person; of one who is not counted no more than that.

    Raises:
        InputError: there is no store, or the log or a table is not as it was written.
    """
    with open_view(store) as view:
        with People(store / INSIDE) as people:
            rows = people.of("sample", sample)
        facts: dict[str, Any] = {"sample": sample, "made": now(), "version": view.version.number, "counted": False}
        known = view.entry_of(rows[0].token) if rows else None
        if known is None:
            return facts | {"lines": sum(1 for _ in lookups(store / FOLDER / FILE))}
        return facts | _of_counted(view, rows[0], known[0].member, names)


def _of_counted(view: View, row: Row, member: Member, names: Names) -> dict[str, Any]:
    store, releases = view.store, read_beacon_releases(view.store)
    file = GenomeFile(store / GENOMES / row.token)
    found = own_lookups(lookups(store / FOLDER / FILE), dict(tables_of(store, releases, file)), member, row.since, names)
    return {
        "counted": True, "added": row.added, "since": row.since, "beacon": member.within(BEACON), "found": found,
        "with_me": [asdict(one) for one in releases if one.version >= row.since] if member.within(BEACON) else [],
        "released": [asdict(one) for one in read_releases(store) if one.version >= row.since], "lines": found.lines,
    }  # fmt: skip


def render_citizen(facts: Mapping[str, Any], *, variants: bool) -> str:
    """Return the page of some facts.

    Args:
        facts: as `citizen_facts` gives them.
        variants: also what was asked: it tells the person which variants they have, so a doctor should be there.
    """
    words = yaml.safe_load((REPORT / "citizen" / "words.yaml").read_text(encoding="utf-8"))
    found: Found | None = facts.get("found")
    listed = list(reversed(found.touched))[:MOST_LISTED] if found else []
    content = {
        "facts": facts, "found": found, "variants": variants, "listed": listed, "words": words, "languages": LANGUAGES,
        "by_requester": found.by_requester() if found else [], **inlined("style", STYLES),
    }  # fmt: skip
    made = environment()
    made.filters.update(number=number, asked=asked, filled=filled)
    return made.get_template("citizen/index.html.j2").render(content) + "\n"


def asked(parameters: Mapping[str, Any]) -> str:
    """Return what was asked in a line: 7-117559590-ATCT-A, CFTR, `referenceName 7, start 5`."""
    if len(parameters) == 1:
        return str(next(iter(parameters.values())))
    return ", ".join(f"{name} {_plain(value)}" for name, value in parameters.items() if name != "assemblyId")


def _plain(value: object) -> str:
    return "–".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def filled(text: str, **values: object) -> str:
    """Return a sentence with its numbers; `{name}` stands for each."""
    return text.format(**{name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()})
