"""Decide what a case may be asked: ordered genes and panels, and the genes of the secondary list that are closed without consent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.files import write_json
from workflow.gene_facts import Phenotype, read_phenotype
from workflow.scope import FITTING_RANK, fits, outside_question, read_secondary_genes
from workflow.symbols import Symbols, read_symbols

NOT_CONFIGURED = "no list of secondary findings is configured, so that no gene is kept back"


def secondary_of(
    genes: Sequence[str], release: str, case: Mapping[str, Any], order: Mapping[str, Any], phenotype: Phenotype, symbols: Symbols
) -> dict[str, Any]:
    """Return `{configured, release, consents, consent, outside, because}`; `outside` are the genes that the question does not ask."""
    fitting = [name for gene in genes for name in symbols.all_names(gene) if fits(phenotype.facts(name))]
    outside = outside_question(genes, order["genes"], fitting, symbols)
    consents = case["consents"]
    consent = consents[case["proband"]] == "yes"
    rule = f"listed genes that are not ordered and that the features do not put among the best {FITTING_RANK}"
    kept = "are told apart, as the proband consents" if consent else "are not looked at, as the proband has not consented"
    return {
        "configured": True,
        "release": release,
        "consents": consents,
        "consent": consent,
        "outside": outside,
        "because": f"{rule} {kept}",
    }


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the scope of one case."""
    case, order = params.case, params.order
    if not params.secondary:
        secondary: dict[str, Any] = {"configured": False, "consent": False, "consents": {}, "outside": [], "because": NOT_CONFIGURED}
    else:
        phenotype = read_phenotype(Path(input.hpo[0]).parent if input.hpo else None, case["terms"], case["phenopacket"])
        symbols = read_symbols(Path(str(input.symbols)) if input.symbols else None)
        genes = read_secondary_genes(Path(str(input.secondary)))
        secondary = secondary_of(genes, params.secondary, case, order, phenotype, symbols)
    write_json(output[0], {"case": case["name"], "order": order, "secondary": secondary})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
