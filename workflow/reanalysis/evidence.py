"""The dated evidence behind a gained or lost candidate: what one release has that the other has not, as far as it concerns the patient."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workflow.hpo_annotations import patients
from workflow.ontology import Ontology
from workflow.reanalysis.difference import GAINED, Moved, clinvar_words
from workflow.reanalysis.news import News, Statement

MOST_STATEMENTS = 6
Data = Mapping[str, Any]
Record = dict[str, str]


def record(source: str, what: str, date: str, release: str, *, dated_by: str = "the source") -> Record:
    """Return one piece of evidence; `dated_by` is `the source`, or `the release` where it has no day of its own."""
    return {"source": source, "what": what, "date": date, "dated_by": dated_by, "release": release}


def of_hpo(one: Moved, terms: Sequence[Data], news: News | None, dates: tuple[str, str]) -> Iterator[Record]:
    """Give what HPO newly says for a candidate's gene; for a lost one, what it newly says against it and no longer says for it.

    Args:
        one: the candidate.
        terms: the patient's, of the new release.
        news: both releases; None where HPO is the same.
        dates: days of the old and new release. What is gone has no day: it is dated by the release that lacks it.
    """
    if news is None:
        return
    gene, gone, release = one.key[0], one.change != GAINED, news.releases[1]
    said = "no longer linked" if gone else "newly linked"
    for disease in news.links(gene, gone=gone):
        yield record("hpo", f"{said} to {gene}: {news.name_of(disease)}", dates[1], release, dated_by="the release")
    new = _weighed(news, gene, terms, speaks_for=not gone)
    old = _weighed(news, gene, terms, speaks_for=True, gone=True) if gone else []
    for _, statement, day in new[:MOST_STATEMENTS]:
        yield record("hpo", _in_words(statement, news.ontology), day or dates[1], release, dated_by="the source" if day else "the release")
    for _, statement, _ in old[:MOST_STATEMENTS]:
        yield record("hpo", f"gone: {_in_words(statement, news.ontology)}", dates[1], release, dated_by="the release")
    if left := max(0, len(new) - MOST_STATEMENTS) + max(0, len(old) - MOST_STATEMENTS):
        yield record("hpo", f"{left} more annotations of {gene} on the patient's terms", dates[1], release, dated_by="the release")


def _weighed(news: News, gene: str, terms: Sequence[Data], *, speaks_for: bool, gone: bool = False) -> list[tuple[int, Statement, str]]:
    """Return the statements on a gene that concern the patient, the nearest first: those that speak for the disease, or against it."""
    found = [(_near(one, terms, news.ontology), one, day) for one, day in news.of_gene(gene, gone=gone) if _speaks_for(one) == speaks_for]
    return sorted((one for one in found if one[0]), key=lambda one: (-one[0], one[1].term, one[1].disease, one[1].reference))


def _speaks_for(one: Statement) -> bool:
    """Say whether any patient shows the term; `NOT`, `0/2` and `Excluded` say that none does."""
    return patients(one.negation or one.frequency)[0] > 0


def _near(statement: Statement, terms: Sequence[Data], ontology: Ontology) -> int:
    """Return 3 for a statement on one of the observed terms, 2 on a more specific term, 1 on a parent of one, 0 for any other."""
    if statement.term not in ontology.index:
        return 0
    term = ontology.index[statement.term]
    own = [ontology.index[one["id"]] for one in terms if not one["excluded"] and one["id"] in ontology.index]
    if term in own:
        return 3
    if any(number in ontology.ancestors(term) for number in own):
        return 2
    return int(any(term in ontology.parents[number] for number in own))


def _in_words(one: Statement, ontology: Ontology) -> str:
    name = ontology.name(one.term) if one.term in ontology.index else "a term without name"
    frequency = f", {_frequency(one.frequency, ontology)}" if one.frequency else ""
    negation = "not " if one.negation else ""
    return f"{negation}{name} ({one.term}) in {one.name} ({one.disease}){frequency}; {one.reference}"


def _frequency(text: str, ontology: Ontology) -> str:
    return ontology.name(text) if text in ontology.index else f"in {text}"


def of_clinvar(one: Moved, releases: tuple[str, str], date: str) -> Iterator[Record]:
    """Give the change of a variant's record in ClinVar, whose VCF has no day of the record: it is dated by the release."""
    words = clinvar_words(one.old), clinvar_words(one.new)
    records = [row.get("clinvar_record") if row else None for row in (one.old, one.new)]
    if words[0] == words[1] or not any(record_ and record_["known"] for record_ in records):
        return
    allele = next((record_["allele"] for record_ in reversed(records) if record_ and record_["allele"]), "")
    named = f" (allele {allele})" if allele else ""
    yield record("clinvar", f"{words[0]} → {words[1]}{named}", date, releases[1], dated_by="the release")


def of_panels(one: Moved, release: str, date: str) -> Iterator[Record]:
    """Give the panels that the gene came into, or left."""
    old, new = ({place["panel"]: place for place in (row or {}).get("panels", ())} for row in (one.old, one.new))
    here, there, word = (new, old, "new in") if one.change == GAINED else (old, new, "no longer in")
    for name in here.keys() - there.keys():
        place = here[name]
        more = ", ".join(text for text in (f"version {place['version']}" if place["version"] else "", place["confidence"]) if text)
        yield record("panels", f"{one.key[0]} is {word} panel {name}{f' ({more})' if more else ''}", date, release, dated_by="the release")


def of_criteria(one: Moved) -> Iterator[Record]:
    """Give the ACMG lines that count now and did not (for a lost one: counted and do not), each with its own source and day."""
    old, new = (_counted(row) for row in (one.old, one.new))
    here, there, word = (new, old, "counts now") if one.change == GAINED else (old, new, "no longer counts")
    for code in here.keys() - there.keys():
        line = here[code]
        source = f"{line['source']} {line['release']}".strip()
        yield record(
            "acmg", f"{code} {word}: {line['fact']}", line["date"], source, dated_by="the source" if line["date"] else "the release"
        )


def _counted(row: Data | None) -> dict[str, Data]:
    return {line["code"]: line for line in (row or {}).get("evidence_lines", ()) if line["points"]}


def of_cases(gene: str, counts: tuple[int, int], release: str, date: str) -> Iterator[Record]:
    """Give how many solved cases of a gene there were and are."""
    if counts[0] != counts[1]:
        yield record("solved_cases", f"solved cases of {gene}: {counts[0]} → {counts[1]}", date, release, dated_by="the release")


def newest(evidence: Iterable[Record]) -> str:
    """Return the newest day among pieces of evidence, empty without any."""
    return max((one["date"] for one in evidence), default="")
