"""The page of a case: report.json and change.json in, one self-contained HTML file out.

A pure function; templates and styles stand in workflow/report/.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from workflow import page_numbers, page_words
from workflow.change_words import words_of
from workflow.pileup_svg import draw_view

FOLDER = Path(__file__).parent / "report"
STYLES = ("page.css", "reads.css", "print.css")
TEMPLATES = tuple(f"workflow/report/{path.name}" for path in sorted(FOLDER.iterdir()) if path.suffix in {".css", ".j2"})
"""Every file that a page is made of, relative to the project: for `digest_of`."""


def render_page(report: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    """Return the HTML page of a report as `scripts/collect_report.py` writes it (schema: workflow/schemas/report.schema.yaml).

    `change` is release/change.json: which version of the workflow this is, and whether its change was accepted.

    The only style sheet is the one inside; the page's Content-Security-Policy names its digest and allows nothing else to load or run.
    """
    style = "".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    content = {"report": report, "version": words_of(change), "workflow": change["workflow"]}
    return _environment().get_template("report.html.j2").render(**content, style=Markup(style), style_digest=digest) + "\n"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update({**page_words.FILTERS, **page_numbers.FILTERS, "drawing": _drawing})
    return environment


def _drawing(view: Mapping[str, Any], sample: str) -> Markup:
    """Return the drawing of a view, told to screen readers in words."""
    return draw_view(dict(view), f"{sample}: {page_words.reads_in_words(view)}")
