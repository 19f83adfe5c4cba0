"""The records of the Beacon's releases, `<store>/beacon/<n>/`: of what and of how many people; never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflow.errors import InputError
from workflow.files import read_json, sha256_of

FOLDER, TABLE, RECORD = "beacon", "told.parquet", "release.json"


@dataclass(frozen=True)
class BeaconRelease:
    """One state of the Beacon.

    Attributes:
        number: 1, 2, …; 0 where too few people are counted to tell anything.
        version: version of the store that was counted.
        people, withdrawn: people counted, people withdrawn from the store since it began; inside only, for the next release.
        groups: groups that can be asked for.
        told: variants told, of `all` and of each group.
        longest: bases of the longest REF.
        sha256: of the table.
    """

    number: int
    version: int
    when: str
    assembly: str
    minimum: int
    people: int
    withdrawn: int
    groups: tuple[str, ...]
    told: Mapping[str, int] = field(default_factory=dict)
    longest: int = 1
    sha256: str = ""


def read_beacon_releases(store: Path) -> list[BeaconRelease]:
    """Return the Beacon's releases, oldest first."""
    files = sorted((store / FOLDER).glob(f"[0-9]*/{RECORD}"), key=lambda file: int(file.parent.name))
    return [BeaconRelease(**{**record, "groups": tuple(record["groups"])}) for record in map(read_json, files)]


def table_of(store: Path, release: BeaconRelease) -> Path:
    """Return a release's table.

    Raises:
        InputError: it is not as it was written.
    """
    file = store / FOLDER / str(release.number) / TABLE
    if not file.is_file() or sha256_of(file) != release.sha256:
        raise InputError("the Beacon's table is not as it was written", file=file, remedy="put it back from a copy, or make a new release")
    return file
