"""What work costs: CPU, time, memory, I/O, disk, money and energy, of each job, by stage and by sample.

`recording` writes down what a run's jobs leave and use, `history` reads it back (and older runs' benchmark files, and SLURM's `sacct`),
`curves` and `defaults` say what a job will cost, `energy` and `prices` turn that into kWh and money, `capacity` says when disk and cores
run out. `workflow/planning/` builds on it.
"""
