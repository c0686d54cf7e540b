"""The backlog: the jobs that have not ended, whose turn it is, when to look at each, how many may be."""

from collections.abc import Sequence
from datetime import datetime
from math import inf
from typing import cast

from redis import Redis
from redis.client import Pipeline

from jobs.errors import QueueFull
from jobs.job import Job
from jobs.line import Line
from jobs.settings import Settings
from jobs.turns import Turns

# Ids of unfinished jobs by the time at which the reaper should look at them.
_DUE = "khulasa:due"
# The characters of each one's article. No running total: a sum cannot drift.
_CHARACTERS = "khulasa:unfinished-characters"
_SUM = """
local sum = 0
for _, characters in ipairs(redis.call('HVALS', KEYS[1])) do
    sum = sum + characters
end
return sum
"""


class Backlog:
    """Changed only in the pipelines that change the jobs."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._line = Line(redis)
        self._turns = Turns(redis)
        self._requeue_seconds = settings.requeue_seconds
        self._most_jobs = settings.max_queued_jobs
        self._most_characters = settings.max_queued_characters

    def check_room(self, jobs: Sequence[Job]) -> None:
        """Raises QueueFull; those who ask at the same moment may get in together."""
        if self.count() + len(jobs) > self._most_jobs:
            raise QueueFull(f"at most {self._most_jobs} jobs may be unfinished; try again later")
        if self.characters() + sum(job.article.characters for job in jobs) > self._most_characters:
            raise QueueFull(f"at most {self._most_characters} characters may be unfinished; try again later")

    def take_turn(self, job: Job) -> float:
        return self._turns.take(job)

    def give_back_turn(self, pipe: Pipeline, job: Job) -> None:
        """Unless something was done of it."""
        if job.was_never_begun:
            self._turns.give_back(pipe, job)

    def put(self, pipe: Pipeline, job: Job) -> None:
        """As its record has it now."""
        attention_at = job.attention_at(self._requeue_seconds)
        pipe.hset(_CHARACTERS, job.id, job.article.characters)
        pipe.zadd(_DUE, {job.id: attention_at.timestamp() if attention_at else inf})
        self._turns.put(pipe, job)
        self._line.put(pipe, job)

    def remove(self, pipe: Pipeline, job: Job) -> None:
        self._line.remove(pipe, job.id, job.steps)
        self.forget(pipe, job.id)

    def forget(self, pipe: Pipeline, job_id: str) -> None:
        """As `remove`, when there is no record; what is left in line goes when it is its turn."""
        self._turns.remove(pipe, job_id)
        # The last, and in this order: of what is cut off before the end the reaper removes the rest.
        pipe.hdel(_CHARACTERS, job_id)
        pipe.zrem(_DUE, job_id)

    def due(self, now: datetime, limit: int) -> list[str]:
        found = self._redis.zrangebyscore(_DUE, "-inf", now.timestamp(), start=0, num=limit)
        return cast("list[str]", found)

    def postpone(self, job_id: str, until: datetime) -> None:
        self._redis.zadd(_DUE, {job_id: until.timestamp()}, xx=True)

    def count(self) -> int:
        return self._redis.zcard(_DUE)

    def characters(self) -> int:
        return int(str(self._redis.eval(_SUM, 1, _CHARACTERS)))
