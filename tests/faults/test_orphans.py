"""The list of orphans finds what nothing will remove, and knows every key that the documentation names."""

import re
from pathlib import Path

import pytest
from redis import Redis

from jobs.settings import Settings
from tests.faults.orphans import TABLE, grown, largest, left_over, orphans

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def redis(redis_settings: Settings) -> Redis:
    return Redis.from_url(redis_settings.redis_url.get_secret_value(), decode_responses=True)


def test_what_expires_belongs_to_a_job_or_is_an_operators_is_no_orphan(redis: Redis) -> None:
    redis.set("khulasa:work:abc", "01A", ex=60)
    redis.hset("khulasa:job:01A", "record", "{}")
    redis.set("khulasa:seen:01A", "1")
    redis.zadd("khulasa:due", {"01A": 1})
    redis.hset("khulasa:keys", "id", "{}")
    assert orphans(redis) == []
    assert left_over(redis) == ["khulasa:due"]


@pytest.mark.parametrize(
    "name", ["khulasa:invented:1", "elsewhere", "khulasa:work:abc", "khulasa:job:01A", "khulasa:seen:01A"]
)
def test_a_key_that_is_unknown_or_never_expires_is_an_orphan(redis: Redis, name: str) -> None:
    redis.set(name, "1")
    [line] = orphans(redis)
    assert name in line


@pytest.mark.parametrize(
    "name", ["khulasa:due", "khulasa:addressees", "khulasa:addressee:desk@host:443:due", "khulasa:breakers"]
)
def test_a_member_of_what_is_gone_is_an_orphan(redis: Redis, name: str) -> None:
    redis.zadd(name, {"01GONE": 1})
    [line] = orphans(redis)
    assert "01GONE" in line


def test_a_key_that_stays_and_has_many_members_has_grown(redis: Redis) -> None:
    redis.rpush("khulasa:celery:bulk", *range(501))
    redis.rpush("khulasa:celery:summary", *range(500))
    redis.zadd("khulasa:segments", {str(it): it for it in range(1_000)})
    redis.expire("khulasa:segments", 60)
    assert grown(redis) == ["khulasa:celery:bulk holds 501 members"]


def test_the_largest_keys_come_first_with_their_members(redis: Redis) -> None:
    redis.rpush("khulasa:celery:bulk", *range(1_000))
    redis.hset("khulasa:keys", "id", "{}")
    (_, first, members), (_, second, _) = largest(redis)
    assert (first, members, second) == ("khulasa:celery:bulk", 1_000, "khulasa:keys")


def is_in_the_table(key: str) -> bool:
    return any(re.fullmatch(pattern, key) for pattern, _ in TABLE)


def test_every_key_of_the_documentation_is_in_the_table() -> None:
    section = (_ROOT / "docs" / "operations.md").read_text("utf-8")
    section = section.partition("## Keys in Redis")[2].partition("\n## ")[0]
    named = re.findall(r"`(khulasa:[^`]+)`", section)
    assert len(named) > 20
    assert [name for name in named if not is_in_the_table(re.sub(r"[A-Z][A-Z@]+|\*", "x", name))] == []


def test_every_key_of_the_code_is_in_the_table() -> None:
    sources = [path.read_text("utf-8") for path in (_ROOT / "jobs").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'= "(khulasa:[^" ]+)"', source)}
    named -= {"khulasa:changed"}  # a channel
    assert len(named) > 20
    keys = {re.sub(r"\{\w*\}", "x", name) + ("x" if name.endswith(":") else "") for name in named}
    assert [key for key in keys if not is_in_the_table(key)] == []
