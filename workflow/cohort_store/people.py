"""The map from samples to tokens: the one file that knows who is in the store, and that never leaves the centre.

SQLite, with `secure_delete`: what is deleted is overwritten. A row counts if the store's version knows its token; a row of a version
that never came to be, since its writer was killed, is removed by the next writer.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workflow.cohort_store.errors import DamagedStoreError

FILE = "people.sqlite"
_COLUMNS = "token, sample, person, family, since, added, declared, digest, karyotype, groups"
_MAKE = f"""CREATE TABLE IF NOT EXISTS people ({_COLUMNS.replace("token", "token TEXT PRIMARY KEY").replace("since", "since INTEGER")});
CREATE INDEX IF NOT EXISTS by_sample ON people (sample);
CREATE INDEX IF NOT EXISTS by_person ON people (person);
CREATE INDEX IF NOT EXISTS by_family ON people (family);
CREATE INDEX IF NOT EXISTS by_digest ON people (digest);"""


@dataclass(frozen=True)
class Row:
    """One counted genome.

    Attributes:
        since: version that it came in with.
        added: day, ISO 8601.
        declared: what stands in for a release decision or consent record, in words; empty where both were checked.
        digest: of the calls, to find the same genome under another name.
        groups: as JSON.
    """

    token: str
    sample: str
    person: str
    family: str
    since: int
    added: str
    declared: str
    digest: str
    karyotype: str
    groups: str

    @property
    def group_values(self) -> dict[str, str]:
        """Groups by dimension."""
        return dict(json.loads(self.groups))


class People:
    """The map, opened; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / FILE
        self._db = sqlite3.connect(self._file, timeout=30)
        with self._whole():
            self._db.executescript(f"PRAGMA secure_delete=ON; PRAGMA journal_mode=DELETE; {_MAKE}")
        self._file.chmod(0o600)

    def __enter__(self) -> "People":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Tell of a damaged file in a sentence; a full disk or a lock is no damage."""
        try:
            yield
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise DamagedStoreError(self._file, str(error)) from None

    def _rows(self, where: str = "", values: Iterable[object] = ()) -> list[Row]:
        with self._whole():
            return [Row(*row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM people {where} ORDER BY since", tuple(values))]

    def all(self) -> list[Row]:
        """Return every row."""
        return self._rows()

    def of(self, column: str, value: str) -> list[Row]:
        """Return rows by `sample`, `person`, `family`, `digest` or `token`."""
        if column not in {"sample", "person", "family", "digest", "token"}:
            raise ValueError(column)
        return self._rows(f"WHERE {column} = ?", [value])

    def named(self, samples: Collection[str]) -> list[Row]:
        """Return the rows of some samples.

        Raises:
            DamagedStoreError: one of them is not found, and the file is damaged, so that nobody can say whether they are counted.
        """
        found = [row for name in dict.fromkeys(samples) for row in self.of("sample", name)]
        if {row.sample for row in found} != set(samples) and self.fault():
            raise DamagedStoreError(self._file, "nobody can say who is counted")
        return found

    def fault(self) -> str:
        """Return what is wrong with the file, empty if nothing: each name stands in a table and in an index, which must agree."""
        try:
            found = [str(line) for (line,) in self._db.execute("PRAGMA integrity_check(1)")]
        except sqlite3.DatabaseError:
            found = ["it cannot be read"]
        return "" if found == ["ok"] else f"{self._file}: the map of who is in the store is damaged; put it back from the backup"

    def tokens(self) -> set[str]:
        """Return the tokens."""
        return {token for (token,) in self._db.execute("SELECT token FROM people")}

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        with self._whole(), self._db:
            marks = ", ".join("?" * len(_COLUMNS.split(",")))
            self._db.executemany(f"INSERT INTO people ({_COLUMNS}) VALUES ({marks})", [tuple(vars(row).values()) for row in rows])

    def remove(self, tokens: Collection[str]) -> None:
        """Remove rows; their bytes are overwritten."""
        with self._whole(), self._db:
            self._db.executemany("DELETE FROM people WHERE token = ?", [(token,) for token in tokens])

    def remove_after(self, version: int) -> None:
        """Remove rows of versions that never came to be."""
        with self._db:
            self._db.execute("DELETE FROM people WHERE since > ?", [version])
