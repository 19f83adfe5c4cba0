"""The data sheet of a release of frequencies: who is in, how it was counted, what it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Sheet:
    """What a data sheet says; `variants` grows while they are written."""

    number: int
    version: int
    when: str
    assembly: str
    minimum: int
    sizes: Mapping[str, int]
    callers: tuple[str, ...]
    variants: int = 0


def as_markdown(sheet: Sheet) -> str:
    """Return the data sheet as Markdown."""
    least = sheet.minimum
    groups = [f"| {name} | {size if size >= least else f'fewer than {least}'} |" for name, size in safe_sizes(sheet.sizes, least).items()]
    return "\n".join(
        [
            f"# Frequencies, release {sheet.number}", "",
            f"Version {sheet.version} of the store, {sheet.when}; {sheet.assembly}; {sheet.variants} variants.", "",
            "## Who is in", "",
            "Genomes that were released by the centre's quality decision, or by the word of the steward who added calls from",
            "elsewhere, and whose consent, recorded or declared likewise, covers the frequency store on the day they came in, one person",
            "of a family (founders before others, unaffected before affected), no tumours, no person twice. People who withdrew",
            "are in no later release.", "",
            "| group | genomes |", "|---|---|", *groups, "",
            f"Callers: {', '.join(sheet.callers) or 'not named'}.", "",
            "## How it was counted", "",
            "AC: alleles of calls that passed their filters at places where the genome is callable. AN: for each site, the",
            "copies of it in all genomes that are",
            "callable there, by each person's own ploidy (X and Y outside the pseudoautosomal regions by karyotype). A genome",
            "with a filtered or contradictory call",
            "at a site is not in its AN. AF = AC / AN. A site that is not listed was not seen, or in too few people to be told;",
            "it is not evidence of absence.", "",
            "## What is masked", "",
            f"Nothing is told that fewer than {least} people stand behind: no variant, no group, no homozygotes; nor what would",
            "follow by subtracting groups from totals,",
            f"or from an earlier release. A row within {2 * (least - 1)} alleles (fewer than {least} people, two copies each) of what a",
            "release or the Beacon told has the AC that was told, also if nothing changed, and today's AN. Beside a Beacon, a variant",
            f"or group of which it is silent is told from {4 * (least - 1) + 1} alleles on.", "",
            "## Limits", "",
            "Patients and relatives who came for rare disease are not a random sample of the population. Indels in repeats and",
            "calls in segmental duplications are less",
            "certain than others. Heteroplasmic calls of the mitochondrion are not counted. Small numbers are estimates: use the",
            "interval that AC and AN give.", "",
        ]
    )  # fmt: skip


def safe_sizes(sizes: Mapping[str, int], least: int) -> dict[str, int]:
    """Return group sizes; in a dimension with one small group, the next smallest is hidden with it, or a subtraction would tell it."""
    safe = dict(sizes)
    for dimension in {name.partition("=")[0] for name in sizes if "=" in name}:
        names = sorted((name for name in sizes if name.partition("=")[0] == dimension), key=lambda name: sizes[name])
        hidden = [name for name in names if sizes[name] < least]
        left = sizes.get("all", 0) - sum(sizes[name] for name in names if name not in hidden)
        for name in names[len(hidden) :]:
            if not 0 < left < least:
                break
            left += sizes[name]
            safe[name] = 0
    return safe
