"""Headings of the page in English and Danish, out of one table: workflow/report/headings.yaml.

What a file says (names, facts, reasons) stays as it is; what the page says of itself stands in both, and a switch on the page chooses.
"""

import functools
from pathlib import Path

import yaml
from markupsafe import Markup, escape

TABLE = Path(__file__).parent / "report" / "headings.yaml"
LANGUAGES = ("en", "da")


@functools.cache
def headings() -> dict[str, str]:
    """Return the Danish of each English heading."""
    content = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {str(english): str(danish) for part in content.values() for english, danish in part.items()}


def both(english: str) -> Markup:
    """Return a heading in both languages, of which the page shows one.

    Raises:
        KeyError: the table has no such heading: that is a fault of the program.
    """
    danish = headings()[english]
    if danish == english:
        return Markup(escape(english))
    return Markup(f'<span lang="en">{escape(english)}</span><span lang="da">{escape(danish)}</span>')


def word(value: object) -> Markup:
    """Return a word of a fixed vocabulary in both languages, or as it is where the table does not know it."""
    text = str(value if value is not None else "")
    return both(text) if text in headings() else Markup(escape(text))


def cell(english: str, short: str = "") -> Markup:
    """Return the attributes that name a table's cell on a narrow screen, where its column has no header: `data-label`, `data-da`."""
    name = short or english
    return Markup(f'data-label="{escape(name)}" data-da="{escape(headings()[name])}"')


def danish(english: str) -> str:
    """Return the Danish of a heading, for places that hold plain text; of nothing, nothing."""
    return headings()[english] if english else ""


FILTERS = {"word": word, "danish": danish}
