"""The reaper: sends again the steps whose message was lost or whose worker died."""

import logging
import threading
from datetime import datetime, timedelta

from jobs.errors import JobGone, JobNotFound, KhulasaError, Poisoned
from jobs.job import Job, Status, StepRecord
from jobs.queue import StepQueue
from jobs.settings import Settings
from jobs.store import JobStore, utc_now
from worker.runner import send_all

log = logging.getLogger("khulasa.reaper")
_JOBS_PER_PASS = 200


class Reaper:
    """Any number may run: what one has mended is no longer due when the next looks."""

    def __init__(self, store: JobStore, queue: StepQueue, settings: Settings) -> None:
        self._store = store
        self._queue = queue
        self._requeue_seconds = settings.requeue_seconds
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
        depths = self._queue.depths()
        for job_id in self._store.due(now, _JOBS_PER_PASS):
            try:
                _, ready = self._store.change(job_id, lambda job: self._mend(job, depths, now))
            except (JobGone, JobNotFound):
                self._store.forget_due(job_id)
                continue
            if ready:
                log.warning("reaper.sent_again", extra={"job_id": job_id, "steps": sorted(ready)})
            send_all(self._queue, job_id, ready)
            sent += len(ready)
        return sent

    def _mend(self, job: Job, depths: dict[str, int], now: datetime) -> dict[str, str]:
        for name, step in job.steps.items():
            if step.status is Status.RUNNING and _is_past(step.lease_expires_at, now):
                self._take_back(job, name, step, now)
            elif step.status is Status.QUEUED and self._may_be_lost(step, now):
                # With messages waiting in its queue the step's own may be among them.
                step.queued_at = now if depths[step.queue] else None
        return job.mark_ready(now)

    def _take_back(self, job: Job, name: str, step: StepRecord, now: datetime) -> None:
        if step.attempts < self._max_attempts:
            job.release(name, token=step.token)
        else:
            error = Poisoned(f"{step.attempts} attempts ended without a word; the article may be at fault")
            job.fail(name, error, token=step.token, now=now)

    def _may_be_lost(self, step: StepRecord, now: datetime) -> bool:
        patience = timedelta(seconds=self._requeue_seconds)
        return step.queued_at is not None and _is_past(step.queued_at + patience, now)

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
