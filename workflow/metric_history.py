"""What the centre measured on every sample it ever sealed: the history that a new sample is seen against, and its trend over time.

`<store>/metrics/` holds segments, one a run that sealed something new: JSON lines under the name `<day>_<digest>.jsonl`, the digest being
16 hexadecimal digits of the SHA-256 of the content. A segment is written under another name, synced and moved, so that it is there
whole or not at all; it is never opened for writing again, so that runs of several folders can add to one store at once without a lock. A
segment whose content is not what its name says is left out and told. Of a person nothing is kept but the sample's name and numbers.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workflow.errors import InputError
from workflow.files import atomic

FOLDER = "metrics"
FEWEST = 20  # samples from which quantiles are told; with fewer, each is a mark of its own
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MONTHS = 36  # of trend, the newest
Value = float | bool


@dataclass(frozen=True)
class Entry:
    """One sealed sample.

    Attributes:
        sample: its name, a pseudonym.
        version: number of the sealed version.
        sealed: the day (YYYY-MM-DD, UTC).
        assay: what makes samples comparable (`assay_of`).
        limits: name and date of the limit set.
        order: number of the requisition.
        decision: release, resequence, hold or fail.
        release: SHA-256 of its release.json.
        metrics: value by metric, in the unit of the limit set.
    """

    sample: str
    version: str
    sealed: str
    assay: str
    limits: str
    order: str
    decision: str
    release: str
    metrics: Mapping[str, Value]


@dataclass(frozen=True)
class History:
    """Every entry once, oldest first, and the segments that are damaged."""

    entries: tuple[Entry, ...]
    damaged: tuple[str, ...]


def assay_of(release: Mapping[str, Any], assembly: str) -> str:
    """Return what two samples must share to be compared: limit set, assembly, and the territory that metrics speak of."""
    return f"{release['limits']['name']} · {assembly} · {release['territory']['name']}"


def entry_of(release: Mapping[str, Any], *, version: str, sealed: str, digest: str, assembly: str, order: str) -> Entry:
    """Return the entry of a sealed sample; what was not evaluated has no value in it."""
    metrics = {one["name"]: one["value"] for one in release["metrics"] if one["value"] is not None}
    limits = f"{release['limits']['name']} {release['limits']['date']}"
    return Entry(release["sample"], version, sealed, assay_of(release, assembly), limits, order, release["decision"], digest, metrics)


def read_history(store: Path) -> History:
    """Return the history of a store, empty if there is none yet.

    Raises:
        InputError: the folder cannot be read.
    """
    folder = store / FOLDER
    found: dict[tuple[str, str], Entry] = {}
    damaged = []
    try:
        names = sorted(os.listdir(folder)) if folder.exists() else []
        for name in names:
            if name.endswith(".jsonl"):
                content = (folder / name).read_bytes()
                if _name(content, name[:10]) == name:
                    found |= {(one.sample, one.release): one for one in map(_entry, content.splitlines())}
                else:
                    damaged.append(name)
    except OSError as error:
        what = f"the history of metrics cannot be read ({error.strerror})"
        raise InputError(what, file=folder, remedy="give `identity.store` a folder that can be read and written") from None
    return History(tuple(sorted(found.values(), key=lambda one: (one.sealed, one.version, one.sample))), tuple(damaged))


def keep(store: Path, entries: Iterable[Entry]) -> list[Entry]:
    """Add what the history does not have yet, as one segment, and return it; the same release.json of a sample enters once.

    Raises:
        InputError: the store cannot be written.
    """
    known = {(one.sample, one.release) for one in read_history(store).entries}
    new = [one for one in entries if (one.sample, one.release) not in known]
    if not new:
        return []
    content = "".join(json.dumps(asdict(one), sort_keys=True, allow_nan=False) + "\n" for one in new).encode()
    target = store / FOLDER / _name(content, max(one.sealed for one in new))
    try:
        with atomic(target) as part, open(part, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        target.chmod(0o444)
    except OSError as error:
        what = f"the history of metrics cannot be written ({error.strerror})"
        raise InputError(what, file=store / FOLDER, remedy="give `identity.store` a folder that can be written") from None
    return new


def comparable(history: History, assay: str, without: Iterable[str]) -> list[Entry]:
    """Return the newest entry of each sample of an assay, oldest first; some samples (those of this run) are left out."""
    left_out = set(without)
    latest = {one.sample: one for one in history.entries if one.assay == assay and one.sample not in left_out}
    return sorted(latest.values(), key=lambda one: (one.sealed, one.sample))


def summarise(entries: Sequence[Entry], metric: str) -> dict[str, Any]:
    """Return `{n, quantiles, values, months}` of one metric over some entries.

    `quantiles` are those of QUANTILES (linear between neighbours), empty below FEWEST samples, where `values` has each value instead.
    `months` is the trend: `{month, n, low, median, high}` with quartiles, oldest first.
    """
    numbers = [(one.sealed[:7], float(one.metrics[metric])) for one in entries if metric in one.metrics]
    values = [number for _, number in numbers]
    enough = len(values) >= FEWEST
    by_month: dict[str, list[float]] = {}
    for month, number in numbers:
        by_month.setdefault(month, []).append(number)
    return {
        "n": len(values),
        "quantiles": [_rounded(one) for one in np.quantile(values, QUANTILES)] if enough else [],
        "values": [] if enough else sorted(_rounded(one) for one in values),
        "months": [_month(name, by_month[name]) for name in sorted(by_month)[-MONTHS:]],
    }


def _month(name: str, values: Sequence[float]) -> dict[str, Any]:
    low, median, high = (_rounded(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
    return {"month": name, "n": len(values), "low": low, "median": median, "high": high}


def _rounded(value: float) -> float:
    """Return a number with six significant digits."""
    return float(f"{value:.6g}")


def _entry(line: bytes) -> Entry:
    return Entry(**json.loads(line))


def _name(content: bytes, day: str) -> str:
    """Return the name that a segment of this content has."""
    return f"{day}_{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
