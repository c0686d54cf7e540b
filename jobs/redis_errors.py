"""What Redis raises, as what clients are told."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import OutOfMemoryError, RedisError

from jobs.errors import StoreFull, StoreUnavailable

_FULL = "Redis has no memory left; erase jobs, or raise its maxmemory"


@contextmanager
def store_errors() -> Iterator[None]:
    try:
        yield
    except OutOfMemoryError as error:
        raise StoreFull(_FULL) from error
    except RedisError as error:
        # The error of a transaction or a script begins otherwise.
        if "-OOM" in str(error):
            raise StoreFull(_FULL) from error
        if "MISCONF" in str(error):
            raise StoreUnavailable("Redis cannot write its file; make room on its disk") from error
        raise StoreUnavailable("Redis does not answer; try again in a few seconds") from error
