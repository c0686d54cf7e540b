"""Translations: the passages of one request as one job of the queue, waited for within bounds."""

import logging
from collections.abc import Sequence

from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from api.acceptance import Acceptance
from api.compat.passages import Translated, joined, parted
from api.headers import wants_fresh
from api.waiting import WaitingRoom
from api.work import work_of
from jobs.ids import new_id
from jobs.job import ArticleFacts, Job, Receipt, Status, StepRecord, StoredJob
from jobs.settings import Settings
from jobs.store import JobStore, utc_now
from models.article import Article
from models.engines import Engines
from models.steps import Steps

WAIT_SECONDS = 55  # under the minute after which clients and proxies give up
# A client that was told to come back finds its work going on or done, and nothing is kept for longer.
_TTL_SECONDS = 300
_RETRY_SECONDS = 5
_STEP = "translation"
log = logging.getLogger("khulasa.api")


class Translations:
    def __init__(
        self,
        *,
        store: JobStore,
        acceptance: Acceptance,
        room: WaitingRoom,
        steps: Steps,
        engines: Engines,
        settings: Settings,
    ) -> None:
        self._store = store
        self._acceptance = acceptance
        self._room = room
        self._steps = steps
        self._engines = engines
        self._ttl_seconds = min(_TTL_SECONDS, settings.max_ttl_seconds)

    def of(self, passages: Sequence[str], owner: str) -> Translated:
        """Of different passages. Raises ServiceUnavailable when the time is over; the job goes on."""
        article = Article(joined(passages))
        stored = self._acceptance.accept(self._job(article, owner), article.text, fresh=wants_fresh())
        if not stored.job.is_terminal:
            self._room.wait(stored.job.id, WAIT_SECONDS)
            stored = self._store.get(stored.job.id)
        return parted(passages, self._segments(stored))

    def _segments(self, stored: StoredJob) -> Sequence[dict[str, object]]:
        if stored.job.status is Status.SUCCEEDED:
            segments: Sequence[dict[str, object]] = stored.results[_STEP]["segments"]
            return segments
        problem = stored.job.steps[_STEP].problem
        if problem:
            raise InternalServerError(f"Cannot translate text: {problem.title}: {problem.detail}")
        log.info("compat.not_in_time", extra={"job_id": stored.job.id})
        raise ServiceUnavailable(
            "The translation is not ready yet; send the same request again and it goes on",
            retry_after=_RETRY_SECONDS,
        )

    def _job(self, article: Article, owner: str) -> Job:
        step, segments = self._steps[_STEP], len(article.segments)
        record = StepRecord(
            queue=step.queue,
            options=step.options().model_dump(mode="json"),
            segments_total=segments,
            receipt=Receipt(segments_in=segments),
        )
        steps = {_STEP: record}
        return Job(
            id=new_id(),
            created_at=utc_now(),
            ttl_seconds=self._ttl_seconds,
            article=ArticleFacts(characters=len(article.text), segments=segments, language="ar"),
            steps=steps,
            work=work_of(article, steps, self._steps, self._engines),
            owner=owner,
        )
