"""The other chains' Snakefile, planned but not run: which jobs a chain has, and in which order files are made."""

import json
import re
import subprocess

import pytest

from scripts.bench.run import OTHERS, SETTINGS

GATK = {"bwa_mem", "mark_duplicates", "base_recalibrator", "apply_bqsr", "haplotype_caller", "genotype_gvcfs", "select_variants"}
GATK |= {"filter_snps", "filter_indels", "merge_vcfs"}


def plan(folder, chain):
    """Return how often each rule is to run for one sample with two lanes."""
    for name in ("a_1", "a_2", "b_1", "b_2"):
        (folder / f"{name}.fq.gz").touch()
    lanes = {"one": [["a_1.fq.gz", "a_2.fq.gz"], ["b_1.fq.gz", "b_2.fq.gz"]]}
    config = {**SETTINGS[chain], "fasta": "ref.fa", "regions": "regions.bed", "known": "known.vcf.gz", "lanes": lanes}
    (folder / "config.json").write_text(json.dumps(config))
    command = ["snakemake", "--snakefile", str(OTHERS), "--directory", str(folder), "--configfile", str(folder / "config.json")]
    done = subprocess.run([*command, "--cores", "2", "--dry-run", "--printshellcmds"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = done.stdout + done.stderr
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}, text


@pytest.mark.parametrize("chain", ["classical", "classical-our-jvm"])
def test_plan_of_the_classical_chain(tmp_path, chain):
    jobs, text = plan(tmp_path, chain)
    assert jobs == {**dict.fromkeys(GATK, 1), "bwa_mem": 2, "select_variants": 2, "all": 1, "total": 13}
    assert ("UseSerialGC" in text) == ("native-pair-hmm-threads 1" in text) == (chain == "classical-our-jvm")


def test_plan_of_the_light_chain(tmp_path):
    jobs, text = plan(tmp_path, "light")
    assert jobs == {"bwa_markdup": 1, "freebayes": 1, "all": 1, "total": 3}
    assert "<(cat a_1.fq.gz b_1.fq.gz) <(cat a_2.fq.gz b_2.fq.gz)" in text
