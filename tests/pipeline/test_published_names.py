"""Published LMNA variants on the demo's real reference and gene models must get their published names. Needs the demo's data."""

import csv

import pytest

from workflow.bases import Bases
from workflow.digests import ROOT
from workflow.gene_models import read_transcripts
from workflow.hgvs_edits import trimmed_change
from workflow.hgvs_names import TranscriptNamer

DEMO = ROOT / "resources/reference/demo"
TABLE = ROOT / "tests/cases/demo/lmna_published.tsv"


def published() -> list[dict[str, str]]:
    with open(TABLE, newline="") as handle:
        return list(csv.DictReader((line for line in handle if not line.startswith("#")), delimiter="\t"))


@pytest.fixture(scope="module")
def namer() -> TranscriptNamer:
    fasta, models = DEMO / "GRCh38.chr1.fa", DEMO / "gene_models.gff3.gz"
    if not (fasta.exists() and models.exists()):
        pytest.skip("the demo's reference is not there: `make demo` prepares it")
    transcripts = read_transcripts(models, genes=["LMNA"])
    return TranscriptNamer(next(item for item in transcripts if item.is_mane), Bases(fasta))


@pytest.mark.parametrize("row", published(), ids=lambda row: row["hgvs_c"])
def test_names_are_the_published_ones(namer, row):
    names = namer.names(trimmed_change("chr1", int(row["position"]), row["ref"], row["alt"]))
    assert (names.coding, names.protein) == (row["hgvs_c"], row["hgvs_p"].replace("(", "").replace(")", "").removesuffix("p.?"))
