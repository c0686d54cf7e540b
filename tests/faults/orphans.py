"""Orphans: keys in Redis that nothing will ever remove, by the table of docs/operations.md made rules."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from redis import Redis

_UNFINISHED = "khulasa:due"
_MANY = 500
_NEVER = -1  # what TTL says of a key that does not expire


@dataclass(frozen=True)
class Key:
    name: str
    id: str  # what the pattern has in brackets
    expires: bool


Rule = Callable[[Redis, Key], Iterator[str]]


def expires(_: Redis, key: Key) -> Iterator[str]:
    """Always."""
    if not key.expires:
        yield f"{key.name} never expires"


def expires_after_its_job(redis: Redis, key: Key) -> Iterator[str]:
    """From the end of its job on; until then the reaper looks after it."""
    if not key.expires and redis.zscore(_UNFINISHED, key.id) is None:
        yield f"{key.name} never expires, and its job is not among the unfinished"


def for_good(_: Redis, __: Key) -> Iterator[str]:
    """An operator's or a client's, or of a fixed size."""
    yield from ()


def each_has(*patterns: str) -> Rule:
    """Every member has one of these keys, in which its first word stands for {}."""

    def rule(redis: Redis, key: Key) -> Iterator[str]:
        for member in _members(redis, key.name):
            if not redis.exists(*(pattern.format(member.partition(" ")[0]) for pattern in patterns)):
                yield f"{key.name} holds {member}, of which there is no {' nor '.join(patterns)}"

    return rule


# The first pattern that fits holds; whatever fits none is an orphan. Brackets: the id that a rule is told.
TABLE: tuple[tuple[str, Rule], ...] = (
    (r"khulasa:job:(\w+)", expires_after_its_job),
    (r"khulasa:seen:(\w+)", expires_after_its_job),
    (r"khulasa:due", each_has("khulasa:job:{}")),
    (r"khulasa:unfinished-characters", each_has("khulasa:job:{}")),
    (r"khulasa:line:.+", each_has("khulasa:job:{}")),
    (r"khulasa:turns:\w+", each_has("khulasa:job:{}")),
    (r"khulasa:turn-ends:\w+", expires),
    (r"khulasa:(work|followers|idempotency|jobs|batch|batch-seen|batch-draft|batch-abandoned):.*", expires),
    (r"khulasa:(segment|segment-claim|segments-of):.+", expires),
    (r"khulasa:segments", expires),
    (r"khulasa:dead", expires),
    (r"khulasa:worker:.+", expires),
    (r"khulasa:workers", for_good),  # a silent one is forgotten when another beats
    (r"khulasa:keys(:required)?", for_good),
    (r"khulasa:webhook-secrets", for_good),  # one for each API key
    (r"khulasa:webhook-attempts", for_good),  # one count for each outcome
    (r"khulasa:(glossary|glossaries|glossary-revisions):.*", for_good),  # until their owner deletes them
    (r"khulasa:delivery:.+", expires),
    (r"khulasa:addressees", each_has("khulasa:addressee:{}:due", "khulasa:addressee:{}:claimed")),
    (r"khulasa:addressee:(.+):(due|claimed)", each_has("khulasa:delivery:{}")),
    (r"khulasa:addressee:(.+):failures", expires),
    (r"khulasa:breakers", each_has("khulasa:addressee:{}:failures")),
    (r"khulasa:webhook-off:.+", expires),
    (r"khulasa:limit.+", expires),
    (r"khulasa:celery:.+", for_good),  # its queues, what its workers hold, and its bindings
)
# What has no member left when every job has ended and every delivery has come.
EMPTY_IN_THE_END = (
    "khulasa:due",
    "khulasa:unfinished-characters",
    "khulasa:line:*",
    "khulasa:turns:*",
    "khulasa:addressees",
    "khulasa:addressee:*:due",
    "khulasa:addressee:*:claimed",
    "khulasa:segment-claim:*",
)


def orphans(redis: Redis) -> list[str]:
    """A line for each: what no pattern knows, what never expires, and members of what is gone."""
    return [line for name in redis.scan_iter(count=1000) for line in _look_at(redis, str(name))]


def left_over(redis: Redis) -> list[str]:
    """What is still there of EMPTY_IN_THE_END; Redis has no empty keys."""
    return [str(name) for pattern in EMPTY_IN_THE_END for name in redis.scan_iter(pattern, count=1000)]


def grown(redis: Redis) -> list[str]:
    """Keys that stay for good and hold more than a service at rest has reason to."""
    return [
        f"{name} holds {count} members"
        for name in map(str, redis.scan_iter(count=1000))
        if redis.ttl(name) == _NEVER and (count := len(list(_members(redis, name)))) > _MANY
    ]


def largest(redis: Redis, count: int = 5) -> list[tuple[int, str, int]]:
    """As `redis-cli --bigkeys` does: bytes, name and members of the largest keys."""
    sizes = [(redis.memory_usage(name) or 0, str(name)) for name in redis.scan_iter(count=1000)]
    return [
        (size, name, len(list(_members(redis, name)))) for size, name in sorted(sizes, reverse=True)[:count]
    ]


def _look_at(redis: Redis, name: str) -> Iterator[str]:
    for pattern, rule in TABLE:
        if found := re.fullmatch(pattern, name):
            yield from rule(redis, Key(name, found[found.lastindex or 0], redis.ttl(name) != _NEVER))
            return
    yield f"{name} is in no row of the table"


def _members(redis: Redis, name: str) -> Iterator[str]:
    kind = redis.type(name)
    if kind == "hash":
        yield from cast("list[str]", redis.hkeys(name))
    elif kind == "zset":
        yield from (member for member, _ in redis.zscan_iter(name))
    elif kind == "set":
        yield from cast("set[str]", redis.smembers(name))
    elif kind == "list":
        yield from cast("list[str]", redis.lrange(name, 0, -1))
