"""The segment cache of a worker: the segment store, whose troubles are never a job's."""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import uuid4

from jobs.errors import StoreFull, StoreUnavailable
from jobs.job import Job
from jobs.segment_store import Entry, SegmentStore, User
from jobs.settings import Settings

T = TypeVar("T")
TIMEOUT_SECONDS = 0.25  # of each answer: a sentence takes about as long to translate
_PAUSE_SECONDS = 30.0
log = logging.getLogger("khulasa.worker")


class SegmentCache:
    """After a trouble it is left alone for a while, so that it costs a job a moment, not each window one."""

    def __init__(
        self, store: SegmentStore, settings: Settings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._clock = clock
        self._back_at = -math.inf if settings.segment_cache_mb else math.inf

    def of(self, job: Job) -> "JobSegments":
        return JobSegments(self, job)

    def end(self, job: Job) -> None:
        self.ask(lambda store: store.end(User(job.id, job.ttl_seconds)), None)

    def forget(self, job_id: str) -> None:
        """Not put off by a pause: what must not be kept is erased if that can be."""
        with suppress(StoreUnavailable):
            self._store.forget(job_id)

    def ask(self, question: Callable[[SegmentStore], T], otherwise: T) -> T:
        """`otherwise`: what is answered in trouble."""
        if self._clock() < self._back_at:
            return otherwise
        try:
            return question(self._store)
        except StoreFull as error:
            self._pause(error)
            self._give_way()
        except StoreUnavailable as error:
            self._pause(error)
        return otherwise

    def _pause(self, error: StoreFull | StoreUnavailable) -> None:
        self._back_at = self._clock() + _PAUSE_SECONDS
        log.warning("segments.paused", extra={"code": error.code, "seconds": _PAUSE_SECONDS})

    def _give_way(self) -> None:
        try:
            self._store.give_way()
        except StoreUnavailable:
            return


class JobSegments:
    """One job's view of it: a `models.segment_cache.SegmentCache`."""

    def __init__(self, cache: SegmentCache, job: Job) -> None:
        self._cache = cache
        self._user = User(job.id, job.ttl_seconds)
        self._is_fresh = job.fresh
        self._token = uuid4().hex

    def take(self, keys: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
        if self._is_fresh:
            return {}, keys
        entries = self._cache.ask(lambda store: store.read(keys), dict[str, Entry]())
        missing = [key for key in keys if key not in entries]
        ours: list[str] = []
        if missing:
            all_ours = (dict[str, Entry](), missing)
            late, ours = self._cache.ask(lambda store: store.claim(missing, self._token), all_ours)
            entries |= late
        self._cache.ask(lambda store: store.note_use(entries, self._user), None)
        return {key: entry.value for key, entry in entries.items()}, ours

    def renew(self, keys: Sequence[str]) -> None:
        if not self._is_fresh:
            self._cache.ask(lambda store: store.renew(keys), None)

    def give_back(self, keys: Sequence[str], values: Mapping[str, str]) -> None:
        self._cache.ask(lambda store: store.write(values, self._user), None)
        if not values and not self._is_fresh:
            self._cache.ask(lambda store: store.release(keys), None)
