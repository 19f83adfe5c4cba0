"""The page of a case: report.json and change.json in, one self-contained HTML file out.

A pure function; templates, styles, headings and the one script stand in workflow/report/.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from workflow import page_language, page_numbers, page_words
from workflow.case_verdicts import facts_of
from workflow.change_words import words_of
from workflow.page_frame import FOLDER, environment, inlined
from workflow.pedigree_svg import draw_pedigree
from workflow.pileup_svg import draw_view

STYLES = ("page.css", "case.css", "reads.css", "print.css")
SCRIPTS = ("page.js", "reveal.js")
PLAIN_CARDS = 10
"""Candidates whose evidence stands in the page as it is; that of those further down is packed, and a script unpacks it."""
PARTS = {".css", ".j2", ".js"}
TEMPLATES = (
    *(f"workflow/report/{path.name}" for path in sorted(FOLDER.iterdir()) if path.suffix in PARTS),
    "workflow/report/headings.yaml",
)
"""Every file that a page is made of, relative to the project: for `digest_of`."""


def render_page(report: Mapping[str, Any], change: Mapping[str, Any], language: str = "en") -> str:
    """Return the HTML page of a report as `scripts/collect_report.py` writes it (schema: workflow/schemas/report.schema.yaml).

    `change` is release/change.json: which version of the workflow this is, and whether its change was accepted. `language` (en or da) is
    that of the headings when the page is opened.

    Style sheet and script are inside; the page's Content-Security-Policy names their digests and allows nothing else to load or run.
    """
    content = {
        "report": report,
        "version": words_of(change),
        "workflow": change["workflow"],
        "language": language,
        "plain_cards": PLAIN_CARDS,
        "facts": facts(report, change["workflow"]),
        **inlined("style", STYLES),
        **inlined("script", SCRIPTS),
    }
    return _environment().get_template("report.html.j2").render(content) + "\n"


def facts(report: Mapping[str, Any], workflow: str) -> Markup:
    """Return as JSON what the script needs to write a verdict: the case, the candidates, and what the page rests on."""
    candidates = [
        {
            "name": f"{one['rank']} {one['gene']} {page_words.variant_name(one)}",
            **{name: one[name] for name in ("chrom", "pos", "ref", "alt")},
            "seen": facts_of(one),
        }
        for one in report["candidates"]
    ]
    releases = {one["name"]: one["release"] for one in report["knowledge"] if one["evaluated"]}
    seen = {"knowledge": releases, "candidates": len(candidates)}
    content = json.dumps({"case": report["case"], "workflow": workflow, "candidates": candidates, "seen": seen})
    return Markup(content.replace("<", "\\u003c").replace("&", "\\u0026"))


def _environment() -> jinja2.Environment:
    made = environment()
    drawn = {"drawing": _drawing, "pedigree": _pedigree, "squeezed": _squeezed}
    made.filters.update({**page_words.FILTERS, **page_numbers.FILTERS, **page_language.FILTERS, **drawn})
    made.globals.update({"t": page_language.both, "label": page_language.cell})
    return made


def _drawing(view: Mapping[str, Any], sample: str) -> Markup:
    """Return the drawing of a view, told to screen readers in words."""
    return draw_view(dict(view), f"{sample}: {page_words.reads_in_words(view)}")


def _pedigree(people: Sequence[Mapping[str, Any]], one: Mapping[str, Any] | None = None) -> Markup:
    """Return the family drawn, with what each person carries of a candidate if one is given, told to screen readers in words."""
    under = {person["name"]: page_words.under_person(person, one) for person in people}
    return draw_pedigree(people, under, "; ".join(f"{name}: {', '.join(lines)}" for name, lines in under.items()))


def _squeezed(body: str) -> str:
    """Return a part of the page packed (zlib, base64) for the script that unpacks it."""
    return base64.b64encode(zlib.compress(body.encode(), 9)).decode()
