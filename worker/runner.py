"""One attempt at one step: take the next, run it, write the outcome, line up what can follow."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

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
from jobs.store import JobStore, Results
from jobs.work import SharedWork
from models.article import Article
from models.engines import Engines
from models.step import Context, Counts
from models.steps import Steps
from worker.attempts import Attempt, Journal
from worker.drain import Drain
from worker.taking import Taking

log = logging.getLogger("khulasa.worker")
_NOT_OURS = (Fenced, JobGone, JobNotFound)


class _HandBack(Exception):
    """The worker has to stop: the attempt ends here, between two batches."""


class _GiveWay(Exception):
    """Others come first: the attempt ends here, with a part that the next one goes on with."""

    def __init__(self, share: float) -> None:
        self.share = share  # of the article that this attempt has done


class StepRunner:
    def __init__(
        self,
        *,
        taking: Taking,
        store: JobStore,
        queue: StepQueue,
        work: SharedWork,
        steps: Steps,
        engines: Engines,
        segments: SegmentCache,
        drain: Drain,
        journal: Journal,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._taking = taking
        self._store = store
        self._queue = queue
        self._work = work
        self._steps = steps
        self._engines = engines
        self._segments = segments
        self._drain = drain
        self._journal = journal
        self._clock = clock
        self._lease_seconds = settings.lease_seconds
        self._max_attempts = settings.max_attempts

    def run_next(self, queue: str) -> None:
        """Answers a message that a step waits in `queue`: does the one whose turn it is, there or elsewhere.

        Raises StoreUnavailable when Redis stays silent; the step's lease then runs out and the reaper
        lines it up again.
        """
        taken = self._taking.take()
        if taken is None:
            return
        self._journal.begin(Attempt(taken.job_id, taken.step, taken.token))
        if taken.queue != queue:  # what the message spoke of waits still
            send_all(self._queue, [queue])
        self._run(taken.job_id, taken.step, taken.token)

    def _run(self, job_id: str, name: str, token: str) -> None:
        facts = {"job_id": job_id, "step": name, "attempt_token": token}
        log.info("step.started", extra=facts)
        try:
            result, counts = self._execute(self._store.get(job_id), name, token)
        except _HandBack:
            log.info("step.handed_back", extra=facts)
            self._end(job_id, partial(Job.hand_back, name=name, token=token))
        except _GiveWay as done:
            log.info("step.gave_way", extra=facts)
            self._end(job_id, partial(Job.give_way, name=name, token=token, share=done.share))
        except _NOT_OURS as error:
            log.info("step.dropped", extra=facts)
            self._forget_erased(job_id, error)
        except StoreUnavailable:
            raise
        except KhulasaError as error:
            log.warning("step.failed", extra=facts | {"code": error.code})
            self._end(job_id, partial(Job.fail, name=name, error=error, token=token, now=self._clock()))
        except Exception:
            log.exception("step.crashed", extra=facts)
            self._end(job_id, lambda job: self._give_back(job, name, token))
        else:
            log.info("step.succeeded", extra=facts)
            self._end(
                job_id,
                lambda job: job.succeed(name, token=token, receipt=_receipt(job, counts), now=self._clock()),
                results={name: result},
            )

    def _execute(self, stored: StoredJob, name: str, token: str) -> tuple[dict[str, Any], Counts | None]:
        step = self._steps[name]
        record = stored.job.steps[name]
        needed: Mapping[str, Mapping[str, Any]] = {need: stored.results[need] for need in step.after}
        show = self._show(stored.job.id, name, token, record.segments_done)
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
        self, job_id: str, name: str, token: str, done_before: int
    ) -> Callable[[int, int, Mapping[str, Any] | None], None]:
        def show(done: int, total: int, part: Mapping[str, Any] | None) -> None:
            def advance(job: Job) -> Job:
                job.advance(
                    name,
                    token=token,
                    done=done,
                    total=total,
                    now=self._clock(),
                    lease_seconds=self._lease_seconds,
                )
                return job

            job = self._store.change(job_id, advance, results={} if part is None else {name: part})
            self._journal.progress()
            if self._drain.is_over:
                raise _HandBack
            # With a part to go on with, giving way costs nothing.
            if part is not None and done_before < done < total:
                share = (done - done_before) / total
                if self._taking.is_overtaken(job, share):
                    raise _GiveWay(share)

        return show

    def _give_back(self, job: Job, name: str, token: str) -> None:
        attempts = job.steps[name].attempts
        if attempts < self._max_attempts:
            job.release(name, token=token)
        else:
            error = StepCrashed(f"it crashed in each of {attempts} attempts; our log says where")
            job.fail(name, error, token=token, now=self._clock())

    def _end(
        self,
        job_id: str,
        end: Callable[[Job], None],
        *,
        results: Results | None = None,
    ) -> None:
        def change(job: Job) -> tuple[list[str], Job]:
            end(job)
            return job.line_up(self._clock()), job

        try:
            ready, job = self._store.change(job_id, change, results=results or {})
        except _NOT_OURS as error:
            log.info("step.fenced", extra={"job_id": job_id})
            self._forget_erased(job_id, error)
            return
        send_all(self._queue, ready)
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
