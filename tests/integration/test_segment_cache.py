"""The segment cache between processes and in trouble: a sentence is done once, and no job is kept up."""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from deploy.local.process import Process
from jobs.segment_cache import TIMEOUT_SECONDS, JobSegments, SegmentCache
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from models.engines.cached import CachedTranslator
from models.engines.contract import Translation
from tests.counting_translator import Counting
from tests.records import a_job

SHARED = [f"قال الوزير {word} ذلك." for word in ("الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس")]
_spawn = multiprocessing.get_context("spawn")


def a_cache(settings: Settings) -> SegmentCache:
    return SegmentCache(
        SegmentStore(connect_segments(settings, timeout_seconds=TIMEOUT_SECONDS), settings), settings
    )


def segments(cache: SegmentCache, job_id: str = "01ONE", *, fresh: bool = False) -> JobSegments:
    job = a_job(job_id)
    job.fresh = fresh
    return cache.of(job)


def translate(engine: Counting, view: JobSegments, sources: Sequence[str] = SHARED) -> list[bool]:
    """Whether each came from the cache."""
    given = CachedTranslator(engine, view).translate(sources, lambda _done, _total: None)
    assert [it.text for it in given] == [f"[{source}]" for source in sources]
    return [it.from_cache for it in given]


class Killed(Counting):
    """Takes its process down with the second sentence."""

    def _translated(self, source: str):  # type: ignore[no-untyped-def]
        if len(self.asked()) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._translated(source)


def elsewhere(settings: Settings, job_id: str, sources: list[str], engine: Counting, start: Barrier) -> None:
    """What another worker process does."""
    view = segments(a_cache(settings), job_id)
    start.wait(60)
    translate(engine, view, sources)


@pytest.fixture
def processes() -> Iterator[list[BaseProcess]]:
    started: list[BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join()


def test_two_processes_that_meet_the_same_sentences_in_other_orders_do_each_once(
    redis_settings: Settings, tmp_path: Path, processes: list[BaseProcess]
) -> None:
    engine = Counting(tmp_path / "asked", seconds=0.1)
    start = _spawn.Barrier(2)
    for number, sources in enumerate([[*SHARED, "قال هذا."], ["قال ذاك.", *reversed(SHARED)]]):
        arguments = (redis_settings, f"01JOB{number}", sources, engine, start)
        processes.append(_spawn.Process(target=elsewhere, args=arguments))
        processes[-1].start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert sorted(engine.asked()) == sorted([*SHARED, "قال هذا.", "قال ذاك."])


def test_what_a_killed_process_had_claimed_is_done_by_the_one_that_waits_for_it(
    redis_settings: Settings, tmp_path: Path, processes: list[BaseProcess]
) -> None:
    settings = redis_settings.model_copy(update={"lease_seconds": 3})
    start = _spawn.Barrier(1)
    arguments = (settings, "01KILLED", SHARED, Killed(tmp_path / "killed"), start)
    processes.append(_spawn.Process(target=elsewhere, args=arguments))
    processes[0].start()
    processes[0].join(60)
    assert processes[0].exitcode == -signal.SIGKILL
    engine = Counting(tmp_path / "asked")
    began = time.monotonic()
    translate(engine, segments(a_cache(settings)))
    assert 0.5 < time.monotonic() - began < 5
    assert engine.asked() == SHARED


def test_a_job_that_asks_for_fresh_work_neither_reads_nor_waits_and_its_work_is_kept(
    redis_settings: Settings, tmp_path: Path
) -> None:
    engine = Counting(tmp_path / "asked")
    cache = a_cache(redis_settings)
    translate(engine, segments(cache), SHARED[:2])
    other = segments(cache, "01TWO")
    found, ours = other.take([key for key in map(CachedTranslator(engine, other)._key, SHARED) if key])
    assert (len(found), len(ours)) == (2, 4)
    assert translate(engine, segments(cache, "01FRESH", fresh=True)) == [False] * 6
    assert translate(engine, segments(cache, "01LATER")) == [True] * 6
    assert engine.asked() == SHARED[:2] + SHARED


def test_without_a_size_nothing_is_kept(redis_settings: Settings, tmp_path: Path) -> None:
    engine = Counting(tmp_path / "asked")
    settings = redis_settings.model_copy(update={"segment_cache_mb": 0})
    cache = a_cache(settings)
    for _ in range(2):
        translate(engine, segments(cache))
    assert engine.asked() == SHARED * 2
    assert list(connect_segments(settings, timeout_seconds=3).scan_iter("*")) == []


@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP], ids=["ended", "silent"])
def test_a_cache_that_ends_or_falls_silent_costs_a_moment_and_one_line_in_the_log(
    redis_process: tuple[Process, str],
    redis_settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    trouble: signal.Signals,
) -> None:
    redis, _ = redis_process
    engine = Counting(tmp_path / "asked")
    cache = a_cache(redis_settings)
    translate(engine, segments(cache), SHARED[:1])
    os.kill(redis.pid, trouble)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "khulasa.worker"):
        for job in range(5):
            translate(engine, segments(cache, f"01JOB{job}"), SHARED)
    assert time.monotonic() - began < 3  # five jobs with three questions each would take nine
    told = [record.message for record in caplog.records if record.name == "khulasa.worker"]
    assert told == ["segments.paused"]
    assert engine.asked() == SHARED[:1] + SHARED * 5
    os.kill(redis.pid, signal.SIGCONT)  # so that it can be stopped; one that has ended is not waited for yet


def test_after_a_pause_the_cache_is_used_again(redis_settings: Settings, tmp_path: Path) -> None:
    now = [0.0]
    client = connect_segments(redis_settings, timeout_seconds=TIMEOUT_SECONDS)
    cache = SegmentCache(SegmentStore(client, redis_settings), redis_settings, clock=lambda: now[0])
    engine = Counting(tmp_path / "asked")
    client.config_set("maxmemory", "1")
    translate(engine, segments(cache))
    client.config_set("maxmemory", "0")
    translate(engine, segments(cache, "01TWO"))
    now[0] = 31.0
    translate(engine, segments(cache, "01THREE"))
    assert translate(engine, segments(cache, "01FOUR")) == [True] * 6
    assert engine.asked() == SHARED * 3


def test_a_full_redis_is_a_miss_and_the_cache_gives_way(redis_settings: Settings, tmp_path: Path) -> None:
    client = connect_segments(redis_settings, timeout_seconds=TIMEOUT_SECONDS)
    engine = Counting(tmp_path / "asked")
    translate(engine, segments(a_cache(redis_settings)))
    before = client.zcard("khulasa:segments")
    client.config_set("maxmemory", "1")
    other = [source.replace("قال", "أعلن") for source in SHARED]
    assert translate(engine, segments(a_cache(redis_settings), "01TWO"), other) == [False] * 6
    assert engine.asked() == SHARED + other
    assert client.zcard("khulasa:segments") < before


def test_an_engine_that_fails_leaves_its_sentences_to_the_next_at_once(
    redis_settings: Settings, tmp_path: Path
) -> None:
    def fail(_source: str) -> Translation:
        raise MemoryError

    broken = Counting(tmp_path / "broken")
    broken._translated = fail  # type: ignore[method-assign]
    cache = a_cache(redis_settings)
    with pytest.raises(MemoryError):
        translate(broken, segments(cache))
    began = time.monotonic()
    translate(Counting(tmp_path / "asked"), segments(cache, "01TWO"))
    assert time.monotonic() - began < 3  # a claim lapses after five
