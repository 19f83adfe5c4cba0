"""Every sample and case held against its receipt, in one pass: what is done, what is not, and why in words."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.cohort import Cohort
from workflow.collection import kept_from_collection
from workflow.errors import InputError
from workflow.files import sha256_of
from workflow.phenopackets import read_phenopacket
from workflow.receipts.index import Entry, Index, read_index
from workflow.receipts.judgement import DONE, WHOLE_COHORT, Judgement, units_in
from workflow.receipts.model import Kind, Reason, State, Unit, Verdict, is_of_format_1, load
from workflow.receipts.parts import PartsInUse
from workflow.receipts.plain_digest import digest_of_each, digest_of_value
from workflow.receipts.reasons import changed_inputs, changed_parts, gone, upstream
from workflow.receipts.stages import COHORT, downstream, stages_of
from workflow.receipts.unit_inputs import UnitInputs, digest_of_question

NEW = Verdict(State.NEW, (Reason("receipt", "", "not done yet"),))


def judge(results: Path, assembly: str, cohort: Cohort, parts: PartsInUse, inputs: UnitInputs, checks: str = "") -> Judgement:
    """Return the verdict on each sample and case and on the cohort; the index of receipts is brought up to date.

    Of files, size and date are looked at; one with another date is read, and if its content is the same the new date is remembered.

    Args:
        results: the results folder.
        assembly: name of the reference in use.
        cohort: the sheets.
        parts: what stages are made by now.
        inputs: what is given of each unit now.
        checks: a digest of what the phenopackets of the cohort were checked against.

    Raises:
        InputError: a receipt was changed by hand, is of a newer version, or of another assembly.
    """
    court = _Court(results, assembly, parts, inputs, read_index(results, assembly), root=str(results))
    with kept_from_collection():
        verdicts = ((unit, court.verdict(unit, entry)) for unit, entry in court.index.entries(units_in(cohort)))
        waiting = {unit: verdict for unit, verdict in verdicts if verdict.state is not State.DONE}
    _spread(waiting, cohort)
    waiting = {unit: waiting[unit] for unit in units_in(cohort) if unit in waiting} if waiting else {}
    found = Judgement(cohort, waiting, court.damaged, digest_of_each(seal.hex() for seal in sorted(court.seals)))
    of_cohort = court.of_cohort(found)
    if of_cohort.state is not State.DONE:
        found.waiting[WHOLE_COHORT] = of_cohort
    court.index.checked_under(checks)
    court.index.save(len(found))
    return found


def _spread(waiting: MutableMapping[Unit, Verdict], cohort: Cohort) -> None:
    """Let what is made anew for one member of a case make anew what is made of it for the case and its other members."""
    seen = set()
    for unit in list(waiting):
        case = cohort.samples[unit.name].case if unit.kind is Kind.SAMPLE else unit.name
        if case not in seen:
            seen.add(case)
            family = [Unit(Kind.SAMPLE, member.name) for member in cohort.cases[case].members] + [Unit(Kind.CASE, case)]
            _spread_within(waiting, family)


def _spread_within(waiting: MutableMapping[Unit, Verdict], family: Collection[Unit]) -> None:
    redone = {unit: _stages(unit, waiting.get(unit, DONE)) for unit in family}
    of_case = [unit for unit in family if unit.kind is Kind.CASE]
    from_samples = downstream(frozenset().union(*(redone[unit] for unit in family if unit.kind is Kind.SAMPLE)))
    anew = downstream(frozenset(from_samples & set(stages_of(Kind.CASE))) | frozenset().union(*(redone[unit] for unit in of_case)))
    for unit in family:
        own = set(stages_of(unit.kind))
        stages = downstream(redone[unit]) & own | anew & own
        if unit in waiting:
            waiting[unit] = Verdict(waiting[unit].state, waiting[unit].reasons, frozenset(stages))
        elif stages:
            waiting[unit] = Verdict(State.STALE, (upstream(stages),), frozenset(stages))


def _stages(unit: Unit, verdict: Verdict) -> frozenset[str]:
    """Return the stages that a verdict calls out of date by itself."""
    return frozenset(stages_of(unit.kind)) if verdict.state is State.NEW else verdict.stages


@dataclass
class _Court:
    """What the units of one results folder are judged with."""

    results: Path
    assembly: str
    parts: PartsInUse
    inputs: UnitInputs
    index: Index
    damaged: list[str] = field(default_factory=list)
    seals: list[bytes] = field(default_factory=list)
    root: str = ""
    _places: dict[str, list[str]] = field(default_factory=dict)
    _keys: dict[tuple[Kind, str], str] = field(default_factory=dict)
    _reasons: dict[tuple[str, str], tuple[Reason, ...]] = field(default_factory=dict)

    def verdict(self, unit: Unit, entry: Entry | None) -> Verdict:
        """Return the verdict on a unit by itself; on the cohort see `of_cohort`."""
        entry = self._current(unit, entry)
        if entry is None:
            return NEW
        self.seals.append(bytes.fromhex(entry.seal))
        reasons = [*self._files(unit, entry), *self._parts(unit, entry), *self._inputs(unit, entry), *self._sources(unit, entry)]
        if any(reason.part == "damaged" for reason in reasons):
            return Verdict(State.DAMAGED, tuple(reasons), frozenset(stages_of(unit.kind)))
        if not reasons:
            return DONE
        every = stages_of(unit.kind)
        stages = frozenset(stage for reason in reasons for stage in ([reason.stage] if reason.stage else every))
        return Verdict(State.STALE, tuple(reasons), stages)

    def of_cohort(self, found: Judgement) -> Verdict:
        """Return the verdict on what is made once of all receipts."""
        entry = self._current(WHOLE_COHORT, next(iter(self.index.entries([WHOLE_COHORT])))[1])
        if entry is None:
            return NEW
        reasons = [*self._files(WHOLE_COHORT, entry), *self._parts(WHOLE_COHORT, entry)]
        if found.waiting:
            reasons.append(Reason("upstream", COHORT, "samples or cases are made anew"))
        elif load(self.results / WHOLE_COHORT.file).inputs != {"receipts": found.receipts}:
            reasons.append(Reason("inputs", COHORT, "other receipts than the release was made of", ("receipts",)))
        return Verdict(State.STALE, tuple(reasons), frozenset({COHORT})) if reasons else DONE

    def _current(self, unit: Unit, entry: Entry | None) -> Entry | None:
        """Return the entry of a receipt as it lies there, None where there is none that this version can go on from."""
        try:
            status = os.stat(f"{self.root}/{unit.file}")
        except OSError:
            return None
        at = status.st_size, status.st_mtime_ns
        if entry is not None and entry.at == at:
            return entry
        path = self.results / unit.file
        if is_of_format_1(path):
            return None
        receipt = load(path, self.assembly)
        if receipt.unit != unit:
            raise InputError(f"this receipt is of {receipt.unit.kind} {receipt.unit.name}", file=path, remedy="delete the receipt")
        fresh = self.index.entry_of(receipt, at)
        if entry is not None and entry.seal == fresh.seal:
            fresh.stats, fresh.sources, fresh.inputs = entry.stats, entry.sources, entry.inputs
        self.index.put(unit, fresh)
        return fresh

    def _files(self, unit: Unit, entry: Entry) -> Iterator[Reason]:
        """Give what is wrong with the files of a receipt: gone, or not as they were."""
        anew = False
        stats, stat = entry.stats, os.stat
        for number, pattern in enumerate(self._paths(entry.layout)):
            try:
                status = stat(pattern.replace("{name}", unit.name))
            except OSError:
                yield gone(unit.kind, pattern.removeprefix(f"{self.root}/"))
                continue
            size = stats[2 * number]
            if status.st_size == size and status.st_mtime_ns == stats[2 * number + 1]:
                continue
            file = pattern.removeprefix(f"{self.root}/").replace("{name}", unit.name)
            if status.st_size != size or sha256_of(self.results / file) != self._sha256(unit, file):
                self.damaged.append(file)
                yield Reason("damaged", "", f"{file} is not the file that was checked", (file,))
            else:
                entry.stats[2 * number + 1], anew = status.st_mtime_ns, True
        if anew:
            self.index.put(unit, entry)

    def _paths(self, layout: str) -> list[str]:
        """Return the paths of a layout from the working directory, with `{name}` for the unit's name."""
        if layout not in self._places:
            self._places[layout] = [f"{self.root}/{pattern}" for pattern in self.index.layouts[layout]]
        return self._places[layout]

    def _sha256(self, unit: Unit, file: str) -> str:
        receipt = load(self.results / unit.file, self.assembly)
        return next(output.sha256 for output in receipt.outputs if output.file == file)

    def _parts(self, unit: Unit, entry: Entry) -> tuple[Reason, ...]:
        """Return which parts differ from those in use; worked out once for all units with the same parts."""
        limits = self.inputs.limit_set(unit)
        if (unit.kind, limits) not in self._keys:
            self._keys[unit.kind, limits] = digest_of_value(self.parts.of(unit.kind, limits))
        now = self._keys[unit.kind, limits]
        if entry.parts == now:
            return ()
        if (entry.parts, now) not in self._reasons:
            self._reasons[entry.parts, now] = tuple(changed_parts(self.index.parts[entry.parts], self.parts.of(unit.kind, limits)))
        return self._reasons[entry.parts, now]

    def _inputs(self, unit: Unit, entry: Entry) -> Iterator[Reason]:
        """Give which inputs differ; one digest over all of them is remembered, and the receipt read only where that is another."""
        now = self.inputs.digest(unit)
        if entry.inputs == now:
            return
        digests, before = self.inputs.digests(unit), load(self.results / unit.file).inputs
        if before == digests:
            entry.inputs = now
            self.index.put(unit, entry)
        else:
            yield from changed_inputs(unit.kind, before, digests)

    def _sources(self, unit: Unit, entry: Entry) -> Iterator[Reason]:
        """Give which reads or phenopackets are others than they were. One that is gone is not asked for: what was made of it is there."""
        before = {one[0]: one for one in entry.sources}
        now = dict(self.inputs.sources(unit))
        changed: Counter[str] = Counter()
        for name in before.keys() ^ now.keys():
            changed[_kind_of_source(name)] += 1
        anew = False
        for name, path in now.items():
            if name not in before:
                continue
            same, remembered = _is_same(path, before[name])
            changed[_kind_of_source(name)] += not same
            anew |= remembered
        if anew:
            self.index.put(unit, entry)
        for kind in +changed:
            yield from changed_inputs(unit.kind, {kind: "before"}, {kind: "now"})


def _kind_of_source(name: str) -> str:
    return name.partition(" ")[0]


def _is_same(path: str, known: list[Any]) -> tuple[bool, bool]:
    """Return whether a source is as it was, and whether its new place or date was taken into `known`."""
    name, _, size, date, digest = known
    try:
        status = os.stat(path)
    except OSError:
        return True, False
    if (path, status.st_size, status.st_mtime_ns) == (known[1], size, date):
        return True, False
    if name.startswith("phenopacket"):
        same = digest_of_question(read_phenopacket(Path(path))) == digest
    else:
        same = status.st_size == (size if size is not None else status.st_size) and sha256_of(path) == digest
    if same:
        known[1:4] = [path, status.st_size, status.st_mtime_ns]
    return same, same
