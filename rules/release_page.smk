"""The page of a release for the quality manager, and the centre's history of metrics.

Takes: every decision and what it rests on, the completeness of the grid, the change of the workflow, the history of earlier releases. Gives:
`<results>/release/index.json` and `index.html`, which are sealed with the release; afterwards the metrics of its samples enter the history. The
history is read while the page is made and is no input: another sample in the store makes no finished page anew.
"""

from workflow.release_page import PAGE_FILES
from workflow.release_parts import page_params

PAGE = page_params(SETTINGS, COHORT, LIMITS, DECISIONS, key_in_use())


localrules:
    collect_release,
    render_release,
    keep_metrics,


rule collect_release:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        sources="<results>/identity/sources.json",
        relations="<results>/release/relations.json",
        complete="<results>/release/completeness.tsv",
        change="<results>/release/change.json",
    output:
        ensure("<results>/release/index.json", non_empty=True),
    log:
        "<logs>/collect_release.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("collect_release"),
        tables=digest_of("workflow/schemas/release_index.schema.yaml"),
        results=subpath(output[0], ancestor=2),
        given=PAGE,
    script:
        "../scripts/collect_release.py"


rule render_release:
    input:
        index="<results>/release/index.json",
    output:
        ensure("<results>/release/index.html", non_empty=True),
    log:
        "<logs>/render_release.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("render_release"),
        templates=digest_of(*PAGE_FILES),
    script:
        "../scripts/render_release.py"


rule keep_metrics:
    input:
        manifest="<results>/release/manifest.json",
    output:
        "<results>/release/history.json",
    log:
        "<logs>/keep_metrics.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("keep_metrics"),
        results=subpath(output[0], ancestor=2),
        assembly=SETTINGS.reference.name,
        store=str(SETTINGS.identity.store),
    script:
        "../scripts/keep_metrics.py"
