"""Limits of quality metrics, and the road from measured values to `release | hold | fail | resequence`.

The rule: every metric with a limit gets a verdict. A breach leads to what the limit set says (`unless`), a borderline value to hold,
a missing value to `without_value`. The gravest of these is the decision: fail, then hold, then resequence, then release, so that a sample
that is both short of depth and of the wrong sex is looked at by a person before anybody sequences it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from jsonschema.exceptions import best_match

from workflow.errors import InputError
from workflow.metric_names import IDENTITY, impossible, metrics
from workflow.schema import nearest, validator
from workflow.yaml_files import load_yaml

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "limits"
DEFAULT = "genvej-germline"
Value = float | bool


class Decision(StrEnum):
    """What happens to a sample or case; in order of gravity."""

    RELEASE = "release"
    RESEQUENCE = "resequence"
    HOLD = "hold"
    FAIL = "fail"


class Verdict(StrEnum):
    """How a metric stands against its limit."""

    PASS = "pass"
    BORDERLINE = "borderline"
    FAIL = "fail"
    NOT_EVALUATED = "not evaluated"
    NO_LIMIT = "no limit"


@dataclass(frozen=True)
class Limit:
    """The limit of one metric: `value` in `unit`, None if the metric is only reported; `better` is higher, lower, equal or empty."""

    label: str
    unit: str
    better: str = ""
    value: Value | None = None
    borderline: float | None = None
    unless: Decision = Decision.HOLD
    without_value: Decision = Decision.HOLD
    source: str = ""


@dataclass(frozen=True)
class Judged:
    """A metric and its verdict; `margin` is in the metric's unit, positive on the good side of the limit."""

    name: str
    value: Value | None
    unit: str
    limit: Value | None
    margin: float | None
    verdict: Verdict
    source: str
    leads_to: Decision
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the metric as release.json holds it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "margin": self.margin,
            "verdict": self.verdict.value,
            "source": self.source,
        }


def load_limits(chosen: str | Path | None, overrides: Mapping[str, float]) -> dict[str, Any]:
    """Return a checked limit set as plain data, the overrides written into it.

    Args:
        chosen: name of a set in resources/limits, path of a site's own file (relative to the working directory), or None for the default.
        overrides: limits of single metrics that replace the set's, in the metric's unit.

    Raises:
        InputError: there is no such set, it is not as its schema asks, or an override names an unknown metric or one without direction.
    """
    file = _file_of(chosen)
    content = _read(file)
    found: dict[str, dict[str, Any]] = content["metrics"]
    for name, one in found.items():
        _refuse_unusable(name, one, file)
    if file.stem != DEFAULT:
        found |= _of_default(found)
    for name, limit in overrides.items():
        found[name] = _overridden(name, limit, found)
        _refuse_unusable(name, found[name], file)
    return content


def _of_default(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the default set says of identity where another set says nothing: no set is silent on who a sample is."""
    default = _read(FOLDER / f"{DEFAULT}.yaml")["metrics"]
    return {name: default[name] for name in IDENTITY if name in default and name not in found}


def limits_of(content: Mapping[str, Any]) -> dict[str, Limit]:
    """Return the limits of a set that `load_limits` gave, by metric name."""
    return {name: _limit(one) for name, one in content["metrics"].items()}


def _file_of(chosen: str | Path | None) -> Path:
    """Return the file of a limit set: a shipped set by its name, anything else as a path."""
    shipped = FOLDER / f"{chosen or DEFAULT}.yaml"
    if chosen is None or (Path(chosen).name == str(chosen) and shipped.is_file()):
        return shipped
    if not Path(chosen).is_file():
        names = ", ".join(sorted(path.stem for path in FOLDER.glob("*.yaml")))
        raise InputError("`release.limits` names neither a file nor a set that ships", file=chosen, remedy=f"sets that ship: {names}")
    return Path(chosen)


def _read(file: Path) -> dict[str, Any]:
    """Read a limit set and check it against its schema."""
    try:
        content: dict[str, Any] = load_yaml(file)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError("the limits are not valid YAML", file=file, remedy="compare with resources/limits/genvej-germline.yaml") from None
    if error := best_match(validator("limits").iter_errors(content)):
        place = ".".join(map(str, error.absolute_path)) or "the whole file"
        raise InputError(f"`{place}`: {error.message}", file=file, remedy="see workflow/schemas/limits.schema.yaml")
    return content


def _overridden(name: str, limit: float, found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a metric's entry with the limit that the config gives it."""
    if name not in found:
        raise InputError(f"`release.overrides` names the unknown metric `{name}` ({nearest(name, found)})", remedy="mend the name")
    entry = found[name]
    if entry.get("better") not in {"higher", "lower"}:
        raise InputError(f"`release.overrides` gives `{name}` a limit, but it has no better side", remedy="take it out")
    was = f"{entry['limit']:g}" if "limit" in entry else "none"
    kept = {key: value for key, value in entry.items() if key != "borderline"}
    return {"unless": "hold", **kept, "limit": limit, "source": f"config, release.overrides (the set's own limit: {was})"}


def _refuse_unusable(name: str, one: Mapping[str, Any], file: Path) -> None:
    """Refuse a metric that nothing measures, a limit that no value could meet or miss, and a borderline on the bad side of its limit."""
    if name not in metrics():
        what = f"`metrics.{name}` is no metric ({nearest(name, metrics())})"
        raise InputError(what, file=file, remedy="resources/metrics.yaml names them all")
    if wrong := impossible(name, one):
        raise InputError(f"`metrics.{name}`: {wrong}", file=file, remedy="mend the limit set or the override")
    if "borderline" in one and ((one["borderline"] < one["limit"]) != (one["better"] == "lower")):
        raise InputError(f"`metrics.{name}.borderline` lies on the bad side of the limit", file=file, remedy="put it on the good side")


def _limit(one: Mapping[str, Any]) -> Limit:
    return Limit(
        label=one["label"],
        unit=one["unit"],
        better=one.get("better", ""),
        value=one.get("limit"),
        borderline=one.get("borderline"),
        unless=Decision(one.get("unless", "hold")),
        without_value=Decision(one.get("without_value", "hold")),
        source=one.get("source", ""),
    )
