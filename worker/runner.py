"""One attempt at one step: take it, run it, write the outcome, send what can follow."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from jobs.errors import (
    Fenced,
    JobGone,
    JobNotFound,
    KhulasaError,
    StepCrashed,
    StoreUnavailable,
)
from jobs.job import Job, Receipt, StoredJob
from jobs.queue import StepQueue, send_all
from jobs.segment_cache import SegmentCache
from jobs.settings import Settings
from jobs.store import JobStore, Results, utc_now
from jobs.work import SharedWork
from models.article import Article
from models.engines import Engines
from models.step import Context, Counts
from models.steps import Steps

log = logging.getLogger("khulasa.worker")
_NOT_OURS = (Fenced, JobGone, JobNotFound)


class StepRunner:
    def __init__(
        self,
        *,
        store: JobStore,
        queue: StepQueue,
        work: SharedWork,
        steps: Steps,
        engines: Engines,
        segments: SegmentCache,
        settings: Settings,
    ) -> None:
        self._store = store
        self._queue = queue
        self._work = work
        self._steps = steps
        self._engines = engines
        self._segments = segments
        self._lease_seconds = settings.lease_seconds
        self._max_attempts = settings.max_attempts

    def run(self, job_id: str, name: str) -> None:
        """Does nothing for a step that is over, has a living owner, or whose job is gone.

        Raises StoreUnavailable when Redis stays silent; the step's lease then runs out and the reaper
        sends it again.
        """
        token = uuid4().hex
        facts = {"job_id": job_id, "step": name, "attempt_token": token}
        try:
            self._store.change(job_id, lambda job: self._start(job, name, token))
            log.info("step.started", extra=facts)
            result, counts = self._execute(self._store.get(job_id), name, token)
        except _NOT_OURS as error:
            log.info("step.dropped", extra=facts)
            self._forget_erased(job_id, error)
        except StoreUnavailable:
            raise
        except KhulasaError as error:
            log.warning("step.failed", extra=facts | {"code": error.code})
            self._end(job_id, partial(Job.fail, name=name, error=error, token=token, now=utc_now()))
        except Exception:
            log.exception("step.crashed", extra=facts)
            self._end(job_id, lambda job: self._give_back(job, name, token))
        else:
            log.info("step.succeeded", extra=facts)
            self._end(
                job_id,
                lambda job: job.succeed(name, token=token, receipt=_receipt(job, counts), now=utc_now()),
                results={name: result},
            )

    def _start(self, job: Job, name: str, token: str) -> None:
        job.start(name, token=token, now=utc_now(), lease_seconds=self._lease_seconds)

    def _execute(self, stored: StoredJob, name: str, token: str) -> tuple[dict[str, Any], Counts | None]:
        step = self._steps[name]
        record = stored.job.steps[name]
        needed: Mapping[str, Mapping[str, Any]] = {need: stored.results[need] for need in step.after}
        show = self._show(stored.job.id, name, token)
        context = Context(
            engines=self._engines,
            results=needed,
            progress=lambda done, total: show(done, total, None),
            show=show,
            shown=stored.results.get(name),
            segments=self._segments.of(stored.job),
        )
        options = step.options.model_validate(record.options)
        result, counts = step.run(Article(stored.text), options, context)
        return result.model_dump(mode="json"), counts

    def _show(
        self, job_id: str, name: str, token: str
    ) -> Callable[[int, int, Mapping[str, Any] | None], None]:
        def show(done: int, total: int, part: Mapping[str, Any] | None) -> None:
            self._store.change(
                job_id,
                lambda job: job.advance(
                    name,
                    token=token,
                    done=done,
                    total=total,
                    now=utc_now(),
                    lease_seconds=self._lease_seconds,
                ),
                results={} if part is None else {name: part},
            )

        return show

    def _give_back(self, job: Job, name: str, token: str) -> None:
        attempts = job.steps[name].attempts
        if attempts < self._max_attempts:
            job.release(name, token=token)
        else:
            error = StepCrashed(f"it crashed in each of {attempts} attempts; our log says where")
            job.fail(name, error, token=token, now=utc_now())

    def _end(
        self,
        job_id: str,
        end: Callable[[Job], None],
        *,
        results: Results | None = None,
    ) -> None:
        def change(job: Job) -> tuple[dict[str, str], datetime, Job]:
            end(job)
            now = utc_now()
            return job.mark_ready(now), now, job

        try:
            ready, now, job = self._store.change(job_id, change, results=results or {})
        except _NOT_OURS as error:
            log.info("step.fenced", extra={"job_id": job_id})
            self._forget_erased(job_id, error)
            return
        send_all(self._queue, job_id, ready, now)
        if job.is_terminal:
            self._work.settle(job_id)
            self._segments.end(job)

    def _forget_erased(self, job_id: str, error: KhulasaError) -> None:
        """What an attempt has left in the cache since its job was erased."""
        if not isinstance(error, Fenced):
            self._segments.forget(job_id)


def _receipt(job: Job, counts: Counts | None) -> Receipt | None:
    if counts is None:
        return None
    return Receipt(segments_in=job.article.segments, **asdict(counts))
