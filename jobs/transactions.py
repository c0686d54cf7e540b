"""The transaction: read, decide and write as one, again whenever somebody else was quicker."""

from collections.abc import Callable
from typing import TypeVar, cast

from redis import Redis
from redis.client import Pipeline

T = TypeVar("T")


def transact(redis: Redis, work: Callable[[Pipeline], T], *watched: str) -> T:
    """What `work` gives, which may run several times: until none of the keys `watched` changed meanwhile.

    It reads at once; after `pipe.multi()` its commands wait, and are done together when it returns. What it
    raises leaves everything as it was.
    """
    return cast("T", redis.transaction(work, *watched, value_from_callable=True))  # type: ignore[arg-type]
