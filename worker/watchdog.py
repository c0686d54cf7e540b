"""The watchdog: sees which of a worker's pool processes is gone or hangs, and gives its step up."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from jobs.errors import Fenced, JobGone, JobNotFound, KhulasaError
from jobs.job import Job
from jobs.settings import Settings
from jobs.store import JobStore
from worker.attempts import Attempt, Journal
from worker.drain import Drain
from worker.reaper import Reaper

log = logging.getLogger("khulasa.watchdog")
_LOOK_SECONDS = 0.2
_STOOD_STILL_SECONDS = 5.0  # between two looks: the machine or the worker was stopped meanwhile
_BATCH_SECONDS = 5.0  # that a batch may take beyond the drain
_RETURN_SECONDS = 10.0  # in which a process that waited for Redis notices that it is back
_NOT_OURS = (Fenced, JobGone, JobNotFound)


@dataclass
class _Watched:
    attempt: Attempt
    heard_at: float
    is_loading: bool = False


class Watchdog:
    """Runs in the parent, beside the loop that takes messages."""

    def __init__(
        self,
        *,
        journal: Journal,
        store: JobStore,
        reaper: Reaper,
        drain: Drain,
        settings: Settings,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._store = store
        self._reaper = reaper
        self._drain = drain
        self._lease_seconds = settings.lease_seconds
        self._clock = clock
        self._steady = steady
        self._watched: dict[int, _Watched] = {}
        self._lost: list[Attempt] = []
        self._cut_off: set[Attempt] = set()
        self._looked_at = steady()
        self._redis_away_at = float("-inf")
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """It has most to do while the worker stops."""

    def finish(self) -> None:
        """The pool is gone: whatever it still had is given up."""
        self._finished.set()
        if self._thread.is_alive():
            self._thread.join()
        self._look_safely()

    def look(self) -> None:
        """One look at every process."""
        now = self._steady()
        if now - self._looked_at > _STOOD_STILL_SECONDS:
            for watched in self._watched.values():
                watched.heard_at = now
        self._looked_at = now
        self._listen(now)
        for pid, watched in list(self._watched.items()):
            facts = {"pid": pid, **asdict(watched.attempt)}
            if _is_gone(pid):
                log.warning("step.process_lost", extra=facts)
                del self._watched[pid]
                self._lost.append(watched.attempt)
            elif self._drain.overdue_seconds > _BATCH_SECONDS:
                log.warning("step.cut_off", extra=facts)
                self._cut_off.add(watched.attempt)
                _kill(pid)
            elif self._is_hung(watched, now):
                log.error("step.process_hung", extra=facts)
                _kill(pid)
        self._give_up_lost()

    def _listen(self, now: float) -> None:
        for note in self._journal.read():
            if note.attempt:
                self._watched[note.pid] = _Watched(note.attempt, now, note.is_loading)
            else:
                self._watched.pop(note.pid, None)

    def _is_hung(self, watched: _Watched, now: float) -> bool:
        """It is silent, its lease is over, as the record says, and it is not Redis that it waits for."""
        silent_seconds = now - watched.heard_at
        attempt = watched.attempt
        try:
            if watched.is_loading:
                if silent_seconds > self._lease_seconds / 3:
                    self._renew(attempt)
                    watched.heard_at = now
                return False
            if silent_seconds <= self._lease_seconds:
                return False
            is_owner = self._is_owner(attempt)
        except KhulasaError:
            self._redis_away_at = now
            return False
        since = max(watched.heard_at + self._lease_seconds, self._redis_away_at)
        return not is_owner and now - since > _RETURN_SECONDS

    def _is_owner(self, attempt: Attempt) -> bool:
        try:
            step = self._store.peek(attempt.job_id).steps[attempt.step]
        except (JobGone, JobNotFound):
            return False
        lease = step.lease_expires_at
        return step.token == attempt.token and lease is not None and lease > self._clock()

    def _renew(self, attempt: Attempt) -> None:
        """Weights may take longer to load than a lease lasts; the step's time limit bounds that."""
        with suppress(*_NOT_OURS):
            self._set_lease(attempt, timedelta(seconds=self._lease_seconds))

    def _give_up_lost(self) -> None:
        """What becomes of a step whose lease is over is the reaper's to say; it sends messages, too."""
        while self._lost:
            attempt = self._lost[0]
            with suppress(*_NOT_OURS):
                if attempt in self._cut_off:  # by us: nothing is wrong with its article
                    self._hand_back(attempt)
                else:
                    self._set_lease(attempt, timedelta())
                self._reaper.reap(self._clock())
            del self._lost[0]

    def _hand_back(self, attempt: Attempt) -> None:
        def hand_back(job: Job) -> None:
            job.hand_back(attempt.step, token=attempt.token)
            job.line_up(self._clock())

        self._store.change(attempt.job_id, hand_back)

    def _set_lease(self, attempt: Attempt, lasting: timedelta) -> None:
        until = self._clock() + lasting
        self._store.change(
            attempt.job_id, lambda job: job.set_lease(attempt.step, token=attempt.token, until=until)
        )

    def _keep_looking(self) -> None:
        while not self._finished.wait(_LOOK_SECONDS):
            self._look_safely()

    def _look_safely(self) -> None:
        try:
            self.look()
        except KhulasaError as error:
            log.warning("watchdog.skipped", extra={"code": error.code})
        except Exception:
            log.exception("watchdog.failed")


def _is_gone(pid: int) -> bool:
    """Whether or not the pool has noticed."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
