"""Results trees in a few kilobytes: what a comparison of two versions reads, and nothing else."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.candidate_rows import COLUMNS

CSQ = "Allele|Consequence|SYMBOL|Feature|HGVSp|HAPLOTYPE"
HEADER = f"""##fileformat=VCFv4.2
##contig=<ID=chr1,length=1000>
##contig=<ID=chr2,length=1000>
##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: {CSQ}">
##genvej_knowledge=<ID=gene_models,Status=evaluated,Release="1">
##genvej_knowledge=<ID=hpo,Status=evaluated,Release="1">
##genvej_knowledge=<ID=clinvar,Status=evaluated,Release="1">
"""
PARTS: dict[str, Any] = {
    "id": "aaaaaaaaaaaa",
    "code": {"Snakefile": "0", "rules/gatk.smk": "1", "scripts/rank_candidates.py": "2"},
    "tools": {"samtools": "1.16.1", "gatk": "4.6.2.0", "Python packages": "x"},
    "parameters": {"aligner": "minibwa", "caller": "gatk", "callable.min_depth": 10, "release.limits.depth.limit": 30},
    "knowledge": {"hpo": {"release": "2025-01", "fields": []}},
}
KNOWLEDGE = [
    {"name": name, "release": "2025-01", "kind": "x", "files": [{"file": name, "sha256": name}]} for name in ("gene_models", "hpo")
]
RECORDS = (
    "chr1 100 A G PASS DP=9;CSQ=G|missense_variant|LMNA|NM_1|p.Arg1Gly| 0/1:9 0/0:9",
    "chr1 200 C T PASS DP=9;CSQ=T|stop_gained|NTRK1|NM_2|p.Gln2Ter|;clinvar_CLNSIG=Benign 1/1:9 0/1:9",
    "chr1 200 C CA PASS DP=9 0/1:9 0/1:9",
    "chr2 50 G GA LowQual DP=9 0|1:9 0/0:9",
    "chr2 60 T A PASS DP=9 0/1:9 ./.:9",
)
CANDIDATES = (("1", "LMNA", "chr1", "100", "A", "G", "2.500"), ("2", "NTRK1", "chr1", "200", "C", "T", "1.000"))


def vcf_text(records: Sequence[str] = RECORDS, samples: Sequence[str] = ("kid", "mum"), header: str = HEADER) -> str:
    """Return a VCF of records `CHROM POS REF ALT FILTER INFO` and one `GT:DP` a sample."""
    lines = [header + "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
    for record in records:
        chrom, pos, ref, alt, flag, info, *genotypes = record.split(" ")
        lines.append("\t".join([chrom, pos, ".", ref, alt, "50", flag, info, "GT:DP", *genotypes]))
    return "\n".join(lines) + "\n"


def make_tree(
    folder: Path,
    *,
    parts: dict[str, Any] | None = PARTS,
    records: Sequence[str] = RECORDS,
    candidates: Sequence[tuple[str, ...]] = CANDIDATES,
    knowledge: Sequence[dict[str, Any]] = KNOWLEDGE,
    reads: str = "r",
    verdict: str = "pass",
    decision: str = "release",
    terms: Sequence[str] = ("HP:1",),
    assembly: str = "GRCh38",
) -> Path:
    """Write a finished tree of one case, `family`: `kid` and `mum`. The last arguments are about `kid`."""
    subjects = [("sample", "kid"), ("sample", "mum"), ("case", "family")]
    run = {
        "genvej": {"version": "0.1.0", "commit": None, "code": "c0dec0dec0dec0de"},
        "config": {"sha256": "x"},
        "ended": "2026-11-25T10:00:00+00:00",
        "reference": {"name": assembly, "file": "r.fa", "sequence_sha256": "s" * 64},
        "knowledge": list(knowledge),
    }
    put(folder / "provenance/run.json", run | ({"workflow": parts} if parts else {}))
    put(folder / "release/completeness.json", {"produced": 3})
    put(folder / "release/manifest.json", {"files": [{"kind": kind, "subject": name} for kind, name in subjects]})
    for name in ("kid", "mum"):
        own = name == "kid"
        metric = {"name": "depth", "value": 31, "unit": "x", "limit": 30, "verdict": verdict if own else "pass"}
        put(folder / f"samples/{name}/release.json", {"decision": decision if own else "release", "metrics": [metric]})
        mates = {mate: {"reads_sha256": f"{name}{mate}{reads if own else 'r'}"} for mate in ("fastq_1", "fastq_2")}
        put(folder / f"samples/{name}/fastq.json", {"units": [mates]})
    case = folder / "cases/family"
    put(case / "release.json", {"decision": decision, "checks": [{"name": "the joint VCF has records", "verdict": "pass"}]})
    members = [{"sample": name, "role": role, "sex": "female", "affected": "yes"} for name, role in (("kid", "proband"), ("mum", "mother"))]
    put(case / "report.json", {"question": {"members": members, "terms": [{"id": term, "excluded": False} for term in terms]}})
    (case / "family.vcf.gz").write_text(vcf_text(records))
    write_candidates(case / "candidates.tsv", candidates)
    return folder


def write_candidates(path: Path, candidates: Sequence[tuple[str, ...]]) -> None:
    """Write candidates.tsv of rows (rank, gene, chrom, pos, ref, alt, score)."""
    with open(path, "w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, delimiter="\t", restval="not evaluated", lineterminator="\n")
        writer.writeheader()
        for row in candidates:
            writer.writerow(dict(zip(("rank", "gene", "chrom", "pos", "ref", "alt", "score"), row, strict=True)))


def put(path: Path, content: object) -> None:
    """Write JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
