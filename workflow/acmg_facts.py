"""Everything that the criteria are judged by, gathered for one candidate."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.acmg_points import Line, Strength
from workflow.hgvs_edits import Change
from workflow.hgvs_names import TranscriptNamer
from workflow.population import Population
from workflow.variants import Consequence


@dataclass(frozen=True)
class Release:
    """A source and its release, as lines cite them."""

    name: str
    release: str


@dataclass(frozen=True)
class Dosage:
    """What ClinGen says of a gene's sensitivity to loss: score, day of the judgement."""

    score: str
    date: str


@dataclass(frozen=True)
class Neighbour:
    """A variant of ClinVar in the same codon: name of its protein change, whether (likely) pathogenic, stars, allele id."""

    protein: str
    severity: str
    stars: int
    allele: str
    same_bases: bool


@dataclass(frozen=True)
class Facts:
    """One candidate and what is known of it.

    Attributes:
        row: the candidate of the interpretation: models, de_novo, segregation, posterior, phenotype_score.
        gene: its gene's record of the interpretation (modes, posterior); empty where there is none.
        consequence: on the chosen transcript; None without gene models.
        namer: the chosen transcript; None without gene models.
        others: other coding transcripts of the gene start their protein elsewhere.
        population: counts; None = no source was looked at.
        dosage: of the gene; None = the source has nothing on it, or there is none.
        neighbours: ClinVar's variants of the same codon; None = ClinVar was not looked at.
        upstream: pathogenic variants before the next in-frame start; None = not looked at.
        repeat: the variant lies in a repeat; None = no source of repeats was looked at.
        parentage: the reads of the family show that both parents are the parents.
        sources: releases by name (gene_models, gnomad, clinvar, dosage, repeats, hpo).
    """

    row: Mapping[str, Any]
    gene: Mapping[str, Any] = field(default_factory=dict)
    consequence: Consequence | None = None
    change: Change | None = None
    namer: TranscriptNamer | None = None
    others: bool = False
    population: Population | None = None
    dosage: Dosage | None = None
    neighbours: Sequence[Neighbour] | None = None
    upstream: bool | None = None
    repeat: bool | None = None
    parentage: bool = False
    sources: Mapping[str, Release] = field(default_factory=dict)

    @property
    def terms(self) -> tuple[str, ...]:
        """Sequence Ontology terms on the chosen transcript."""
        return self.consequence.terms if self.consequence else ()

    @property
    def modes(self) -> Collection[str]:
        """How the gene's known diseases are inherited; empty where that is not known."""
        return self.gene.get("modes") or ()

    @property
    def recessive_only(self) -> bool:
        """All known diseases of the gene are recessive."""
        return bool(self.modes) and set(self.modes) == {"autosomal recessive"}

    def line(self, criterion: str, strength: Strength | None, fact: str, source: str, why_not: str = "") -> Line:
        """Return a line that cites a source; one that is not configured is cited as the calls of the case."""
        cited = self.sources.get(source, Release(source, ""))
        return Line(criterion, strength, fact, cited.name, cited.release, date=cited.release, why_not=why_not)
