"""The reaper: lines up again the steps whose worker died, and sends the messages that were lost."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from jobs.errors import (
    Fenced,
    JobGone,
    JobNotFound,
    KhulasaError,
    Poisoned,
    QueueUnavailable,
    StoreUnavailable,
)
from jobs.job import Job, StepRecord
from jobs.line import Line
from jobs.queue import StepQueue, send_all
from jobs.settings import Settings
from jobs.store import JobStore
from jobs.work import SharedWork

log = logging.getLogger("khulasa.reaper")
_JOBS_PER_PASS = 1_000
_MESSAGES_PER_PASS = 1_000
_SPARE_MESSAGES = 100  # lengths that are read apart differ by what is under way


class Reaper:
    """Any number may run: what one has mended is no longer due when the next looks."""

    def __init__(
        self,
        store: JobStore,
        line: Line,
        queue: StepQueue,
        work: SharedWork,
        *,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._line = line
        self._queue = queue
        self._work = work
        self._clock = clock
        self._patience = timedelta(seconds=settings.requeue_seconds)
        self._interval_seconds = settings.reap_interval_seconds
        self._max_attempts = settings.max_attempts
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_reaping, name="reaper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def reap(self, now: datetime) -> int:
        """One pass; gives how many steps were lined up again."""
        mended = 0
        for job_id in self._store.due(now, _JOBS_PER_PASS):
            try:
                mended += self._reap_job(job_id, now)
            except (JobGone, JobNotFound):
                self._store.forget_due(job_id)
            except Fenced:
                continue
            except (StoreUnavailable, QueueUnavailable):
                raise
            except Exception:
                # One record that cannot be read must not hide all that are due after it.
                log.exception("reaper.unreadable", extra={"job_id": job_id})
                self._store.postpone(job_id, now + 2 * self._patience)
        self._level_messages()
        return mended

    def _level_messages(self) -> None:
        """A message for each step in line that has none, and not many more; one too many finds nothing to do.

        While a worker of several lines takes steps of one by messages of another, the first one's pile up.
        """
        sent = self._queue.depths()
        for name, steps in self._line.lengths().items():
            send_all(self._queue, [name] * min(steps - sent[name], _MESSAGES_PER_PASS))
            if sent[name] > steps + _SPARE_MESSAGES:
                self._queue.trim(name, steps + _SPARE_MESSAGES)

    def _reap_job(self, job_id: str, now: datetime) -> int:
        job = self._store.peek(job_id)
        if job.follows:
            self._store.postpone(job_id, now + 2 * self._patience)
            self._work.resume(job_id)
            return 0
        if not self._needs_mending(job, now):
            leases = [step.lease_expires_at for step in job.steps.values() if step.lease_expires_at]
            self._store.postpone(job_id, min([now + 2 * self._patience, *leases]))
            return 0
        ready = self._store.change(job_id, lambda job: self._mend(job, now))
        log.warning("reaper.mended", extra={"job_id": job_id, "lined_up": ready})
        send_all(self._queue, ready)
        return len(ready)

    def _needs_mending(self, job: Job, now: datetime) -> bool:
        """Whether a lease is over, or a step that could be done is not in line."""
        leases = [step.lease_expires_at for step in job.steps.values()]
        return any(_is_past(end, now) for end in leases) or bool(job.ready()) or self._line.misses(job)

    def _mend(self, job: Job, now: datetime) -> list[str]:
        if not self._needs_mending(job, now):
            raise Fenced("another reaper was quicker")
        for name, step in job.steps.items():
            if _is_past(step.lease_expires_at, now):
                self._take_back(job, name, step, now)
        return job.line_up(now)

    def _take_back(self, job: Job, name: str, step: StepRecord, now: datetime) -> None:
        if step.attempts < self._max_attempts:
            job.release(name, token=step.token)
        else:
            error = Poisoned(f"{step.attempts} attempts ended without a word; our log may say why")
            job.fail(name, error, token=step.token, now=now)

    def _keep_reaping(self) -> None:
        while True:
            try:
                self.reap(self._clock())
            except KhulasaError as error:
                log.warning("reaper.skipped", extra={"code": error.code})
            except Exception:
                log.exception("reaper.failed")
            if self._stopping.wait(self._interval_seconds):
                return


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
