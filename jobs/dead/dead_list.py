"""The dead list: a job with a step that was given up is noted in the transaction that ends it."""

from redis.client import Pipeline

from jobs.errors import Poisoned, StepCrashed
from jobs.job import Job
from jobs.settings import Settings

DEAD = "khulasa:dead"  # job ids by the time at which their jobs expire
GIVEN_UP = frozenset({Poisoned.code, StepCrashed.code})


class DeadList:
    """Writes into the pipelines of others.

    An id may outlive its job here; whoever reads the list leaves out what is gone.
    """

    def __init__(self, settings: Settings) -> None:
        self._longest_seconds = settings.max_ttl_seconds

    def add(self, pipe: Pipeline, job: Job) -> None:
        """A job that ends now, if one of its steps was given up."""
        problems = {step.problem.code for step in job.steps.values() if step.problem}
        if job.finished_at and problems & GIVEN_UP:
            pipe.zadd(DEAD, {job.id: job.expires_at.timestamp()})
            pipe.zremrangebyscore(DEAD, "-inf", job.finished_at.timestamp())
            pipe.expire(DEAD, self._longest_seconds)

    def remove(self, pipe: Pipeline, job_id: str) -> None:
        pipe.zrem(DEAD, job_id)
