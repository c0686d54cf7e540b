"""The drain: how pool processes learn, through memory shared over the fork, that their worker is to stop."""

import mmap
import time


class Drain:
    """Made before the fork. The parent begins it; pool processes ask."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.is_hurried = False  # the parent has been told more than once
        # When attempts are to hand their steps back, by the clock that all processes share; 0 for never.
        self._over_at = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")

    def begin(self) -> None:
        """Attempts may go on for the set time, or if it has begun already, no longer. Signal handlers may."""
        now = time.monotonic()
        self.is_hurried = self.is_on
        self._over_at[0] = min(self._over_at[0], now) if self.is_on else now + self._seconds

    @property
    def is_on(self) -> bool:
        """Nothing new is taken."""
        return self._over_at[0] > 0

    @property
    def overdue_seconds(self) -> float:
        """For how long attempts should have handed their steps back; negative before."""
        return time.monotonic() - self._over_at[0] if self.is_on else float("-inf")

    @property
    def is_over(self) -> bool:
        return self.overdue_seconds >= 0
