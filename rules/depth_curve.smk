"""Accuracy by depth, apart from the pipeline: `python -m scripts.depth_curve` runs this file around a run of the workflow on thinned reads.

Takes: design.json of the folder, samples that were scored with all their reads. Gives, in the folder: thinned reads (`reads/`), and from their
scored calls `curve.tsv`, `by_depth.tsv`, `limit.json` and `depth_curve.html`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir).parent))

from workflow.depth_design import needed_files
from workflow.depth_page import PAGE_FILES
from workflow.depth_run import thinned_fastq
from workflow.digests import code_of, digest_of
from workflow.session import prepare_session

prepare_session(workflow)

POINTS, SAMPLES = config["points"], config["samples"]


def results_of(name):
    """Return the files of a point: those of the user where it has all reads, else of the run in this folder."""
    return needed_files(Path("results" if POINTS[name]["wished"] else config["results"]), name)


def source_of(wildcards):
    """Return the user's files of a point's lane."""
    return SAMPLES[POINTS[wildcards.name]["sample"]]["units"][wildcards.unit]


pathvars:
    results="results",
    logs="results/logs",
    benchmarks="results/benchmarks",


wildcard_constraints:
    name="[A-Za-z0-9][A-Za-z0-9_-]*",
    unit="[A-Za-z0-9][A-Za-z0-9_-]*",


rule depth_of_all_reads:
    input:
        expand("<results>/depth_sites/{name}.regions.bed.gz", name=SAMPLES),


rule thinned_reads:
    input:
        [
            thinned_fastq(name, unit, mate)
            for name, point in POINTS.items()
            if point["wished"]
            for unit in SAMPLES[point["sample"]]["units"]
            for mate in (1, 2)
        ],


rule depth_curve:
    input:
        "depth_curve.html",


rule thin_reads:
    input:
        fastq_1=lambda wildcards: source_of(wildcards)[0],
        fastq_2=lambda wildcards: source_of(wildcards)[1],
    output:
        fastq_1=ensure(thinned_fastq("{name}", "{unit}", 1), non_empty=True),
        fastq_2=ensure(thinned_fastq("{name}", "{unit}", 2), non_empty=True),
    log:
        "<logs>/thin_reads/{name}.{unit}.log",
    benchmark:
        "<benchmarks>/thin_reads/{name}.{unit}.tsv"
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("thin_reads"),
        fraction=lambda wildcards: POINTS[wildcards.name]["fraction"],
    script:
        "../scripts/thin_reads.py"


rule list_sites:
    input:
        variants=lambda wildcards: needed_files(Path(config["results"]), wildcards.name)["variants"],
        bed=lambda wildcards: SAMPLES[wildcards.name]["bed"],
        regions=config["regions"] or [],
        fasta=config["fasta"],
    output:
        ensure("<results>/depth_sites/{name}.sites.bed", non_empty=True),
    log:
        "<logs>/list_sites/{name}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("list_sites"),
    script:
        "../scripts/list_sites.py"


rule mosdepth_sites:
    input:
        cram=lambda wildcards: results_of(wildcards.name)["cram"],
        crai=lambda wildcards: results_of(wildcards.name)["crai"],
        bed=lambda wildcards: f"<results>/depth_sites/{POINTS[wildcards.name]['sample']}.sites.bed",
        fasta=config["fasta"],
    output:
        multiext(
            "<results>/depth_sites/{name}",
            regions=".regions.bed.gz",
            csi=".regions.bed.gz.csi",
            summary=temp(".mosdepth.summary.txt"),
            dist=temp(".mosdepth.region.dist.txt"),
            whole=temp(".mosdepth.global.dist.txt"),
        ),
    log:
        "<logs>/mosdepth_sites/{name}.log",
    benchmark:
        "<benchmarks>/mosdepth_sites/{name}.tsv"
    conda:
        "../envs/coverage.yaml"
    threads: 2
    resources:
        mem_mb=4000,
    params:
        prefix=subpath(output.regions, strip_suffix=".regions.bed.gz"),
        min_mapping_quality=config["callable"]["min_mapping_quality"],
    shell:
        "MOSDEPTH_PRECISION=6 mosdepth --no-per-base --threads {threads} --fasta {input.fasta:q} --mapq {params.min_mapping_quality} "
        "--by {input.bed:q} {params.prefix:q} {input.cram:q} 2> {log:q}"


rule tabulate_depths:
    input:
        variants=[results_of(name)["variants"] for name in POINTS],
        summaries=[results_of(name)["summary"] for name in POINTS],
        callable=[results_of(name)["callable"] for name in POINTS],
        depths=expand("<results>/depth_sites/{name}.regions.bed.gz", name=POINTS),
    output:
        curve=ensure("curve.tsv", non_empty=True),
        by_depth=ensure("by_depth.tsv", non_empty=True),
        limit=ensure("limit.json", non_empty=True),
    log:
        "<logs>/tabulate_depths/all.log",
    benchmark:
        "<benchmarks>/tabulate_depths/all.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 12000 * attempt,
    params:
        code=code_of("tabulate_depths"),
        points=POINTS,
        derive=config["derive"],
        callable=config["callable"],
    script:
        "../scripts/tabulate_depths.py"


rule render_depth_curve:
    input:
        curve="curve.tsv",
        by_depth="by_depth.tsv",
        limit="limit.json",
    output:
        ensure("depth_curve.html", non_empty=True),
    log:
        "<logs>/render_depth_curve/all.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("render_depth_curve"),
        files=digest_of(*PAGE_FILES),
        about={name: config[name] for name in ("reference", "caller", "aligner", "callable", "derive")}
        | {"left_out": {name: sample["left_out"] for name, sample in SAMPLES.items()}},
    script:
        "../scripts/render_depth_curve.py"
