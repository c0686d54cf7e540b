"""Waiting: requests held until their job changes, all of them fed by one Redis subscription."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from jobs.errors import KhulasaError
from jobs.store import JobStore

MAX_WAIT_SECONDS = 60
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])", re.IGNORECASE)
# A notice can be lost with its connection: who waits looks again at least this often.
_LOOK_AGAIN_SECONDS = 5.0
log = logging.getLogger("khulasa.api")


def wait_seconds(prefer: str) -> int:
    """What the header `Prefer` (RFC 7240) asks for, at most 60; 0 where it asks for nothing."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0


class WaitingRoom:
    """When every place is taken, waiting ends at once: memory and sockets are not without end."""

    def __init__(self, store: JobStore, places: int) -> None:
        self._store = store
        self._free = threading.BoundedSemaphore(places) if places else None
        self._lock = threading.Lock()
        self._waiting: dict[str, set[threading.Event]] = {}
        self._listening = False

    def wait(self, job_id: str, seconds: int) -> None:
        """Returns when the job is terminal or the time is over; raises as JobStore.peek does."""
        if not seconds:
            return
        deadline = monotonic() + seconds
        with self.place(job_id) as changed:
            while changed is not None and not self._store.peek(job_id).is_terminal:
                left = deadline - monotonic()
                if left <= 0:
                    return
                changed.wait(min(left, _LOOK_AGAIN_SECONDS))
                changed.clear()

    @contextmanager
    def place(self, job_id: str) -> Iterator[threading.Event | None]:
        """An event that is set at each change of the job; None where every place is taken."""
        if self._free is None or not self._free.acquire(blocking=False):
            yield None
            return
        changed = threading.Event()
        try:
            with self._lock:
                self._waiting.setdefault(job_id, set()).add(changed)
                self._listen()
            yield changed
        finally:
            with self._lock:
                self._waiting[job_id].discard(changed)
                if not self._waiting[job_id]:
                    del self._waiting[job_id]
            self._free.release()

    def _listen(self) -> None:
        """Starts the one listener with the first who waits: never before gunicorn has forked."""
        if not self._listening:
            self._listening = True
            threading.Thread(target=self._tell, name="changes", daemon=True).start()

    def _tell(self) -> None:
        while True:
            try:
                for job_id in self._store.changed_ids():
                    with self._lock:
                        for changed in self._waiting.get(job_id, ()):
                            changed.set()
            except KhulasaError as error:
                with self._lock:
                    if not self._waiting:  # the next who waits starts it again
                        self._listening = False
                        return
                log.warning("changes.not_heard", extra={"code": error.code})
                time.sleep(1.0)
