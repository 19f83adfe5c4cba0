"""A patient's terms in another HPO release: renamed where it renamed them, left out and told where it no longer or not yet has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.ontology import Ontology


def terms_in(terms: Iterable[Mapping[str, Any]], ontology: Ontology) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the terms {id, label, excluded, …} as a release has them, each once, and what was changed, in words.

    One person's retired term must not stop the reanalysis of all others, as it stops the run that first takes it in.
    """
    kept: dict[tuple[str, bool], dict[str, Any]] = {}
    notes = []
    for term in terms:
        now = ontology.current(term["id"])
        if now is None or now not in ontology.index:
            notes.append(f"{term['id']} ({term['label']}) is not in HPO {ontology.release}: left out")
            continue
        if now != term["id"]:
            notes.append(f"{term['id']} ({term['label']}) is {now} ({ontology.name(now)}) in HPO {ontology.release}")
        kept.setdefault((now, bool(term["excluded"])), {**term, "id": now, "label": ontology.name(now)})
    return list(kept.values()), notes
