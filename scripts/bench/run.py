"""Runs one chain on one set of reads in a working folder of its own and says what it cost: ours as it is, the others by their Snakefile."""

import csv
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.bench.costs import Cost, Run, measured
from scripts.bench.score import Score, score
from scripts.bench.sets import ReadSet
from scripts.setup.common import ROOT
from workflow.files import write_json

OTHERS = ROOT / "benchmarks" / "chains" / "Snakefile"
OUR_JAVA, OUR_PAIR_HMM = "-Xmx3g -XX:+UseSerialGC", "--native-pair-hmm-threads 1"


def stock_java() -> str:
    """Return the option that starts Java as GATK's own launcher does: with Java's archive of classes, not the one that `make env` adds."""
    archive = Path(shutil.which("java") or "java").resolve().parent.parent / "lib" / "server" / "classes.jsa"
    return f"-XX:SharedArchiveFile={archive}" if archive.exists() else "-Xshare:off"


SETTINGS: dict[str, dict[str, str]] = {
    "classical": {"chain": "classical", "java": stock_java(), "pair_hmm": ""},
    "classical-our-jvm": {"chain": "classical", "java": OUR_JAVA, "pair_hmm": OUR_PAIR_HMM},
    "light": {"chain": "light", "java": "", "pair_hmm": ""},
}
OURS = "ours"
CHAINS = (OURS, *SETTINGS)


@dataclass
class Result:
    """What one chain cost and found on one set; `extra` are stages that only we have, outside the sum; disk in MB."""

    reads: str
    chain: str
    run: Run
    alignment_mb: float
    extra: dict[str, Cost] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)


def run_chain(chain: str, reads: ReadSet, work: Path, cores: int, scoring: bool) -> Result:
    """Run a chain from FASTQ to filtered VCF in `work`, which is emptied before and removed after."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    result = run_ours(reads, work, cores) if chain == OURS else run_other(chain, reads, work, cores)
    if scoring:
        for person in reads.people:
            calls = work / (f"results/small_variants/{case_of(person.name)}.vcf.gz" if chain == OURS else f"calls/{person.name}.vcf.gz")
            result.scores += score(reads.fasta, person.truth, person.bed, calls, person.name)
    shutil.rmtree(work)
    return result


def case_of(sample: str) -> str:
    """Return the case of a sample: each is a case of its own."""
    return f"case_{sample}"


def our_command(work: Path, cores: int, *targets: str, config: str = "aligner=minibwa") -> list[str]:
    """Return the command of our own workflow for some of its files; `config` is one key and its value."""
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work), "--configfile", str(work / "config.yaml")]
    return [*command, "--config", config, "--cores", str(cores), "--quiet", "rules", "--", *targets]


def write_our_inputs(reads: ReadSet, work: Path) -> None:
    """Write config and sheets for our workflow."""
    samples = [["sample", "case", "role", "sex", "affected"]]
    units = [["sample", "unit", "fastq_1", "fastq_2"]]
    for person in reads.people:
        samples.append([person.name, case_of(person.name), "proband", person.sex, "unknown"])
        units += [[person.name, f"L{number}", str(first), str(second)] for number, (first, second) in enumerate(person.lanes, start=1)]
    for name, rows in (("samples", samples), ("units", units)):
        with open(work / f"{name}.tsv", "w", newline="", encoding="utf-8") as handle:
            csv.writer(handle, delimiter="\t", lineterminator="\n").writerows(rows)
    reference = {"name": reads.assembly, "fasta": str(reads.fasta)}
    config = {"samples": "samples.tsv", "units": "units.tsv", "regions": str(reads.regions), "reference": reference}
    (work / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def run_ours(reads: ReadSet, work: Path, cores: int) -> Result:
    """Run our workflow for CRAM, gVCF and filtered VCF; before, apart, the checks of the reads that the others do not make."""
    write_our_inputs(reads, work)
    checks = ["results/intake/accepted.json"]
    checks += [f"results/reads/{one.name}/L{n}.fastp.json" for one in reads.people for n in range(1, len(one.lanes) + 1)]
    checks += [f"results/samples/{one.name}/fastq.json" for one in reads.people]
    extra = measured(our_command(work, cores, *checks), work)
    files = [f"results/samples/{one.name}/{one.name}.{end}" for one in reads.people for end in ("cram", "g.vcf.gz")]
    files += [f"results/small_variants/{case_of(one.name)}.vcf.gz" for one in reads.people]
    run = measured(our_command(work, cores, *files), work)
    return Result(reads.name, OURS, run, _megabytes(work.glob("results/samples/*/*.cram")), extra.costs)


def run_other(chain: str, reads: ReadSet, work: Path, cores: int) -> Result:
    """Run somebody else's chain."""
    lanes = {person.name: [[str(first), str(second)] for first, second in person.lanes] for person in reads.people}
    config = {**SETTINGS[chain], "fasta": str(reads.fasta), "regions": str(reads.regions), "known": str(reads.known), "lanes": lanes}
    (work / "config.json").write_text(json.dumps(config), encoding="utf-8")
    command = ["snakemake", "--snakefile", str(OTHERS), "--directory", str(work), "--configfile", str(work / "config.json")]
    run = measured([*command, "--cores", str(cores), "--quiet", "rules"], work)
    return Result(reads.name, chain, run, _megabytes(work.glob("alignment/*.bam")))


def _megabytes(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def build_indexes(reads: ReadSet, work: Path, cores: int) -> list[Cost]:
    """Build what our aligner, bwa and GATK need beside the FASTA, if it is not there; return what that cost, now or when it was built.

    Empty if the indexes were not built by a benchmark.
    """
    fasta, note = str(reads.fasta), Path(f"{reads.fasta}.index_costs.json")
    ours = [fasta.removesuffix(".fa") + ".dict", f"{fasta}.str.zip", f"{fasta}.l2b", f"{fasta}.mbw"]
    wanted = {"aligner=minibwa": ours, "aligner=bwa": [f"{fasta}.sa"]}
    built: list[Cost] = []
    for option, files in wanted.items():
        if missing := [file for file in files if not Path(file).exists()]:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            write_our_inputs(reads, work)
            built += measured(our_command(work, cores, *missing, config=option), work).costs.values()
    if built:
        known = {one["rule"]: one for one in _noted(note)} | {cost.rule: asdict(cost) for cost in built}
        write_json(note, list(known.values()))
    return [Cost(**one) for one in _noted(note)]


def _noted(note: Path) -> list[dict[str, Any]]:
    return list(json.loads(note.read_text(encoding="utf-8"))) if note.exists() else []
