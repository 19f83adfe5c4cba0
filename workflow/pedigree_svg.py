"""A family drawn as a pedigree (symbols of Bennett and others, J Genet Couns 2022;31:1238), as one small static SVG.

Square male, circle female, diamond not known; filled affected, empty unaffected, a question mark where that is not known; dashed: not
sequenced. Under each person the sample and what they carry. Units are SVG user units (CSS pixels at 100 %).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

ACROSS, DOWN, SIZE, TOP = 116, 96, 26, 8
SWEEPS = 8
Person = Mapping[str, Any]
Place = tuple[float, float]


def draw_pedigree(people: Sequence[Person], under: Mapping[str, Sequence[str]], label: str) -> Markup:
    """Return the SVG of a family.

    Args:
        people: as `workflow.report_family.people_of` gives them, ancestors first.
        under: lines of text below each person; the first is set in bold.
        label: what a screen reader says of the picture.
    """
    places = layout(people)
    width = max(x for x, _ in places.values()) + ACROSS / 2
    lines = max((len(under.get(one["name"], ())) for one in people), default=0)
    height = max(y for _, y in places.values()) + SIZE + 12 + 13 * lines
    parts = [_families(people, places), *(_person(one, places[one["name"]], under.get(one["name"], ())) for one in people)]
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return Markup(f'<svg class="pedigree" role="img" aria-label="{escape(label)}" {size}>{"".join(parts)}</svg>')


def generations(people: Iterable[Person]) -> dict[str, int]:
    """Return the generation of each person, 0 for the oldest; the two parents of a child stand in one."""
    level = {one["name"]: 0 for one in people}
    pairs = [(one["name"], [one[role] for role in ("mother", "father") if one[role] in level]) for one in people]
    for _ in level:
        for name, parents in pairs:
            low = max((level[parent] for parent in parents), default=-1)
            level |= dict.fromkeys(parents, low)
            level[name] = max(level[name], low + 1)
    return level


def layout(people: Sequence[Person]) -> dict[str, Place]:
    """Return where the middle of each symbol's top edge lies; parents above the middle of their children, nobody on top of another."""
    level = generations(people)
    rows: dict[int, list[str]] = {}
    for one in _by_family(people):
        rows.setdefault(level[one], []).append(one)
    xs = {name: float(number) for row in rows.values() for number, name in enumerate(row)}
    children = _children(people)
    parents = {one["name"]: [one[role] for role in ("father", "mother") if one[role] in xs] for one in people}
    for _ in range(SWEEPS):
        for number in sorted(rows, reverse=True):
            _settle(rows[number], xs, {name: [xs[child] for child in children.get(name, ())] for name in rows[number]})
        for number in sorted(rows):
            _settle(rows[number], xs, {name: [xs[parent] for parent in parents[name]] for name in rows[number]})
    least = min(xs.values())
    return {name: ((x - least + 0.5) * ACROSS, TOP + level[name] * DOWN) for name, x in xs.items()}


def _by_family(people: Sequence[Person]) -> list[str]:
    """Return names so that partners stand together, the father first, and children of one couple too."""
    known = {one["name"] for one in people}
    order: dict[str, None] = {}
    for one in sorted(people, key=lambda one: (one["father"], one["mother"])):
        order |= dict.fromkeys(name for name in (one["father"], one["mother"]) if name in known)
        order[one["name"]] = None
    names = list(order)
    for one in people:
        father, mother = one["father"], one["mother"]
        if {father, mother} <= set(names) and names.index(mother) != names.index(father) + 1:
            names.remove(mother)
            names.insert(names.index(father) + 1, mother)
    return names


def _children(people: Iterable[Person]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in people:
        for role in ("mother", "father"):
            if one[role]:
                found.setdefault(one[role], []).append(one["name"])
    return found


def _settle(row: Sequence[str], xs: dict[str, float], wanted: Mapping[str, Sequence[float]]) -> None:
    """Move the people of a row towards the middle of those they hang with, keeping order and a distance of one; couples move together."""
    groups: list[list[str]] = []
    for name in row:
        if groups and wanted[name] and wanted[groups[-1][-1]] == wanted[name]:
            groups[-1].append(name)
        else:
            groups.append([name])
    right = float("-inf")
    for group in groups:
        middle = _mean(wanted[group[0]]) if wanted[group[0]] else _mean([xs[name] for name in group])
        start = max(middle - (len(group) - 1) / 2, right + 1)
        for number, name in enumerate(group):
            xs[name] = right = start + number


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _families(people: Sequence[Person], places: Mapping[str, Place]) -> str:
    """Return the lines between partners, and from them to their children."""
    couples: dict[tuple[str, str], list[str]] = {}
    for one in people:
        pair = one["father"], one["mother"]
        if any(name in places for name in pair):
            couples.setdefault(pair, []).append(one["name"])
    paths = []
    for number, (pair, children) in enumerate(couples.items()):
        known = [places[name] for name in pair if name in places]
        middle, y = _mean([x for x, _ in known]), known[0][1] + SIZE / 2
        if len(known) == 2:
            paths.append(f"M{known[0][0]:g} {y:g}H{known[1][0]:g}")
        bar = min(places[child][1] for child in children) - 10 - 4 * (number % 2)
        paths.append(f"M{middle:g} {y:g}V{bar:g}")
        for child in children:
            paths.append(f"M{middle:g} {bar:g}H{places[child][0]:g}V{places[child][1]:g}")
    return f'<path class="kin" d="{"".join(paths)}"/>' if paths else ""


def _person(one: Person, place: Place, lines: Sequence[str]) -> str:
    x, y = place
    filled = {"yes": " aff", "no": ""}.get(one["affected"], " maybe")
    kind = f'class="who{filled}{"" if one["sequenced"] else " off"}"'
    half = SIZE / 2
    if one["sex"] == "male":
        shape = f'<rect {kind} x="{x - half:g}" y="{y:g}" width="{SIZE}" height="{SIZE}"/>'
    elif one["sex"] == "female":
        shape = f'<circle {kind} cx="{x:g}" cy="{y + half:g}" r="{half:g}"/>'
    else:
        shape = f'<path {kind} d="M{x:g} {y:g}l{half:g} {half:g}l-{half:g} {half:g}l-{half:g} -{half:g}z"/>'
    question = f'<text class="ask" x="{x:g}" y="{y + half + 4:g}">?</text>' if filled == " maybe" and one["sequenced"] else ""
    arrow = f'<path class="arrow" d="M{x - half - 12:g} {y + SIZE + 6:g}l9 -8m-6 0h6v6"/>' if one["proband"] else ""
    text = "".join(
        f'<text class="{"first" if number == 0 else "line"}" x="{x:g}" y="{y + SIZE + 14 + 13 * number:g}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return shape + question + arrow + text
