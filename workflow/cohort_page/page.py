"""The cohort page: facts in, one self-contained HTML file out; nothing is loaded, nothing runs."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2

from workflow.cohort_page.drawings import TONES, callability_chart, growth_chart, spectrum_chart
from workflow.files import atomic
from workflow.page_frame import environment, inlined
from workflow.page_numbers import number
from workflow.release_words import many

STYLES = ("page.css", "impact/impact.css", "cohort/cohort.css")
TEMPLATES = ("index", "macros", "who", "what")
PAGE_FILES = tuple(f"workflow/report/{name}" for name in (*STYLES, *(f"cohort/{name}.html.j2" for name in TEMPLATES)))
"""Every file that the page is made of, relative to the project: for `digest_of`."""
MOST_GENES, MOST_STRETCHES, MOST_STEPS = 40, 40, 60
DIMENSIONS = {"sex": "Sex", "ancestry": "Ancestry group", "patient": "Patient group", "purpose": "Consent"}
GROUPS = {("purpose", "beacon"): "the Beacon too", ("sex", "other"): "another karyotype", ("sex", "unknown"): "karyotype not known"}


def write_cohort(facts: Mapping[str, Any], file: Path) -> None:
    """Write the page, and the same as data beside it (`index.html`, `index.json`)."""
    data = file.with_suffix(".json")
    with atomic(data) as part:
        part.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    with atomic(file) as part:
        part.write_text(render_cohort(facts, data.name), encoding="utf-8")


def render_cohort(facts: Mapping[str, Any], data: str) -> str:
    """Return the page of some facts; `data` is the name of the file beside it that holds them."""
    judged = facts["callability"]
    content = {
        "facts": facts, "data": data, "inside": facts["audience"] == "inside",
        "growth_chart": growth_chart(facts["growth"]), "spectrum_chart": spectrum_chart(facts["spectrum"]["bins"]),
        "callability_chart": callability_chart(judged["contigs"], facts["lengths"], facts["window"]),
        "genes": sorted(judged["genes"], key=lambda one: (one["share"], one["gene"])), "tones": tones(),
        "most_genes": MOST_GENES, "most_stretches": MOST_STRETCHES, "most_steps": MOST_STEPS, **inlined("style", STYLES),
    }  # fmt: skip
    return _environment().get_template("cohort/index.html.j2").render(content) + "\n"


def _environment() -> jinja2.Environment:
    made = environment()
    made.filters.update(many=many, thousands=number, share=share, dimension=dimension, group=group, day=day)
    return made


def share(part: float | None, whole: float = 1) -> str:
    """Return a share as percent: never 100 % where something is missing, never 0 % where something is there.

    >>> share(0.99999), share(1, 1), share(3, 1000), share(1, 10**6), share(None)
    ('99.9 %', '100 %', '0.3 %', '< 0.1 %', 'not evaluated')
    """
    if part is None or not whole:
        return "not evaluated"
    value = 100 * part / whole
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{value if value in {0, 100} else min(max(value, 0.1), 99.9):.3g} %"


def dimension(name: str) -> str:
    """Return what groups are by, in words."""
    return DIMENSIONS.get(name, name)


def group(name: str, of: str) -> str:
    """Return a group in words."""
    return GROUPS.get((of, name), name)


def day(when: str) -> str:
    """Return the day, or the minute, of a time."""
    return when[:16].replace("T", " ") + " UTC" if len(when) > 10 else when


def tones() -> list[str]:
    """Return what each tone of the drawing of callability stands for, the lightest first."""
    bounds = [0, *TONES, 1]
    return [f"{100 * low:.3g} to {100 * high:.3g} %" for low, high in pairwise(bounds)]
