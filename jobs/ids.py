"""The ids of jobs and of all else that is made for a client: ULIDs."""

from ulid import PureRandomPolicy, ULIDGenerator

# Not the default, which counts up within a millisecond: an id must not tell the next one.
_ids = ULIDGenerator(policy=PureRandomPolicy())


def new_id() -> str:
    """It sorts by time, and does not tell the next one."""
    return str(_ids.generate())
