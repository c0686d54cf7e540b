"""A power cut: Redis's file ends somewhere, in the middle of a record or of a transaction."""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from redis import Redis

from deploy.local.process import Process
from deploy.local.redis_server import answers, find_redis_server, redis_command
from jobs.job import Status
from jobs.line import Line
from jobs.queue import StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import JobStore, connect, utc_now
from jobs.work import SharedWork
from tests.faults.conftest import StartTrial
from tests.faults.load import Load
from tests.faults.losses import but_for_what_is_unknown
from tests.faults.orphans import orphans
from tests.faults.test_worker_killed import SLOW
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC
from tests.records import a_store
from worker.reaper import Reaper

HEALTHY_WITHIN_SECONDS = 90
_FLUSHED_AFTER_SECONDS = 3  # everysec: a second, and two for a write that waited for a sync
_CUTS = 25
_TRANSACTION = b"*1\r\n$5\r\nMULTI\r\n"
_END_OF_IT = b"*1\r\n$4\r\nEXEC\r\n"


def test_a_power_cut_takes_the_last_moment_and_leaves_the_rest_whole(start_trial: StartTrial) -> None:
    trial = start_trial()
    with Load(trial, webhooks=0) as load:
        load.wait_for(5)
        unfinished = trial.customer().submit(ARABIC, **SLOW)
        for entry in (load.entries[0], unfinished):
            trial.customer().erase(entry)
        told = {it for entry in list(load.entries) for it in entry.accepted_ids}
        time.sleep(_FLUSHED_AFTER_SECONDS)
        flushed = file_of(trial).stat().st_size
        load.wait_for(8)
    trial.service.redis.kill()
    everything = file_of(trial).read_bytes()
    os.truncate(file_of(trial), within_a_transaction(everything, after=flushed))
    trial.service.redis.start()
    trial.check_healthy(within_seconds=HEALTHY_WITHIN_SECONDS)
    unknown = {
        it
        for entry in load.entries
        for it in entry.accepted_ids
        if not trial.redis.exists(f"khulasa:seen:{it}")
    }
    assert not unknown & told
    assert but_for_what_is_unknown(trial.findings(), unknown) == []
    check_cuts(everything, trial.service.folder)


def check_cuts(everything: bytes, folder: Path) -> None:
    """Wherever the file ends, whole jobs are in it, and the reaper finds all that is to be done."""
    chance = random.Random(8)
    cuts = [chance.randrange(len(everything) // 4, len(everything)) for _ in range(_CUTS)]
    erasures = [it.end() for it in re.finditer(rb"UNLINK\r\n\$\d+\r\nkhulasa:job:\w+\r\n", everything)]
    assert erasures
    for place, cut in enumerate(cuts + erasures):
        lone = folder / f"cut-{place}"
        lone.mkdir()
        (lone / "appendonly.aof").write_bytes(everything[:cut])
        with _redis_on(lone) as settings:
            redis = connect(settings, retries=0)
            store = a_store(redis, settings)
            check_jobs_are_whole(redis, store)
            _mend(redis, store, settings)
            check_jobs_are_whole(redis, store)
            assert orphans(redis) == [], f"the file was cut at {cut}"
            redis.close()


def check_jobs_are_whole(redis: Redis, store: JobStore) -> None:
    """Each has its text, and if it succeeded its results; what waits is in line, and nothing else is."""
    line, waiting = Line(redis), set[str]()
    for key in redis.scan_iter("khulasa:job:*"):
        stored = store.get(str(key).removeprefix("khulasa:job:"))
        job = stored.job
        assert stored.text
        done = {name for name, step in job.steps.items() if step.status is Status.SUCCEEDED}
        assert done <= stored.results.keys()
        assert job.is_terminal == (redis.zscore("khulasa:due", job.id) is None)
        assert job.is_terminal == (redis.ttl(str(key)) > 0)
        assert not line.misses(job)
        waiting |= {f"{job.id} {name}" for name, step in job.steps.items() if step.is_in_line}
    in_line = {it for key in redis.scan_iter("khulasa:line:*") for it in redis.zrange(str(key), 0, -1)}
    assert in_line == waiting


def file_of(trial: Trial) -> Path:
    return trial.service.folder / "redis" / "appendonly.aof"


def within_a_transaction(everything: bytes, *, after: int) -> int:
    """A place in the middle of the last one."""
    end = everything.rindex(_END_OF_IT)
    start = everything.rindex(_TRANSACTION, 0, end)
    assert start > after, "nothing was written since"
    return (start + end) // 2


def _mend(redis: Redis, store: JobStore, settings: Settings) -> None:
    queue = StepQueue(make_celery(settings), redis)
    work = SharedWork(store, queue, redis, lambda _step, result, _text: result)
    reaper = Reaper(store, Line(redis), queue, work, settings=settings, clock=utc_now)
    reaper.reap(utc_now() + timedelta(minutes=10))


@contextmanager
def _redis_on(folder: Path) -> Iterator[Settings]:
    place = folder / "s"
    command = redis_command(find_redis_server(), socket=place, folder=folder)
    with Process("redis", command, environment=os.environ, log=folder / "log") as process:
        while not answers(place):
            assert not process.has_ended, process.last_lines()
            time.sleep(0.01)
        yield Settings(redis_url=SecretStr(f"unix://{place}"))
        process.kill()
