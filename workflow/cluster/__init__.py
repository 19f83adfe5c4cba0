"""Runs on a cluster: what SLURM is asked and told beside Snakemake's plugin, and big lists in shards.

`slurm` asks SLURM; `site_check` refuses a wrong profile before the first submission; `leftover_jobs` ends what a dead main process left
in the queue; `submission` gives jobs names and limits that fit the partitions; `watching` asks for their states and `job_ends` says in
words why one failed. `shards`, `shard_run` and `shard_summary` split a list of cases into working directories
(`scripts/submit_shards.py`).
"""
