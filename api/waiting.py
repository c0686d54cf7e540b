"""Waiting: `Prefer: wait=N` (RFC 7240) holds a request until its job ends, in a bounded number of threads."""

import re
import threading
from time import monotonic

from jobs.store import JobStore

MAX_WAIT_SECONDS = 60
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", re.IGNORECASE)


def wait_seconds(prefer: str) -> int:
    """What the header asks for, at most 60; 0 where it asks for nothing, as a preference may be ignored."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0


class WaitingRoom:
    """When every place is taken, waiting ends at once: polling must always find a free thread."""

    def __init__(self, store: JobStore, places: int) -> None:
        self._store = store
        self._places = threading.BoundedSemaphore(places) if places else None

    def wait(self, job_id: str, seconds: int) -> None:
        """Returns when the job is terminal or the time is over; raises as JobStore.peek does."""
        if not seconds or self._places is None or not self._places.acquire(blocking=False):
            return
        try:
            deadline = monotonic() + seconds
            with self._store.changes(job_id) as next_change:
                while not self._store.peek(job_id).is_terminal and monotonic() < deadline:
                    next_change(deadline - monotonic())
        finally:
            self._places.release()
