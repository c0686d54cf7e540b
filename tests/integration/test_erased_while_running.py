"""A job that is erased while a worker is at it: what that worker writes afterwards does not stay."""

from collections.abc import Callable
from typing import cast

import pytest
from redis import Redis

from jobs.line import Line
from jobs.queue import StepQueue
from jobs.segment_cache import SegmentCache
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from jobs.store import connect, utc_now
from jobs.work import SharedWork
from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.step import Context, Counts, NoOptions, Step, StepModel
from tests.records import NOW, a_job, a_store
from worker.attempts import Journal
from worker.drain import Drain
from worker.runner import StepRunner
from worker.taking import Taking

KEY = "a" * 40


class Written(StepModel):
    text: str


class Late(Step[NoOptions, Written]):
    """Writes a segment after `erase`, with or without a sign of life after that."""

    name = "translation"
    queue = "translation"
    options = NoOptions
    result = Written

    def __init__(self, erase: Callable[[], object], *, with_progress: bool) -> None:
        self._erase = erase
        self._with_progress = with_progress

    def run(self, article: Article, options: NoOptions, context: Context) -> tuple[Written, Counts | None]:
        context.segments.take([KEY])
        self._erase()
        context.segments.give_back([KEY], {KEY: "english"})
        if self._with_progress:
            context.progress(1, 1)
        return Written(text="english"), None


@pytest.mark.parametrize("with_progress", [True, False])
def test_what_is_written_after_the_erasure_is_erased_by_the_worker(
    redis_settings: Settings, with_progress: bool
) -> None:
    redis = connect(redis_settings, retries=0)
    store = a_store(redis, redis_settings)
    segments = SegmentStore(connect_segments(redis_settings, timeout_seconds=3), redis_settings)
    job = a_job()
    job.line_up(NOW)
    store.create(job, "نص")

    def erase() -> None:
        segments.forget(job.id)
        store.delete(job.id)

    runner = StepRunner(
        taking=Taking(Line(redis), store, ["translation"], 10, utc_now),
        store=store,
        queue=cast("StepQueue", None),  # not reached
        work=cast("SharedWork", None),
        steps={"translation": Late(erase, with_progress=with_progress)},
        engines=Engines(EngineOptions()),
        segments=SegmentCache(segments, redis_settings),
        drain=Drain(0),
        journal=Journal(),
        settings=redis_settings,
        clock=utc_now,
    )
    runner.run_next("translation")
    assert left(redis) == set()


def left(redis: Redis) -> set[str]:
    return {str(name) for name in redis.scan_iter("khulasa:segment*")}
