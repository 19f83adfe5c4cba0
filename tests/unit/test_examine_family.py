import json
import random
import re
from pathlib import Path
from types import SimpleNamespace

import pysam
import pytest

from scripts.examine_family import main
from tests.unit.small_bam import header_of, other, random_bases, read_of, write_bam, write_fasta
from workflow.parental_reads import SUBSTITUTION_ERROR, count_alleles
from workflow.phase_sites import merged_stretches, read_phase
from workflow.sites import make_site

SEQUENCE = random_bases(3000, 5)
HEAD = (
    '##fileformat=VCFv4.2\n##FILTER=<ID=Low,Description="Low">\n##contig=<ID=chr1,length=3000>\n'
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences">\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">\n##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">\n'
    '##genvej_knowledge=<ID=gnomad,Status=not_evaluated,Release="">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tkid\tmum\tdad\n'
)
MEMBERS = [
    {"sample": "kid", "role": "proband", "sex": "female", "affected": "yes", "mother": "", "father": ""},
    {"sample": "mum", "role": "mother", "sex": "female", "affected": "no", "mother": "", "father": ""},
    {"sample": "dad", "role": "father", "sex": "male", "affected": "no", "mother": "", "father": ""},
]
NEW, CARRIED = 1000, 1400  # 1-based


def record(pos, kid, mum, dad, *, gene="G", filters="PASS"):
    ref, alt = SEQUENCE[pos - 1], other(SEQUENCE[pos - 1])
    impact = "MODERATE" if gene else "MODIFIER"
    name = gene or "G"
    csq = f"CSQ={alt}|missense_variant|{impact}|{name}|{name}|T|protein_coding|1/1|T:c.1A>G|||YES|1|||"
    calls = {"het": "0/1:15,15:30:99", "ref": "0/0:30,0:30:90", "hom": "1/1:0,30:30:90", "none": "./.:.:.:.", "thin": "0/0:5,0:5:15"}
    return "\t".join(["chr1", str(pos), ".", ref, alt, "60", filters, csq, "GT:AD:DP:GQ", *(calls[one] for one in (kid, mum, dad))]) + "\n"


def reads_with(position, share, depth, seed, *, error=0.0):
    dice, reads = random.Random(seed), []
    for number in range(depth):
        start = position - 1 - dice.randrange(20, 80)
        bases = [other(base) if dice.random() < error else base for base in SEQUENCE[start : start + 100]]
        if number < share * depth:
            bases[position - 1 - start] = other(SEQUENCE[position - 1])
        reads.append(read_of(header_of({"chr1": SEQUENCE}), start, "100M", "".join(bases), name=f"r{number}"))
    return reads


@pytest.fixture
def people(tmp_path: Path) -> SimpleNamespace:
    """Write calls, reads and reference of a trio."""
    write_fasta(tmp_path / "ref.fa", {"chr1": SEQUENCE})
    lines = [record(NEW, "het", "ref", "ref"), record(1200, "het", "het", "ref", gene=""), record(CARRIED, "het", "het", "ref")]
    lines += [record(1600, "hom", "ref", "hom"), record(1700, "het", "thin", "ref"), record(1800, "het", "none", "ref", filters="Low")]
    (tmp_path / "calls.vcf").write_text(HEAD + "".join(lines))
    vcf = pysam.tabix_index(str(tmp_path / "calls.vcf"), preset="vcf", force=True)
    header = header_of({"chr1": SEQUENCE})
    shares = {"kid": 0.5, "mum": 0.1, "dad": 0.0}
    bams = [write_bam(tmp_path / f"{name}.bam", header, reads_with(NEW, share, 40, 3)) for name, share in shares.items()]
    karyotypes = []
    for name, used in (("kid", "XX"), ("mum", "XX"), ("dad", "unknown")):
        karyotypes.append(tmp_path / f"{name}.json")
        karyotypes[-1].write_text(json.dumps({"used": used}))
    (tmp_path / "roh.txt").write_text("# none\n")
    (tmp_path / "territory.bed").write_text("chr1\t0\t3000\n")
    return SimpleNamespace(vcf=vcf, crams=bams, karyotypes=karyotypes, roh=tmp_path / "roh.txt", territory=tmp_path / "territory.bed",
                           fasta=str(tmp_path / "ref.fa"))  # fmt: skip


def examine(people: SimpleNamespace, folder: Path):
    output = SimpleNamespace(family=folder / "family.json", sites=folder / "sites.vcf", stretches=folder / "stretches.bed")
    case = {"name": "c", "proband": "kid", "members": MEMBERS}
    limits = {"max_frequency": 0.01, "min_depth": 10, "min_mapping_quality": 20}
    main(input=people, output=output, params=SimpleNamespace(case=case, par=[], limits=limits))
    return json.loads(output.family.read_text()), output


def test_main_counts_the_parents_reads_where_a_variant_may_be_new_and_nowhere_else(people, tmp_path):
    found, _ = examine(people, tmp_path)
    assert [name.split(":")[1] for name in found["reads"]] == ["1000", "1700"]
    counts = next(iter(found["reads"].values()))
    assert {name: (one["alt"], one["ref"]) for name, one in counts.items()} == {"mum": (4, 36), "dad": (0, 40)}
    assert [one["karyotype"] for one in found["members"]] == ["XX", "XX", None]


def test_main_counts_mendelian_errors_of_confident_passed_calls(people, tmp_path):
    found, _ = examine(people, tmp_path)
    row = found["mendelian"]["by_chromosome"][0]
    assert (row["sites"], row["in_neither_parent"], row["nothing_from_the_mother"], row["nothing_from_the_father"]) == (4, 1, 1, 0)
    assert found["consanguinity"]["statement"] == "not evaluated"
    assert found["parentage"]["mother"]["verdict"] == "not evaluated"


def test_main_asks_a_phase_for_neighbouring_candidates_of_a_gene_with_what_lies_between(people, tmp_path):
    _, output = examine(people, tmp_path)
    with pysam.VariantFile(str(output.sites)) as calls:
        assert [record.pos for record in calls] == [1000, 1200, 1400, 1700]
    assert output.stretches.read_text() == "chr1\t0\t2700\n"
    assert read_phase(output.sites) == {}


def test_main_asks_no_phase_for_a_bare_call_where_genes_are_closed(people, tmp_path):
    bare = re.sub(r"CSQ=\S+", ".", record(1300, "het", "ref", "ref"))
    for header, expected in (("", [1000, 1200, 1300, 1400, 1700]), ('##genvej_closed=<Genes=2,Release="r">\n', [1000, 1200, 1400, 1700])):
        lines = [record(pos, "het", "ref", "ref", gene="" if pos == 1200 else "G") for pos in (NEW, 1200, CARRIED, 1700)]
        (tmp_path / "closed.vcf").write_text(HEAD.replace("#CHROM", f"{header}#CHROM") + "".join([*lines[:2], bare, *lines[2:]]))
        people.vcf = pysam.tabix_index(str(tmp_path / "closed.vcf"), preset="vcf", force=True)
        _, output = examine(people, tmp_path)
        with pysam.VariantFile(str(output.sites)) as calls:
            assert [one.pos for one in calls] == expected


def test_stretches_that_touch_are_one():
    assert merged_stretches([("chr2", 5, 9), ("chr1", 1, 5), ("chr1", 5, 8), ("chr1", 9, 12)]) == [
        ("chr1", 1, 8),
        ("chr1", 9, 12),
        ("chr2", 5, 9),
    ]


@pytest.mark.parametrize(("error", "low", "high"), [(0.0, SUBSTITUTION_ERROR, SUBSTITUTION_ERROR), (0.03, 0.004, 0.012)])
def test_count_alleles_measures_the_errors_of_the_same_reads(tmp_path, error, low, high):
    write_fasta(tmp_path / "ref.fa", {"chr1": SEQUENCE})
    bam = write_bam(tmp_path / "a.bam", header_of({"chr1": SEQUENCE}), reads_with(1500, 0.1, 200, 9, error=error))
    with pysam.FastaFile(str(tmp_path / "ref.fa")) as fasta, pysam.AlignmentFile(str(bam)) as reads:
        counted = count_alleles(reads, fasta, make_site(fasta, "chr1", 1499, SEQUENCE[1499], other(SEQUENCE[1499])), 20)
    assert counted.alt == pytest.approx(20, abs=6)
    assert low <= counted.error <= high
    assert counted.is_mosaic


def test_count_alleles_counts_a_fragment_once_and_drops_one_whose_mates_disagree(tmp_path):
    write_fasta(tmp_path / "ref.fa", {"chr1": SEQUENCE})
    header, changed = header_of({"chr1": SEQUENCE}), list(SEQUENCE[450:550])
    changed[50] = other(SEQUENCE[500])
    variant, plain = "".join(changed), SEQUENCE[450:550]
    reads = [read_of(header, 450, "100M", bases, name=name) for name, bases in
             (("both", variant), ("both", variant), ("apart", variant), ("apart", plain), ("ref", plain))]  # fmt: skip
    reads += [read_of(header, 450, "100M", variant, name="weak", quality=10), read_of(header, 450, "100M", variant, name="dup", flag=1024),
              read_of(header, 450, "100M", variant, name="astray", mapq=5)]  # fmt: skip
    bam = write_bam(tmp_path / "a.bam", header, reads)
    with pysam.FastaFile(str(tmp_path / "ref.fa")) as fasta, pysam.AlignmentFile(str(bam)) as file:
        counted = count_alleles(file, fasta, make_site(fasta, "chr1", 500, SEQUENCE[500], other(SEQUENCE[500])), 20)
    assert (counted.ref, counted.alt, counted.other) == (1, 1, 0)
