"""Why a result changed: of what differs between two versions, only what lies upstream of it.

Where one difference alone lies upstream, it is the cause; where several do, the cause is one of them (or some together); where none
does, the change is unexplained, and a person must look: something differs that provenance does not know.
"""

from collections.abc import Collection, Iterable, Sequence

from workflow.call_changes import source_of
from workflow.chain_places import EVERYWHERE
from workflow.changes import CALLS, CANDIDATES, Change, Kind
from workflow.version_differences import Difference

UNEXPLAINED = "unexplained"
OF_CALLS = {"input", "alignment", "karyotype", "calls"}
OF_QUALITY = {"input", "alignment", "coverage", "decision"}
OF_RANKING = {"ranking", "status gene_models", "status gnomad", "status hpo"} | {
    f"knowledge {name}" for name in ("hpo", "solved_cases", "laboratory", "clinvar", "dosage", "panels")
}
"""Of the sources, those that ranking and evidence read themselves; ClinVar's neighbours weigh even where the variant's own record stays."""
SEX_METRIC = "sex_matches_order"
CALL_METRICS = ("count_", "ratio_")


class CaseCauses:
    """The causes of the changes of one case. Calls are told first, then annotation, then candidates: what moved a call may move a rank."""

    def __init__(self, found: Sequence[Difference], case: str, members: Collection[str], sources: Collection[str]) -> None:
        self.case, self.members, self.sources = case, members, list(sources)
        self._found = found
        self._of_calls: set[Difference] = set()
        self._of_annotation: set[Difference] = set()
        self._of_verdicts: dict[str, set[Difference]] = {}
        self.calls_moved = False
        """Whether anything about the calls differs, reads and qualities included: these weigh in the ranking too."""

    def of(self, change: Change) -> list[Difference]:
        """Return the differences that lie upstream of a change, in the order of `differences`."""
        upstream = set(self._upstream(change))
        match change.kind:
            case kind if kind in CALLS:
                self._of_calls |= upstream
            case Kind.ANNOTATION:
                upstream |= self._of_calls if change.field == "CSQ.HAPLOTYPE" else set()
                self._of_annotation |= upstream
            case kind if kind in CANDIDATES:
                upstream |= self._of_annotation
            case Kind.VERDICT:
                self._of_verdicts.setdefault(change.sample, set()).update(upstream)
            case Kind.DECISION:
                upstream |= self._verdicts_of(change.sample)
        return [one for one in self._found if one in upstream]

    def _verdicts_of(self, sample: str) -> set[Difference]:
        """Return the causes of the changed verdicts of a sample, or of the whole case if `sample` is empty."""
        return {one for name, causes in self._of_verdicts.items() if not sample or name == sample for one in causes}

    def _upstream(self, change: Change) -> Iterable[Difference]:
        wanted = {EVERYWHERE, *self._places(change)}
        samples = [change.sample] if change.sample and change.kind in {Kind.VERDICT, Kind.DECISION} else self.members
        return (one for one in self._found if one.enters & wanted and one.concerns(self.case, samples))

    def _places(self, change: Change) -> set[str]:
        """Return the places of the chain that lie upstream of a change."""
        if change.kind in CALLS:
            return OF_CALLS
        if change.kind in CANDIDATES:
            return OF_RANKING | (OF_CALLS if self.calls_moved else set())
        if change.kind is Kind.ANNOTATION:
            field = "CSQ" if change.field.startswith("CSQ") else change.field
            return {"annotation", f"knowledge {source_of(field, self.sources) or ''}"}
        if change.kind is Kind.DECISION:
            return set() if self._verdicts_of(change.sample) else OF_QUALITY | OF_CALLS
        if not change.sample:
            return OF_CALLS | {"decision"}
        calls = OF_CALLS if change.field.startswith(CALL_METRICS) else {"karyotype"} if change.field == SEX_METRIC else set()
        return OF_QUALITY | {f"limit {change.field}"} | calls


def in_words(causes: Sequence[Difference]) -> str:
    """Return causes as a cell of changes.tsv: one with both its values, several by name."""
    if not causes:
        return UNEXPLAINED
    if len(causes) == 1:
        return causes[0].in_words()
    return f"one of: {'; '.join(one.name for one in causes)}"
