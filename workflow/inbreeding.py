"""How much of a genome is homozygous because both parents had it from one ancestor: the inbreeding coefficient, a finding and no fault.

The coefficient is the one at which the reads at the panel's sites are likeliest, given the population's frequencies: P(het) = 2pq (1 - F).
Frequencies of another population than the person's shift it; runs of homozygosity are not looked for.
"""

from dataclasses import dataclass

import numpy as np

from workflow.fingerprints import Bytes, Sites, likelihoods

LEAST_INDEPENDENT = 300.0
"""Independent sites with a known frequency; the standard error is then about 0.06."""
NOTED = 0.0625
"""Coefficient of a child of first cousins; from there, and four standard errors above 0, it is noted."""
GRID = np.arange(-0.2, 1.0001, 0.005)


@dataclass(frozen=True)
class Inbreeding:
    """The coefficient, None if it was not evaluated, and what to say of it."""

    coefficient: float | None
    words: str
    notes: tuple[str, ...] = ()


def estimate(quality: Bytes, sites: Sites) -> Inbreeding:
    """Return the inbreeding coefficient of a sample out of its likelihoods, (sites, 3)."""
    used = np.asarray(quality.any(-1)) & ~np.isnan(sites.frequencies)
    known = sites.chosen(used)
    independent = float(known.clusters.independent.sum()) if len(known) else 0.0
    if independent < LEAST_INDEPENDENT:
        return Inbreeding(None, f"{independent:.0f} independent sites with a known frequency; {LEAST_INDEPENDENT:.0f} are needed")
    alt = np.clip(known.frequencies, 0.005, 0.995).astype(np.float64)
    odds = likelihoods(quality[used]).astype(np.float64)
    homozygous = odds[:, 0] * (1 - alt) + odds[:, 2] * alt  # both copies from one ancestor
    random = odds[:, 0] * (1 - alt) ** 2 + odds[:, 1] * 2 * alt * (1 - alt) + odds[:, 2] * alt**2
    totals = np.array([np.log(np.maximum(share * homozygous + (1 - share) * random, 1e-30)).sum() for share in GRID])
    value = round(float(GRID[totals.argmax()]), 3)
    error = 1 / np.sqrt(independent)
    words = f"{value:.3f} from {independent:.0f} independent sites, standard error about {error:.2f}, frequencies of the panel's population"
    noted = value >= NOTED and value >= 4 * error
    return Inbreeding(value, words, (f"the parents may be related: inbreeding coefficient {words}",) if noted else ())
