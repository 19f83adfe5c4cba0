"""What `scripts/cohort_store.py` answers without a change: counts, carriers, what is in the store."""

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence

from workflow.cohort_store.people import People
from workflow.cohort_store.regions import Region, read_region, read_variant
from workflow.cohort_store.versions import INSIDE, read_facts, read_version, version_numbers
from workflow.cohort_store.view import View, open_view
from workflow.errors import InputError
from workflow.reference import lengths


def counts(given: Namespace) -> int:
    """Print the counts of a region, or of everything; of a group that nobody is in, which may be a slip of the pen, it says so."""
    with open_view(given.store) as view:
        if any(name not in view.group_sizes for name in given.group.split("&")):
            raise InputError("nobody who is counted is in that group", remedy=f"use one of {', '.join(view.group_sizes)}")
        regions = [read_region(given.region, view.facts.assembly)] if given.region else list(_everything(view))
        lines = _as_tsv(view, regions, given.group) if given.format == "tsv" else _as_json(view, regions, given.group)
        for line in lines:
            print(line)
    return 0


def _everything(view: View) -> Iterator[Region]:
    known = lengths(view.facts.assembly)
    return (Region(contig, 1, length) for contig, length in known.items() if any(name == contig for name, _ in view.windows))


def _as_tsv(view: View, regions: Sequence[Region], group: str) -> Iterator[str]:
    yield "\t".join(("chrom", "pos", "ref", "alt", "ac", "an", "hom", "hemi"))
    for region in regions:
        for table in view.region(region.contig, region.start, region.end, group):
            name = view.name_of(table.contig)
            for one, found in table:
                yield f"{name}\t{one.pos}\t{one.ref}\t{one.alt}\t{found.ac}\t{found.an}\t{found.hom}\t{found.hemi}"


def _as_json(view: View, regions: Sequence[Region], group: str) -> Iterator[str]:
    for region in regions:
        for table in view.region(region.contig, region.start, region.end, group):
            for one, found in table:
                yield json.dumps({"chrom": view.name_of(table.contig), "pos": one.pos, "ref": one.ref, "alt": one.alt} | vars(found))


def carriers(given: Namespace) -> int:
    """Print who has a variant: for the inside of the centre only."""
    with open_view(given.store) as view, People(given.store / INSIDE) as people:
        variant = read_variant(given.variant, view.facts.assembly)
        print("\t".join(("sample", "token", "alt_copies", "copies", "counted")))
        for one in view.carriers(variant):
            rows = people.of("token", one.token)
            print(f"{rows[0].sample if rows else '.'}\t{one.token}\t{one.alt_copies}\t{one.copies}\t{'yes' if one.counted else 'no'}")
    return 0


def status(given: Namespace) -> int:
    """Print what is in the store, as JSON: numbers, no names."""
    facts, version = read_facts(given.store), read_version(given.store)
    with open_view(given.store) as view:
        groups = view.group_sizes
    told = {
        "assembly": facts.assembly,
        "version": version.number,
        "kept": version_numbers(given.store),
        "when": version.when,
        "genomes": version.count,
        "groups": groups,
    }
    told |= {
        "callers": version.callers,
        "segments": len(version.segments),
        "waiting": len(version.genomes),
        "to_erase": len(version.leaving),
    }
    print(json.dumps(told | {"withdrawn": version.withdrawn}, indent=1))
    return 0
