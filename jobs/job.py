"""The job record: one article, the steps asked for, and the only ways in which they may change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from jobs.errors import DependencyFailed, Fenced, KhulasaError


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


LANES = ("interactive", "bulk")  # nobody in the second is taken while somebody waits in the first
TERMINAL = frozenset({Status.SUCCEEDED, Status.FAILED})


class Record(BaseModel):
    # A newer process may have written a field that this one does not know.
    model_config = ConfigDict(extra="ignore")


class Problem(Record):
    """Why a step or a job failed; the body of an RFC 9457 problem without its HTTP part."""

    code: str
    title: str
    detail: str

    @classmethod
    def of(cls, error: KhulasaError) -> "Problem":
        return cls(code=error.code, title=error.title, detail=error.detail)


class Receipt(Record):
    """The counts that prove nothing was dropped, in segments of the article."""

    segments_in: int
    segments_out: int = 0
    truncated: int = 0
    flagged: int = 0
    from_cache: int = 0


class ArticleFacts(Record):
    title: str | None = None
    reference: str | None = None
    characters: int
    segments: int
    language: str
    kind: str = "json"  # what the text came in: json, or the type of a file
    encoding: str = "utf-8"  # in which a file's text was


class Webhook(Record):
    """Whom to tell when the job has ended."""

    url: str
    events: list[str]
    deliveries: int = 0  # how many there are; they are numbered from 1


class StepRecord(Record):
    queue: str  # the Celery queue that carries its messages
    after: list[str] = []  # steps whose results it needs
    options: dict[str, Any] = {}
    status: Status = Status.QUEUED
    # Since when it stands in line; None while it waits for `after`, and once an attempt has come to nothing.
    queued_at: datetime | None = None
    attempts: int = 0
    token: str | None = None  # of the attempt that owns the step; a write with another token is refused
    lease_expires_at: datetime | None = None
    segments_done: int = 0
    segments_total: int | None = None
    receipt: Receipt | None = None
    problem: Problem | None = None

    @property
    def is_waiting(self) -> bool:
        """Nobody works on it: it has not begun, or its last attempt came to nothing."""
        return self.status not in TERMINAL and self.token is None

    @property
    def is_in_line(self) -> bool:
        return self.is_waiting and self.queued_at is not None


class Job(Record):
    id: str
    revision: int = 0  # grows by one with each write; the ETag
    status: Status = Status.QUEUED
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    ttl_seconds: int
    article: ArticleFacts
    steps: dict[str, StepRecord]
    lane: str = "interactive"
    turn: float = 0.0  # its place among the unfinished jobs of its lane; less is sooner
    metadata: dict[str, str] = {}
    webhook: Webhook | None = None
    owner: str = ""  # the id of the API key that made it; empty where none is needed
    work: str | None = None  # what is to be done, as a fingerprint: two jobs of one work have one result
    follows: str | None = None  # the job that does this one's work; its own steps wait meanwhile
    cached: bool = False  # it was done before it was asked for
    fresh: bool = False  # nothing that was done before is to be used for it

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def was_never_begun(self) -> bool:
        """It was erased before, or ended by another's work."""
        return not self.cached and not any(step.attempts for step in self.steps.values())

    @property
    def event(self) -> str | None:
        """What its receiver is to be told of it now."""
        name = f"job.{self.status}"
        return name if self.is_terminal and self.webhook and name in self.webhook.events else None

    @property
    def expires_at(self) -> datetime:
        """An unfinished job is kept until it ends, so until then this is the earliest time."""
        return (self.finished_at or self.created_at) + timedelta(seconds=self.ttl_seconds)

    def follow(self, leader_id: str) -> None:
        """Its steps stand in no line; `adopt` or `go_alone` ends that. Nothing of it may have begun."""
        self.follows = leader_id
        for step in self.steps.values():
            step.queued_at = None

    def adopt(self, leader: "Job", now: datetime) -> None:
        """Ends as `leader` has ended, whose results are to be written with it."""
        for name, step in self.steps.items():
            done = leader.steps[name]
            step.status, step.problem, step.receipt = done.status, done.problem, done.receipt
            step.segments_done, step.segments_total = done.segments_done, done.segments_total
        self.follows = None
        self.status, self.started_at, self.finished_at = leader.status, leader.started_at, now

    def go_alone(self) -> None:
        """The job that it followed is gone: its own steps can be done."""
        self.follows = None

    def hasten(self, follower: "Job") -> bool:
        """Takes the lane and the turn of a job that follows it, where those are sooner; whether they are."""
        if (LANES.index(self.lane), self.turn) <= (LANES.index(follower.lane), follower.turn):
            return False
        self.lane, self.turn = follower.lane, follower.turn
        for name, step in self.steps.items():
            step.queue = follower.steps[name].queue
        return True

    def ready(self) -> list[str]:
        """The steps whose needs are met and which are not in line."""
        return [
            name
            for name, step in self.steps.items()
            if self.follows is None
            and step.is_waiting
            and step.queued_at is None
            and all(self.steps[need].status is Status.SUCCEEDED for need in step.after)
        ]

    def line_up(self, now: datetime) -> list[str]:
        """Puts the steps that can be done now in line; gives their queues."""
        ready = [self.steps[name] for name in self.ready()]
        for step in ready:
            step.queued_at = now
        return [step.queue for step in ready]

    def attention_at(self, requeue_seconds: float) -> datetime | None:
        """When the reaper should look next: at an expired lease or a step that may not be in line."""
        if self.follows:
            return self.created_at + timedelta(seconds=requeue_seconds)
        ready = self.ready()
        times = [step.lease_expires_at for step in self.steps.values() if step.lease_expires_at]
        times += [
            (step.queued_at or self.created_at) + timedelta(seconds=requeue_seconds)
            for name, step in self.steps.items()
            if step.is_waiting and (step.queued_at or name in ready)
        ]
        return None if self.is_terminal or not times else min(times)

    def start(self, name: str, *, token: str, now: datetime, lease_seconds: float) -> None:
        """A new attempt takes the step; raises Fenced if it is over, or another's for now."""
        step = self.steps[name]
        if step.token == token:
            return  # it was taken, but Redis went away before it could say so
        if self.follows:
            raise Fenced(f"the job {self.follows} does the work")
        lease_lives = step.lease_expires_at is not None and step.lease_expires_at > now
        if step.status in TERMINAL or lease_lives:
            raise Fenced(f"step {name} is {step.status}")
        step.status, step.token = Status.RUNNING, token
        step.attempts += 1
        step.lease_expires_at = now + timedelta(seconds=lease_seconds)
        self.status, self.started_at = Status.RUNNING, self.started_at or now

    def advance(
        self, name: str, *, token: str, done: int, total: int, now: datetime, lease_seconds: float
    ) -> None:
        """Progress between two batches, which also renews the lease; a second attempt shows no less."""
        step = self._owned(name, token)
        step.segments_done, step.segments_total = max(done, step.segments_done), total
        if step.receipt:
            step.receipt.segments_out = step.segments_done
        step.lease_expires_at = now + timedelta(seconds=lease_seconds)

    def set_lease(self, name: str, *, token: str, until: datetime) -> None:
        """For who knows how the attempt fares: that it is alive without progress, or over without a word."""
        self._owned(name, token).lease_expires_at = until

    def succeed(self, name: str, *, token: str, receipt: Receipt | None, now: datetime) -> None:
        step = self._owned(name, token)
        step.receipt = receipt
        self._end(step, Status.SUCCEEDED, now)

    def fail(self, name: str, error: KhulasaError, *, token: str | None, now: datetime) -> None:
        """Ends the step and every step that needs it. A step nobody owns has the token None."""
        step = self._owned(name, token)
        step.problem = Problem.of(error)
        self._end(step, Status.FAILED, now)
        for later, other in self.steps.items():
            if name in other.after and other.status is Status.QUEUED:
                needs = DependencyFailed(f"it needs the step {name}, which failed: {error.detail}")
                self.fail(later, needs, token=other.token, now=now)

    def release(self, name: str, *, token: str | None) -> None:
        """Lets go of the step after an attempt that came to nothing; for clients it is still running."""
        step = self._owned(name, token)
        step.token, step.lease_expires_at, step.queued_at = None, None, None

    def hand_back(self, name: str, *, token: str) -> None:
        """Lets go of the step though nothing went wrong: the attempt does not count."""
        self.release(name, token=token)
        self.steps[name].attempts -= 1

    def give_way(self, name: str, *, token: str, share: float) -> None:
        """As `hand_back`, to those who come before what is left, when that share of the article is done."""
        self.hand_back(name, token=token)
        self.turn = self.turn_after(share)

    def turn_after(self, share: float) -> float:
        """Its turn once that share of the article is done."""
        return self.turn + self.article.characters * share

    def _owned(self, name: str, token: str | None) -> StepRecord:
        step = self.steps[name]
        if step.status in TERMINAL or step.token != token:
            raise Fenced(f"step {name} is {step.status} under another attempt")
        return step

    def _end(self, step: StepRecord, status: Status, now: datetime) -> None:
        step.status, step.token, step.lease_expires_at = status, None, None
        statuses = {other.status for other in self.steps.values()}
        if statuses <= TERMINAL:
            self.status = Status.FAILED if Status.FAILED in statuses else Status.SUCCEEDED
            self.finished_at = now


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job with its article and what there is of its results, by step."""

    job: Job
    text: str
    results: dict[str, dict[str, Any]]
