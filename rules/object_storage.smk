"""Whole cases on nodes that share nothing but an object store, apart from the pipeline (`scripts/run_on_storage.py` writes its config and starts it).

Takes: `plans/{case}.json` and the files that it names, as objects below the storage's prefix; `cases`, `indexes`, `indexed`, `storage`, `endpoint` and `genvej` in the config.
Gives: the reference's indexes, once, unless they are in the store (`indexed`; Genvej looks at a case as a whole, so the first case's files come along); `results/{case}/`, the results folder of a run of Genvej on that case and those of the same people, with its manifest and sealed version; `store/`, what cases tell each other (workflow/cluster/storage_people.py).
A node needs Genvej itself (`make env cluster-env`) at `genvej`, or where GENVEJ_HOME says. Nothing of the main process's disk is read there.
"""

import re

from snakemake_interface_executor_plugins.executors.real import RealExecutor
from snakemake_storage_plugin_s3 import StorageObject

CASES = config["cases"]

assert callable(StorageObject.get_subkeys), "this plugin for S3 looks into folders otherwise"
StorageObject.is_dir = lambda self: any(self.get_subkeys())  # its own answer is of the moment before the folder was stored
assert callable(RealExecutor.get_envvar_declarations), "this Snakemake hands variables to its jobs otherwise"
declared = RealExecutor.get_envvar_declarations


def without_keys(self):
    """Keep the storage's keys out of job scripts, which a scheduler stores and shows: they travel in the environment, or are the node's own."""
    return re.sub(r"SNAKEMAKE_STORAGE_S3_(ACCESS_KEY|SECRET_KEY|TOKEN)='[^']*' ?", "", declared(self))


RealExecutor.get_envvar_declarations = without_keys


pathvars:
    logs="logs",


wildcard_constraints:
    case="[A-Za-z0-9][A-Za-z0-9_-]*",


rule all:
    input:
        expand("results/{case}", case=CASES),
    localrule: True


if not config["indexed"]:

    rule index_reference:
        input:
            plan=f"plans/{config['first']}.json",
            files=CASES[config["first"]],
        output:
            config["indexes"],
        log:
            "<logs>/index_reference.log",
        conda:
            "../envs/python.yaml"
        threads: 4
        resources:
            runtime=lambda wildcards, attempt: 720 * attempt,
            mem_mb=lambda wildcards, attempt: config["index_mb"] * attempt,
        params:
            home=config["genvej"],
        shell:
            'PYTHONPATH="${{GENVEJ_HOME:-{params.home}}}" "${{GENVEJ_HOME:-{params.home}}}/.venv/bin/python" -m scripts.run_staged_case --plan {input.plan:q} '
            "--files {input.files:q} --index {output:q} --cores {threads} > {log:q} 2>&1"


rule run_case:
    input:
        plan="plans/{case}.json",
        files=lambda wildcards: CASES[wildcards.case],
        indexes=config["indexes"],
    output:
        directory("results/{case}"),
    log:
        "<logs>/run_case/{case}.log",
    conda:
        "../envs/python.yaml"
    threads: config["cores"]
    resources:
        runtime=lambda wildcards, attempt: config["hours"] * 60 * attempt,
        mem_mb=lambda wildcards, attempt: config["mem_mb"] * attempt,
    params:
        home=config["genvej"],
        storage=config["storage"],
        endpoint=config["endpoint"],
    shell:
        'PYTHONPATH="${{GENVEJ_HOME:-{params.home}}}" "${{GENVEJ_HOME:-{params.home}}}/.venv/bin/python" -m scripts.run_staged_case --plan {input.plan:q} '
        "--files {input.files:q} {input.indexes:q} --results {output:q} --storage {params.storage:q} --endpoint {params.endpoint:q} "
        "--cores {threads} > {log:q} 2>&1"
