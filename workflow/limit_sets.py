"""Which limit set a sample is judged by: by its order, else by its role, else the default.

A tumour is judged by a set for tumours even where the config says nothing: the depth of a germline genome is not enough for it.
"""

from collections.abc import Mapping
from typing import Any

from workflow.cohort import Cohort, Sample
from workflow.errors import InputError
from workflow.limits import DEFAULT, load_limits
from workflow.schema import nearest, schema
from workflow.settings import Settings

ALL = "default"
BY_ROLE = {"tumour": "danish-tumour"}
LimitSets = dict[str, dict[str, Any]]


def load_limit_sets(settings: Settings, cohort: Cohort) -> LimitSets:
    """Return the limit sets of a config, by order type or role, `default` for all others.

    Args:
        settings: the config; `release.overrides` hold for every set that names the metric, but not for sets that nobody chose.
        cohort: the samples, whose orders a key may be.

    Raises:
        InputError: a set is unknown or unusable, a key is nearly a role, or an override names no metric of any set.
    """
    chosen = settings.release.limits
    named = dict(chosen) if isinstance(chosen, Mapping) else {ALL: chosen} if chosen else {}
    _refuse_typos(named, cohort, settings.file)
    names: dict[str, str | None] = {ALL: DEFAULT, **BY_ROLE, **named}
    overrides = settings.release.overrides
    sets = {key: load_limits(name, {}) for key, name in names.items()}
    known = dict.fromkeys(metric for one in sets.values() for metric in one["metrics"])
    if unknown := next((metric for metric in overrides if metric not in known), None):
        what = f"`release.overrides` names the unknown metric `{unknown}` ({nearest(unknown, known)})"
        raise InputError(what, file=settings.file, remedy="mend the name")
    judged_by_default = set(BY_ROLE) - set(named)
    for key, name in names.items():
        if own := {metric: limit for metric, limit in overrides.items() if metric in sets[key]["metrics"] and key not in judged_by_default}:
            sets[key] = load_limits(name, own)
    return sets


def _refuse_typos(named: Mapping[str, str], cohort: Cohort, file: str) -> None:
    """Refuse a key that is no order of the sheet and nearly a role: it would be passed over in silence."""
    roles = [ALL, *schema("samples")["properties"]["role"]["enum"]]
    orders = {sample.order for sample in cohort.samples.values()}
    for key in named:
        if key not in roles and key not in orders and (hint := nearest(key, roles)).startswith("did you mean"):
            what = f"`release.limits.{key}` is neither an order of the samples nor a role ({hint})"
            raise InputError(what, file=file, remedy="mend it or take it out")


def key_of(sample: Sample, sets: Mapping[str, Any]) -> str:
    """Return the key of the set that a sample is judged by."""
    return next((key for key in (sample.order, sample.role) if key and key in sets), ALL)
