"""Which decisions would be others under the limits that now hold: the metrics that were measured, judged anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.files import read_json
from workflow.limits import Verdict, limits_of
from workflow.verdicts import decide, judge_all

NO_REASON = "not measured"


@dataclass(frozen=True)
class Flip:
    """A decision on a sample that would be another, and the metrics that turn it: name, value, limit before and now, margin now."""

    sample: str
    old: str
    new: str
    metrics: tuple[Mapping[str, Any], ...]
    by_person: bool = False

    def in_words(self) -> str:
        """Return it as a sentence."""
        turned = [f"{one['name']} {one['value']} against {one['limit']} (before {one['limit_before']})" for one in self.metrics]
        because = f": {'; '.join(turned)}" if turned else ""
        person = "; a person decided otherwise, and that stands" if self.by_person else ""
        return f"decision on {self.sample}: {self.old} → {self.new}{because}{person}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plan.json has it."""
        return {"sample": self.sample, "old": self.old, "new": self.new, "metrics": list(self.metrics), "by_person": self.by_person}


def flips(file: Path, limits: Mapping[str, Any]) -> list[Flip]:
    """Return the decision of a sample's release.json if it would be another under a limit set; nothing where there is no decision yet.

    A metric without a value is judged by what the set says of a missing one. A decision that a person signed stands, whatever its metrics.
    """
    try:
        record = read_json(file)
        old = {one["name"]: one for one in record["metrics"]}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    measured = {name: (one["value"], one["unit"]) for name, one in old.items() if one["value"] is not None}
    missing = {name: NO_REASON for name, one in old.items() if one["value"] is None}
    now = judge_all(measured, missing, limits_of(limits), {})
    before = _automatic(record)
    decision = decide(now)[0].value
    if decision == before:
        return []
    turned = [one for one in now if one.verdict.value != old.get(one.name, {}).get("verdict", Verdict.NO_LIMIT.value)]
    told = [
        {"name": one.name, "value": one.value, "unit": one.unit, "limit": one.limit, "limit_before": old.get(one.name, {}).get("limit"),
         "margin": one.margin, "verdict": one.verdict.value}
        for one in turned
    ]  # fmt: skip
    return [Flip(record["sample"], before, decision, tuple(told), by_person=bool(record.get("signed_by")))]


def _automatic(record: Mapping[str, Any]) -> str:
    """Return the decision that the metrics led to: that before a person's, where there is one."""
    override = record.get("override") or {}
    return str(override.get("before", record["decision"]))
