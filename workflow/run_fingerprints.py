"""The fingerprints of all samples of a run side by side, in files that are mapped and not read whole.

<results>/identity/run.json            people, sites, and whether the run's own calls extend the panel
<results>/identity/run.sites.npz       the sites
<results>/identity/run.quality.npy     likelihoods, (samples, sites, 3)
<results>/identity/run.planes.npy      bits, (samples, 3, bytes)
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workflow.files import atomic, read_json, write_json
from workflow.fingerprints import Bytes, Fingerprint, Sites, planes, read_fingerprint, write_fingerprint
from workflow.kin_order import Person, people_of
from workflow.matching import Pair, compare, nearest, screen

PACKED_AT_ONCE = 100
"""Samples whose bits are made at once: bounds the memory."""


@dataclass(frozen=True)
class Run:
    """The fingerprints of a run, in the order of its sheet; `facts` is what run.json says."""

    people: Mapping[str, Person]
    sites: Sites
    quality: Bytes
    bits: Bytes
    facts: Mapping[str, Any]

    def number(self, sample: str) -> int:
        """Return the row of a sample."""
        return list(self.people).index(sample)

    def of(self, sample: str) -> Bytes:
        """Return the likelihoods of a sample, (sites, 3)."""
        return np.asarray(self.quality[self.number(sample)])

    def pairs(self, sample: str, others: Sequence[str]) -> dict[str, Pair]:
        """Return how some samples stand to one."""
        if not others:
            return {}
        rows = [self.number(other) for other in others]
        return {pair.name: pair for pair in compare(self.of(sample), np.asarray(self.quality[rows]), others, self.sites)}

    def nearest(self, sample: str) -> list[str]:
        """Return the samples that are worth a closer look."""
        names = [name for name in self.people if name != sample]
        found = screen(np.asarray(self.bits[self.number(sample)]), np.asarray(self.bits[[self.number(name) for name in names]]))
        return [names[at] for at in nearest(found).tolist()]


def write_run(paths: Mapping[str, str], people: Sequence[Person], sites: Sites, quality: Bytes, facts: Mapping[str, Any]) -> None:
    """Write the files of a run; `paths` has json, sites, quality and planes."""
    write_fingerprint(paths["sites"], Fingerprint("", sites, np.zeros((len(sites), 3), np.uint8)))
    bits = np.concatenate([planes(quality[at : at + PACKED_AT_ONCE]) for at in range(0, len(quality), PACKED_AT_ONCE)])
    for name, array in (("quality", quality), ("planes", bits)):
        with atomic(paths[name]) as part, part.open("wb") as handle:
            np.save(handle, array)
    write_json(paths["json"], {**facts, "people": [asdict(one) for one in people]})


def read_run(paths: Mapping[str, str]) -> Run:
    """Return the fingerprints of a run, the large arrays mapped."""
    facts = read_json(paths["json"])
    quality, bits = (np.load(Path(paths[name]), mmap_mode="r") for name in ("quality", "planes"))
    return Run(people_of(facts["people"]), read_fingerprint(paths["sites"]).sites, quality, bits, facts)
