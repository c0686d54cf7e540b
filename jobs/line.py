"""The line: the steps that wait for a worker, by turn, written with the records that say so."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from redis import Redis
from redis.client import Pipeline

from jobs.job import Job
from jobs.queue import BULK, QUEUES
from jobs.redis_errors import store_errors

# Of each queue: `JOB STEP` by the job's turn; of one turn the older job comes first.
LINE = "khulasa:line:{}"


class Waiting(NamedTuple):
    """A step in line; they sort as they are taken."""

    in_bulk: bool
    turn: float
    job_id: str
    step: str


class Line:
    """Changed only in the pipelines that change the jobs; the rest raises StoreUnavailable."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def put(self, pipe: Pipeline, job: Job) -> None:
        """Each step where its record has it: in line, or not."""
        self.remove(pipe, job.id, job.steps)
        for name, step in job.steps.items():
            if step.is_in_line:
                pipe.zadd(LINE.format(step.queue), {_member(job.id, name): job.turn})

    def remove(self, pipe: Pipeline, job_id: str, steps: Iterable[str]) -> None:
        members = [_member(job_id, name) for name in steps]
        for queue in QUEUES:
            pipe.zrem(LINE.format(queue), *members)

    def first(self, queues: Sequence[str], count: int) -> list[Waiting]:
        """The next steps. Bulk waits until there is nothing else."""
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for queue in queues:
                pipe.zrange(LINE.format(queue), 0, count - 1, withscores=True)
            heads = cast("list[list[tuple[str, float]]]", pipe.execute())
        waiting = [
            Waiting(queue == BULK, turn, *member.split(" "))
            for queue, head in zip(queues, heads, strict=True)
            for member, turn in head
        ]
        return sorted(waiting)[:count]

    def misses(self, job: Job) -> bool:
        """Whether one of its steps should be in line and is not."""
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for name, step in job.steps.items():
                if step.is_in_line:
                    pipe.zscore(LINE.format(step.queue), _member(job.id, name))
            return None in pipe.execute()

    def drop(self, job_id: str, step: str) -> None:
        """Of a job that is gone, or that cannot be read."""
        # Not a transaction: a full Redis refuses those.
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            self.remove(pipe, job_id, [step])
            pipe.execute()

    def lengths(self) -> dict[str, int]:
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for queue in QUEUES:
                pipe.zcard(LINE.format(queue))
            return dict(zip(QUEUES, pipe.execute(), strict=True))


def _member(job_id: str, step: str) -> str:
    return f"{job_id} {step}"
