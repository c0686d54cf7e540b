"""The reaper: sends again the steps whose message was lost or whose worker died."""

import logging
import threading
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
from jobs.queue import StepQueue, send_all
from jobs.settings import Settings
from jobs.store import JobStore, utc_now
from jobs.work import SharedWork

log = logging.getLogger("khulasa.reaper")
_JOBS_PER_PASS = 1_000


class Reaper:
    """Any number may run: what one has mended is no longer due when the next looks."""

    def __init__(self, store: JobStore, queue: StepQueue, work: SharedWork, settings: Settings) -> None:
        self._store = store
        self._queue = queue
        self._work = work
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
        """One pass; gives how many steps were sent again."""
        sent = 0
        oldest = self._queue.oldest()
        for job_id in self._store.due(now, _JOBS_PER_PASS):
            try:
                sent += self._reap_job(job_id, oldest, now)
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
        return sent

    def _reap_job(self, job_id: str, oldest: dict[str, datetime | None], now: datetime) -> int:
        job = self._store.peek(job_id)
        if job.follows:
            self._store.postpone(job_id, now + 2 * self._patience)
            self._work.resume(job_id)
            return 0
        if not self._needs_mending(job, oldest, now):
            leases = [step.lease_expires_at for step in job.steps.values() if step.lease_expires_at]
            self._store.postpone(job_id, min([now + 2 * self._patience, *leases]))
            return 0
        ready = self._store.change(job_id, lambda job: self._mend(job, oldest, now))
        log.warning("reaper.mended", extra={"job_id": job_id, "sent_again": sorted(ready)})
        send_all(self._queue, job_id, ready, now)
        return len(ready)

    def _needs_mending(self, job: Job, oldest: dict[str, datetime | None], now: datetime) -> bool:
        steps = job.steps.values()
        return bool(job.unsent()) or any(
            _is_past(step.lease_expires_at, now) or self._is_lost(step, oldest, now) for step in steps
        )

    def _mend(self, job: Job, oldest: dict[str, datetime | None], now: datetime) -> dict[str, str]:
        if not self._needs_mending(job, oldest, now):
            raise Fenced("another reaper was quicker")
        for name, step in job.steps.items():
            if _is_past(step.lease_expires_at, now):
                self._take_back(job, name, step, now)
            elif self._is_lost(step, oldest, now):
                step.queued_at = None
        return job.mark_ready(now)

    def _take_back(self, job: Job, name: str, step: StepRecord, now: datetime) -> None:
        if step.attempts < self._max_attempts:
            job.release(name, token=step.token)
        else:
            error = Poisoned(f"{step.attempts} attempts ended without a word; our log may say why")
            job.fail(name, error, token=step.token, now=now)

    def _is_lost(self, step: StepRecord, oldest: dict[str, datetime | None], now: datetime) -> bool:
        """Its message is neither waiting nor, for all the time it had, taken."""
        if not step.is_waiting or step.queued_at is None:
            return False
        head = oldest[step.queue]
        return _is_past(step.queued_at + self._patience, now if head is None else min(now, head))

    def _keep_reaping(self) -> None:
        while not self._stopping.wait(self._interval_seconds):
            try:
                self.reap(utc_now())
            except KhulasaError as error:
                log.warning("reaper.skipped", extra={"code": error.code})
            except Exception:
                log.exception("reaper.failed")


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
