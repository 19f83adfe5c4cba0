"""The page of the frequency store: how many are counted and since when, who, where they could be judged, what was seen, who is not in.

Two readers: `inside`, out of a version of the store, with numbers that may stand for one person; `outside`, out of a release of
frequencies, with nothing that the release does not tell (docs/decisions/036-cohort-page.md).
"""
