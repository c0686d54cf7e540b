"""Turns: who comes next among those who wait, so that one owner's thousand articles hold up nobody's one.

Start-time fair queueing (Goyal, Vin and Cheng, 1996) with characters of articles for a clock: a job's turn is
where its owner's last one ends, but never before the clock, which is just ahead of who is first in line.
"""

from collections.abc import Iterable

from redis import Redis
from redis.client import Pipeline

from jobs.job import LANES, Job
from jobs.line import LINE

# The turns of a lane's unfinished jobs that follow no other.
_TURNS = "khulasa:turns:{}"
# Where the last job of each owner ends; who has not come for a week starts anew.
_ENDS = "khulasa:turn-ends:{}"
_ENDS_SECONDS = 7 * 86_400
# KEYS: the ends, the turns, the lines that the job joins; ARGV: its owner, its characters, seconds.
# In one step, since whoever submits a hundred at once is to get a hundred turns.
_TAKE_TURN = """
local function edge(key, place)
    return tonumber(redis.call('ZRANGE', key, place, place, 'WITHSCORES')[2])
end
local clock = nil
for line = 3, #KEYS do
    local first = edge(KEYS[line], 0)
    if first and (not clock or first < clock) then clock = first end
end
if clock then
    clock = clock - ARGV[2]
else
    clock = edge(KEYS[2], 0) or edge(KEYS[1], -1) or 0
end
local turn = math.max(clock, tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) or clock)
redis.call('ZADD', KEYS[1], turn + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return string.format('%.17g', turn)
"""


class Turns:
    """Each lane has a clock of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def take(self, job: Job) -> float:
        """The turn of a new job.

        Where the lines that it joins are empty, the clock is the turn of who has come least far; in a lane
        without work, where the last one ended. Other lines may be far behind: their turns would be a credit.
        """
        lines = (LINE.format(queue) for queue in sorted({step.queue for step in job.steps.values()}))
        keys = [_ENDS.format(job.lane), _TURNS.format(job.lane), *lines]
        asked = (_owner(job), job.article.characters, _ENDS_SECONDS)
        return float(str(self._redis.eval(_TAKE_TURN, len(keys), *keys, *asked)))

    def give_back(self, pipe: Pipeline, job: Job) -> None:
        """What the job has taken; a full Redis refuses that."""
        pipe.zincrby(_ENDS.format(job.lane), -job.article.characters, _owner(job))
        pipe.expire(_ENDS.format(job.lane), _ENDS_SECONDS)

    def put(self, pipe: Pipeline, job: Job) -> None:
        self.remove(pipe, job.id, (lane for lane in LANES if lane != job.lane or job.follows))
        if not job.follows:  # else the one that does its work has come further, and says so
            pipe.zadd(_TURNS.format(job.lane), {job.id: job.turn})

    def remove(self, pipe: Pipeline, job_id: str, lanes: Iterable[str] = LANES) -> None:
        for lane in lanes:
            pipe.zrem(_TURNS.format(lane), job_id)


def _owner(job: Job) -> str:
    return job.owner or "nobody"  # no key's id has that length
