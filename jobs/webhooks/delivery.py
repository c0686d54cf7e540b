"""A delivery: one event for one receiver, its attempts, and when the next is due."""

from datetime import datetime, timedelta
from enum import StrEnum

from jobs.job import Record

# Before each attempt, from the one before it: 76 hours in all.
SCHEDULE_SECONDS = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2  # of a delay, more or less, so that what failed together does not come back together
_LONGEST_WAIT = timedelta(hours=24)  # whatever Retry-After asks for
_MOST_ATTEMPTS_SHOWN = 50
_GONE = 410
_FROM_A_PROXY = {502, 503, 504}  # whose receiver is away; a 500 may be of this one event
_NOT_SENT = {"forbidden", "no-secret", "error"}
GIVEN_UP_AFTER = timedelta(days=4)  # of waiting for a receiver that is down all the time
PING = "ping"


class State(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # every attempt of the schedule did
    DISABLED = "disabled"  # the receiver answered 410, to this or to an earlier one


class Attempt(Record):
    """`outcome` is `delivered`, `http-4xx` and the like, or one word on why there was no reply."""

    at: datetime
    outcome: str
    status_code: int | None = None
    latency_ms: int
    reply: str = ""  # its first 500 characters
    detail: str = ""

    @property
    def receiver_is_down(self) -> bool | None:
        """Whether it says so of the receiver as a whole, and not of this one event; None: it says neither."""
        if self.status_code is not None:
            return self.status_code in _FROM_A_PROXY
        return None if self.outcome in _NOT_SENT else True


class Delivery(Record):
    """Its body is kept beside it, and never changes."""

    id: str  # the `webhook-id`, the same for each attempt
    job_id: str | None  # None for a ping
    owner: str
    event: str
    url: str
    receiver: str  # host and port
    created_at: datetime
    kept_until: datetime  # if it is over by then
    state: State = State.PENDING
    tries: int = 0  # since it was written, or sent again by hand
    next_attempt_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def addressee(self) -> str:
        """Whom a courier serves in a row: one owner's receiver. A ping stands behind nothing else."""
        return f"{'ping:' if self.event == PING else ''}{self.owner}@{self.receiver}"

    def start(self, now: datetime) -> None:
        """The schedule begins, for the first time or again."""
        self.state, self.tries, self.next_attempt_at = State.PENDING, 0, now

    def disable(self) -> None:
        self.state, self.next_attempt_at = State.DISABLED, None

    def give_up(self) -> None:
        self.state, self.next_attempt_at = State.FAILED, None

    def note(
        self, attempt: Attempt, *, now: datetime, jitter: float, retry_after: timedelta = timedelta()
    ) -> None:
        """`jitter` is in the range of -1 to 1; `retry_after` is what the receiver asked for."""
        self.attempts = (*self.attempts, attempt)[-_MOST_ATTEMPTS_SHOWN:]
        self.tries += 1
        if attempt.outcome == "delivered":
            self.state, self.next_attempt_at = State.DELIVERED, None
        elif attempt.status_code == _GONE:
            self.disable()
        elif self.event == PING or self.tries == len(SCHEDULE_SECONDS):
            self.give_up()
        else:
            delay = timedelta(seconds=SCHEDULE_SECONDS[self.tries] * (1 + JITTER * jitter))
            self.next_attempt_at = now + max(delay, min(retry_after, _LONGEST_WAIT))


def delivery_id(job_id: str, number: int) -> str:
    return f"msg_{job_id}_{number}"


def owner_of(addressee: str) -> str:
    return addressee.removeprefix("ping:").partition("@")[0]
