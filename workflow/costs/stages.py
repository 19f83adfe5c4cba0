"""Which stage a rule is of: the name of its rule file in words, as progress and pages tell it."""

import re
from functools import cache

from workflow.digests import ROOT

RULE = re.compile(r"^(?:rule\s+(\w+)|use rule \w+ as (\w+))", re.MULTILINE)
SNAKEMAKE = "Snakemake itself"


@cache
def stages() -> dict[str, str]:
    """Return the stage of every rule, in the order of rules/."""
    found = {}
    for file in sorted((ROOT / "rules").glob("*.smk")):
        for one, other in RULE.findall(file.read_text(encoding="utf-8")):
            found[one or other] = file.stem.replace("_", " ")
    return found


def stage_of(rule: str) -> str:
    """Return the stage of a rule; `other` for one that is not of this version."""
    return SNAKEMAKE if rule == SNAKEMAKE else stages().get(rule, "other")


@cache
def order_of_stages() -> tuple[str, ...]:
    """Return the stages in the order in which the Snakefile includes their files."""
    names = re.findall(r'include: "rules/(\w+)\.smk"', (ROOT / "Snakefile").read_text(encoding="utf-8"))
    return (*(name.replace("_", " ") for name in names), "other", SNAKEMAKE)
