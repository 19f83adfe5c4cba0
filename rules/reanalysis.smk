"""New knowledge for open cases (target `reanalysis`): interpretation alone is done again, beside the results in use and never over them.

Takes: what `reanalysis.knowledge` names, and the finished results of each case that is open. They are no inputs but params: a reanalysis
makes none of them anew.
Gives: `<results>/reanalysis/{reanalysis}/cases/{batch}/`, a folder a case; `difference.json`, what was gained and lost in numbers;
`work_list.tsv`, `.json`, `changes.tsv` and `index.html`, which name only cases whose proband wishes to be contacted; `preview/` (target
`reanalysis_preview`), the results as they would be, for `make impact`.
A finished reanalysis has no jobs left under its name, whatever changes; the work list follows new verdicts and wishes.
"""

from functools import partial

from workflow.reanalysis.asked import cases_param, is_asked_for, made_by, plan_or_stop, shared_params, source_params, words_of_reanalysis
from workflow.reanalysis.check import check_reanalysis
from workflow.reanalysis.open_cases import judged_of, why_closed
from workflow.reanalysis.page import PAGE_FILES
from workflow.reanalysis.plan import batches, is_finished, knowledge_now, name_of, wishes, with_new_knowledge

REANALYSIS = name_of(SETTINGS)
reanalysis_plan = partial(plan_or_stop, SETTINGS, COHORT, VERDICTS, IDENTITY)
UNDONE = "(?!)" if is_finished(SETTINGS) else "[^/]+"
"""What the wildcard of a reanalysis that still has jobs may be: none once it is finished."""

if workflow.is_main_process and is_asked_for(sys.argv):
    try:
        check_reanalysis(SETTINGS, COHORT, VERDICTS, IDENTITY, REFERENCE.fasta)
    except InputError as error:
        raise WorkflowError(str(error)) from None


rule reanalyse_cases:
    input:
        lambda wildcards: [file for source in SETTINGS.reanalysis.knowledge.values() for file in files_of_source(source.path)],
    output:
        directory("<results>/reanalysis/{reanalysis}/cases/{batch}"),
    log:
        "<logs>/reanalyse_cases/{reanalysis}.{batch}.log",
    benchmark:
        "<benchmarks>/reanalyse_cases/{reanalysis}.{batch}.tsv"
    wildcard_constraints:
        reanalysis=UNDONE,
        batch=r"\d+",
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
    params:
        code=[code_of("reanalyse_cases"), code_of("rank_candidates"), code_of("classify_candidates")],
        results=subpath(output[0], ancestor=4),
        cases=lambda wildcards: cases_param(reanalysis_plan(), wildcards.batch, SETTINGS, COHORT, EVIDENCE, VERDICTS),
        changed=lambda wildcards: reanalysis_plan()["knowledge"],
        in_use=source_params(SETTINGS.knowledge),
        new=source_params(knowledge_now(SETTINGS)),
        shared=shared_params(SETTINGS, REFERENCE),
        identity=IDENTITY,
        made_by=lambda wildcards: made_by(SETTINGS.results),
        top=SETTINGS.reanalysis.top,
    script:
        "../scripts/reanalyse_cases.py"


rule collect_reanalysis:
    input:
        lambda wildcards: expand("<results>/reanalysis/{{reanalysis}}/cases/{batch}", batch=batches(reanalysis_plan())),
    output:
        "<results>/reanalysis/{reanalysis}/difference.json",
    log:
        "<logs>/collect_reanalysis/{reanalysis}.log",
    wildcard_constraints:
        reanalysis=UNDONE,
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("collect_reanalysis"),
        plan=lambda wildcards: reanalysis_plan(),
        made_by=lambda wildcards: made_by(SETTINGS.results)["id"],
        top=SETTINGS.reanalysis.top,
    script:
        "../scripts/collect_reanalysis.py"


rule list_work:
    input:
        difference="<results>/reanalysis/{reanalysis}/difference.json",
    output:
        table="<results>/reanalysis/{reanalysis}/work_list.tsv",
        data="<results>/reanalysis/{reanalysis}/work_list.json",
        changes="<results>/reanalysis/{reanalysis}/changes.tsv",
        page="<results>/reanalysis/{reanalysis}/index.html",
    log:
        "<logs>/list_work/{reanalysis}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=[code_of("list_work"), code_of("collect_reanalysis")],
        templates=digest_of(*PAGE_FILES),
        batches=lambda wildcards: {name: one["batch"] for name, one in reanalysis_plan()["cases"].items()},
        wishes=lambda wildcards: wishes(reanalysis_plan(), COHORT),
        judged=lambda wildcards: {case: judged_of(found) for case, found in VERDICTS.items()},
        closed=lambda wildcards: {case: why for case, found in VERDICTS.items() if (why := why_closed(found))},
        language=SETTINGS.language,
    script:
        "../scripts/list_work.py"


rule preview_release:
    input:
        difference="<results>/reanalysis/{reanalysis}/difference.json",
    output:
        directory("<results>/reanalysis/{reanalysis}/preview"),
    log:
        "<logs>/preview_release/{reanalysis}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=[code_of("preview_release"), code_of("hash_knowledge")],
        results=subpath(output[0], ancestor=3),
        batches=lambda wildcards: {name: one["batch"] for name, one in reanalysis_plan()["cases"].items()},
        identity=lambda wildcards: identify(with_new_knowledge(SETTINGS), LIMITS, ALIGNER),
        knowledge=source_params(knowledge_now(SETTINGS)),
    script:
        "../scripts/preview_release.py"


rule reanalysis_preview:
    input:
        f"<results>/reanalysis/{REANALYSIS or 'none'}/preview",


rule reanalysis:
    input:
        f"<results>/reanalysis/{REANALYSIS or 'none'}/work_list.tsv",
