"""Published patients become cases: which, with which terms, and what is written for the run."""

import gzip
import json

import pysam
import pytest

from tests.unit.test_spike_variant import HEADER, REFERENCE, read_at
from workflow.errors import InputError
from workflow.phenopackets import read_phenopacket
from workflow.published_spikes import Person, keep_or_write, read_published, spikes_of, write_cohort
from workflow.spiking_indels import changed_fragments


def record(name: str, position: int = 55, alt: str = "A", zygosity: str = "heterozygous", **more) -> dict:
    variant = ["hg38", "chr1", position, REFERENCE[position - 1], alt, zygosity]
    names = [["hgvs.c", "NM_1.2:c.5G>A"], ["hgvs.p", "NP_1.1:p.(Arg2His)"]]
    return {"id": name, "genes": ["HEART1"], "obs": ["HP:0001644"], "exc": [], "vcf": [variant], "hgvs": names, "pmid": "PMID:1"} | more


@pytest.fixture
def place(tmp_path):
    (tmp_path / "ref.fa").write_text(f">chr1\n{REFERENCE}\n")
    (tmp_path / "regions.bed").write_text("chr1\t40\t150\n")
    return tmp_path / "regions.bed", tmp_path / "ref.fa"


def test_spikes_of_gives_one_case_a_variant_and_says_why_others_are_none(place, ontology) -> None:
    wrong = record("wrong")
    wrong["vcf"][0][3] = "A" if REFERENCE[54] != "A" else "C"
    twice = record("twice")
    twice["vcf"] *= 2
    records = [
        record("b"), record("a", obs=[]), record("c", 60, "A"), record("far", 10), record("hemi", zygosity="hemizygous"),
        record("none", vcf=[]), twice, wrong,
    ]  # fmt: skip
    spikes, left_out = spikes_of(records, *place, ontology)
    assert [(one.case, one.patient, one.patients) for one in spikes] == [
        (f"HEART1-55-{REFERENCE[54]}-A", "b", ("b", "a")),
        (f"HEART1-60-{REFERENCE[59]}-A", "c", ("c",)),
    ], "of two patients with a variant, one with terms is taken"
    assert spikes[0].names == {"c": "NM_1.2:c.5G>A", "p": "NP_1.1:p.(Arg2His)"}
    assert left_out == {
        "outside of the regions that have reads": 1, "of another assembly, or with one copy alone": 1, "no variant or no gene recorded": 1,
        "more than one variant recorded": 1, "REF is not the reference's": 1,
    }  # fmt: skip


def test_spikes_of_keeps_terms_that_the_release_knows_and_never_both_ways(place, ontology) -> None:
    one = record("a", obs=["HP:0001644", "HP:9999999"], exc=["HP:0001644", "HP:0000365"])
    (spike,), _ = spikes_of([one], *place, ontology)
    assert (spike.observed, spike.excluded, spike.unknown_terms) == (("HP:0001644",), ("HP:0000365",), 1)


def test_write_cohort_gives_what_the_workflow_reads_and_no_new_dates(place, ontology, tmp_path) -> None:
    spikes, _ = spikes_of([record("a", exc=["HP:0000365"])], *place, ontology)
    write_cohort(tmp_path / "work", spikes, tmp_path / "data", "female", ontology)
    question = read_phenopacket(tmp_path / "work/phenopackets" / f"{spikes[0].case}.json")
    assert question.subject == spikes[0].case
    assert [(term.id, term.excluded) for term in question.terms] == [("HP:0001644", False), ("HP:0000365", True)]
    config = json.loads((tmp_path / "work/config.yaml").read_text())
    assert config["knowledge"]["hpo"]["release"] == ontology.release
    before = (tmp_path / "work/samples.tsv").stat().st_mtime_ns
    write_cohort(tmp_path / "work", spikes, tmp_path / "data", "female", ontology)
    assert (tmp_path / "work/samples.tsv").stat().st_mtime_ns == before


def test_keep_or_write_replaces_what_differs(tmp_path) -> None:
    keep_or_write(tmp_path / "a/b", b"1")
    keep_or_write(tmp_path / "a/b", b"2")
    assert (tmp_path / "a/b").read_bytes() == b"2"


def test_person_writes_half_of_the_fragments_or_all(place, ontology, tmp_path) -> None:
    reads = [read_at(45, name=f"p{number}", reverse=number % 2 == 1) for number in range(8)]
    bam = tmp_path / "x.bam"
    with pysam.AlignmentFile(str(bam), "wb", header=HEADER) as out:
        for read in reads:
            out.write(read)
    pysam.index(str(bam))
    sequences = [read.get_forward_sequence() for read in reads]
    text = "".join(f"@p{number}\n{sequence}\n+\n{'I' * 20}\n" for number, sequence in enumerate(sequences))
    files = [tmp_path / f"{mate}.fastq.gz" for mate in (1, 2)]
    for path, content in zip(files, (text, ""), strict=True):
        path.write_bytes(gzip.compress(content.encode()))
    for zygosity, changed in (("heterozygous", 4), ("homozygous", 8)):
        (spike,), _ = spikes_of([record("a", zygosity=zygosity)], *place, ontology)
        written = Person(bam, files, place[1]).write(spike, tmp_path / zygosity)
        lines = gzip.decompress((tmp_path / zygosity / f"{spike.case}_1.fastq.gz").read_bytes()).decode().splitlines()
        assert (written.over, written.changed) == (8, changed)
        assert sum(new != old for new, old in zip(lines[1::4], sequences, strict=True)) == changed
        assert lines[3::4] == ["I" * 20] * 8, "qualities stay"
        assert lines[4] == f"@p1 {spike.case}"


def test_changed_fragments_leaves_what_no_name_is_known_of() -> None:
    assert changed_fragments([], {"p"}, None, lambda _first, _last: "") == ({}, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"{", b'{"id": 1}', b'[{"id": 1}]', b"[1]"])
def test_read_published_refuses_what_is_no_list_of_patients(content, tmp_path) -> None:
    (tmp_path / "cases.json").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_published(tmp_path / "cases.json")
