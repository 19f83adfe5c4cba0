"""A knowledge source in BED: values of the intervals that a variant's reference bases overlap."""

from collections.abc import Sequence
from urllib.parse import quote

from workflow.bases import Bases
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.tabix_source import InfoField, Site, TabixFile


class BedSource:
    """Looks positions up in a bgzipped, indexed BED; `fields` name its columns from the fourth on.

    Raises:
        InputError: no index, no records, no contig in common, or fewer columns than `fields`.
    """

    def __init__(self, knowledge: Knowledge, bases: Bases) -> None:
        self.knowledge = knowledge
        self._file = TabixFile(knowledge, bases.lengths)
        release = f"{knowledge.name} {knowledge.release}".replace('"', "'")
        names = knowledge.fields or ("OVERLAP",)
        text = "column of the overlapping intervals" if knowledge.fields else "yes: overlaps an interval"
        self.info = [InfoField(f"{knowledge.name}_{name}", ".", "String", f"{text} ({release})") for name in names]
        self.matched = 0

    def look_up(self, contig: str, sites: Sequence[Site]) -> list[dict[str, str]]:
        """Return the values of each of the sorted `sites` of a contig; an empty dict where no interval overlaps."""
        intervals = [self._interval(line) for line in self._file.around(contig, sites)]
        found: list[dict[str, str]] = []
        waiting, open_ = intervals[::-1], []
        for site in sites:
            start, end = site.pos - 1, site.pos - 1 + len(site.ref)
            while waiting and waiting[-1][0] < end:
                open_.append(waiting.pop())
            open_ = [interval for interval in open_ if interval[1] > start]
            found.append(self._joined([interval for interval in open_ if interval[0] < end]))
        self.matched += sum(map(bool, found))
        return found

    def _interval(self, line: str) -> tuple[int, int, list[str]]:
        column = line.split("\t")
        values = column[3 : 3 + len(self.info)] if self.knowledge.fields else ["yes"]
        if len(values) < len(self.info):
            what = f"knowledge source {self.knowledge.name} has {len(column)} columns, too few for its `fields`"
            raise InputError(what, file=self.knowledge.path, remedy="name only columns that are there")
        return int(column[1]), int(column[2]), values

    def _joined(self, intervals: Sequence[tuple[int, int, list[str]]]) -> dict[str, str]:
        if not intervals:
            return {}
        columns = zip(*(values for _, _, values in intervals), strict=True)
        texts = [
            ",".join(dict.fromkeys(quote(value, safe="") if set(value) & set(";,=% \t") else value for value in column))
            for column in columns
        ]
        return {field.id: text for field, text in zip(self.info, texts, strict=True)}
