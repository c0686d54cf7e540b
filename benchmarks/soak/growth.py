"""The growth rule: whether a series stands higher at its end than at its beginning, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

ALLOWED = 0.05
_FIFTHS = 5
_FEWEST_SAMPLES = 20  # four in a fifth: quartiles of fewer say nothing


@dataclass(frozen=True)
class Growth:
    """Of one series after the warm-up; `before` and `after` are the medians of its first and last fifth."""

    name: str
    before: float
    after: float
    allowed: float  # of difference between the two
    is_growth: bool

    @property
    def share(self) -> float:
        return self.after / self.before - 1 if self.before else 0.0


def judge(name: str, values: Sequence[float], *, least: float = 0.0) -> Growth:
    """Growth is a last fifth whose median is over the first's by more than 5 % and by more than `least`,
    and whose lower quartile is above the first's upper one.

    Medians do not see peaks; quartiles that meet are noise, or a sawtooth. A steady leak shows four fifths
    of what it leaks. Raises ValueError for a series that is too short.
    """
    if len(values) < _FEWEST_SAMPLES:
        raise ValueError(f"{len(values)} samples after the warm-up; {_FEWEST_SAMPLES} are needed")
    size = len(values) // _FIFTHS
    first, last = values[:size], values[-size:]
    before, after = median(first), median(last)
    allowed = max(ALLOWED * before, least)
    is_apart = quantiles(last, n=4)[0] > quantiles(first, n=4)[2]
    return Growth(name, before, after, allowed, is_apart and after - before > allowed)


def smallest_leak(growth: Growth, jobs: int) -> float:
    """What each of `jobs` would have to leave behind for the rule to see it, in the units of the series."""
    between = jobs * (_FIFTHS - 1) / _FIFTHS  # from the middle of the first fifth to that of the last
    return growth.allowed / between if between else float("inf")
