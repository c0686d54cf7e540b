"""The bootstrap: how sure the mean of a sample is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Mean:
    """`low` and `high` hold 95 % of the means of samples drawn again, with replacement."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.1f} [{self.low:+.1f}, {self.high:+.1f}]"


def mean(sample: Sequence[float]) -> Mean:
    """Always the same for the same sample."""
    values = np.asarray(sample, dtype=np.float64)
    drawn = np.random.default_rng(7).choice(values, (_SAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Mean(float(values.mean()), float(low), float(high))
