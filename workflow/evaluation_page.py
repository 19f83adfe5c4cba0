"""The page of an evaluation of phenotype ranking: tables, and stated against true probability as a drawing. One file, no network."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

SIZE, LEFT, TOP_MARGIN = 320, 46, 12
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .7rem;border-bottom:1px solid #d5dde5;text-align:left}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
figure{display:inline-block;margin:1rem 1.5rem 1rem 0;max-width:100%}
.scroll{overflow-x:auto}svg{max-width:100%;height:auto}figcaption{max-width:24rem;color:#4a5866}"""
GROUPS = (("groups", "HPO release and solved cases"), ("groups_hpo_only", "HPO release alone"))


def calibration_svg(found: Mapping[str, Any]) -> str:
    """Draw the share of right answers (upwards) over the stated probability of the first gene; a dot's area follows its patients."""
    most = max((one["n"] for one in found["bins"]), default=1)
    grid = "".join(
        f'<line x1="{LEFT}" x2="{LEFT + SIZE}" y1="{_y(step / 4):.1f}" y2="{_y(step / 4):.1f}" stroke="#e3e9ef"/>'
        f'<text x="{LEFT - 6}" y="{_y(step / 4) + 4:.1f}" text-anchor="end">{step * 25} %</text>'
        f'<text x="{_x(step / 4):.1f}" y="{TOP_MARGIN + SIZE + 18}" text-anchor="middle">{step * 25} %</text>'
        for step in range(5)
    )
    dots = "".join(
        f'<circle cx="{_x(one["stated"]):.1f}" cy="{_y(one["right"]):.1f}" r="{3 + 11 * (one["n"] / most) ** 0.5:.1f}" fill="#1f6f8b" '
        f'fill-opacity=".75"><title>{one["n"]} patients: stated {one["stated"]:.1%}, right {one["right"]:.1%}</title></circle>'
        for one in found["bins"]
    )
    return (
        f'<svg viewBox="0 0 {LEFT + SIZE + 28} {TOP_MARGIN + SIZE + 44}" width="{LEFT + SIZE + 28}" role="img" font-size="12" '
        f'aria-label="Stated and true probability"><g fill="#4a5866">{grid}<text x="{LEFT + SIZE / 2}" y="{TOP_MARGIN + SIZE + 38}" '
        f'text-anchor="middle">stated probability of the first gene</text></g>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#8a97a5" stroke-dasharray="4 4"/>{dots}</svg>'
    )


def _x(share: float) -> float:
    return LEFT + SIZE * share


def _y(share: float) -> float:
    return TOP_MARGIN + SIZE * (1 - share)


def _table(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    head = "<tr><th></th>" + "".join(f'<th class="n">{name}</th>' for name in ("patients", "top 1", "top 5", "top 10")) + "</tr>"
    body = "".join(f"<tr><td>{escape(name)}</td>{_cells(row)}</tr>" for name, row in rows)
    return f'<div class="scroll"><table>{head}{body}</table></div>'


def _cells(row: Mapping[str, Any]) -> str:
    margin = {name: f" ± {value:.1f}" for name, value in row.get("margin95", {}).items()}
    shown = [str(row["n"]), *(f"{row[name]:.1f}{margin.get(name, '')} %" if name in row else "–" for name in ("top1", "top5", "top10"))]
    return "".join(f'<td class="n">{cell}</td>' for cell in shown)


def _figure(found: Mapping[str, Any], title: str) -> str:
    distance = f"{100 * found['error']:.1f} points over {found['n']} patients ({100 * found['by_chance']:.1f} by chance alone)"
    text = f"{title}: mean distance {distance}. On the line, what is stated comes true."
    return f"<figure>{calibration_svg(found)}<figcaption>{escape(text)}</figcaption></figure>"


def _release(table: Mapping[str, Any]) -> str:
    rows = [(row["knowledge"], row) for row in table.values() if isinstance(row, dict) and "knowledge" in row]
    parts = [f"<h2>HPO {escape(table['hpo_release'])}</h2>", _table(rows)]
    parts += [_figure(table["calibration"], GROUPS[0][1]), _figure(table["calibration_hpo_only"], GROUPS[1][1])]
    for name, title in GROUPS:
        parts.append(f"<h3>{title}, by group</h3>{_table(list(table[name].items()))}")
    return "".join(parts)


def _changes(name: str, change: Mapping[str, Any]) -> str:
    """List who left and who entered the first ten; a rank of None is a miss."""
    body = "".join(
        f"<tr><td>{escape(one['case'])}</td><td>{escape(one['gene'])}</td><td>{what}</td>"
        + "".join(f'<td class="n">{"not known" if one[when] is None else f"{one[when]:g}"}</td>' for when in ("before", "after"))
        + "</tr>"
        for what in ("lost", "gained")
        for one in change[what]
    )
    head = '<tr><th>patient</th><th>gene</th><th></th><th class="n">rank before</th><th class="n">rank after</th></tr>'
    title = f"{name}: {len(change['gained'])} entered the first ten, {len(change['lost'])} left ({change['patients']} patients)"
    return f'<h3>{escape(title)}</h3><div class="scroll"><table>{head}{body}</table></div>'


def evaluation_page(table: Mapping[str, Any]) -> str:
    """Return the content of phenotypes.json as a page."""
    parts = [
        "<h1>Published patients ranked by their HPO terms</h1>",
        f"<p>At most three patients a gene; each without the publication that tells of them, except where it says <i>left in</i>. "
        f"Candidates: {escape(table['candidates'])}.</p>",
        _release(table),
    ]
    if "compared_with" in table:
        parts.append(_release(table["compared_with"]))
        parts += [_changes(name, change) for name, change in table["changes"].items()]
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Phenotype ranking</title>'
    return f"<!doctype html><html lang=en><head>{head}<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
