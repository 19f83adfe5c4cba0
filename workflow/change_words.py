"""How pages say which version of the workflow made them, and whether a person accepted the change from the version before."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.change import Status

Change = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """A line for a page: `tone` is good, plain or bad; `title` is short, `text` one sentence or two."""

    tone: str
    title: str
    text: str


def words_of(change: Change) -> Words:
    """Return how release/change.json is told on a page."""
    now, before = change["workflow"], change["from"]
    match Status(change["status"]):
        case Status.FIRST:
            return Words(
                "plain", "First version", f"Workflow version {now} is the first in this folder, so that no change has to be signed."
            )
        case Status.SAME:
            return Words("plain", "No change", f"Workflow version {now}, the same as before.")
        case Status.ACCEPTED:
            text = f"The change of the workflow from version {before} to {now} was accepted by {_signer(change)}."
            return Words("good", "Signed change", text)
        case Status.REJECTED:
            text = f"The change of the workflow from version {before} to {now} was rejected by {_signer(change)}."
            return Words("bad", "Rejected change", f"{text} What stands here must not be used.")
    text = f"The workflow changed from version {before} to {now}, and nobody has accepted what that does to results: {change['why']}."
    return Words("bad", "Unsigned change", text)


def _signer(change: Change) -> str:
    """Return who signed when, and with which key if it was not by name only."""
    return f"{change['who']} on {change['when']}" + (f", with key {change['key']}" if change.get("key") else "")


def banner(change: Change) -> str:
    """Return the line as an HTML fragment with its style inside, for pages of other programs (MultiQC)."""
    words = words_of(change)
    ground, ink = {"bad": ("#a3211b", "#fff"), "good": ("#e4f3e8", "#17692f"), "plain": ("#e9edf1", "#37444f")}[words.tone]
    style = f"background:{ground};color:{ink};padding:.7em 1em;border-radius:6px;font-size:1.1em"
    return f'<div role="note" style="{style}"><strong>{html.escape(words.title)}.</strong> {html.escape(words.text)}</div>'
