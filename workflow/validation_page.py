"""The pages of a validation: data in, self-contained HTML out; templates in workflow/report/validation/, styles shared with reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from workflow import page_numbers, page_words
from workflow.change_words import words_of
from workflow.page_frame import environment, inlined
from workflow.pileup_svg import draw_view
from workflow.strata import PIECES
from workflow.validation_svg import FILTERS as DRAWINGS

STYLES = ("page.css", "reads.css", "validation/validation.css")
PAGE_FILES = tuple(
    f"workflow/report/{name}"
    for name in (*STYLES, "legend.html.j2", "validation/sample.html.j2", "validation/overview.html.j2", "validation/parts.html.j2")
)
"""Every file that the pages are made of, relative to the project: for `digest_of`."""

STRATA = {
    "homopolymer_4to6": "homopolymer, 4 to 6 bases",
    "homopolymer_7to11": "homopolymer, 7 to 11 bases",
    "homopolymer_ge12": "homopolymer, 12 bases or more",
    "tandem_repeat_le50": "tandem repeat, up to 50 bases",
    "tandem_repeat_51to200": "tandem repeat, 51 to 200 bases",
    "tandem_repeat_ge201": "tandem repeat, over 200 bases",
    "not_repeat": "no repeat",
}
Data = Mapping[str, Any]


def render_sample(report: Data, change: Data) -> str:
    """Return the page of one sample; `report` as `scripts/collect_false_calls.py` writes it, `change` as release/change.json."""
    return render("validation/sample.html.j2", report=report, version=words_of(change))


def render_overview(scores: Sequence[Data], change: Data) -> str:
    """Return the page over all samples; each has what its score.json has, and its `summary`; `change` as release/change.json."""
    return render("validation/overview.html.j2", scores=scores, version=words_of(change))


def render(template: str, styles: Sequence[str] = (), filters: Mapping[str, Any] | None = None, **content: Any) -> str:
    """Render with the only style sheet inside; the page's Content-Security-Policy names its digest and allows nothing else.

    Args:
        template: relative to workflow/report/.
        styles: sheets that the page has beside those of every validation.
        filters: that its template has beside those of every validation.
        content: what the template calls by name.
    """
    made = environment()
    made.filters.update({**page_words.FILTERS, **page_numbers.FILTERS, **DRAWINGS, **FILTERS, **(filters or {})})
    made.globals["t"] = str  # headings of the parts that the page of a case shares: these pages are in English alone
    return made.get_template(template).render(**inlined("style", (*STYLES, *styles)), **content) + "\n"


def rows(summary: Sequence[Data], **wanted: str) -> list[Data]:
    """Return the rows of a summary with these values."""
    return [row for row in summary if wanted.items() <= row.items()]


def headline(summary: Sequence[Data], level: str = "genotype") -> list[Data]:
    """Return the rows that sum up a sample: the calls that pass, over everything."""
    return rows(summary, call_set="PASS", level=level, stratum="all", zygosity="all")


def strata(summary: Sequence[Data], variant_type: str) -> list[Data]:
    """Return the rows of the strata in which a type of variant was met."""
    found = rows(summary, call_set="PASS", level="genotype", variant_type=variant_type, zygosity="all")
    return [row for row in found if row["stratum"] != "all" and (row["truth_total"], row["query_total"]) != ("0", "0")]


def stratum(name: str) -> str:
    """Return a stratum's name in words; a laboratory's own stays as it is."""
    if name in STRATA:
        return STRATA[name]
    if name not in PIECES:
        return name
    kind, _, bounds = name.partition("_")
    words = {"lt": "below ", "ge": "at least "}
    span = words[bounds[:2]] + bounds[2:] if bounds[:2] in words else bounds.replace("to", " to ")
    return f"depth {span} reads" if kind == "depth" else f"GC {span} %"


def share(value: str) -> str:
    """Return a rate as percent, `–` for one without a denominator."""
    return page_numbers.percent(float(value)) if value else "–"


def interval(row: Data, name: str) -> str:
    """Return the 95 % interval of a rate."""
    return f"{100 * float(row[name + '_low']):.1f} to {100 * float(row[name + '_high']):.1f} %" if row[name + "_low"] else ""


def title(one: Data) -> str:
    """Return what is wrong with a false call, in words."""
    if len(one["labels"]) == 2:
        return "another genotype" if set(one["errors"]) == {"genotype"} else "genotype or place differs"
    words = {"genotype": "another genotype", "missing allele": "missed", "extra allele": "called, not in the truth"}
    return words[one["errors"][0]]


def drawing(one: Data, sample: str) -> Markup:
    """Return the reads at a false call."""
    return draw_view(dict(one["reads"]), f"{sample}: {page_words.reads_in_words(one['reads'])}")


FILTERS = {one.__name__: one for one in (rows, headline, strata, stratum, share, interval, title, drawing)}
