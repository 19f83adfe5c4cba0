"""The centre's memory where nothing is shared: fingerprints and metrics of each sample below the prefix, as objects that nobody locks.

    store/<assembly>/fingerprints/<sample>.npz    its fingerprint, stored before its job looks at those of others
    store/<assembly>/fingerprints/<sample>.json   what is told of it, stored after it, and again once its release is decided
    store/<assembly>/metrics/<segment>.jsonl      the history of metrics, a segment a release (`workflow.metric_history`)

A job stores its own, then lists all others, and what a store lists holds all that was stored before: of two jobs at the same time at least
one sees the other. What was fetched lies in the job's own store (`<results>/cohort`) while its release is made, and leaves it afterwards.
"""

import datetime
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.cluster.storage_client import Bucket
from workflow.files import read_json
from workflow.fingerprint_store import LEAST_COMMON, append
from workflow.fingerprints import Fingerprint, read_fingerprint
from workflow.metric_history import FOLDER
from workflow.receipts.members import read_members

AT_ONCE = 8
UNDECIDED = "undecided"
"""Decision of a sample whose release is being made; nothing is concluded from it but that the sample is there."""
Entry = tuple[Fingerprint, dict[str, Any]]


@dataclass
class People:
    """The samples of a job, in its results folder, beside all others of the bucket."""

    bucket: Bucket
    results: Path
    assembly: str
    fetched: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The key below which everything lies."""
        return f"store/{self.assembly}"

    @property
    def store(self) -> Path:
        """The job's own store."""
        return self.results / "cohort"

    def own(self, decisions: Mapping[str, str]) -> list[Entry]:
        """Return the job's samples with reads at enough sites of the panel to be found by somebody, and what is told of each."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        entries = []
        for person in (one.person_row() for one in read_members(self.results)):
            one = read_fingerprint(self.results / "identity" / f"{person['sample']}.fingerprint.npz")
            if int(one.quality.any(-1).sum()) >= LEAST_COMMON:
                facts = {key: person[key] for key in ("case", "role", "person") if person[key]}
                entries.append((one, {**facts, "when": now, "decision": decisions.get(one.sample, UNDECIDED)}))
        return entries

    def tell(self) -> None:
        """Store the fingerprints of the job's samples."""
        for one, told in self.own({}):
            file = self.results / "identity" / f"{one.sample}.fingerprint.npz"
            self.bucket.upload({f"{self.place}/fingerprints/{one.sample}.npz": file}, {})
            self._tell(one.sample, told)

    def _tell(self, sample: str, told: Mapping[str, Any]) -> None:
        self.bucket.write(f"{self.place}/fingerprints/{sample}.json", json.dumps(dict(told), ensure_ascii=False))

    def hear(self) -> int:
        """Fetch what all others told into the job's own store; return how many samples they are.

        Raises:
            InputError: the bucket refuses, or a fingerprint is of another assembly or damaged.
        """
        mine = {one.sample for one in read_members(self.results)}
        keys = sorted(self.bucket.sizes(f"{self.place}/"))
        names = [Path(key).stem for key in keys if key.endswith(".json")]
        segments = [key for key in keys if key.startswith(f"{self.place}/{FOLDER}/")]
        self.fetched = [Path(key).name for key in segments]
        with ThreadPoolExecutor(AT_ONCE) as hands:
            list(hands.map(lambda key: self.bucket.fetch(key, self.store / FOLDER / Path(key).name), segments))
            entries = list(hands.map(self._of_other, (name for name in names if name not in mine)))
        append(self.store, sorted(entries, key=lambda entry: (entry[1]["when"], entry[0].sample)))
        return len(entries)

    def _of_other(self, sample: str) -> Entry:
        file = self.results.parent / "others" / f"{sample}.npz"
        self.bucket.fetch(f"{self.place}/fingerprints/{sample}.npz", file)
        return read_fingerprint(file), json.loads(self.bucket.read(f"{self.place}/fingerprints/{sample}.json"))

    def settle(self) -> None:
        """Once the job's release is sealed: leave its own part alone in its store, and tell others what was decided."""
        samples = [one.sample for one in read_members(self.results)]
        decisions = {name: str(read_json(self.results / "samples" / name / "release.json")["decision"]) for name in samples}
        entries = self.own(decisions)
        shutil.rmtree(self.store / "fingerprints", ignore_errors=True)
        append(self.store, entries)
        for name in self.fetched:
            (self.store / FOLDER / name).unlink()
        segments = {f"{self.place}/{FOLDER}/{file.name}": file for file in self.store.glob(f"{FOLDER}/*.jsonl")}
        self.bucket.upload(segments, {})
        for one, told in entries:
            self._tell(one.sample, told)
