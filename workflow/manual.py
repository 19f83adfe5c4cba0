"""The tables of keys and columns in config/README.md, written out of the schemas.

`python -m workflow.manual` brings the page up to date; a test shows that it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflow.digests import ROOT
from workflow.metric_names import is_yes_or_no, metrics
from workflow.schema import TYPES, schema

PAGE = ROOT / "config" / "README.md"
TABLES = "config|samples|units|metrics|people|evidence|consents|classifications|shards"
PART = re.compile(rf"(<!-- ({TABLES}): from the schema -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str) -> str:
    """Return the page with each of its tables written anew."""
    return PART.sub(lambda match: f"{match[1]}{table(match[2])}{match[3]}", text)


def table(name: str) -> str:
    """Return the table of a schema's keys (config) or columns (sheets), or of the metrics."""
    if name == "metrics":
        return metrics_table()
    content = schema(name)
    word = "key" if name == "config" else "column"
    rows = [f"| {word} | what it is | values | default |", "|---|---|---|---|"]
    rows += [
        f"| `{key}` | {rule['description']} | {_values(rule)} | {_default(rule, needed)} |" for key, rule, needed in _keys(content, "")
    ]
    return "\n".join(rows) + "\n"


def metrics_table() -> str:
    """Return the table of the names that metrics go by, and of what differs from the GA4GH standard."""
    rows = ["| metric | unit | GA4GH | what it is | what differs from the standard |", "|---|---|---|---|---|"]
    for name, one in metrics().items():
        unit = one["unit"] or ("yes, no" if is_yes_or_no(name) else "number")
        rows.append(f"| `{name}` | {unit} | {'yes' if one['ga4gh'] else ''} | {one['definition']} | {one['differs']} |")
    return "\n".join(rows) + "\n"


def _keys(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Give (dotted key, rule, whether it must be there) of everything that can be set."""
    for key, rule in part.get("properties", {}).items():
        if "$ref" in rule or not rule.get("properties"):
            yield f"{prefix}{key}", rule, key in part.get("required", ())
        else:
            yield from _keys(rule, f"{prefix}{key}.")


def _values(rule: Mapping[str, Any]) -> str:
    if "$ref" in rule:
        return "`{path, release}` or null"
    if "enum" in rule:
        return ", ".join(str(value) for value in rule["enum"] if value != "")
    if "x-form" in rule:
        return str(rule["x-form"])
    kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    bounds = [f"{sign} {rule[key]}" for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤")) if key in rule]
    return " or ".join(TYPES[kind] for kind in kinds if kind != "null") + (f" {', '.join(bounds)}" if bounds else "")


def _default(rule: Mapping[str, Any], needed: bool) -> str:
    if needed:
        return "*must be given*"
    default = rule.get("default")
    return "empty" if default == "" else f"`{json.dumps(default)}`"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
