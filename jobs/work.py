"""Work: what several jobs may share, so that identical articles are done once, and by whom."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from redis import Redis

from jobs.errors import Fenced, JobGone, JobNotFound
from jobs.job import Job, Status, StoredJob
from jobs.queue import StepQueue, send_all
from jobs.redis_errors import store_errors
from jobs.store import JobStore, utc_now

# The job that does this work, or has done it.
_DONE_BY = "khulasa:work:{}"
# The ids of the jobs that wait for this one's results.
_FOLLOWERS = "khulasa:followers:{}"

Rebase = Callable[[str, dict[str, Any], str], dict[str, Any]]


class SharedWork:
    """Every method raises StoreUnavailable when Redis does not answer.

    `rebase(step, result, text)` gives the result of one article as another's of the same normal form.
    """

    def __init__(self, store: JobStore, queue: StepQueue, redis: Redis, rebase: Rebase) -> None:
        self._store = store
        self._queue = queue
        self._redis = redis
        self._rebase = rebase

    def finished(self, work: str) -> StoredJob | None:
        """A job that has done this work well, with its results."""
        leader = self._leader(work)
        with suppress(JobGone, JobNotFound):
            if leader and self._store.peek(leader).status is Status.SUCCEEDED:
                return self._store.get(leader)
        return None

    def adopt(self, job: Job, text: str, done: StoredJob, now: datetime) -> StoredJob:
        """`job` as already done by `done`, not yet stored."""
        job.adopt(done.job, now)
        job.cached = True
        return StoredJob(job, text, self._results_for(text, done))

    def join(self, job: Job) -> bool:
        """Whether another job does this work already, and now does it for `job` as well; else `job` leads.

        `job` is stored, and none of its steps is in line.
        """
        if job.work is None:
            return False
        with store_errors():
            if self._redis.set(_DONE_BY.format(job.work), job.id, nx=True, ex=job.ttl_seconds):
                return False
        leader = self._leader(job.work)
        with suppress(Fenced):
            if leader and self._follow(job.id, leader, None):
                return True
        self.lead(job)
        return False

    def lead(self, job: Job) -> None:
        """From now on `job` is the one that others of its work join."""
        if job.work:
            with store_errors():
                self._redis.set(_DONE_BY.format(job.work), job.id, ex=job.ttl_seconds)

    def settle(self, leader_id: str) -> None:
        """Gives the followers of a job that has ended its results, or lets them go alone if it is gone."""
        with store_errors():
            followers = cast("set[str]", self._redis.smembers(_FOLLOWERS.format(leader_id)))
        for follower in sorted(followers):
            with suppress(JobGone, JobNotFound, Fenced):
                self.resume(follower)

    def resume(self, follower_id: str) -> None:
        """Ends a follower whose leader has ended; puts its steps in line if there is nobody to follow."""
        follower = self._store.peek(follower_id)
        if follower.follows is None:
            raise Fenced("it follows nobody")
        leader_id = follower.follows
        now = utc_now()
        try:
            if not self._store.peek(leader_id).is_terminal:
                return
            self._finish(follower_id, self._store.get(leader_id), now)
        except (JobGone, JobNotFound):
            self._go_on_without(leader_id, follower_id, now)
        with store_errors():
            self._redis.srem(_FOLLOWERS.format(leader_id), follower_id)

    def forget(self, job: Job) -> None:
        """`job` is erased: nobody is sent to its results, and who waits for them goes on without it."""
        if job.work and self._leader(job.work) == job.id:
            with store_errors():
                self._redis.delete(_DONE_BY.format(job.work))
        self.settle(job.id)

    def _leader(self, work: str) -> str | None:
        with store_errors():
            return cast("str | None", self._redis.get(_DONE_BY.format(work)))

    def _follow(self, job_id: str, leader_id: str, before: str | None) -> bool:
        """`before`: whom the job followed so far. False where there is nobody to follow."""

        def follow(job: Job) -> None:
            if job.follows != before:
                raise Fenced("it follows another by now")
            if job.status is not Status.QUEUED:
                raise Fenced("it has begun: the reaper has sent it meanwhile")
            job.follow(leader_id)

        try:
            leader = self._store.peek(leader_id)
        except (JobGone, JobNotFound):
            return False
        if leader.follows or leader.status is Status.FAILED:
            return False
        self._store.change(job_id, follow)
        with store_errors(), self._redis.pipeline() as pipe:
            pipe.sadd(_FOLLOWERS.format(leader_id), job_id)
            pipe.expire(_FOLLOWERS.format(leader_id), leader.ttl_seconds)
            pipe.execute()
        # The leader may have ended meanwhile, and have looked for followers before this one was there.
        with suppress(Fenced):
            self.resume(job_id)
        with suppress(Fenced, JobGone, JobNotFound):
            self._hasten(leader_id, job_id)
        return True

    def _hasten(self, leader_id: str, follower_id: str) -> None:
        """Who follows must not wait longer than it would have alone."""
        follower = self._store.peek(follower_id)

        def hasten(leader: Job) -> list[str]:
            if leader.is_terminal or not leader.hasten(follower):
                raise Fenced("it comes soon enough")
            return [step.queue for step in leader.steps.values() if step.is_in_line]

        send_all(self._queue, self._store.change(leader_id, hasten))

    def _finish(self, follower_id: str, done: StoredJob, now: datetime) -> None:
        results = self._results_for(self._store.get(follower_id).text, done)

        def adopt(job: Job) -> None:
            if job.follows != done.job.id:
                raise Fenced("it follows another by now")
            job.adopt(done.job, now)

        self._store.change(follower_id, adopt, results=results)

    def _go_on_without(self, gone: str, job_id: str, now: datetime) -> None:
        """Follows whoever has taken the lead of the work since, or takes it."""
        work = self._store.peek(job_id).work
        leader = self._leader(work) if work else None
        if leader and leader not in (gone, job_id) and self._follow(job_id, leader, gone):
            return

        def go_alone(job: Job) -> list[str]:
            if job.follows != gone:
                raise Fenced("it follows another by now")
            job.go_alone()
            return job.line_up(now)

        ready = self._store.change(job_id, go_alone)
        self.lead(self._store.peek(job_id))
        send_all(self._queue, ready)

    def _results_for(self, text: str, done: StoredJob) -> dict[str, dict[str, Any]]:
        return {step: self._rebase(step, result, text) for step, result in done.results.items()}
