"""Parquet as the store writes and reads it: zstd, a checksum a page, row groups that can be found without reading them."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workflow.cohort_store.errors import DamagedStoreError, VersionGoneError

INDEX = b"genvej.index"
"""Key of a file's own metadata: what each row group holds, as JSON."""
LEVEL = 3


def column(values: NDArray[Any]) -> pa.Array:
    """Return numbers or flags as an Arrow array; `pa.array` would load pandas, which takes longer than most commands of the store."""
    if values.dtype == bool:
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def plain(values: pa.Array) -> NDArray[Any]:
    """Return an Arrow array of numbers or flags without gaps as numpy, not copied; `to_numpy` would load pandas."""
    buffer = values.buffers()[1]
    if buffer is None:
        return np.zeros(0, bool if pa.types.is_boolean(values.type) else np.dtype(str(values.type)))
    if pa.types.is_boolean(values.type):
        bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
        return bits[values.offset : values.offset + len(values)].astype(bool)
    return np.frombuffer(buffer, np.dtype(str(values.type)))[values.offset : values.offset + len(values)]


def numbers(table: pa.Table, name: str) -> NDArray[Any]:
    """Return a column of numbers or flags of a table."""
    parts = [plain(chunk) for chunk in table[name].chunks] or [plain(pa.nulls(0, table[name].type))]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def words(values: Sequence[str]) -> pa.Array:
    """Return texts as an Arrow array."""
    parts = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(parts), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(parts))])


def coded(places: NDArray[Any], values: Sequence[str]) -> pa.DictionaryArray:
    """Return texts that repeat: a place in `values` each."""
    return pa.DictionaryArray.from_arrays(column(places.astype(np.int32)), words(values))


def write_groups(path: Path, groups: Iterable[tuple[Any, pa.Table]], schema: pa.Schema, delta: Sequence[str] = ()) -> None:
    """Write a Parquet file, one row group an item, each with a label that `ParquetIndex` finds it by.

    Args:
        path: the file, written in place: its folder is not part of a version before it is whole.
        groups: label (plain data) and rows of each group.
        schema: of the rows.
        delta: columns of ascending or small integers, which are written as differences.
    """
    plain = [field.name for field in schema if field.name not in delta]
    options: dict[str, Any] = {"compression": "zstd", "compression_level": LEVEL, "write_page_checksum": True, "write_statistics": False}
    if delta:
        options |= {"use_dictionary": plain, "column_encoding": dict.fromkeys(delta, "DELTA_BINARY_PACKED")}
    labels = []
    with pq.ParquetWriter(path, schema, **options) as writer:
        for label, table in groups:
            labels.append(label)
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
        writer.add_key_value_metadata({INDEX: json.dumps(labels).encode()})


class ParquetIndex:
    """One Parquet file: its labels, and its rows by row group. It is open only while it is read: a store has thousands of them.

    Raises:
        DamagedStoreError: the file is not as it was written.
        VersionGoneError: it has been erased since the version was opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._metadata: pq.FileMetaData | None = None
        with self._opened() as file:
            self._metadata = file.metadata
            self.columns = list(file.schema_arrow.names)
            self.labels: list[Any] = json.loads((file.metadata.metadata or {}).get(INDEX, b"[]"))
        if len(self.labels) != self._metadata.num_row_groups:
            raise DamagedStoreError(path, "its index is not that of its rows")

    @contextlib.contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            with pq.ParquetFile(self.path, metadata=self._metadata, page_checksum_verification=True) as file:
                yield file
        except FileNotFoundError:
            raise VersionGoneError(self.path) from None
        except (OSError, ValueError, pa.ArrowException) as error:
            raise DamagedStoreError(self.path, str(error)) from None

    def rows(self, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Return some columns of some row groups."""
        with self._opened() as file:
            return file.read_row_groups(list(groups), columns=list(columns), use_threads=False).combine_chunks()
