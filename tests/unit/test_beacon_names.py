"""Variants and genes by name."""

import pysam
import pytest

from tests.beacon_client import faults  # noqa: F401 - puts the Beacon's packages on the path
from workflow.beacon.errors import BeaconError
from workflow.beacon.names import Names
from workflow.cohort_store.model import Variant

SEQUENCE = "ACGTTGCAGG" + "CACACACA" + "GGGTTTACCATGGCTTCTGA" + "TTAGC" * 8
GFF3 = """##gff-version 3
chr1	x	gene	21	50	.	+	.	ID=gene:TINY;Name=TINY;biotype=protein_coding
chr1	x	mRNA	21	50	.	+	.	ID=transcript:NM_000001;Parent=gene:TINY;Name=NM_000001;biotype=protein_coding;tag=MANE_Select
chr1	x	exon	21	50	.	+	.	Parent=transcript:NM_000001
chr1	x	CDS	28	48	.	+	0	Parent=transcript:NM_000001
"""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    folder = tmp_path_factory.mktemp("names")
    (folder / "r.fa").write_text(f">chr1\n{SEQUENCE}\n")
    pysam.faidx(str(folder / "r.fa"))
    (folder / "g.gff3").write_text(GFF3)
    return Names("GRCh38", folder / "r.fa", folder / "g.gff3")


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("NC_000001.11:g.4T>C", (4, "T", "C")),
        ("NC_000001.11:g.17_18del", (10, "GCA", "G")),  # HGVS goes right, VCF left
        ("NC_000001.11:g.17_18dup", (10, "G", "GCA")),
        ("NC_000001.11:g.3_4insT", (3, "G", "GT")),
        ("NC_000001.11:g.3_4delinsAA", (3, "GT", "AA")),
        ("NM_000001:c.1A>C", (28, SEQUENCE[27], "C")),
    ],
)
def test_a_name_is_the_variant_as_vcf_has_it(names: Names, name: str, variant: tuple[int, str, str]) -> None:
    if ":c." in name:
        name = f"NM_000001:c.1{SEQUENCE[27]}>C"
    assert names.variant(name) == Variant("1", *variant)


@pytest.mark.parametrize(
    "name",
    [
        "NC_000001.11:g.4A>C",
        "NC_000001.10:g.4T>C",
        "NC_000002.12:g.4T>C",
        "NM_9:c.1A>C",
        "NM_000001:c.1000A>C",
        "NC_000001.11:g.3_4inv",
        "x",
    ],
)
def test_a_name_that_cannot_be_true_is_refused(names: Names, name: str) -> None:
    with pytest.raises(BeaconError):
        names.variant(name)


def test_genes(names: Names) -> None:
    assert names.gene("TINY") == ("1", 20, 50)
    with pytest.raises(BeaconError, match="not in the gene models"):
        names.gene("BRCA1")
    with pytest.raises(BeaconError, match="no gene models"):
        Names("GRCh38").gene("TINY")
    assert Names("GRCh38").variant("NC_000001.11:g.4T>C") == Variant("1", 4, "T", "C")
