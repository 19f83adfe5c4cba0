"""Which samples of a run are not counted, and why: in words that name nobody, for the cohort page."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.cohort import Sample
from workflow.cohort_page.page import PAGE_FILES
from workflow.cohort_store.versions import STORE as STORE_FILE
from workflow.cohort_store.versions import read_version
from workflow.consent.answers import person_of
from workflow.consent.counting import COUNTED, STORE, TUMOUR, Counting
from workflow.digests import code_of, digest_of
from workflow.files import read_json, short_digest

PAGE = "cohort_store/index.html"
"""The page, below the results folder; its data are beside it."""
NOT_YET = "not offered to the store yet"


@dataclass(frozen=True)
class Standing:
    """How the samples of a run stand before the store was asked.

    Attributes:
        chosen: those that are offered to the store.
        why: samples by the reason for which they are not offered.
        cases: cases of the sheet that are not analysed, without consent to diagnosis.
    """

    chosen: Sequence[str]
    why: Mapping[str, Sequence[str]]
    cases: int

    def as_param(self) -> dict[str, Any]:
        """Return it as plain data for a rule's params."""
        return {"chosen": list(self.chosen), "why": {why: list(samples) for why, samples in self.why.items()}, "cases": self.cases}


def standing(counting: Counting, not_analysed: Collection[str]) -> Standing:
    """Return how the samples stand; `not_analysed` are the cases left out without consent to diagnosis."""
    chosen = counting.counted()
    persons = {person_of(counting.cohort.samples[name]) for name in chosen}
    why: dict[str, list[str]] = {}
    for one in counting.cohort.samples.values():
        if one.name not in chosen:
            why.setdefault(_why_not(counting, one, persons), []).append(one.name)
    return Standing(chosen, why, len(not_analysed))


def _why_not(counting: Counting, one: Sample, persons: Collection[str]) -> str:
    person, consents = person_of(one), counting.consents
    if one.role == TUMOUR:
        return "a tumour"
    if why := consents.why_withdrawn(person, STORE, one.name) or consents.why_outdated(person, STORE, one.name):
        return without_days(why)
    return "the same person is counted by another sample" if person in persons else "another of the family is counted"


def without_days(why: str) -> str:
    """Return a reason without its day and number of days, so that people with one reason stand together.

    >>> without_days("the guardian's consent lapsed on 2026-01-05")
    "the guardian's consent lapsed"
    >>> without_days("the register of restrictions was asked 45 days ago, limit 30")
    'the register of restrictions was asked too long ago, limit 30 days'
    """
    why = re.sub(r" on \d{4}-\d\d-\d\d", "", why)
    return re.sub(r"asked \d+ days ago, limit (\d+)", r"asked too long ago, limit \1 days", why)


def left_out(told: Mapping[str, Any], records: Path, inside: Collection[str]) -> dict[str, Any]:
    """Return who is not counted after the store was asked: `{offered, reasons: [{why, samples}], cases_not_analysed}`.

    Args:
        told: as `Standing.as_param` gives it.
        records: results folder, with the record of each sample that was offered.
        inside: samples in the store.
    """
    found: Counter[str] = Counter()
    for why, samples in told["why"].items():
        found[why] += sum(sample not in inside for sample in samples)
    for sample in told["chosen"]:
        if sample not in inside:
            file = records / COUNTED.format(sample=sample)
            found[_refused(read_json(file)["why"], sample) if file.is_file() else NOT_YET] += 1
    offered = len(told["chosen"]) + sum(map(len, told["why"].values()))
    reasons = [{"why": why, "samples": number} for why, number in found.most_common() if number]
    return {"offered": offered, "reasons": reasons, "cases_not_analysed": told["cases"]}


def _refused(why: str, sample: str) -> str:
    """Return why the store did not take a sample, without its name."""
    return re.sub(rf"\b{re.escape(sample)}\b( is not added: )?", lambda match: "" if match[1] else "the sample", why) or NOT_YET


def page_params(counting: Counting, not_analysed: Collection[str]) -> dict[str, Any]:
    """Return what the job that makes the page is told of the run, as plain data.

    `told` is a digest of what the page is made of beside the store: who is left out before it is asked, code and templates. The page's data
    hold it, with the store's version afterwards. `version` is the one before: it lets a job run again that another run's version asks for.
    """
    told = standing(counting, not_analysed).as_param()
    made_by = (code_of("render_cohort"), digest_of(*PAGE_FILES))
    return {"standing": told, "told": short_digest(repr((sorted(told.items()), *made_by))), "version": version_of(counting)}


def page_owed(counting: Counting, not_analysed: Collection[str]) -> list[str]:
    """Return the page if it has to be made: it is not there, of another version of the store, or of other samples, consents or code."""
    file = counting.settings.results / PAGE
    data = file.with_suffix(".json")
    if not counting.targets() and file.is_file() and data.is_file():
        facts, run = read_json(data), page_params(counting, not_analysed)
        if (facts["version"], facts["told"]) == (run["version"], run["told"]):
            return []
    return [str(file)]


def version_of(counting: Counting) -> int | None:
    """Return the store's version, None where there is no store."""
    store = counting.settings.frequency_store
    return read_version(store).number if store and (store / STORE_FILE).is_file() else None
