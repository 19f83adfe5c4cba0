"""A case interpreted with other knowledge: the inputs and params with which the scripts of interpretation and evidence do it.

The scripts themselves do the work (`scripts/rank_candidates.py`, `scripts/classify_candidates.py`), so that a reanalysis can say nothing
else than the workflow would with that knowledge.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workflow.bases import Bases
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.gene_facts import release_of
from workflow.hpo_annotations import pair_file
from workflow.phenotype import PhenotypeModel
from workflow.reanalysis.fields import sources_of, that_may_matter, with_fields
from workflow.reanalysis.terms import terms_in
from workflow.tabix_source import Source

RANKED, RANKED_TABLE, TABLE, INTERPRETATION = "ranked.json", "ranked.tsv", "candidates.tsv", "interpretation.json"
SHORT = "short.vcf"
NOT_READ = "records of the call set without an effect, not looked at again"
Data = Mapping[str, Any]
Main = Callable[..., None]


@dataclass
class Side:
    """One state of knowledge and what cases are done again with beside it.

    Attributes:
        knowledge: sources by name.
        folder: where cases are written, one folder each.
        fields: sources whose fields take the place of those in the calls.
        params: what all cases share: fasta, assembly, par, limits, versions, results, secondary.
    """

    knowledge: Mapping[str, Knowledge]
    folder: Path
    params: Data
    fields: Sequence[Source] = field(default_factory=tuple)

    @classmethod
    def of(cls, knowledge: Mapping[str, Knowledge], changed: Sequence[str], folder: Path, params: Data) -> "Side":
        """Open the `changed` sources that annotate variants; () for the knowledge that the calls were annotated with."""
        return cls(knowledge, folder, params, sources_of((knowledge[name] for name in changed), Bases(params["fasta"])))

    @property
    def hpo(self) -> Path | None:
        """Folder of the HPO release."""
        return self.knowledge["hpo"].path if "hpo" in self.knowledge else None

    def model(self) -> PhenotypeModel | None:
        """Return the model of the HPO release, with the solved cases."""
        solved = self.knowledge.get("solved_cases")
        return release_of(self.hpo, solved.path if solved else None)[1] if self.hpo else None

    def path(self, case: str, name: str) -> Path:
        """Return a file of a case."""
        return self.folder / case / name

    def case_in(self, case: Data) -> tuple[dict[str, Any], list[str]]:
        """Return a case with its terms as this HPO release has them, and what that changed."""
        if not self.hpo:
            return dict(case), []
        terms, notes = terms_in(case["terms"], release_of(self.hpo, self._solved())[0])
        return {**case, "terms": terms}, notes

    def rank(self, case: Data, main: Main) -> None:
        """Rank the candidates of a case."""
        name = case["name"]
        self.path(name, "").mkdir(parents=True, exist_ok=True)
        if self.fields:
            with_fields(str(self._live(name, "cases/{case}/{case}.vcf.gz")), self.path(name, "calls.vcf.gz"), self.fields)
        laboratory = self.knowledge.get("laboratory")
        hpo = [self.hpo / "hp.obo", self.hpo / "phenotype.hpoa", pair_file(self.hpo)] if self.hpo else []
        calls, short = self._calls(name), self.path(name, SHORT)
        left_out = that_may_matter(calls["vcf"], short)
        calls |= {"vcf": str(short), "tbi": ""}
        more = {"hpo": hpo, "laboratory": laboratory.path if laboratory else [], "solved_cases": self._solved() or []}
        inputs = SimpleNamespace(**calls, **more)
        outputs = SimpleNamespace(table=self.path(name, RANKED_TABLE), interpretation=self.path(name, RANKED))
        release = laboratory.release if laboratory else ""
        main(
            input=inputs,
            output=outputs,
            params=SimpleNamespace(case=case, laboratory_release=release, par=self.params["par"], limits=self.params["limits"]),
        )
        short.unlink()
        if left_out:
            _tell(self.path(name, RANKED), left_out)

    def classify(self, case: Data, order: Data, evidence: Sequence[Data], main: Main) -> None:
        """Weigh the evidence of the ranked candidates of a case."""
        name = case["name"]
        clinvar, dosage, symbols = (self.knowledge.get(source) for source in ("clinvar", "dosage", "symbols"))
        secondary, models = self.params["secondary"], self.knowledge.get("gene_models")
        inputs = SimpleNamespace(
            **self._calls(name),
            ranked=self.path(name, RANKED),
            table=self.path(name, RANKED_TABLE),
            secondary=secondary or [],
            symbols=symbols.path if secondary and symbols else [],
            scope=self._live(name, "interpretation/{case}.scope.json") if secondary else [],
            fasta=self.params["fasta"],
            models=models.path if models else [],
            clinvar=clinvar.path if clinvar else [],
            dosage=dosage.path if dosage else [],
        )
        params = SimpleNamespace(
            case=case,
            order=order,
            evidence=evidence,
            clinvar=[clinvar.name, clinvar.path, clinvar.release, clinvar.kind, clinvar.fields] if clinvar else [],
            dosage=dosage.release if dosage else "",
            assembly=self.params["assembly"],
            par=self.params["par"],
            versions=self.params["versions"],
            limits=self.params["limits"],
        )
        main(
            input=inputs,
            output=SimpleNamespace(table=self.path(name, TABLE), interpretation=self.path(name, INTERPRETATION)),
            params=params,
        )

    def rows(self, case: str) -> list[dict[str, Any]] | None:
        """Return the candidates of a case, None if it was not done on this side."""
        file = self.path(case, INTERPRETATION)
        return list(read_json(file)["candidates"]) if file.is_file() else None

    def _solved(self) -> Path | None:
        solved = self.knowledge.get("solved_cases")
        return solved.path if solved else None

    def _live(self, case: str, name: str) -> Path:
        return Path(self.params["results"]) / name.format(case=case)

    def _calls(self, case: str) -> dict[str, str]:
        vcf = self.path(case, "calls.vcf.gz") if self.fields else self._live(case, "cases/{case}/{case}.vcf.gz")
        family, phased = (str(self._live(case, f"family/{{case}}.{end}")) for end in ("family.json", "phased.vcf"))
        return {"vcf": str(vcf), "tbi": f"{vcf}.tbi", "family": family, "phased": phased}


def _tell(ranked: Path, left_out: int) -> None:
    """Put how many records were not read again before the counts of those that were."""
    content = read_json(ranked)
    write_json(ranked, {**content, "counts": {NOT_READ: left_out, **content["counts"]}})


def read_live(results: Path, case: str, digest: str) -> dict[str, Any]:
    """Return the interpretation that a case is held against; `digest` is that of its candidates.tsv, of which the same job made both.

    Raises:
        InputError: it is not the one that the reanalysis was planned on.
    """
    file = results / f"cases/{case}/candidates.tsv"
    if not file.is_file() or sha256_of(file) != digest:
        what = f"the candidates of case {case} changed since the reanalysis was planned"
        raise InputError(what, file=file, remedy="start the reanalysis anew when the workflow has ended")
    found: dict[str, Any] = read_json(results / f"interpretation/{case}.json")
    return found
