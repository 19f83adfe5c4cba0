"""What an HPO release and solved cases say about genes for one patient: score, probability, best disease, share of each term."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from workflow.cohort import Measurement
from workflow.hpo_annotations import Mode, pair_file
from workflow.laboratory import FromLaboratory, join_terms, read_laboratory_table, terms_of_results
from workflow.ontology import Ontology, read_ontology
from workflow.phenotype import OUTSIDE, PhenotypeModel, Ranking
from workflow.phenotype_load import load_model
from workflow.term_shares import Shares, onset_of, shares_of

LISTED_GENES = 50
LISTED_DISEASES = 10
PRIOR = (
    "each of {genes} genes with a known disease or a solved case is equally likely beforehand; "
    "with probability {outside:g} the cause is none that this knowledge describes"
)
Terms = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class GeneFacts:
    """What is known of one gene; `score` (log10, against the average gene) and `rank` are None without terms or a known disease."""

    symbol: str
    score: float | None = None
    posterior: float | None = None
    rank: int | None = None
    disease: tuple[str, str] | None = None
    terms: tuple[dict[str, Any], ...] = ()
    silence: float = 0.0
    usual: float = 0.0
    modes: frozenset[Mode] = frozenset()
    onset: Mapping[str, Any] = field(default_factory=dict)
    diseases: tuple[dict[str, Any], ...] = ()
    solved_cases: int = 0

    @property
    def matched(self) -> int:
        """Number of observed terms that speak for the disease."""
        return sum(term["share"] > 0 for term in self.terms)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; the shares of the terms, `not_told_log_lr` and `usual_log_lr` add up to `phenotype_score`."""
        return {
            "symbol": self.symbol,
            "phenotype_score": self.score,
            "posterior": self.posterior,
            "rank": self.rank,
            "disease": dict(zip(("id", "name"), self.disease, strict=True)) if self.disease else None,
            "terms": list(self.terms),
            "not_told_log_lr": round(self.silence, 3),
            "usual_log_lr": round(self.usual, 3),
            "solved_cases": self.solved_cases,
            "onset": dict(self.onset),
            "diseases": list(self.diseases),
            "modes": sorted(self.modes),
        }


@dataclass
class Phenotype:
    """A patient's terms held against an HPO release; without one, or without observed terms, only what remains is said.

    Attributes:
        terms: the patient's terms as plain data {id, label, excluded}, with the labels of the release, those of the laboratory among them.
        notes: laboratory results that gave no term, and why.
        modes: modes of inheritance by gene; `number` and `ranks`: position and rank of each gene.
    """

    terms: list[dict[str, Any]]
    notes: tuple[str, ...] = ()
    model: PhenotypeModel | None = None
    ranking: Ranking | None = None
    modes: Mapping[str, frozenset[Mode]] = field(default_factory=dict)
    number: Mapping[str, int] = field(default_factory=dict)
    ranks: Sequence[int] = ()

    @property
    def prior(self) -> str:
        """The prior of the posterior, in words; empty without a ranking."""
        return PRIOR.format(genes=len(self.ranking.genes), outside=OUTSIDE) if self.ranking else ""

    def facts(self, symbol: str) -> GeneFacts:
        """Return what is known of a gene."""
        modes = self.modes.get(symbol, frozenset())
        if self.ranking is None or self.model is None or symbol not in self.number:
            return GeneFacts(symbol, modes=modes)
        gene, ranking = self.number[symbol], self.ranking
        best = ranking.best_disease(gene)
        observed, excluded = self._used()
        shares = shares_of(self.model, ranking, [self.model.ontology.index[term["id"]] for term in excluded], gene)
        return GeneFacts(
            symbol,
            round(float(ranking.genes[gene]), 3),
            float(f"{ranking.posterior[gene]:.4g}"),
            self.ranks[gene],
            ranking.annotations.diseases[best],
            tuple(_with_shares([*observed, *excluded], shares)),
            shares.not_told,
            shares.usual,
            modes,
            onset_of(self.model, best, self.terms),
            tuple(self._diseases(gene)),
            int(ranking.solved_cases[gene]),
        )

    def _used(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return [term for term in self.terms if not term["excluded"]], [term for term in self.terms if term["excluded"]]

    def _diseases(self, gene: int) -> Iterable[dict[str, Any]]:
        """Give the diseases of a gene, best first, each with its score before solved cases and the average gene are taken into account."""
        assert self.ranking is not None
        own = self.ranking.annotations.disease_of[self.ranking.annotations.gene_of == gene]
        scores = self.ranking.diseases
        for number in sorted(own.tolist(), key=lambda one: -scores[one])[:LISTED_DISEASES]:
            identifier, name = self.ranking.annotations.diseases[number]
            yield {"id": identifier, "name": name, "score": round(float(scores[number]), 3)}

    def posteriors_among(self, symbols: Iterable[str]) -> dict[str, float]:
        """Return the probability of each gene where the cause is one of these or, with the prior's probability, none that is known.

        They sum to 1 less that probability; genes without a known disease are left out.
        """
        if self.ranking is None:
            return {}
        chosen = {symbol: float(10 ** self.ranking.genes[self.number[symbol]]) for symbol in symbols if symbol in self.number}
        total = sum(chosen.values())
        return {symbol: float(f"{(1 - OUTSIDE) * value / total:.4g}") for symbol, value in chosen.items()} if total else {}

    def not_looked_at(self, results: int, *, laboratory: bool, solved_cases: bool) -> dict[str, str]:
        """Return what of the phenotype was not looked at, with the reason; `results` is the number of laboratory results."""
        missing = {}
        if results and self.model is not None and not laboratory:
            missing["laboratory"] = f"{results} results are in the phenopacket, and no laboratory table is configured"
        if self.ranking is not None and not solved_cases:
            missing["solved_cases"] = "not configured"
        return missing

    def best_genes(self) -> list[str]:
        """Return the symbols of the genes that fit best, best first; none without observed terms."""
        order = sorted(self.number, key=lambda symbol: (self.ranks[self.number[symbol]], symbol)) if len(self.ranks) else []
        return order[:LISTED_GENES]


def _with_shares(terms: Terms, shares: Shares) -> Iterable[dict[str, Any]]:
    """Give each term with its share; `kind` is observed, excluded, laboratory or imaging."""
    for term, share, because in zip(terms, shares.terms, shares.because, strict=True):
        kind = term.get("kind") or ("excluded" if term["excluded"] else "observed")
        record = {"id": term["id"], "label": term["label"], "kind": kind, "excluded": term["excluded"]}
        source = {"source": term["source"]} if term.get("source") else {}
        yield record | source | {"log_lr": round(share, 3), "share": round(share, 3), "because": because}


def read_phenotype(
    hpo: Path | None,
    terms: Terms,
    file: str | None = None,
    *,
    measurements: Sequence[Measurement] = (),
    laboratory: tuple[Path, str] | None = None,
    solved_cases: Path | None = None,
    without: Sequence[str] = (),
) -> Phenotype:
    """Hold terms {id, label, excluded} and laboratory results against the HPO release in the folder `hpo`.

    `laboratory` is path and release of the table that turns results into terms; of `solved_cases`, a file, those with an identifier or
    source in `without` do not count.

    Raises:
        InputError: a term is not in the release or is obsolete (`file`, the phenopacket, is named), or a file of the release is wrong.
    """
    if hpo is None:
        return Phenotype([dict(term) for term in terms])
    ontology, model = release_of(hpo, solved_cases)
    labelled = [{**term, "label": ontology.names[ontology.require(term["id"], file=file)]} for term in terms]
    joined = _with_laboratory(labelled, measurements, laboratory, ontology)
    found = Phenotype(list(joined.terms), joined.notes, model, modes=model.annotations.modes_by_gene())
    numbers = [(ontology.index[term["id"]], term["excluded"]) for term in joined.terms]
    if observed := [number for number, excluded in numbers if not excluded]:
        found.ranking = model.rank(observed, [number for number, excluded in numbers if excluded], without)
        found.ranks = found.ranking.ranks().tolist()
        found.number = {symbol: number for number, symbol in enumerate(model.annotations.genes)}
    return found


def release_of(hpo: Path, solved_cases: Path | None = None) -> tuple[Ontology, PhenotypeModel]:
    """Return ontology and model of a release, kept for the next case of the same process.

    Raises:
        InputError: a file of the release is missing or is not what its name says.
    """
    files = [hpo / "hp.obo", hpo / "phenotype.hpoa", pair_file(hpo), *([solved_cases] if solved_cases else [])]
    return _release(hpo, solved_cases, tuple(map(_stamp, files)))


def _stamp(file: Path) -> tuple[int, int]:
    """Return when a file was changed and its bytes; zeros for one that is not there, of which the reader tells."""
    return (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else (0, 0)


@lru_cache(maxsize=2)
def _release(hpo: Path, solved_cases: Path | None, _stamps: tuple[tuple[int, int], ...]) -> tuple[Ontology, PhenotypeModel]:
    ontology = read_ontology(hpo / "hp.obo")
    return ontology, load_model(hpo, ontology, solved_cases)


def _with_laboratory(
    terms: Terms, measurements: Sequence[Measurement], laboratory: tuple[Path, str] | None, ontology: Ontology
) -> FromLaboratory:
    if not measurements:
        return FromLaboratory(tuple(map(dict, terms)))
    if laboratory is None:
        note = f"{len(measurements)} laboratory results of the phenopacket were not used: no `knowledge.laboratory` is configured"
        return FromLaboratory(tuple(map(dict, terms)), (note,))
    path, release = laboratory
    return join_terms(terms, terms_of_results(measurements, read_laboratory_table(path), release, ontology), ontology)


def phenotype_of(input: Any, params: Any) -> Phenotype:
    """Return the phenotype of a case from a rule's input (hpo, laboratory, solved_cases) and params (case, laboratory_release).

    Raises:
        InputError: as `read_phenotype`.
    """
    case = params.case
    return read_phenotype(
        Path(input.hpo[0]).parent if input.hpo else None,
        case["terms"],
        case["phenopacket"],
        measurements=[Measurement(**one) for one in case["measurements"]],
        laboratory=(Path(str(input.laboratory)), params.laboratory_release) if input.laboratory else None,
        solved_cases=Path(str(input.solved_cases)) if input.solved_cases else None,
        without=case["names"],
    )
