"""Where the account of a results folder lies: JSON lines below `<results>/benchmarks/jobs/`, only ever appended to."""

FOLDER = "benchmarks/jobs"
JOBS, OUTPUTS, RUNS = "node-*.jsonl", "outputs.jsonl", "runs.jsonl"
"""A line a job (a file a machine), a line on what each job made, a line a run."""
