"""The page of a reanalysis: work_list.json and the changes behind it in, one self-contained HTML file out."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from markupsafe import Markup, escape

from workflow.page_frame import FOLDER, environment, inlined
from workflow.reanalysis.difference import LOST
from workflow.reanalysis.work_list import WEAK

STYLES = ("page.css", "reanalysis/reanalysis.css")
SCRIPTS = ("reanalysis/reanalysis.js",)
TEMPLATE, WORDS = "reanalysis/index.html.j2", "reanalysis/words.yaml"
PAGE_FILES = tuple(f"workflow/report/{name}" for name in (*STYLES, *SCRIPTS, TEMPLATE, WORDS))
"""Every file that the page is made of, relative to the project: for `digest_of`."""
MOST = 300


def render_work_list(work: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], language: str = "en") -> str:
    """Return the page.

    Args:
        work: the content of work_list.json.
        changes: what was gained and lost in the cases that may be named.
        language: of the headings when the page is opened, en or da.
    """
    lost = [one for one in changes if one["change"] == LOST]
    fresh = [one for one in work["entries"] if one["evidence"] or one["strength"] != WEAK]
    drifted = [one for one in work["entries"] if one not in fresh]
    content = {
        "work": work,
        "fresh": fresh,
        "drifted": drifted,
        "lost": lost,
        "most": MOST,
        "language": language,
        **inlined("style", STYLES),
        **inlined("script", SCRIPTS),
    }
    made = environment()
    made.globals.update(t=both, cell=cell)
    made.filters["many"] = many
    return made.get_template(TEMPLATE).render(content) + "\n"


@functools.cache
def words() -> dict[str, str]:
    """Return the Danish of each English heading."""
    return {str(english): str(danish) for english, danish in yaml.safe_load((FOLDER / WORDS).read_text(encoding="utf-8")).items()}


def both(english: str) -> Markup:
    """Return a heading in both languages, of which the page shows one; a KeyError for one that the table lacks."""
    return Markup(f'<span lang="en">{escape(english)}</span><span lang="da">{escape(words()[english])}</span>')


def cell(english: str) -> Markup:
    """Return the attributes that name a table's cell on a narrow screen."""
    return Markup(f'data-label="{escape(english)}" data-da="{escape(words()[english])}"')


def many(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
