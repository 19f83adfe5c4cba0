"""The page of a release for the quality manager: release/index.json in, one self-contained HTML file out.

A pure function; templates, styles and the one script (the filter box) stand in workflow/report/release/. The page's
Content-Security-Policy names the digests of style and script, and allows nothing else to load or run.
"""

from collections.abc import Mapping
from typing import Any

import jinja2

from workflow import page_numbers, page_words, release_words
from workflow.change_words import words_of
from workflow.page_frame import environment, inlined

STYLES = ("page.css", "release/release.css")
SCRIPTS = ("release/release.js", "reveal.js")
TEMPLATES = ("index", "answer", "waiting", "grid", "margins", "people", "seal", "macros")
PAGE_FILES = tuple(f"workflow/report/{name}" for name in (*STYLES, *SCRIPTS, *(f"release/{name}.html.j2" for name in TEMPLATES)))
"""Every file that the page is made of, relative to the project: for `digest_of`."""


def render_release(index: Mapping[str, Any]) -> str:
    """Return the HTML page of a release/index.json (schema: workflow/schemas/release_index.schema.yaml)."""
    content = {
        "index": index,
        "version": words_of(index["change"]) if index["change"] else None,
        **inlined("style", STYLES),
        **inlined("script", SCRIPTS),
    }
    return _environment().get_template("release/index.html.j2").render(content) + "\n"


def _environment() -> jinja2.Environment:
    made = environment()
    made.filters.update({**page_words.FILTERS, **page_numbers.FILTERS, **release_words.FILTERS})
    return made
