"""What makes a config unusable: unknown or doubled keys, values that the schema does not allow, keys that cannot both be meant."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import InputError
from workflow.names import path_holds_cpr
from workflow.schema import TYPES, Violation, first_violation, nearest

BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "pattern": "of the form",
    "minLength": "text of length",
}


def check_config(content: Mapping[str, Any], file: str) -> None:
    """Refuse a config that is not as its schema asks, contradicts itself or holds a CPR number.

    Raises:
        InputError: naming the key.
    """
    check_schema("config", content, file)
    _refuse_contradictions(content, file)
    _refuse_cpr(content, file)


def check_schema(name: str, content: object, file: str) -> None:
    """Refuse content that is not as the schema `name` asks.

    Raises:
        InputError: naming the key.
    """
    if violation := first_violation(name, content):
        raise _as_input_error(violation, file)


def refuse_doubled_keys(files: Iterable[str]) -> None:
    """Refuse config files in one of which a key is there twice: of two `knowledge` blocks, YAML would silently keep the second alone.

    Raises:
        InputError: with the row of the second one.
    """
    for file in files:
        for key, row in _doubled(_composed(file)):
            remedy = "keep one; of two blocks, put what they hold into one"
            raise InputError(f"the key `{key}` is there twice", file=file, row=row, remedy=remedy)


def _composed(file: str) -> yaml.Node | None:
    """Return a file as nodes of YAML; None where it is none, since Snakemake has read it already in another way that it knows."""
    try:
        node: yaml.Node | None = yaml.compose(Path(file).read_bytes(), Loader=yaml.SafeLoader)
    except (OSError, yaml.YAMLError):
        return None
    return node


def _doubled(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Give (key, row) of every key that its mapping has already, below a node of YAML."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled(item)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _doubled(value)


def _as_input_error(violation: Violation, file: str) -> InputError:
    """Return a violation of the config's schema in plain words."""
    key, value, wanted = violation.key(), violation.value, violation.wanted
    match violation.keyword:
        case "additionalProperties":
            unknown = violation.unknown_key()
            hint = nearest(unknown, violation.rule["properties"])
            return InputError(f"unknown key `{violation.key(unknown)}` ({hint})", file=file, remedy="mend it or take it out")
        case "required":
            return InputError(
                f"key `{violation.key(violation.missing_key())}` is missing", file=file, remedy="add it (config/README.md tells how)"
            )
        case "enum":
            form = " or ".join(map(str, wanted))
        case "type":
            form = " or ".join(TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted))
        case keyword:
            form = violation.rule.get("x-form") or f"{BOUNDS.get(keyword, keyword)} {wanted}"
    return InputError(f"`{key}` is {'null' if value is None else repr(value)}", file=file, remedy=f"it must be {form}")


def _refuse_contradictions(content: Mapping[str, Any], file: str) -> None:
    """Refuse keys that cannot both be meant."""
    if content["samples"] == content["units"]:
        raise InputError("`samples` and `units` name the same file", file=file, remedy="give each its own sheet")


def _refuse_cpr(content: Mapping[str, Any], file: str, place: str = "") -> None:
    """Refuse a path that holds what looks like a CPR number, since paths are printed and kept; the number is not repeated."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            _refuse_cpr(value, file, f"{place}{key}.")
        elif any(path_holds_cpr(text) for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)):
            what = f"`{place}{key}` holds what looks like a CPR number"
            raise InputError(what, file=file, remedy="rename the file or folder: a CPR number must not stand in names, sheets or logs")
