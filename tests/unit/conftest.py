"""What several unit tests start from: the small HPO release of tests/cases/interpretation."""

from pathlib import Path

import pytest

from workflow.hpo_annotations import Annotations, read_annotations
from workflow.ontology import Ontology, read_ontology

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return read_ontology(HPO / "hp.obo")


@pytest.fixture(scope="module")
def annotations(ontology: Ontology) -> Annotations:
    return read_annotations(HPO, ontology)
