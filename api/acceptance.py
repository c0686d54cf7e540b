"""Acceptance: how a checked submission becomes a job, exactly one for each idempotency key."""

import logging
from contextlib import suppress

from jobs.errors import Fenced, JobGone, JobNotFound, KhulasaError
from jobs.idempotency import IdempotencyKeys
from jobs.job import Job, Status, StoredJob
from jobs.queue import StepQueue
from jobs.segment_store import SegmentStore
from jobs.store import JobStore, utc_now
from jobs.work import SharedWork

log = logging.getLogger("khulasa.api")


class Acceptance:
    """All or nothing: a job that is not accepted leaves nothing behind."""

    def __init__(
        self,
        store: JobStore,
        queue: StepQueue,
        work: SharedWork,
        idempotency: IdempotencyKeys,
        segments: SegmentStore,
    ) -> None:
        self._store = store
        self._queue = queue
        self._work = work
        self._idempotency = idempotency
        self._segments = segments

    def accepted(self, owner: str, key: str, body: bytes) -> StoredJob | None:
        """What the same submission has made before, whatever has become of its webhook or its model since."""
        earlier = self._idempotency.accepted(owner, key, body)
        return self._store.get(earlier) if earlier else None

    def accept_once(self, job: Job, text: str, *, key: str, body: bytes, fresh: bool) -> StoredJob:
        """As `accept`, but for a key that was sent before: the job that it made then."""
        earlier = self._idempotency.reserve(job.owner, key, body, job.id)
        if earlier:
            return self._store.get(earlier)
        try:
            return self.accept(job, text, fresh=fresh)
        except KhulasaError:
            self._idempotency.release(job.owner, key, job.id)
            raise

    def withdraw(self, job_id: str) -> bool:
        """Erases a job whose client is told that it was not accepted; whether Redis let us."""
        try:
            with suppress(JobGone, JobNotFound):
                self._work.forget(self._store.delete(job_id))
            self._segments.forget(job_id)
        except KhulasaError:
            return False
        return True

    def accept(self, job: Job, text: str, *, fresh: bool) -> StoredJob:
        """The job as stored: ended if its work was done before, and waiting for another if that does it.

        `fresh`: do the work again, whatever is there.
        """
        job.fresh = fresh
        try:
            done = None if fresh or job.work is None else self._work.finished(job.work)
            return self._answer(job, text, done) if done else self._enqueue(job, text, fresh)
        except JobGone:
            raise  # under its key it was accepted, and has been erased since
        except KhulasaError:
            self._store.discard(job)
            log.warning("job.withdrawn", extra={"job_id": job.id})
            raise

    def _answer(self, job: Job, text: str, done: StoredJob) -> StoredJob:
        stored = self._work.adopt(job, text, done, utc_now())
        self._store.create(job, text, stored.results)
        self._work.lead(job)
        log.info("job.answered", extra={"job_id": job.id, "from_job": done.job.id})
        return stored

    def _enqueue(self, job: Job, text: str, fresh: bool) -> StoredJob:
        self._store.create(job, text)
        if fresh:
            self._work.lead(job)
        elif self._work.join(job):
            log.info("job.joined", extra={"job_id": job.id})
            return self._store.get(job.id)
        try:
            job, queues = self._store.change(job.id, _line_up)
        except Fenced:
            job, queues = self._store.peek(job.id), []
        for name in queues:
            self._queue.send(name)
        log.info("job.accepted", extra={"job_id": job.id, "characters": job.article.characters})
        return StoredJob(job, text, {}) if job.status is Status.QUEUED else self._store.get(job.id)


def _line_up(job: Job) -> tuple[Job, list[str]]:
    """It may be for the second time: Redis had done it, its reply was lost, and a worker was quick."""
    if job.is_terminal:
        raise Fenced("it has ended")
    return job, job.line_up(utc_now())
