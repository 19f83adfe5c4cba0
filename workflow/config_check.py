"""What makes a config unusable: keys that the schema does not know, values it does not allow, keys that contradict each other."""

from collections.abc import Mapping
from typing import Any

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
    if violation := first_violation("config", content):
        raise _as_input_error(violation, file)
    _refuse_contradictions(content, file)
    _refuse_cpr(content, file)


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
