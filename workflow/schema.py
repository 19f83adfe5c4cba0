"""JSON Schemas of the config and the sheets: defaults, and errors told in plain words."""

import difflib
import functools
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import relevance

MOST_LISTED = 30
FOLDER = Path(__file__).parent / "schemas"
TYPES = {
    "object": "a set of keys",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema `workflow/schemas/<name>.schema.yaml`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: dict[str, Any] = yaml.load((FOLDER / f"{name}.schema.yaml").read_bytes(), Loader=loader)
    return content


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """Return the compiled validator of a schema."""
    return Draft202012Validator(schema(name))


@dataclass(frozen=True)
class Violation:
    """One way in which content is not as its schema asks: `rule` is the part of the schema, `keyword` what in it is broken."""

    path: tuple[str, ...]
    keyword: str
    wanted: Any
    value: Any
    rule: Mapping[str, Any]

    def key(self, *more: str) -> str:
        """Return the dotted path of the value, such as `callable.min_depth`."""
        return ".".join((*self.path, *more))

    def unknown_key(self) -> str:
        """Return the first key that no rule allows."""
        return str(next(name for name in self.value if name not in self.rule.get("properties", {})))

    def missing_key(self) -> str:
        """Return the first required key that is not there."""
        return str(next(name for name in self.wanted if name not in self.value))


def first_violation(name: str, content: object) -> Violation | None:
    """Return the most telling violation of a schema, unknown keys first (a typo also makes a key missing), or None."""
    errors = validator(name).iter_errors(content)
    worst: Any = min(errors, key=lambda error: (error.validator != "additionalProperties", relevance(error)), default=None)
    if worst is None:
        return None
    return Violation(tuple(map(str, worst.absolute_path)), worst.validator, worst.validator_value, worst.instance, worst.schema)


def nearest(word: str, words: Iterable[str]) -> str:
    """Return `did you mean …?` with the nearest of `words`, or the list of them if it is short."""
    known = list(words)
    if close := difflib.get_close_matches(word, known, n=1, cutoff=0.6):
        return f"did you mean `{close[0]}`?"
    return f"known are {', '.join(known)}" if len(known) <= MOST_LISTED else f"none of {len(known)} known ones is like it"


def with_defaults(content: Any, part: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """Return a copy of `content` in which every missing key has the default of schema `part`, nested objects too."""
    root = root or part
    if "$ref" in part:
        part = {**root["$defs"][part["$ref"].removeprefix("#/$defs/")], **part}
    if not isinstance(content, Mapping):
        return deepcopy(content)
    properties = part.get("properties", {})
    filled = {key: deepcopy(value["default"]) for key, value in properties.items() if "default" in value} | dict(content)
    return {key: with_defaults(value, properties.get(key, part.get("additionalProperties") or {}), root) for key, value in filled.items()}
