"""What people work off after a reanalysis, as tables, data and a page: only cases whose proband wishes to be contacted are named."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.collect_reanalysis import read_records
from workflow.files import atomic, read_json, write_json
from workflow.reanalysis.open_cases import YES
from workflow.reanalysis.page import render_work_list
from workflow.reanalysis.work_list import CHANGE_COLUMNS, COLUMNS, cells, changes_of, counts_by_wish, work_list


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as a tab-separated table."""
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, delimiter="\t", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the work list, the changes behind it, and the page."""
    difference = read_json(input.difference)
    records = list(read_records({name: Path(input.difference).parent / "cases" / batch for name, batch in params.batches.items()}))
    asked = [record for record in records if params.wishes[record["case"]] == YES]
    found = work_list(asked, params.judged, params.closed)
    content = {
        **{name: difference[name] for name in ("schema", "name", "made", "workflow", "knowledge", "top", "totals", "not_done")},
        "by_wish": counts_by_wish(records, params.wishes),
        **found,
    }
    write_table(output.table, COLUMNS, map(cells, found["entries"]))
    write_table(output.changes, CHANGE_COLUMNS, map(cells, changes_of(records, params.wishes)))
    write_json(output.data, content)
    with atomic(output.page) as part:
        part.write_text(render_work_list(content, list(changes_of(records, params.wishes)), params.language), encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
