"""Options and samples that the demo does not have: two sexes, chunks, the other caller and aligner, lanes, a read-only reference."""

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pysam
import pytest

from tests.pipeline import simulated_people as simulated
from tests.pipeline import tiny_person as tiny
from tests.pipeline.conftest import ROOT, prepare_data
from workflow.intervals import intersection, merged, read_bed

pytestmark = pytest.mark.long

CONFIG = """samples: samples.tsv
units: units.tsv
reference: {{name: GRCh38, fasta: {fasta}}}
regions: regions.bed
calling: {{scatter_bp: {scatter_bp}, assemble: {assemble}}}
caller: {caller}
"""
SHEET = "sample\tcase\trole\tsex\taffected\n"
TWO_CHUNKS, ONE_CHUNK = 100_000, 25_000_000


def genvej(work: Path, *more: str, path: str | None = None) -> str:
    """Run the workflow in a working directory as a user does, to its end; return what it said."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", str(len(os.sched_getaffinity(0))), *more]
    env = os.environ | ({"PATH": path} if path else {})
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr


def read_json(path: Path) -> dict:
    return json.loads(path.read_text())


# --- two sexes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """A finished run, and what each person in it carries."""

    work: Path
    carried: dict[str, list[simulated.Carried]]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Run a man with a brother whose reads lie outside the regions, a woman, and a man who was ordered as a woman."""
    prepare_data()
    work = tmp_path_factory.mktemp("people")
    sequence = simulated.pasted()
    simulated.write_reference(work / "reference.fa", sequence)
    carried = {
        "erik": simulated.write_person(work, "erik", sequence, sex="male", seed=1),
        "freja": simulated.write_person(work, "freja", sequence, sex="female", seed=2),
        "svend": simulated.write_person(work, "svend", sequence, sex="male", seed=3),
    }
    simulated.write_person(work, "tom", {simulated.ELSEWHERE: sequence[simulated.ELSEWHERE]}, sex="male", seed=4)
    rows = ["erik\terik\tproband\tmale\tyes", "tom\terik\tsibling\tmale\tno", "freja\tfreja\tproband\tfemale\tyes"]
    (work / "samples.tsv").write_text(SHEET + "\n".join([*rows, "svend\tsvend\tproband\tfemale\tyes", ""]))
    units = "".join(f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\n" for name in (*carried, "tom"))
    (work / "units.tsv").write_text("sample\tunit\tfastq_1\tfastq_2\n" + units)
    (work / "config.yaml").write_text(CONFIG.format(fasta="reference.fa", scatter_bp=TWO_CHUNKS, caller="gatk", assemble="unclear"))
    genvej(work)
    return People(work, carried)


def copy_of(people: People, folder: Path, **config: object) -> Path:
    """Copy a finished run, under another config; the reference and its indexes stay where they are."""
    shutil.copytree(people.work, folder, ignore=shutil.ignore_patterns("reference.*", "release", "provenance"))
    fasta = people.work / "reference.fa"
    (folder / "config.yaml").write_text(
        CONFIG.format(**{"fasta": fasta, "scatter_bp": TWO_CHUNKS, "caller": "gatk", "assemble": "unclear"} | config)
    )
    return folder


def calls_of(vcf: Path, sample: str) -> dict[tuple[str, int, str, str], tuple[int | None, ...]]:
    """Return the genotype of each PASS call that a sample has, alleles sorted."""
    with pysam.VariantFile(str(vcf)) as calls:
        found = {
            (call.contig, call.pos, call.ref, (call.alts or ("",))[0]): tuple(call.samples[sample]["GT"])
            for call in calls
            if set(call.filter.keys()) <= {"PASS"}
        }
    return {key: tuple(sorted(alleles)) if None not in alleles else alleles for key, alleles in found.items()}


def expected(carried: list[simulated.Carried]) -> dict[tuple[str, int, str, str], tuple[int, ...]]:
    return {(one.contig, one.pos, one.ref, one.alt): tuple(sorted(one.alleles)) for one in carried}


def alternate(calls: dict[tuple[str, int, str, str], tuple[int | None, ...]]) -> dict[tuple[str, int, str, str], tuple[int | None, ...]]:
    return {key: alleles for key, alleles in calls.items() if any(alleles)}


def variants(people: People, case: str) -> Path:
    return people.work / f"results/cases/{case}/{case}.vcf.gz"


@pytest.mark.parametrize("sample", ["erik", "freja", "svend"])
def test_every_variant_is_called_with_as_many_copies_as_the_person_has(people: People, sample: str) -> None:
    assert alternate(calls_of(variants(people, sample), sample)) == expected(people.carried[sample])


def test_a_mans_x_and_y_have_one_copy_and_the_pseudoautosomal_region_two(people: People) -> None:
    calls = alternate(calls_of(variants(people, "erik"), "erik"))
    copies = {
        place: {len(alleles) for key, alleles in calls.items() if key[0] == place.contig and 0 < key[1] - place.start <= place.length}
        for place in (simulated.AUTOSOME, simulated.PAR, simulated.X, simulated.Y)
    }
    assert copies == {simulated.AUTOSOME: {2}, simulated.PAR: {2}, simulated.X: {1}, simulated.Y: {1}}


def test_a_woman_has_nothing_on_y_and_is_released(people: People) -> None:
    with pysam.VariantFile(str(people.work / "results/samples/freja/freja.g.vcf.gz")) as gvcf:
        assert "chrY" not in {record.contig for record in gvcf}
    assert "chrY" not in {key[0] for key in calls_of(variants(people, "freja"), "freja")}
    decision = read_json(people.work / "results/samples/freja/release.json")
    assert decision["decision"] == "release"
    assert {metric["name"]: metric["verdict"] for metric in decision["metrics"]}["sex_matches_order"] == "pass"


def test_a_mans_reads_ordered_as_a_womans_hold_the_release(people: People) -> None:
    assert read_json(people.work / "results/coverage/svend.karyotype.json")["agrees"] is False
    decision = read_json(people.work / "results/samples/svend/release.json")
    assert decision["decision"] == "hold"
    assert decision["reasons"] == ["sex as ordered: no (ordered female, measured XY)"]
    case = read_json(people.work / "results/cases/svend/release.json")
    assert case["decision"] == "hold"
    assert "ordered female, measured XY" in (people.work / "results/cases/svend/report.html").read_text()


def test_a_sample_without_a_read_in_the_regions_is_unknown_everywhere_and_never_reference(people: People) -> None:
    assert not any(any(allele is not None for allele in alleles) for alleles in calls_of(variants(people, "erik"), "tom").values())
    qc = read_json(people.work / "results/samples/tom/qc.json")["metrics"]
    assert (qc["mean_autosome_coverage"]["value"], qc["pct_callable"]["value"]) == (0, 0)
    assert read_json(people.work / "results/samples/tom/release.json")["decision"] == "resequence"
    assert (people.work / "results/cases/erik/report.html").stat().st_size


def test_chunks_change_no_call_even_where_a_deletion_lies_across_their_boundary(people: People, tmp_path: Path) -> None:
    calls, gvcf = "results/small_variants/erik.vcf.gz", "results/samples/erik/erik.g.vcf.gz"
    work = copy_of(people, tmp_path / "one", scatter_bp=ONE_CHUNK)
    assert "gatk_haplotypecaller" in genvej(work, calls, gvcf)
    first, second = ((people.work / f"results/reference/chunks/00{number}.bed").read_text().split("\n") for number in (1, 2))
    boundary = f"{simulated.Y.start + simulated.BOUNDARY}"
    assert (first[-2].split("\t")[2], second[0].split("\t")[1]) == (boundary, boundary)
    assert records(work / calls) == records(people.work / calls)
    assert [line for line in records(work / gvcf) if not is_block(line)] == [
        line for line in records(people.work / gvcf) if not is_block(line)
    ]
    assert covered(work / gvcf) == covered(people.work / gvcf)


def test_assembling_everywhere_changes_no_genotype(people: People, tmp_path: Path) -> None:
    calls = {name: f"results/small_variants/{name}.vcf.gz" for name in ("erik", "freja")}
    work = copy_of(people, tmp_path / "everywhere", assemble="everywhere")
    genvej(work, *calls.values())
    for name, vcf in calls.items():
        found = alternate(calls_of(work / vcf, name))
        assert found
        assert found == alternate(calls_of(people.work / vcf, name))


@pytest.mark.parametrize("name", ["erik", "freja"])
def test_gvcf_speaks_of_each_base_of_the_territory_in_one_block_or_call(people: People, name: str) -> None:
    gvcf = people.work / f"results/samples/{name}/{name}.g.vcf.gz"
    absent = {"chrY"} if name == "freja" else set()
    owed = {contig: spans for contig, spans in read_bed(people.work / "results/reference/territory.bed").items() if contig not in absent}
    assert {contig: intersection(spans, covered(gvcf)[contig]) for contig, spans in owed.items()} == owed
    boundary = f"{simulated.Y.start + simulated.BOUNDARY + 1}"  # a deletion of the first chunk reaches into the second
    last: dict[str, int] = {}
    for line in records(gvcf):
        contig, pos, _, ref, _, _, _, info = line.split("\t")[:8]
        assert not is_block(line) or int(pos) > last.get(contig, 0) or pos == boundary
        end = int(info.removeprefix("END=")) if is_block(line) else int(pos) + len(ref) - 1
        last[contig] = max(last.get(contig, 0), end)


def test_relative_who_is_like_the_reference_is_called_so_and_not_missing(people: People, tmp_path: Path) -> None:
    work = copy_of(people, tmp_path / "family")
    rows = ["erik\tfamily\tproband\tmale\tyes", "freja\tfamily\tmother\tfemale\tno", ""]
    (work / "samples.tsv").write_text(SHEET + "\n".join(rows))
    units = (work / "units.tsv").read_text().splitlines(keepends=True)
    (work / "units.tsv").write_text("".join(line for line in units if not line.startswith(("svend", "tom"))))
    genvej(work, "results/small_variants/family.vcf.gz")
    own, mother = (
        {key: alleles for key, alleles in expected(people.carried[name]).items() if key[0] == "chr21"} for name in ("erik", "freja")
    )
    called = calls_of(work / "results/small_variants/family.vcf.gz", "freja")
    only_his = [key for key in own if key[:2] not in {other[:2] for other in mother}]
    assert only_his
    assert {key: called.get(key) for key in only_his} == dict.fromkeys(only_his, (0, 0))


def records(vcf: Path) -> list[str]:
    with gzip.open(vcf, "rt") as lines:
        return [line for line in lines if not line.startswith("#")]


def is_block(line: str) -> bool:
    """Tell whether a line of a gVCF is a stretch like the reference; one is cut where a chunk ends."""
    return line.split("\t")[4] == "<NON_REF>"


def covered(gvcf: Path) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches that a gVCF speaks of, 0-based half-open."""
    found: dict[str, list[tuple[int, int]]] = {}
    with pysam.VariantFile(str(gvcf)) as calls:
        for call in calls:
            found.setdefault(call.contig, []).append((call.start, call.stop))
    return {contig: merged(stretches) for contig, stretches in found.items()}


def test_freebayes_calls_a_man_and_a_woman_together_with_their_own_copies(people: People, tmp_path: Path) -> None:
    work = copy_of(people, tmp_path / "freebayes", caller="freebayes", scatter_bp=ONE_CHUNK)
    rows = ["erik\tfamily\tproband\tmale\tyes", "tom\tfamily\tsibling\tmale\tno", "freja\tfamily\tmother\tfemale\tno", ""]
    (work / "samples.tsv").write_text(SHEET + "\n".join(rows))
    units = (work / "units.tsv").read_text().splitlines(keepends=True)
    (work / "units.tsv").write_text("".join(line for line in units if not line.startswith("svend")))
    genvej(work)
    vcf = work / "results/cases/family/family.vcf.gz"
    for sample in ("erik", "freja"):
        calls = calls_of(vcf, sample)
        assert {key: calls.get(key) for key in expected(people.carried[sample])} == expected(people.carried[sample])
    assert not any(allele is not None for alleles in calls_of(vcf, "tom").values() for allele in alleles)
    assert not any(key[0] == "chrY" and any(allele is not None for allele in alleles) for key, alleles in calls_of(vcf, "freja").items())
    with pysam.VariantFile(str(vcf)) as calls:
        assert "FreebayesQual20" in calls.header.filters
    for sample in ("erik", "freja", "tom"):
        check_gvcf(work / f"results/samples/{sample}/{sample}.g.vcf.gz", sample)
        assert read_json(work / f"results/samples/{sample}/release.json")["versions"]["freebayes"] == "1.3.6"


def check_gvcf(gvcf: Path, sample: str) -> None:
    """Refuse a gVCF that bcftools finds fault with, that cannot be looked up by place, or that is not of the sample."""
    checked = subprocess.run(["bcftools", "view", "-o", "/dev/null", str(gvcf)], capture_output=True, text=True, check=True)
    assert not checked.stderr
    with pysam.VariantFile(str(gvcf)) as calls:
        assert list(calls.header.samples) == [sample]
        list(calls.fetch(simulated.X.contig, simulated.X.start, simulated.X.start + 1000))


# --- aligner, lanes, reference ----------------------------------------------------------------------------------------------


def path_without(folder: Path, program: str) -> str:
    """Return a PATH on which everything is found as now but one program."""
    folder.mkdir()
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        for file in place.iterdir() if place.is_dir() else ():
            if file.name != program and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    return str(folder)


def test_without_minibwa_bwa_aligns_and_everything_says_so(tmp_path: Path) -> None:
    work = tiny.write_person(tmp_path / "work")
    note = "minibwa is not installed here: reads are aligned with bwa 0.7.17 instead"
    assert f"genvej: {note}\n" in genvej(work, path=path_without(tmp_path / "bin", "minibwa"))
    release = read_json(work / "results/samples/anna/release.json")
    assert release["versions"]["bwa"].startswith("0.7.17")
    assert "minibwa" not in release["versions"]
    assert note in release["notes"]
    assert "bwa" in {tool["name"] for tool in read_json(work / "results/provenance/tools.json")["tools"]}


@pytest.mark.parametrize("aligner", ["minibwa", "bwa"])
def test_lanes_are_joined_and_duplicates_marked_across_those_of_one_library(tmp_path: Path, aligner: str) -> None:
    work = tiny.write_person(tmp_path)
    (work / "config.yaml").write_text(tiny.CONFIG + f"aligner: {aligner}\n")
    write_lanes(work)
    genvej(work)
    with pysam.AlignmentFile(str(work / "results/samples/anna/anna.cram"), reference_filename=str(work / "reference.fa")) as cram:
        header = cram.header.to_dict()
        reads = [(read.get_tag("RG"), read.query_name, read.is_duplicate) for read in cram]
    assert [(group["ID"], group["LB"]) for group in header["RG"]] == [("anna.L1", "A"), ("anna.L2", "A"), ("anna.L3", "B")]
    assert [program["PN"] for program in header["PG"]].count(aligner) == 1
    assert len(reads) == 2 * 3 * 200
    copies = {(group, name) for group, name, duplicate in reads if duplicate}
    assert len(copies) == 100
    assert {group for group, _ in copies} <= {"anna.L1", "anna.L2"}


def write_lanes(work: Path) -> None:
    """Write three lanes with the same read names. Their first 100 fragments are the same, and no other two begin at one place."""
    with pysam.FastaFile(str(work / "reference.fa")) as fasta:
        sequence = fasta.fetch("chrM")
    for number, (lane, first) in enumerate((("L1", 40), ("L2", 20), ("L3", 60))):
        starts = [*range(0, 10_000, 100), *range(10_000 + first, 16_000 + first, 60)]
        write_lane(work / lane, sequence, starts, random.Random(number))
    rows = [f"anna\t{lane}\t{lane}_1.fq.gz\t{lane}_2.fq.gz\t{library}" for lane, library in (("L1", "A"), ("L2", "A"), ("L3", "B"))]
    (work / "units.tsv").write_text("\n".join(["sample\tunit\tfastq_1\tfastq_2\tlibrary", *rows, ""]))


def write_lane(stem: Path, sequence: str, starts: list[int], dice: random.Random) -> None:
    """Write pairs that begin at `starts` (0-based), with base qualities of their own."""
    with gzip.open(f"{stem}_1.fq.gz", "wt") as first, gzip.open(f"{stem}_2.fq.gz", "wt") as second:
        for number, start in enumerate(starts):
            fragment = sequence[start : start + tiny.FRAGMENT]
            quality = dice.choice("FGHI") * tiny.READ
            mate = fragment[-tiny.READ :].translate(tiny.COMPLEMENT)[::-1]
            first.write(f"@pair{number}/1\n{fragment[: tiny.READ]}\n+\n{quality}\n")
            second.write(f"@pair{number}/2\n{mate}\n+\n{quality}\n")


def test_compressed_reference_in_a_folder_that_is_never_written(tmp_path: Path) -> None:
    work = tiny.write_person(tmp_path / "work")
    folder = tmp_path / "reference"
    folder.mkdir()
    (work / "reference.fa").rename(folder / "reference.fa")
    (work / "reference.fa.fai").unlink()
    subprocess.run(["bgzip", str(folder / "reference.fa")], check=True)
    folder.chmod(0o555)
    text = tiny.CONFIG.replace("reference.fa}", f"{folder}/reference.fa.gz, index: indexes}}").replace("freebayes", "gatk")
    (work / "config.yaml").write_text(text)
    genvej(work)
    assert [path.name for path in folder.iterdir()] == ["reference.fa.gz"]
    assert (work / "indexes/reference.dict").exists()
    assert [key[:2] for key in alternate(calls_of(work / "results/cases/case1/case1.vcf.gz", "anna"))] == [("chrM", 8001)]
    assert (work / "results/cases/case1/report.html").stat().st_size
