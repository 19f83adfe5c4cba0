"""Plan before work: `snakemake … plan` says what a run would do now and what that costs, and does nothing of it.

Takes: config and sheets, receipts, what earlier jobs did cost (`<results>/benchmarks/jobs/`). Gives: `<results>/plan/plan.json` and
`index.html`. The plan is made by a process of its own that asks Snakemake for its graph (scripts/plan_run.py); it fails beyond a limit of `plan.limits`.
"""

import json

from workflow.digests import ROOT


localrules:
    plan,


rule plan:
    log:
        "<logs>/plan.log",
    conda:
        "../envs/python.yaml"
    params:
        python=sys.executable,
        project=str(ROOT),
        directory=os.getcwd(),
        configs=[str(file) for file in workflow.configfiles],
        more=[f"{name}={json.dumps(value)}" for name, value in workflow.config_settings.config.items()],
        cores=workflow.resource_settings.cores or os.cpu_count(),
    shell:
        "(cd {params.project:q} && exec {params.python:q} -m scripts.plan_run --configfile {params.configs:q} --directory {params.directory:q} "
        "--cores {params.cores} --config {params.more:q}) 2>&1 | tee {log:q}"
