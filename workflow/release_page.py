"""The page of a release for the quality manager: release/index.json in, one self-contained HTML file out.

A pure function; templates, styles and the one script (the filter box) stand in workflow/report/release/. The page's
Content-Security-Policy names the digests of style and script, and allows nothing else to load or run.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import jinja2
from markupsafe import Markup

from workflow import page_numbers, page_words, release_words
from workflow.change_words import words_of
from workflow.page import FOLDER

STYLES = ("page.css", "release/release.css")
SCRIPT = "release/release.js"
TEMPLATES = ("index", "answer", "waiting", "grid", "margins", "people", "seal", "macros")
PAGE_FILES = tuple(f"workflow/report/{name}" for name in (*STYLES, SCRIPT, *(f"release/{name}.html.j2" for name in TEMPLATES)))
"""Every file that the page is made of, relative to the project: for `digest_of`."""


def render_release(index: Mapping[str, Any]) -> str:
    """Return the HTML page of a release/index.json (schema: workflow/schemas/release_index.schema.yaml)."""
    style = "".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)
    script = (FOLDER / SCRIPT).read_text(encoding="utf-8")
    content = {
        "index": index,
        "version": words_of(index["change"]) if index["change"] else None,
        "style": Markup(style),
        "style_digest": _digest(style),
        "script": Markup(script),
        "script_digest": _digest(script),
    }
    return _environment().get_template("release/index.html.j2").render(content) + "\n"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update({**page_words.FILTERS, **page_numbers.FILTERS, **release_words.FILTERS})
    return environment
