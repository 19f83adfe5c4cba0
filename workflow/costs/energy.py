"""Energy: a documented model, and the processor's own meter (RAPL) where there is one.

Model of Green Algorithms (Lannelongue, Grealey and Inouye, Advanced Science 2021, doi:10.1002/advs.202100707): time × (cores × power of a
core × usage + memory × power of memory) × PUE. Cores × usage is the CPU time of a job; memory is what its processes took. Its defaults:
12 W a core (a processor of unknown kind), 0.3725 W a GB, PUE 1.67 (world average). Power of memory is disputed (issue 14 of
greenalgorithms/ green-algorithms-tool measures less), and small beside the cores.

RAPL (Linux, /sys/class/powercap) counts the energy of whole processor packages, whatever else runs on them, and no disks, fans or losses.
"""

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")
EVERY = 60.0  # seconds: a counter of 65 kJ (the smallest known) lasts 1,000 s at 65 W
JOULES_A_KWH = 3.6e6


@dataclass(frozen=True)
class EnergyModel:
    """Power of a busy core and of a GB of memory in watts, power usage effectiveness of the building, g CO2e a kWh (None = not told)."""

    watts_per_core: float
    watts_per_gb: float
    pue: float
    g_co2_per_kwh: float | None = None

    def kwh(self, cpu_s: float, wall_s: float, memory_mb: float) -> float:
        """Return the energy of a job: CPU seconds, seconds by the clock, MB (10^6 bytes) of memory held meanwhile."""
        joules = cpu_s * self.watts_per_core + wall_s * memory_mb / 1000 * self.watts_per_gb
        return joules * self.pue / JOULES_A_KWH

    def kg_co2(self, kwh: float) -> float | None:
        """Return kg of CO2 equivalents, None where the config does not say what a kWh costs the climate."""
        return None if self.g_co2_per_kwh is None else kwh * self.g_co2_per_kwh / 1000


def model_of(config: Mapping[str, Any]) -> EnergyModel:
    """Return the model that `Settings.costs.energy` holds."""
    return EnergyModel(**config)


def packages(powercap: Path = POWERCAP) -> list[Path]:
    """Return the folders of the processor packages that this process may read; none without RAPL or without the right to."""
    found = []
    for folder in sorted(powercap.glob("intel-rapl:*")):
        if folder.name.count(":") == 1:  # intel-rapl:0:1 is a part of intel-rapl:0
            with contextlib.suppress(OSError, ValueError):
                int((folder / "energy_uj").read_text())
                found.append(folder)
    return found


class Meter:
    """Energy of all processor packages since it was made; the counters go back to 0 when full, so they are read every minute."""

    def __init__(self, powercap: Path = POWERCAP, every: float = EVERY) -> None:
        self.last: dict[Path, int] = {folder: self._read(folder) for folder in packages(powercap)}
        self.microjoules, self.every = 0, every
        self.lock = threading.Lock()
        self.ended = threading.Event()
        if self.last:
            threading.Thread(target=self._watch, daemon=True).start()

    def joules(self) -> float | None:
        """Return the joules so far and stop; None where there is no meter."""
        self.ended.set()
        if not self.last:
            return None
        self.look()
        return round(self.microjoules / 1e6, 1)

    def look(self) -> None:
        """Read every counter and add what it counted since the last look."""
        with self.lock:
            for folder, before in self.last.items():
                now = self._read(folder)
                self.microjoules += now - before if now >= before else now - before + self._range(folder)
                self.last[folder] = now

    def _watch(self) -> None:
        while not self.ended.wait(self.every):
            self.look()

    @staticmethod
    def _read(folder: Path) -> int:
        return int((folder / "energy_uj").read_text())

    @staticmethod
    def _range(folder: Path) -> int:
        return int((folder / "max_energy_range_uj").read_text())
