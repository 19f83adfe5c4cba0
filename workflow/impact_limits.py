"""The totals of a comparison of two versions against their limits (resources/impact/limits.yaml, or a laboratory's own)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema.exceptions import best_match

from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.schema import validator

SHIPPED = ROOT / "resources" / "impact" / "limits.yaml"
WITHIN, BEYOND, NOT_EVALUATED = "within", "beyond", "not evaluated"


@dataclass(frozen=True)
class Measure:
    """A total: `count` of `of`, as a share per `per`; a plain count has `of` None."""

    name: str
    count: int
    of: int | None
    per: int = 1

    @property
    def value(self) -> float | None:
        """Return the share in the measure's unit, None where there was nothing to count in."""
        if self.of is None:
            return float(self.count)
        return round(self.count * self.per / self.of, 3) if self.of else None


def read_limits(file: Path | None) -> dict[str, Any]:
    """Return a checked set of limits; the shipped one if `file` is None.

    Raises:
        InputError: the file is missing or not as its schema asks.
    """
    path = file or SHIPPED
    try:
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        raise InputError("the limits cannot be read as YAML", file=path, remedy="compare with resources/impact/limits.yaml") from None
    if error := best_match(validator("impact_limits").iter_errors(content)):
        place = ".".join(map(str, error.absolute_path)) or "the whole file"
        raise InputError(f"`{place}`: {error.message}", file=path, remedy="see workflow/schemas/impact_limits.schema.yaml")
    return content


def judge(measure: Measure, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return a measure with its limit and verdict: within, beyond, or not evaluated where there was nothing to count in."""
    limit = limits["limits"][measure.name]
    value = measure.value
    verdict = NOT_EVALUATED if value is None else WITHIN if value <= limit["limit"] else BEYOND
    return {"name": measure.name, "count": measure.count, "of": measure.of, "value": value, **limit, "verdict": verdict}


def verdict_of(judged: list[dict[str, Any]]) -> str:
    """Return within if every total is; a total that could not be told is not within."""
    return WITHIN if all(one["verdict"] == WITHIN for one in judged) else BEYOND
