"""Jobs that come to harm on a cluster, under the session of Genvej's own Snakefile and nothing else of it.

Takes: `wanted` (files to make) and `seconds` in the config. Gives: `{name}.{rule}`; `{name}.order` tells when each attempt began and ended.
"""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir).parents[1]))

from workflow.cluster.attempts import give_memory
from workflow.cluster.session import end_cluster, prepare_cluster, start_cluster
from workflow.errors import InputError
from workflow.session import prepare_session, start_run
from workflow.time_limits import give_time, hours

prepare_session(workflow)
prepare_cluster(workflow)


onstart:
    try:
        start_cluster(workflow)
    except InputError as error:
        raise WorkflowError(str(error)) from None
    start_run()


wildcard_constraints:
    name="[a-z0-9]+",


rule all:
    input:
        config["wanted"].split(","),


rule hold:
    output:
        "{name}.hold",
    log:
        "logs/hold/{name}.log",
    params:
        seconds=config.get("seconds", 30),
    shell:
        "echo begin >> {wildcards.name}.order; sleep {params.seconds}; echo end >> {wildcards.name}.order; touch {output}"


rule hog:
    output:
        "{name}.hog",
    log:
        "logs/hog/{name}.log",
    resources:
        mem_mb=600,
    shell:
        "{sys.executable} -c 'import time; held = bytearray(1_400_000_000); held[::4096] = bytes(len(held[::4096])) or b\"\"; time.sleep(4)' "
        "&& echo {resources.mem_mb} > {output}"


rule slow:
    output:
        "{name}.slow",
    log:
        "logs/slow/{name}.log",
    resources:
        runtime=hours(1 / 60),
    shell:
        "echo begin >> {wildcards.name}.order; sleep $((90 - 60 * ({resources.runtime} - 1))); touch {output}"


rule wrong:
    output:
        "{name}.wrong",
    log:
        "logs/wrong/{name}.log",
    shell:
        "echo begin >> {wildcards.name}.order; echo 'error: {wildcards.name}: the reads are of another person; nothing is kept.' >&2; exit 3"


give_time(workflow, hours(1))
give_memory(workflow)


onsuccess:
    end_cluster()


onerror:
    end_cluster()
