import gzip

import pytest

from workflow.errors import InputError
from workflow.gene_models import exons_of_gene, read_transcripts
from workflow.transcript import Position, TranscriptMap

GFF3 = """##gff-version 3
chr1\tx\tgene\t11\t90\t.\t-\t.\tID=gene:ENSG1;Name=ABC;biotype=protein_coding
chr1\tx\tmRNA\t11\t90\t.\t-\t.\tID=transcript:ENST1;Parent=gene:ENSG1;biotype=protein_coding;tag=basic;version=3
chr1\tx\texon\t71\t90\t.\t-\t.\tParent=transcript:ENST1
chr1\tx\texon\t11\t30\t.\t-\t.\tParent=transcript:ENST1
chr1\tx\tCDS\t71\t85\t.\t-\t0\tID=CDS:P1;Parent=transcript:ENST1
chr1\tx\tCDS\t20\t30\t.\t-\t1\tID=CDS:P1;Parent=transcript:ENST1
chr1\tx\tmRNA\t11\t90\t.\t-\t.\tID=transcript:ENST2.1;Parent=gene:ENSG1;biotype=protein_coding;tag=basic,MANE_Select
chr1\tx\texon\t11\t30\t.\t-\t.\tParent=transcript:ENST2.1,transcript:ENST3
chr1\tx\tCDS\t20\t30\t.\t-\t2\tParent=transcript:ENST2.1
chr2\tx\tncRNA_gene\t1\t50\t.\t+\t.\tID=gene:ENSG2;biotype=lncRNA
chr2\tx\tlnc_RNA\t1\t50\t.\t+\t.\tID=transcript:ENST4;Parent=gene:ENSG2;biotype=lncRNA;tag=Ensembl_canonical
chr2\tx\texon\t1\t50\t.\t+\t.\tParent=transcript:ENST4
"""


@pytest.fixture
def models(tmp_path):
    path = tmp_path / "genes.gff3.gz"
    path.write_bytes(gzip.compress(GFF3.encode()))
    return path


def test_read_transcripts_keeps_blocks_ascending_and_names_complete(models):
    first, second, third = read_transcripts(models)
    assert (first.id, first.source_id, first.gene, first.gene_id) == ("ENST1.3", "ENST1", "ABC", "ENSG1")
    assert first.exons == ((10, 30), (70, 90))
    assert first.exons_in_order == ((70, 90), (10, 30))
    assert first.cds == ((19, 30), (70, 85))
    assert (first.strand, first.phase, first.cds_length) == ("-", 0, 26)
    assert (second.id, second.phase, second.cds_length) == ("ENST2.1", 2, 11)
    assert (third.gene, third.cds, third.biotype) == ("ENSG2", (), "lncRNA")


def test_read_transcripts_names_a_canonical_one_only_where_the_file_does_not(models):
    flags = {item.id: (item.is_mane, item.is_canonical) for item in read_transcripts(models)}
    assert flags == {"ENST1.3": (False, False), "ENST2.1": (True, True), "ENST4": (False, True)}


def test_read_transcripts_keeps_the_tag_mane_plus_clinical(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text(GFF3.replace("MANE_Select", "MANE_Plus_Clinical"))
    flags = {item.id: (item.is_mane, item.is_plus_clinical) for item in read_transcripts(path)}
    assert flags["ENST2.1"] == (False, True)
    assert not flags["ENST1.3"][1]


def test_read_transcripts_takes_the_longest_coding_sequence_without_mane(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text(GFF3.replace(",MANE_Select", ""))
    assert [item.id for item in read_transcripts(path) if item.is_canonical] == ["ENST1.3", "ENST4"]


@pytest.mark.parametrize(
    ("filters", "kept"), [({"genes": ["ABC"]}, 2), ({"genes": {"ENSG2"}}, 1), ({"contigs": ["chr2"]}, 1), ({"genes": []}, 0)]
)
def test_read_transcripts_keeps_what_is_wanted(models, filters, kept):
    assert len(read_transcripts(models, **filters)) == kept


def test_exons_of_gene_prefers_mane_and_starts_at_the_five_prime_end(models):
    transcripts = read_transcripts(models)
    found = exons_of_gene(transcripts, "ABC")
    assert found is not None
    assert (found[0].id, found[1]) == ("ENST2.1", ((10, 30),))
    assert exons_of_gene(transcripts, "XYZ") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("##gff-version 3\n", "holds no transcript"),
        ("chr1\tx\texon\n", "row 1"),
        (GFF3.replace("\t71\t90", "\tseventy\t90"), "row 4"),
        (GFF3.replace("CDS\t71\t85", "CDS\t71\t95"), "outside its exons"),
        (GFF3.replace("\t-\t", "\t.\t"), "no strand"),
    ],
)
def test_read_transcripts_refuses_what_is_no_gene_model(tmp_path, content, message):
    path = tmp_path / "genes.gff3"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_transcripts(path)


def test_read_transcripts_refuses_models_of_other_contigs(models):
    with pytest.raises(InputError, match="it names chr2, they are named like 1"):
        read_transcripts(models, contigs=["1", "2"])


def test_read_transcripts_refuses_a_cut_file(tmp_path, models):
    path = tmp_path / "cut.gff3.gz"
    path.write_bytes(models.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_transcripts(path)


@pytest.mark.parametrize(
    ("base", "position"),
    [
        (89, Position(0, 0)),
        (70, Position(19, 0)),
        (69, Position(19, 1)),
        (50, Position(19, 20)),
        (49, Position(20, -20)),
        (30, Position(20, -1)),
        (29, Position(20, 0)),
        (10, Position(39, 0)),
    ],
)
def test_transcript_map_counts_against_the_strand(models, base, position):
    assert TranscriptMap(read_transcripts(models)[0]).position(base) == position


def test_transcript_map_counts_the_middle_of_an_odd_intron_from_upstream(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text(GFF3.replace("exon\t71", "exon\t72").replace("CDS\t71", "CDS\t72"))
    positions = TranscriptMap(read_transcripts(path)[0])
    assert positions.position(50) == Position(18, 21)
    assert positions.position(49) == Position(19, -20)


def test_transcript_map_numbers_exons_and_introns_from_five_prime(models):
    positions = TranscriptMap(read_transcripts(models)[0])
    assert [positions.number(base) for base in (80, 50, 15)] == [("exon", 1), ("intron", 1), ("exon", 2)]
    assert positions.coding == (5, 31)
    assert positions.position(90) is None
    assert positions.position(9) is None
