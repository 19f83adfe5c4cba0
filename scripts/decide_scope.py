"""Decide which genes of the secondary list belong to a case's question, and who consents to be told of the others.

Genes that do not belong to the question are counted and not named, so that no file of the case names them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.files import write_json
from workflow.gene_facts import GeneFacts, Phenotype, phenotype_of
from workflow.scope import outside_question, read_secondary_genes
from workflow.symbols import Symbols, read_symbols

FITTING_SCORE = 1.0
"""What makes a gene part of the question by the features: they are ten times as likely with it as with the average gene (log10).

Measured on 947 published patients, each without its own publication (docs/decisions/023-evidence.md): of 24 whose gene is on the ACMG's
list it opens 20, as any threshold from 0.3 to 1.5 does; of the list's other genes, 1.1 of 82 a patient, 0.5 with solved cases.
"""


def fits(facts: GeneFacts) -> bool:
    """Tell whether the features make a gene part of the question."""
    return facts.score is not None and facts.score >= FITTING_SCORE


def scope_of(
    genes: Sequence[str], release: str, case: Mapping[str, Any], ordered: Sequence[str], phenotype: Phenotype, symbols: Symbols
) -> dict[str, Any]:
    """Return `{case, release, consents, consent, inside, outside, because}`; `outside` is a number of genes."""
    names = {name: gene for gene in genes for name in symbols.all_names(gene)}
    inside = [name for name in names if fits(phenotype.facts(name))]
    inside += [gene for gene in ordered if set(symbols.all_names(gene)) & set(names)]
    consents = case["consents"]
    consent = consents[case["proband"]] == "yes"
    rule = f"genes of the list that are not ordered and that the features do not make {10**FITTING_SCORE:g} times likelier than average"
    kept = "are told apart, as the proband consents" if consent else "are not looked at, as the proband has not consented"
    return {
        "case": case["name"],
        "release": release,
        "consents": consents,
        "consent": consent,
        "inside": list(dict.fromkeys(inside)),
        "outside": sum(bool(outside_question([gene], inside, symbols)) for gene in genes),
        "because": f"{rule} {kept}",
    }


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the scope of one case."""
    case = params.case
    phenotype = phenotype_of(input, params)
    symbols = read_symbols(Path(str(input.symbols)) if input.symbols else None)
    genes = read_secondary_genes(Path(str(input.secondary)))
    write_json(output[0], scope_of(genes, params.release, case, params.ordered, phenotype, symbols))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
