"""How far a run is, for a thousand samples and several folders at once: kept in a small file, shown in a terminal and as a page.

`recorder` listens to the run and writes `<results>/progress/state.json`; `state` reads it and tells a run at work from one that was
killed; `estimate` says when it will be done; `terminal` and `page` show it.
"""
