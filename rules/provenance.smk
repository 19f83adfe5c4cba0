"""What was run, with which tools and which knowledge; and the quality page for people.

Takes: the completeness of the release (so that all is written again whenever a deliverable changed), knowledge files, the tools'
own reports. Gives: `<results>/provenance/run.json`, `<results>/provenance/tools.json`, `<results>/multiqc.html`.
Commit and command are read while the job runs: another clone or command line over finished results reruns nothing.
"""

from workflow.run_record import digest_of_config, files_of_source, remember_run
from workflow.tool_answers import questions

ASKED = questions(tools_for(aligner=ALIGNER, caller=SETTINGS.caller))
SECTIONS = ["version", "decisions", "cases", "coverage", "sex", "variants", "intake"]
if workflow.is_main_process:
    remember_run()


localrules:
    hash_knowledge,
    record_run,
    ask_tools,
    record_tools,


rule hash_knowledge:
    input:
        lambda wildcards: files_of_source(SETTINGS.knowledge[wildcards.source].path),
    output:
        "<results>/provenance/knowledge/{source}.json",
    log:
        "<logs>/hash_knowledge/{source}.log",
    wildcard_constraints:
        source="[A-Za-z0-9_]+",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("hash_knowledge"),
        source=lambda wildcards: {key: getattr(SETTINGS.knowledge[wildcards.source], key) for key in ("name", "release", "kind")},
    script:
        "../scripts/hash_knowledge.py"


rule record_run:
    input:
        complete="<results>/release/completeness.tsv",
        knowledge=expand("<results>/provenance/knowledge/{source}.json", source=SETTINGS.knowledge),
        dictionary=REFERENCE.dictionary,
    output:
        "<results>/provenance/run.json",
    log:
        "<logs>/record_run.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("record_run"),
        config=digest_of_config(config),
        identity=IDENTITY,
        reference={"name": SETTINGS.reference.name, "file": SETTINGS.reference.fasta.name},
    script:
        "../scripts/record_run.py"


rule ask_tools:
    input:
        complete="<results>/release/completeness.tsv",
    output:
        "<results>/provenance/tools/{env}.txt",
    log:
        "<logs>/ask_tools/{env}.log",
    wildcard_constraints:
        env="[a-z_]+",
    conda:
        "../envs/{env}.yaml"
    params:
        asked=lambda wildcards: ASKED[wildcards.env],
    shell:
        r"""
        for asked in {params.asked:q}; do
            set -- $asked
            name=$1
            shift
            place=PATH
            case "$(command -v "$1")" in "${{CONDA_PREFIX:-none}}"/*) place=conda ;; esac
            echo "## $name $place"
            "$@" < /dev/null 2>&1 || true
        done > {output:q} 2> {log:q}
        """


rule record_tools:
    input:
        expand("<results>/provenance/tools/{env}.txt", env=ASKED),
    output:
        "<results>/provenance/tools.json",
    log:
        "<logs>/record_tools.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("record_tools"),
        pins=digest_of("envs/tools.yaml"),
    script:
        "../scripts/record_tools.py"


rule write_sections:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        change="<results>/release/change.json",
    output:
        config="<results>/release/multiqc/multiqc_config.yaml",
        css="<results>/release/multiqc/genvej.css",
        files="<results>/release/multiqc/files.txt",
        sections=expand("<results>/release/multiqc/genvej_{name}_mqc.json", name=SECTIONS),
    log:
        "<logs>/write_sections.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("write_sections"),
        results=subpath(output.config, ancestor=3),
        templates=digest_of("workflow/report/multiqc/config.yaml", "workflow/report/multiqc/genvej.css"),
    script:
        "../scripts/write_sections.py"


rule multiqc:
    input:
        config="<results>/release/multiqc/multiqc_config.yaml",
        css="<results>/release/multiqc/genvej.css",
        files="<results>/release/multiqc/files.txt",
        sections=expand("<results>/release/multiqc/genvej_{name}_mqc.json", name=SECTIONS),
        receipts="<results>/release/receipts/cohort.tsv",
    output:
        ensure("<results>/multiqc.html", non_empty=True),
    log:
        "<logs>/multiqc.log",
    benchmark:
        "<benchmarks>/multiqc.tsv"
    conda:
        "../envs/multiqc.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "multiqc --quiet --no-ansi --no-ai --no-version-check --no-data-dir --force --config {input.config:q} --file-list {input.files:q} "
        "--outdir {params.folder:q} --filename multiqc.html > {log:q} 2>&1"
