"""Plan before work: what a changed tool, parameter, knowledge release or sheet would redo, and what that costs, without running anything.

`jobs` asks Snakemake for its graph, `affected` says who is affected and why, `forecast` and `schedule` what it takes, `answers` whose
answer may change, `gates` holds it against limits, `page` shows it, `outcome` compares it with what happened.
"""
