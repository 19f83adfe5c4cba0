"""The centre's frequency store: who was counted, on how many copies of each site; one genome comes in or leaves without the others.

Inside it holds genomes (immutable Parquet, one a person), segments (the same calls compacted by variant) and a file a version. A reader
opens one version (`view.open_view`); all changes are made by `writing.open_writer` under the store's lock. The plain data are in
`model.py`; docs/decisions/032-cohort-store.md has the format.
"""
