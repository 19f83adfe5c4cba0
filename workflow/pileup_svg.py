"""Draw the reads at a variant (`workflow.pileup.view_of`) as one static SVG, small and printable; colours come from the page's style sheet.

Units are SVG user units (CSS pixels at 100 %): a base is 8 wide, a row 9 high. Letters name the base and arrows the strand, so
colour is never alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

BASE, ROW, READ, GUTTER, DEPTH = 8, 9, 7, 40, 36
TOP = DEPTH + 6
CS = re.compile(r":(\d+)|\*([a-z])([a-z])|\+([a-z]+)|-([a-z]+)")


class _Layers:
    """Path data and letters collected by class, so that a view takes few elements however many reads it has."""

    def __init__(self) -> None:
        self.paths: dict[str, list[str]] = defaultdict(list)
        self.letters: dict[str, list[tuple[float, float, str]]] = defaultdict(list)

    def block(self, name: str, x: float, y: float, width: float, height: float = READ) -> None:
        self.paths[name].append(f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z")

    def svg(self, names: list[str]) -> str:
        """Return the named layers, the first at the bottom; letters lie on their layer's shapes."""
        return "".join(self._path(name) + self._text(name) for name in names)

    def _path(self, name: str) -> str:
        return f'<path class="{name}" d="{"".join(self.paths[name])}"/>' if self.paths[name] else ""

    def _text(self, name: str) -> str:
        if not self.letters[name]:
            return ""
        xs, ys, letters = zip(*self.letters[name], strict=True)
        return f'<text class="{name}" x="{_numbers(xs)}" y="{_numbers(ys)}">{escape("".join(letters))}</text>'


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:g}" for value in values)


def draw_view(view: dict[str, Any], label: str) -> Markup:
    """Return the SVG of a view; `label` is what a screen reader says of it."""
    columns, rows = view["end"] - view["start"], 1 + max((read["row"] for read in view["reads"]), default=0)
    width, bottom = GUTTER + columns * BASE, TOP + rows * ROW
    layers = _Layers()
    for read in view["reads"]:
        _draw_read(layers, read, view["start"])
    site = [_x(max(place, view["start"]), view["start"]) for place in (view["site"][0], min(view["site"][1], view["end"]))]
    parts = [
        f'<rect class="site" x="{site[0]}" y="0" width="{site[1] - site[0]}" height="{bottom + 13}"/>',
        _depth(view),
        layers.svg(["fwd", "rev", "faint", "gap", "del", "clip", *(f"b{base}{weak}" for base in "ACGTN" for weak in ("w", "")), "ins"]),
        _groups(view),
        _scale(view, bottom, width),
    ]
    size = f'viewBox="0 0 {width} {bottom + 28}" width="{width}" height="{bottom + 28}"'
    return Markup(f'<svg class="reads" role="img" aria-label="{escape(label)}" {size}>{"".join(parts)}</svg>')


def _x(place: int, start: int) -> int:
    return GUTTER + (place - start) * BASE


def _draw_read(layers: _Layers, read: dict[str, Any], start: int) -> None:
    y = TOP + read["row"] * ROW
    left, right = _x(read["start"], start), _x(read["end"], start)
    forward = read["strand"] == "+"
    layers.paths["faint" if read.get("faint") else "fwd" if forward else "rev"].append(_arrow(left, right, y, forward=forward))
    for x, clipped in zip((left, right - 2), read["clipped"], strict=True):
        if clipped:
            layers.block("clip", x, y, 2)
    for kind, place, text in _events(read["cs"], read["start"]):
        x = _x(place, start)
        if kind == "mismatch":
            name = f"b{text if text in 'ACGT' else 'N'}{'w' if place in read.get('weak', ()) else ''}"
            layers.block(name, x, y, BASE)
            layers.letters[name].append((x + BASE / 2, y + READ - 0.8, text))
        elif kind == "deletion":
            layers.block("gap", x, y - 0.5, len(text) * BASE, READ + 1)
            layers.block("del", x, y + READ / 2 - 0.5, len(text) * BASE, 1)
        else:
            _draw_insertion(layers, x, y, len(text))


def _draw_insertion(layers: _Layers, x: float, y: float, length: int) -> None:
    """Mark an insertion between two bases; more than one base: with the number of bases."""
    digits = str(length) if length > 1 else ""
    half = 1 + 2.5 * len(digits)
    layers.block("ins", x - half, y - 0.5, 2 * half, READ + 1)
    shown = [(x + 4.6 * (i - (len(digits) - 1) / 2), y + READ - 0.8, digit) for i, digit in enumerate(digits)]
    layers.letters["ins"] += shown


def _arrow(left: float, right: float, y: float, *, forward: bool) -> str:
    """Return the outline of a read whose end in the direction of its strand is pointed."""
    tip, length = 3, max(right - left - 3, 1)
    if forward:
        return f"M{left:g} {y:g}h{length:g}l{tip} 3.5l-{tip} 3.5h-{length:g}z"
    return f"M{right:g} {y:g}h-{length:g}l-{tip} 3.5l{tip} 3.5h{length:g}z"


def _events(cs: str, start: int) -> Iterator[tuple[str, int, str]]:
    """Yield (kind, reference position, bases) of each difference in a `cs` string that begins at `start`."""
    at = start
    for same, _, base, inserted, deleted in CS.findall(cs):
        if base:
            yield "mismatch", at, base.upper()
        elif inserted:
            yield "insertion", at, inserted.upper()
        elif deleted:
            yield "deletion", at, deleted.upper()
        at += int(same or 0) + bool(base) + len(deleted)


def _depth(view: dict[str, Any]) -> str:
    """Return the depth as steps, with the bases that differ from the reference stacked in their colours."""
    highest = max(*view["depth"], 1)
    unit = DEPTH / highest
    steps = "".join(f"V{DEPTH * (1 - n / highest):.3g}h{BASE}" for n in view["depth"])
    layers, filled = _Layers(), defaultdict[int, float](float)
    for entry in view["differing"]:
        place, height = entry["position"], entry["reads"] * unit
        filled[place] += height
        layers.block(
            f"b{entry['base'] if entry['base'] in 'ACGT' else 'N'}",
            _x(place, view["start"]),
            round(DEPTH - filled[place], 2),
            BASE,
            round(height, 2),
        )
    area = f'<path class="depth" d="M{GUTTER} {DEPTH}{steps}V{DEPTH}z"/>'
    return area + layers.svg([f"b{base}" for base in "ACGTN"]) + f'<text class="lab" x="{GUTTER - 4}" y="9">{highest}×</text>'


def _groups(view: dict[str, Any]) -> str:
    """Return brackets in the left margin: which rows hold reads with the variant, with another allele, with the reference."""
    parts = []
    for allele, text in (("alt", "variant"), ("other", "other"), ("ref", "ref.")):
        rows = [read["row"] for read in view["reads"] if read["allele"] == allele]
        if rows:
            y, height = TOP + min(rows) * ROW, (max(rows) - min(rows)) * ROW + READ
            parts.append(f'<rect class="grp {allele}" x="{GUTTER - 4}" y="{y}" width="2" height="{height}"/>')
            parts.append(f'<text class="lab" x="{GUTTER - 6}" y="{y + 7}">{text}</text>')
    return "".join(parts)


def _scale(view: dict[str, Any], y: float, width: float) -> str:
    """Return the reference bases and the first and last position (1-based) of the window."""
    xs = _numbers(tuple(_x(view["start"] + i, view["start"]) + BASE / 2 for i in range(len(view["reference"]))))
    bases = f'<text class="seq" x="{xs}" y="{y + 10}">{escape(view["reference"])}</text>'
    first = f'<text class="pos" x="{GUTTER}" y="{y + 24}">{view["start"] + 1:,}</text>'
    last = f'<text class="pos end" x="{width}" y="{y + 24}">{view["end"]:,}</text>'
    middle = (_x(view["site"][0], view["start"]) + _x(view["site"][1], view["start"])) / 2
    return f'{bases}{first}{last}<text class="pos mid" x="{middle:g}" y="{y + 24}">{view["site"][0] + 1:,}</text>'
