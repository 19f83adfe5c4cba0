"""The Human Phenotype Ontology, read from `hp.obo`: names, parents, and what became of terms that a release no longer uses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from workflow.errors import InputError

_LINE = re.compile(r"^(id|name|alt_id|is_a|is_obsolete|replaced_by|consider|data-version): ([^!\n]*?)(?: !.*)?$", re.MULTILINE)
TERM_ID = re.compile(r"HP:\d{7}")


@dataclass(frozen=True)
class Ontology:
    """One dated release of the HPO; terms are numbered by their position in `ids`.

    `replaced` maps an identifier that the release no longer uses to the one that stands for it now ("" where none does).
    """

    release: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[tuple[int, ...], ...]
    replaced: dict[str, str]
    index: dict[str, int] = field(repr=False)
    children: tuple[tuple[int, ...], ...] = field(repr=False)

    def __hash__(self) -> int:
        return id(self)

    def name(self, term_id: str) -> str:
        """Return the release's name of a term it uses."""
        return self.names[self.index[term_id]]

    def current(self, term_id: str) -> str | None:
        """Return the identifier that stands for `term_id` in this release, or None if there is none."""
        return term_id if term_id in self.index else self.replaced.get(term_id) or None

    def require(self, term_id: str, *, file: str | Path | None = None) -> int:
        """Return the number of a term; raise InputError, naming the replacement, if the release does not use it."""
        if term_id in self.index:
            return self.index[term_id]
        now = self.replaced.get(term_id)
        if now:
            raise InputError(f"the HPO term {term_id} is obsolete", file=file, remedy=f"use {now} ({self.name(now)}) instead")
        if now == "":
            raise InputError(f"the HPO term {term_id} is obsolete and has no replacement", file=file, remedy="choose another term")
        remedy = "look the term up at hpo.jax.org" if TERM_ID.fullmatch(term_id) else "write terms as HP: and seven digits"
        raise InputError(f"the HPO term {term_id!r} is not in the HPO release {self.release}", file=file, remedy=remedy)

    @cache  # noqa: B019 - an ontology lives as long as the process
    def ancestors(self, term: int) -> frozenset[int]:
        """Return `term` and every more general term."""
        return _closure(self.parents, term)

    @cache  # noqa: B019 - an ontology lives as long as the process
    def descendants(self, term: int) -> frozenset[int]:
        """Return `term` and every more specific term."""
        return _closure(self.children, term)


def _closure(edges: tuple[tuple[int, ...], ...], start: int) -> frozenset[int]:
    seen, waiting = {start}, [start]
    while waiting:
        new = [term for term in edges[waiting.pop()] if term not in seen]
        seen.update(new)
        waiting.extend(new)
    return frozenset(seen)


def _stanzas(text: str) -> Iterator[dict[str, list[str]]]:
    """Give the header and then each `[Term]` as tag → values; stanzas of other kinds are left out."""
    for chunk in text.split("\n[Typedef]\n", 1)[0].split("\n[Term]\n"):
        tags: dict[str, list[str]] = {}
        for tag, value in _LINE.findall(chunk):
            tags.setdefault(tag, []).append(value)
        yield tags


def _replacements(stanzas: Iterable[dict[str, list[str]]]) -> dict[str, str]:
    """Map each identifier no longer used to its successor: merged terms (`alt_id`) and retired ones (`replaced_by`, `consider`)."""
    replaced: dict[str, str] = {}
    for tags in stanzas:
        name = tags["id"][0]
        if "is_obsolete" in tags:
            replaced.setdefault(name, (tags.get("replaced_by") or tags.get("consider") or [""])[0])
        else:
            replaced.update(dict.fromkeys(tags.get("alt_id", []), name))
    return replaced


def _invert(parents: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    children: list[list[int]] = [[] for _ in parents]
    for child, its_parents in enumerate(parents):
        for parent in its_parents:
            children[parent].append(child)
    return tuple(map(tuple, children))


def read_ontology(path: str | Path) -> Ontology:
    """Read an `hp.obo` file (OBO 1.2 or 1.4); raise InputError if it is not one."""
    try:
        header, *stanzas = _stanzas(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the HPO ontology cannot be read", file=path, remedy="give the folder of an HPO release") from error
    if not stanzas or any("id" not in tags for tags in stanzas):
        raise InputError("this is not an ontology in OBO format", file=path, remedy="take hp.obo from an HPO release")
    terms = [tags for tags in stanzas if "is_obsolete" not in tags]
    ids = tuple(tags["id"][0] for tags in terms)
    index = {term_id: number for number, term_id in enumerate(ids)}
    parents = tuple(tuple(index[parent] for parent in tags.get("is_a", ()) if parent in index) for tags in terms)
    names = tuple(tags.get("name", [""])[0] for tags in terms)
    replaced = {old: new if new in index else "" for old, new in _replacements(stanzas).items() if old not in index}
    release = header.get("data-version", ["of unknown date"])[0].rpartition("/")[2]
    return Ontology(release, ids, names, parents, replaced, index, _invert(parents))
