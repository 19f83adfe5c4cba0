"""A Beacon v2 (GA4GH) over the frequency store: is this variant known here, and how many such variants.

`releases.py` takes out of the store what may be told, once for all who ask; the server (`server.py`) reads that table and nothing else of
the store, so neither an answer nor its time can depend on a person who is not told of. docs/decisions/035-beacon.md has the reasons.
"""
