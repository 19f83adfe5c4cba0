"""The page of a depth curve: its tables in, one self-contained HTML file out."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow import depth_svg
from workflow.page_numbers import percent
from workflow.validation_page import PAGE_FILES as VALIDATION_FILES
from workflow.validation_page import render

STYLES = ("validation/depth_curve.css",)
PAGE_FILES = (*VALIDATION_FILES, "workflow/report/validation/depth_curve.html.j2", "workflow/report/validation/depth_curve.css")
"""Every file that the page is made of, relative to the project: for `digest_of`."""
Data = Mapping[str, Any]


def found(one: Data) -> str:
    """Return a share as counts."""
    return f"{one['tp']} of {one['observed']}"


def bounds(one: Data) -> str:
    """Return a share and its 95 % interval, in words where nothing was observed."""
    if one["recall"] is None:
        return "nothing to count"
    return f"{percent(one['recall'])} ({100 * one['recall_low']:.1f} to {100 * one['recall_high']:.1f} %)"


def render_depth_curve(about: Data, curve: Sequence[Data], by_depth: Sequence[Data], limit: Data) -> str:
    """Return the page.

    Args:
        about: reference, caller, aligner, callable, derive, left_out by sample.
        curve: rows of curve.tsv, as text.
        by_depth: rows of by_depth.tsv, as text.
        limit: content of limit.json.
    """
    content = {"about": about, "curve": curve, "by_depth": by_depth, "limit": limit}
    return render("validation/depth_curve.html.j2", STYLES, FILTERS, **content)


FILTERS = {**depth_svg.FILTERS, "found": found, "bounds": bounds}
