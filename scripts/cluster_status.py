"""What Snakemake's generic cluster plugin asks of a SLURM job: `success`, `failed` or `running` (`cluster-generic-status-cmd`).

python -m scripts.cluster_status JOB
"""

import sys

from workflow.cluster.job_ends import WORKING
from workflow.cluster.slurm import records


def status_of(number: str) -> str:
    """Return how a job stands; one that the accounting does not know yet is running."""
    found = records([number])
    state = found[0].state if found else ""
    return "running" if state in WORKING else "success" if state == "COMPLETED" else "failed"


if __name__ == "__main__":
    print(status_of(sys.argv[1]))
