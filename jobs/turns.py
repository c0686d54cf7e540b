"""Turns: who comes next among those who wait, so that one owner's thousand articles hold up nobody's one.

Start-time fair queueing (Goyal, Vin and Cheng, 1996) with characters of articles for a clock: a job's turn is
where its owner's unfinished jobs before it end, and at least that of who is first in the lines that it joins.
"""

from typing import cast

from redis import Redis
from redis.client import Pipeline

from jobs.job import LANES, Job

# The turns of a lane's unfinished jobs that follow no other; where those of one owner end.
_TURNS = "khulasa:turns:{}"
_ENDS = "khulasa:turns:{}:{}"
# A job that is gone without having ended must not count against its owner for ever.
_ENDS_SECONDS = 7 * 86_400


class Turns:
    """Changed only in the pipelines that change the jobs; each lane has a clock of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def next(self, job: Job, first: float | None) -> float:
        """The turn of a new job; of two that ask at the same moment both may get it.

        `first`: the turn of who is first in the lines that it will stand in; where nobody is, whoever has not
        ended counts. Another line may be far behind, and whoever came by its turns would always be first.
        """
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zrange(_TURNS.format(job.lane), 0, 0, withscores=True)
            pipe.zrange(_ENDS.format(job.lane, job.owner), -1, -1, withscores=True)
            least, last = cast("list[list[tuple[str, float]]]", pipe.execute())
        clock = [first] if first is not None else [score for _, score in least]
        return max([*clock, *(score for _, score in last)], default=0.0)

    def put(self, pipe: Pipeline, job: Job) -> None:
        for lane in LANES:
            if lane != job.lane:  # it may have left it
                self._remove(pipe, lane, job.id, job.owner)
        if job.follows:  # the one that does its work has come further, and says so
            pipe.zrem(_TURNS.format(job.lane), job.id)
        else:
            pipe.zadd(_TURNS.format(job.lane), {job.id: job.turn})
        # The first one stays: a job that gives way ends no later for that.
        pipe.zadd(_ENDS.format(job.lane, job.owner), {job.id: job.turn + job.article.characters}, nx=True)
        pipe.expire(_ENDS.format(job.lane, job.owner), _ENDS_SECONDS)

    def remove(self, pipe: Pipeline, job_id: str, owner: str) -> None:
        for lane in LANES:
            self._remove(pipe, lane, job_id, owner)

    def _remove(self, pipe: Pipeline, lane: str, job_id: str, owner: str) -> None:
        pipe.zrem(_TURNS.format(lane), job_id)
        pipe.zrem(_ENDS.format(lane, owner), job_id)
