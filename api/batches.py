"""Batches: many submissions in one body, all of them accepted or none."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from redis import Redis

from api.acceptance import Acceptance
from jobs.batch import Batch, BatchStore
from jobs.errors import JobGone, JobNotFound, KhulasaError, StoreUnavailable
from jobs.idempotency import BATCHES, IdempotencyKeys
from jobs.ids import new_id
from jobs.job import Job, Problem
from jobs.store import JobStore, utc_now
from jobs.views import job_view, rfc3339
from models.steps import Steps, result_fields

log = logging.getLogger("khulasa.api")


class Batches:
    """What can be done with a batch."""

    def __init__(
        self, batches: BatchStore, store: JobStore, acceptance: Acceptance, redis: Redis, steps: Steps
    ) -> None:
        self._batches = batches
        self._store = store
        self._acceptance = acceptance
        self._keys = IdempotencyKeys(redis, batches.was_accepted, self._abandon, BATCHES)
        self._fields = result_fields(steps)

    def accepted(self, owner: str, key: str, body: bytes) -> Batch | None:
        """What the same submission has made before, whatever has become of its webhooks or models since."""
        earlier = self._keys.accepted(owner, key, body)
        return self._batches.get(earlier, owner) if earlier else None

    def accept_once(
        self, articles: list[tuple[Job, str]], owner: str, *, key: str, body: bytes, fresh: bool
    ) -> Batch:
        """As `accept`, but for a key that was sent before: the batch that it made then."""
        batch_id = new_id()
        earlier = self._keys.reserve(owner, key, body, batch_id)
        if earlier:
            return self._batches.get(earlier, owner)
        try:
            return self.accept(articles, owner, fresh=fresh, batch_id=batch_id)
        except KhulasaError:
            with suppress(KhulasaError):
                self._keys.release(owner, key, batch_id)
            raise

    def accept(
        self, articles: list[tuple[Job, str]], owner: str, *, fresh: bool, batch_id: str | None = None
    ) -> Batch:
        """What cannot all be accepted is withdrawn; raises as Acceptance.accept does."""
        jobs = [job for job, _ in articles]
        self._store.check_room(jobs)
        batch = Batch(
            id=batch_id or new_id(),
            owner=owner,
            created_at=utc_now(),
            ttl_seconds=max(job.ttl_seconds for job in jobs),
            jobs=[job.id for job in jobs],
        )
        try:
            self._batches.begin(batch.id, batch.jobs)
            for job, text in articles:
                job.owner = owner
                self._acceptance.accept(job, text, fresh=fresh)
            self._batches.create(batch)
        except KhulasaError:
            if self._has_come_to_nothing(batch.id):
                raise
        log.info("batch.accepted", extra={"batch_id": batch.id, "articles": len(batch.jobs)})
        return batch

    def _has_come_to_nothing(self, batch_id: str) -> bool:
        """Whether its client is to be told so: not where all is there, and only a reply was lost."""
        try:
            return self._abandon(batch_id)
        except KhulasaError:
            return True  # as far as we can see; whoever repeats it under its key sees further

    def _abandon(self, batch_id: str) -> bool:
        """What was cut off while it was stored: nothing of it is to remain. False: it was accepted."""
        jobs = self._batches.abandon(batch_id)
        if jobs is None:
            return False
        withdrawn = [self._acceptance.withdraw(job_id) for job_id in jobs]
        if not all(withdrawn):
            raise StoreUnavailable("what was stored of a batch could not be withdrawn; try again")
        self._batches.forget_draft(batch_id)
        return True

    def view(self, batch: Batch) -> dict[str, Any]:
        counts = Counter(job.status if job else "gone" for job in self._store.peek_all(batch.jobs))
        unfinished = counts["queued"] + counts["running"]
        return {
            "id": batch.id,
            "created_at": rfc3339(batch.created_at),
            "expires_at": rfc3339(batch.expires_at),
            "articles": len(batch.jobs),
            "finished": unfinished == 0,
            "counts": {name: counts[name] for name in ("queued", "running", "succeeded", "failed", "gone")},
        }

    def results(self, batch: Batch) -> Iterator[bytes]:
        """Each job as it stands, a line each, in the order given; read from the store as they are sent."""
        for job_id in batch.jobs:
            try:
                told = job_view(self._store.get(job_id), self._fields)
            except (JobGone, JobNotFound) as error:
                told = {"id": job_id, "status": "gone", "problem": Problem.of(error).model_dump()}
            yield json.dumps(told, ensure_ascii=False).encode() + b"\n"
