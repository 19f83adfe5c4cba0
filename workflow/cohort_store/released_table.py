"""The table of a release of frequencies, read back: by the next release, and by annotation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.cohort_store.alleles import window_of
from workflow.cohort_store.masking import Row
from workflow.cohort_store.model import Variant
from workflow.cohort_store.parquet import ParquetIndex


class ReleasedTable:
    """The table of a release, read by window or by variant."""

    def __init__(self, file: Path) -> None:
        self._file = ParquetIndex(file)
        self._at = {(str(contig), int(number)): at for at, (contig, number) in enumerate(self._file.labels)}
        self._held: tuple[tuple[str, int] | None, dict[Variant, Row]] = (None, {})

    @property
    def windows(self) -> set[tuple[str, int]]:
        """Windows with a row."""
        return set(self._at)

    def rows(self, contig: str, number: int) -> dict[Variant, Row]:
        """Return the rows of a window."""
        if self._held[0] != (contig, number):
            at = self._at.get((contig, number))
            table = self._file.rows([at], self._file.columns).to_pylist() if at is not None else []
            self._held = (contig, number), {Variant(one["contig"], one["pos"], one["ref"], one["alt"]): _row(one) for one in table}
        return self._held[1]

    def of(self, variant: Variant) -> Row | None:
        """Return the row of a variant, None if it is not told."""
        return self.rows(variant.contig, window_of(variant.pos)).get(variant)


def _row(one: Mapping[str, Any]) -> Row:
    names = [name.partition(":")[2] for name in one if name.startswith("ac:")]
    groups = {name: (one[f"ac:{name}"], one[f"an:{name}"]) for name in names if one[f"ac:{name}"] is not None}
    return Row(one["ac"], one["an"], one["hom"], one["hemi"], groups)
