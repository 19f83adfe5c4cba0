"""Sex chromosomes by depth and heterozygosity: aneuploidies, mosaics, no false call on simulated people."""

import numpy as np
import pytest

from workflow.ploidy import KARYOTYPES, copies_of_karyotype
from workflow.sex import LEAST_BASES, heterozygosity, judge_chromosomes, judge_sex

RATE = 4e-4


def measured(rng: np.random.Generator, x: float, y: float, *, mixed: bool) -> tuple[float, float, float | None]:
    """Return depth ratios and heterozygosity as 200 kb of X and Y at 30x show them, sequence content moving depths by 2 %."""
    x_ratio, y_ratio = (copies / 2 * rng.normal(1, 0.02) + rng.normal(0, 0.005) for copies in (x, y))
    return x_ratio, max(0.0, y_ratio), heterozygosity((200_000, int(rng.poisson(200_000 * (RATE if mixed else 2e-6)))))


@pytest.mark.parametrize("name", KARYOTYPES)
def test_judge_chromosomes_names_every_karyotype(name: str) -> None:
    rng = np.random.default_rng(7)
    x, y = copies_of_karyotype(name)
    for _ in range(200):
        found = judge_chromosomes(*measured(rng, x, y, mixed=x > 1))
        assert (found.karyotype, found.mosaic, found.notes) == (name, None, ())


@pytest.mark.parametrize("share", [0.4, 0.6, 0.65])
def test_judge_chromosomes_names_mosaic_loss_of_x_with_its_share(share: float) -> None:
    rng = np.random.default_rng(8)
    for _ in range(100):
        found = judge_chromosomes(*measured(rng, 2 - share, 0, mixed=True))
        assert (found.karyotype, found.mosaic) == ("XX", "X0/XX")
        low, high = found.share_of_cells or (1, 0)
        assert low - 0.03 <= share <= high + 0.03


def test_judge_chromosomes_names_mosaic_loss_of_y() -> None:
    found = judge_chromosomes(0.5, 0.25, 0.0)
    assert (found.karyotype, found.mosaic, found.share_of_cells) == ("XY", "X0/XY", (0.4, 0.6))


def test_judge_chromosomes_doubts_one_heterozygous_x() -> None:
    assert "mixture" in judge_chromosomes(0.5, 0.5, RATE).notes[0]
    assert "related" in judge_chromosomes(1.0, 0.0, 0.0).notes[0]


def test_judge_chromosomes_says_that_heterozygosity_is_missing() -> None:
    assert "not evaluated" in judge_chromosomes(1.0, 0.0, heterozygosity((LEAST_BASES - 1, 20))).notes[0]


def test_judge_chromosomes_without_x_or_y() -> None:
    assert judge_chromosomes(None, 0.5, 0.0).karyotype is None
    assert judge_chromosomes(0.7, 0.7, RATE).karyotype is None


def test_judge_sex_holds_a_mosaic() -> None:
    record = {
        "x_depth_ratio": 0.7, "y_depth_ratio": 0.0, "measured": "XX", "declared": "female", "agrees": False,
        "mosaic": "X0/XX", "mosaic_share": [0.5, 0.7], "reason": "", "notes": [],
    }  # fmt: skip
    agrees, words = judge_sex(record)
    assert agrees is False
    assert "mosaic X0/XX, the loss in 50% to 70% of cells" in words
