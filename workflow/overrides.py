"""A person's decision in the place of the one that the limits lead to; both stay to be read."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.errors import InputError


def overridden(record: dict[str, Any], override: Mapping[str, str] | None, waived: Sequence[str] = ()) -> dict[str, Any]:
    """Return a release record with what people decided: another decision, and what the release does without.

    Args:
        record: `{decision, reasons, …}` as the limits lead to it.
        override: a decision of a person as `workflow.decisions` gives it to a rule, None if nobody decided otherwise.
        waived: each deliverable that is waived, with who decided it and why.

    Raises:
        InputError: the limits lead to another decision than the one that the person saw.
    """
    record = record | {"reasons": [*record["reasons"], *waived]}
    if not override:
        return record
    before = record["decision"]
    if override["instead_of"] and override["instead_of"] != before:
        what = f"this override is of `{override['instead_of']}`, but the decision is now `{before}`"
        raise InputError(
            what, file=override["file"], remedy="look at the sample again, then mend and sign the override again or take it away"
        )
    who = f"{override['name']} ({override['role']})"
    words = f"{override['decision']} instead of {before}, decided by {who} on {override['date']}: {override['reason']}"
    return {
        **record,
        "decision": override["decision"],
        "reasons": [words, *record["reasons"]],
        "signed_by": who,
        "override": {"before": before, **{key: value for key, value in override.items() if key != "instead_of"}},
    }
