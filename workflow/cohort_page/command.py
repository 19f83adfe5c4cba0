"""The page of a store's newest version: of `cohort_store.py page`, and of a run."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.beacon.records import read_beacon_releases
from workflow.cohort_page.facts import Facts, inside_facts, places_in, places_of, with_what_left
from workflow.cohort_page.page import write_cohort
from workflow.cohort_store.publishing import read_releases
from workflow.cohort_store.view import open_view
from workflow.errors import InputError


def facts_of(store: Path, genes: Path | None, regions: Path | None, left_out: Mapping[str, Any] | None = None) -> Facts:
    """Return the facts of a store's newest version, for the inside.

    Args:
        store: its folder.
        genes: gene models, for callability by gene.
        regions: BED of where genomes should be judged.
        left_out: as of `inside_facts`.
    """
    places = places_of(genes)
    with open_view(store) as view:
        owed = places_in(regions, view.facts.assembly)
        return with_what_left(inside_facts(view, places, left_out, owed), read_releases(store), read_beacon_releases(store))


def page(given: Namespace) -> int:
    """Write the page of a store's newest version."""
    if given.output.suffix != ".html":
        raise InputError("the page is a file of HTML", file=given.output, remedy="name a file that ends in .html")
    facts = facts_of(given.store, given.genes, given.regions)
    write_cohort(facts, given.output)
    print(f"{given.output}: version {facts['version']}, {facts['genomes']} genomes; for the inside of the centre only")
    return 0
