"""Taking: which step a worker does next, and that no other worker does it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from pydantic import ValidationError

from jobs.errors import Fenced, JobGone, JobNotFound
from jobs.job import Job
from jobs.line import Line
from jobs.queue import BULK
from jobs.store import JobStore

log = logging.getLogger("khulasa.worker")


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that an attempt has begun."""

    job_id: str
    step: str
    queue: str
    token: str  # of the attempt


class Taking:
    """`queues`: those of the lines that this worker serves."""

    def __init__(
        self,
        line: Line,
        store: JobStore,
        queues: Sequence[str],
        lease_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._line = line
        self._store = store
        self._queues = queues
        self._lease_seconds = lease_seconds
        self._clock = clock

    def take(self) -> Taken | None:
        """Starts the step whose turn it is; None where nobody waits. Raises StoreUnavailable."""
        tried: set[tuple[str, str]] = set()
        while found := self._next(tried):
            tried.add(found)
            job_id, step = found
            token = uuid4().hex
            try:
                queue = self._store.change(job_id, partial(self._start, step=step, token=token))
            except Fenced:
                continue  # another was quicker
            except (JobGone, JobNotFound):
                self._line.drop(job_id, step)
            except (ValidationError, LookupError):
                # One record that cannot be read must not stop all that are behind it.
                log.exception("step.unreadable", extra={"job_id": job_id, "step": step})
                self._line.drop(job_id, step)
            else:
                return Taken(job_id, step, queue, token)
        return None

    def is_overtaken(self, job: Job, share: float) -> bool:
        """Whether somebody waits who comes before what is left when that share of the article is done."""
        reached = (job.lane == BULK, job.turn_after(share))
        return any((it.in_bulk, it.turn) < reached for it in self._line.first(self._queues, 1))

    def _next(self, tried: set[tuple[str, str]]) -> tuple[str, str] | None:
        first = ((it.job_id, it.step) for it in self._line.first(self._queues, len(tried) + 1))
        return next((step for step in first if step not in tried), None)

    def _start(self, job: Job, step: str, token: str) -> str:
        job.start(step, token=token, now=self._clock(), lease_seconds=self._lease_seconds)
        return job.steps[step].queue
