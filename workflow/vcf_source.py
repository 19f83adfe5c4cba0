"""A knowledge source in VCF: INFO values of the same allele, compared after trimming; the source must be left-aligned, as releases are."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from workflow.bases import Bases
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.hgvs_edits import trimmed_change
from workflow.schema import nearest
from workflow.tabix_source import InfoField, Site, TabixFile

DEFAULT_FIELDS = {
    "clinvar": ("ALLELEID", "CLNSIG", "CLNREVSTAT", "CLNDN", "CLNSIGCONF"),
    "gnomad": ("AF", "AC", "AN", "nhomalt", "AF_grpmax", "AF_popmax", "grpmax", "popmax"),
    "inhouse": ("AC", "AN", "AF", "nhomalt", "nhemi"),
}
"""Fields taken where the config names none: those of them that the release has."""

CHECKED_RECORDS = 200
TOLERATED_MISMATCHES = 0.05
_INFO = re.compile(r'^##INFO=<ID=([^,]+),Number=([^,]+),Type=([^,]+),Description="((?:[^"\\]|\\.)*)"')
Allele = tuple[int, str, str]


class VcfSource:
    """Looks alleles up in an indexed VCF.

    Raises:
        InputError: no index, no records, no contig in common, bases of another assembly, or a field that the file lacks.
    """

    def __init__(self, knowledge: Knowledge, bases: Bases) -> None:
        self.knowledge = knowledge
        self._file = TabixFile(knowledge, bases.lengths)
        declared = {match[1]: match.groups() for line in self._file.header() if (match := _INFO.match(line))}
        self._fields = self._chosen(declared)
        self._written_as = {name: f"{knowledge.name}_{name}" for name in self._fields}
        self._per_allele = {name: declared[name][1] for name in self._fields}
        self.info = [self._info(*declared[name]) for name in self._fields] or [
            InfoField(f"{knowledge.name}_MATCH", "1", "String", f"yes: the allele is in {knowledge.name} {knowledge.release}")
        ]
        self._check_assembly(bases)
        self.matched = 0

    def _chosen(self, declared: Iterable[str]) -> tuple[str, ...]:
        names = set(declared)
        for field in self.knowledge.fields:
            if field not in names:
                what = f"knowledge source {self.knowledge.name} has no INFO field {field} ({nearest(field, names)})"
                raise InputError(what, file=self.knowledge.path, remedy="mend `fields`")
        defaults = tuple(field for field in DEFAULT_FIELDS.get(self.knowledge.name, ()) if field in names)
        if self.knowledge.name in DEFAULT_FIELDS and not (self.knowledge.fields or defaults):
            raise InputError(
                f"has none of the INFO fields expected of {self.knowledge.name}", file=self.knowledge.path, remedy="name `fields`"
            )
        return self.knowledge.fields or defaults

    def _info(self, name: str, number: str, kind: str, description: str) -> InfoField:
        """Return the field as written here: one ALT a record, so a value an allele is one value."""
        source = f"{self.knowledge.name} {self.knowledge.release}".replace('"', "'")
        if kind == "Flag":
            number, kind = "1", "String"
        return InfoField(f"{self.knowledge.name}_{name}", "1" if number in "AR" else number, kind, f"{description} ({source})")

    def _check_assembly(self, bases: Bases) -> None:
        """Refuse a file whose reference bases are not this reference's."""
        compared = wrong = 0
        for contig in self._file.names:
            for line in self._file.first(contig, CHECKED_RECORDS):
                _, pos, _, ref, _ = line.split("\t", 5)[:5]
                known = bases.get(contig, int(pos) - 1, int(pos) - 1 + len(ref))
                if "N" not in known:
                    compared, wrong = compared + 1, wrong + (known != ref.upper())
            if compared >= CHECKED_RECORDS:
                break
        if wrong > compared * TOLERATED_MISMATCHES:
            what = f"{wrong} of the first {compared} records of knowledge source {self.knowledge.name} do not match the reference"
            raise InputError(what, file=self.knowledge.path, remedy="give the release for this assembly")

    def look_up(self, contig: str, sites: Sequence[Site]) -> list[dict[str, str]]:
        """Return the INFO values of each of the sorted `sites` of a contig; an empty dict where the source lacks the allele."""
        wanted: defaultdict[Allele, list[int]] = defaultdict(list)
        for at, site in enumerate(sites):
            wanted[_allele(site.pos, site.ref, site.alt)].append(at)
        places = {site.pos for site in sites}
        found: list[dict[str, str]] = [{} for _ in sites]
        for line in self._file.around(contig, sites):
            pos, _, ref, alts = line.split("\t", 5)[1:5]
            if int(pos) not in places and len(ref) == 1:
                continue
            for number, alt in enumerate(alts.split(",")):
                for at in wanted.get(_allele(int(pos), ref, alt), ()):
                    self.matched += not found[at]
                    found[at] = found[at] or self._values(line, number)
        return found

    def _values(self, line: str, number: int) -> dict[str, str]:
        if not self._fields:
            return {self.info[0].id: "yes"}
        info = {}
        for item in line.split("\t", 8)[7].split(";"):
            key, equals, value = item.partition("=")
            if key in self._per_allele:
                info[key] = value if equals else "yes"
        taken = {self._written_as[name]: self._of_allele(name, info[name], number) for name in self._fields if name in info}
        return {name: value for name, value in taken.items() if value != "."}

    def _of_allele(self, name: str, value: str, number: int) -> str:
        offset = {"A": 0, "R": 1}.get(self._per_allele[name])
        parts = value.split(",")
        return value if offset is None or number + offset >= len(parts) else parts[number + offset]


def _allele(pos: int, ref: str, alt: str) -> Allele:
    """Return an allele in its shortest form, comparable between files: 0-based start, bases removed, bases put in."""
    if len(ref) == len(alt) == 1:
        return pos - 1, ref, alt
    change = trimmed_change("", pos, ref, alt)
    return change.start, change.ref, change.alt
