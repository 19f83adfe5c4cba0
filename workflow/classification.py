"""Candidates with all that is known of them: evidence, class, history, transcripts, frequency, ClinVar, tier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.acmg_criteria import judge
from workflow.acmg_gather import Gatherer
from workflow.classification_history import history_of
from workflow.clinvar import clinvar_of
from workflow.cohort_store.case_counts import inhouse_counts
from workflow.effect_words import effect_record, transcript_records
from workflow.ledger import evidence_text, ledger
from workflow.population import population_of
from workflow.variant_keys import Key, key_of
from workflow.variants import AnnotatedVariant

COLUMNS = ("criteria", "tier", "clinvar_stars", "effect", "inhouse")
"""Columns that are added behind those of the ranking."""
ORDERED, AGNOSTIC = "1", "gene-agnostic"
LIKELY = frozenset({"pathogenic", "likely pathogenic"})
Row = dict[str, Any]


@dataclass
class Classifier:
    """What rows are completed with.

    Attributes:
        gatherer: the facts.
        judgements: rows of the evidence sheet by variant.
        sealed: earlier versions (`read_history`).
        order: what is ordered (`order_of`).
        genes_known: gene models were looked at; without them only a person's evidence is counted.
    """

    gatherer: Gatherer
    judgements: Mapping[Key, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    sealed: Sequence[Mapping[str, Any]] = ()
    order: Mapping[str, Any] = field(default_factory=dict)
    genes_known: bool = True

    def complete(self, row: Row, variant: AnnotatedVariant) -> Row:
        """Return a row with its evidence and the rest."""
        facts = self.gatherer.facts(row, variant)
        lines, missing = judge(facts)
        sources = self.gatherer.sources
        clinvar = clinvar_of(variant, sources["clinvar"].release) if "clinvar" in sources else None
        judgements = self.judgements.get(key_of(row), ())
        weighed = ledger(lines, judgements, missing, clinvar)
        if not self.genes_known and not judgements:
            weighed |= {"acmg_points": row["acmg_points"], "class": row["class"]}
        told = evidence_text(weighed)
        done = {**row, **weighed, "evidence": "; ".join(part for part in (told or "no criterion counts", row["evidence"]) if part)}
        done |= {
            "criteria": ",".join(line["code"] for line in weighed["evidence_lines"] if line["points"]),
            "tier": self._tier(row["gene"]),
            "panels": list(self.order.get("of_gene", {}).get(row["gene"], ())),
            "effect": effect_record(facts.consequence, facts.change, facts.namer) if facts.consequence else None,
            "transcripts": transcript_records(variant.consequences),
            "population": population_of(variant).as_record() if "gnomad" in sources else None,
            "inhouse": inhouse_counts(variant).as_record() if "inhouse" in sources else None,
            "clinvar_record": clinvar,
        }
        done["history"] = history_of(done, self.sealed)
        return done

    def _tier(self, gene: str) -> str:
        ordered = self.order.get("genes") or ()
        return "" if not ordered else ORDERED if gene in ordered else AGNOSTIC


def cells(row: Mapping[str, Any]) -> Row:
    """Return a row as the table shows it: the effect as its category, the stars of ClinVar's record, counts of this centre as AC/AN."""
    clinvar, effect = row["clinvar_record"], row["effect"]
    stars = clinvar["stars"] if clinvar else None
    told = "" if clinvar and not clinvar["known"] else "not evaluated" if stars is None else stars
    counts = row.get("inhouse")  # rows of earlier versions have none
    return {
        **row,
        "effect": effect["category"] if effect else "",
        "clinvar_stars": told,
        "inhouse": counts["in_short"] if counts else "not evaluated",
    }


def reportable(row: Mapping[str, Any]) -> bool:
    """Tell whether a variant outside of the question is told to who consents.

    It is if it is (likely) pathogenic by points, or in ClinVar with a star; stars that are not told keep nothing back.
    """
    clinvar = row["clinvar_record"]
    return row["class"] in LIKELY or bool(clinvar and clinvar["severity"] and clinvar["stars"] != 0)


def ranked_anew(rows: Iterable[Row]) -> list[Row]:
    """Return rows numbered from 1."""
    return [{**row, "rank": rank} for rank, row in enumerate(rows, start=1)]
