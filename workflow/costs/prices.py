"""Money: a price table of the centre's own (config section `costs`); none ships, and without one a cost is not evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prices:
    """What a CPU hour, a GB (10^9 bytes) kept for a month and a kWh cost, in `currency`; None where it is not paid for apart."""

    currency: str
    cpu_hour: float | None
    gb_month: float | None
    kwh: float | None
    keep_months: float

    @property
    def known(self) -> bool:
        """Whether there is any price."""
        return any(price is not None for price in (self.cpu_hour, self.gb_month, self.kwh))

    def of(self, cpu_hours: float, kept_gb: float, kwh: float) -> float | None:
        """Return what work costs: computing, energy, and what it leaves kept for `keep_months`; None without a price table."""
        if not self.known:
            return None
        return cpu_hours * (self.cpu_hour or 0.0) + kept_gb * self.keep_months * (self.gb_month or 0.0) + kwh * (self.kwh or 0.0)


def prices_of(config: Mapping[str, Any]) -> Prices:
    """Return the price table that `Settings.costs.prices` holds."""
    return Prices(**config)
