"""All that the page says, as plain data (schema `genvej-cohort-page/1`): out of a version of the store, or of a release."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workflow.beacon.records import BeaconRelease
from workflow.cohort_page.callability import Callability, Place, callability
from workflow.cohort_page.growth import Step, growth, steps_of
from workflow.cohort_page.spectrum import Spectrum
from workflow.cohort_store.alleles import WINDOW
from workflow.cohort_store.datasheet import safe_sizes
from workflow.cohort_store.model import ALL, UNNAMED
from workflow.cohort_store.people import People
from workflow.cohort_store.reading import read_callable
from workflow.cohort_store.statement import Release
from workflow.cohort_store.versions import INSIDE
from workflow.cohort_store.view import View
from workflow.gene_models import read_transcripts
from workflow.reference import lengths, plain_name
from workflow.run_record import now

SCHEMA = "genvej-cohort-page/1"
INSIDE_ONLY, OUTSIDE = "inside", "outside"
CHECKED = "release decision and consent record checked"
Facts = dict[str, Any]


def inside_facts(
    view: View, genes: Sequence[Place] = (), left_out: Mapping[str, Any] | None = None, owed: Sequence[Place] | None = None
) -> Facts:
    """Return the facts of a version, for the inside of the centre: numbers may stand for one person.

    Args:
        view: the version.
        genes: whose callability is told.
        left_out: `{offered, reasons: [{why, samples}]}` of a run's samples that are not counted; None where no run said.
        owed: where genomes should be judged; None where nothing says so.
    """
    store, version = view.store, view.version
    seen = Spectrum(view.facts.minimum)
    for window in sorted(view.windows):
        seen.take(view.columns(window))
    with People(store / INSIDE) as people:
        how = Counter(row.declared or CHECKED for row in people.all())
    return _common(view, INSIDE_ONLY, version.when, callability(view, genes, owed), seen) | {
        "growth": [asdict(step) for step in growth(list(steps_of(store, version)))],
        "groups": groups_of(view.group_sizes),
        "left_out": dict(left_out) if left_out is not None else None,
        "admitted": [{"how": name, "genomes": number} for name, number in how.most_common()],
        "withdrawn": version.withdrawn, "to_erase": len(version.leaving),
    }  # fmt: skip


def outside_facts(view: View, releases: Sequence[Release], sizes: Mapping[str, int], seen: Spectrum) -> Facts:
    """Return the facts of a release of frequencies: nothing that the release does not tell.

    Args:
        view: the version that was released.
        releases: all, oldest first; the last one is this one.
        sizes: people by group, without the dimensions that are not told outside.
        seen: of the rows that are released.
    """
    made, minimum = releases[-1], view.facts.minimum
    safe = {name: size for name, size in safe_sizes(sizes, minimum).items() if size >= minimum}
    steps = [Step(one.when, one.version, 0, 0, one.genomes) for one in releases]
    return _common(view, OUTSIDE, made.when, callability(view, people=minimum), seen) | {
        "release": made.number, "growth": [asdict(step) for step in steps], "groups": groups_of(safe, hidden=set(sizes) - set(safe)),
        "left_out": None, "admitted": [], "withdrawn": None, "to_erase": None, "releases": [_released(one) for one in releases],
    }  # fmt: skip


def _common(view: View, audience: str, when: str, judged: Callability, seen: Spectrum) -> Facts:
    found = judged.as_record() | ({"stretches": []} if audience == OUTSIDE else {})
    return {
        "schema": SCHEMA, "audience": audience, "made": now(), "when": when, "version": view.version.number, "release": None,
        "assembly": view.facts.assembly, "minimum": view.facts.minimum, "genomes": view.version.count,
        "lengths": lengths(view.facts.assembly), "window": WINDOW, "callers": [one for one in view.version.callers if one != UNNAMED],
        "releases": [], "beacon": [], "callability": found, "spectrum": seen.as_record(),
    }  # fmt: skip


def groups_of(sizes: Mapping[str, int], hidden: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the groups by dimension: `{name, groups: [{name, genomes}], unknown, hidden}`; `unknown` is None where a group is hidden."""
    found = []
    names, kept_back = [name for name in sizes if name != ALL], sorted(hidden)
    for dimension in sorted({name.partition("=")[0] for name in [*names, *kept_back]}):
        mine = [name for name in names if name.partition("=")[0] == dimension]
        secret = [name.partition("=")[2] for name in kept_back if name.partition("=")[0] == dimension]
        rows = [{"name": name.partition("=")[2], "genomes": sizes[name]} for name in mine]
        rest = None if secret else sizes.get(ALL, 0) - sum(sizes[name] for name in mine)
        found.append({"name": dimension, "groups": rows, "unknown": rest, "hidden": secret})
    return found


def _released(one: Release) -> dict[str, Any]:
    return {"number": one.number, "version": one.version, "when": one.when, "genomes": one.genomes}


def with_what_left(facts: Facts, releases: Sequence[Release], beacon: Sequence[BeaconRelease]) -> Facts:
    """Return facts with the releases of frequencies and of the Beacon, oldest first."""
    told = [
        {"number": one.number, "version": one.version, "when": one.when, "genomes": one.people, "variants": one.told.get(ALL, 0)}
        for one in beacon
    ]
    return facts | {"releases": [_released(one) for one in releases], "beacon": told}


def places_in(regions: Path | None, assembly: str) -> list[Place] | None:
    """Return the regions of a BED, merged; None where none is named."""
    if regions is None:
        return None
    found = {contig: one for contig, one in read_callable(regions, assembly).items() if contig in lengths(assembly)}
    spans = {contig: zip(one.starts.tolist(), one.ends.tolist(), strict=True) for contig, one in found.items()}
    return [("", contig, start, end) for contig, pairs in spans.items() for start, end in pairs]


def places_of(gene_models: Path | None) -> list[Place]:
    """Return the genes of gene models, each from the start of its first transcript to the end of its last one."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for one in read_transcripts(gene_models) if gene_models else []:
        key = (one.gene, plain_name(one.contig))
        start, end = found.get(key, (one.start, one.end))
        found[key] = (min(start, one.start), max(end, one.end))
    return [(gene, contig, start, end) for (gene, contig), (start, end) in found.items()]
