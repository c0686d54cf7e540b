"""The segment store on a real Redis: how long and how much it keeps, and what an erasure leaves."""

import time
from collections.abc import Iterable

import pytest
from redis import Redis
from redis.connection import UnixDomainSocketConnection

from jobs.errors import StoreFull
from jobs.segment_store import Entry, SegmentStore, User, connect_segments
from jobs.settings import Settings

ONE, TWO = User("01ONE", 600), User("01TWO", 600)
KEYS = ["a" * 40, "b" * 40, "c" * 40]
VALUES = {key: f"english {key[0]}" for key in KEYS}


@pytest.fixture
def settings(redis_settings: Settings) -> Settings:
    return redis_settings.model_copy(update={"segment_cache_mb": 1, "segment_cache_ttl_seconds": 3_600})


@pytest.fixture
def redis(settings: Settings) -> Redis:
    return connect_segments(settings, timeout_seconds=3)


@pytest.fixture
def store(redis: Redis, settings: Settings) -> SegmentStore:
    return SegmentStore(redis, settings)


def names(redis: Redis) -> set[str]:
    return {str(name) for name in redis.scan_iter("khulasa:segment*")}


def write(store: SegmentStore, user: User, keys: Iterable[str] = KEYS) -> None:
    store.write({key: VALUES[key] for key in keys}, user)


def use(store: SegmentStore, user: User, keys: list[str]) -> None:
    store.note_use(store.read(keys), user)


def test_what_was_written_is_read_and_the_rest_is_not_there(store: SegmentStore) -> None:
    write(store, ONE, KEYS[:2])
    assert store.read(KEYS) == {key: Entry(VALUES[key], users=1) for key in KEYS[:2]}


def test_everything_that_it_writes_has_a_time_to_live(store: SegmentStore, redis: Redis) -> None:
    store.claim(KEYS, "token")
    assert all(0 < redis.ttl(name) <= 5 for name in names(redis))  # half the lease
    write(store, ONE, KEYS[:2])
    use(store, TWO, KEYS[:2])
    lives = {name: int(redis.ttl(name)) for name in names(redis)}
    assert len(lives) == 2 + 1 + 1 + 2  # segments, index, the claim that is left, two jobs' lists
    assert all(seconds > 0 for seconds in lives.values())
    assert 3_590 < lives[f"khulasa:segment:{KEYS[0]}"] <= 3_600


def test_what_an_ended_job_has_used_is_noted_as_long_as_the_job_lives(
    store: SegmentStore, redis: Redis
) -> None:
    write(store, ONE)
    assert redis.ttl(f"khulasa:segments-of:{ONE.job_id}") > 86_400
    store.end(ONE)
    assert 590 < redis.ttl(f"khulasa:segments-of:{ONE.job_id}") <= ONE.seconds
    store.end(TWO)
    assert not redis.exists(f"khulasa:segments-of:{TWO.job_id}")


def test_a_use_lengthens_a_segment_s_life_and_brings_back_what_vanished_meanwhile(
    store: SegmentStore, redis: Redis
) -> None:
    write(store, ONE)
    redis.expire(f"khulasa:segment:{KEYS[0]}", 5)
    read = store.read(KEYS)
    redis.delete(f"khulasa:segment:{KEYS[1]}")
    store.note_use(read, TWO)
    assert store.read(KEYS) == {
        KEYS[0]: Entry(VALUES[KEYS[0]], 2),
        KEYS[1]: Entry(VALUES[KEYS[1]], 1),
        KEYS[2]: Entry(VALUES[KEYS[2]], 2),
    }
    assert redis.ttl(f"khulasa:segment:{KEYS[0]}") > 3_590


def test_one_claims_a_segment_and_it_is_free_again_when_that_one_falls_silent(
    store: SegmentStore, redis: Redis
) -> None:
    assert store.claim(KEYS[:2], "one") == ({}, KEYS[:2])
    assert store.claim(KEYS, "two") == ({}, KEYS[2:])
    redis.pexpire(f"khulasa:segment-claim:{KEYS[0]}", 1)
    time.sleep(0.01)
    store.renew(KEYS[1:2])
    assert store.claim(KEYS[:2], "two") == ({}, KEYS[:1])
    store.release(KEYS)
    assert store.claim(KEYS, "two") == ({}, KEYS)


def test_a_claim_whose_answer_was_lost_is_still_the_claimant_s(store: SegmentStore) -> None:
    store.claim(KEYS, "one")
    assert store.claim(KEYS, "one") == ({}, KEYS)


def test_who_claims_late_gets_what_was_written_meanwhile_and_no_claim(
    store: SegmentStore, redis: Redis
) -> None:
    store.claim(KEYS, "one")
    write(store, ONE)
    entries, claimed = store.claim(KEYS, "two")
    assert (set(entries), claimed) == (set(KEYS), [])
    assert not any("claim" in name for name in names(redis))


def test_a_window_of_segments_takes_one_round_trip(
    store: SegmentStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = UnixDomainSocketConnection.send_packed_command

    def counted(self: UnixDomainSocketConnection, command: object, check_health: bool = True) -> None:
        sent.append(1)
        send(self, command, check_health)

    redis.ping()
    monkeypatch.setattr(UnixDomainSocketConnection, "send_packed_command", counted)
    for question in (
        lambda: store.read(KEYS),
        lambda: store.claim(KEYS, "one"),
        lambda: store.renew(KEYS),
        lambda: write(store, ONE),
        lambda: store.release(KEYS),
    ):
        sent.clear()
        question()
        assert len(sent) == 1


def test_the_least_lately_used_go_when_it_is_over_its_size(store: SegmentStore, redis: Redis) -> None:
    keys = [f"{number:040d}" for number in range(1_500)]
    empty = redis.info("memory")["used_memory"]
    for at in range(0, len(keys), 50):
        store.write(dict.fromkeys(keys[at : at + 50], "x" * 250), User(f"{at:026d}", 600))
        use(store, TWO, keys[:1])
    assert redis.zcard("khulasa:segments") == 1_024  # KiB
    assert set(store.read(keys)) == {keys[0], *keys[-1_023:]}
    assert redis.info("memory")["used_memory"] - empty < 1.2 * 1_048_576


def test_a_long_segment_counts_for_as_many_kib_as_it_has(store: SegmentStore, redis: Redis) -> None:
    store.write({KEYS[0]: "ي" * 50_000}, ONE)
    assert 98 <= int(redis.zcard("khulasa:segments")) <= 99
    store.forget(ONE.job_id)
    assert names(redis) == set()


def test_what_has_expired_does_not_count(store: SegmentStore, redis: Redis) -> None:
    redis.zadd("khulasa:segments", {"old": time.time() - 3_601, "young": time.time() - 3_500})
    write(store, ONE)
    assert set(redis.zrange("khulasa:segments", 0, -1)) == {"young", *KEYS}


def test_erasing_a_job_erases_what_only_it_used(store: SegmentStore, redis: Redis) -> None:
    write(store, ONE)
    use(store, TWO, KEYS[:1])
    store.forget(ONE.job_id)
    assert store.read(KEYS) == {KEYS[0]: Entry(VALUES[KEYS[0]], 1)}
    assert not any(ONE.job_id in str(redis.hgetall(name)) for name in redis.scan_iter("khulasa:segment:*"))
    store.forget(TWO.job_id)
    assert names(redis) == set()


def test_an_erasure_that_was_cut_off_is_gone_on_with(store: SegmentStore, redis: Redis) -> None:
    write(store, ONE)
    redis.hdel(f"khulasa:segment:{KEYS[0]}", ONE.job_id)
    redis.unlink(f"khulasa:segment:{KEYS[1]}")
    store.forget(ONE.job_id)
    assert names(redis) == set()


def test_of_many_users_the_first_are_noted_and_what_all_of_those_left_is_erased(
    store: SegmentStore, redis: Redis
) -> None:
    write(store, ONE)
    users = [User(f"01USER{number}", 600) for number in range(10)]
    for user in users:
        use(store, user, KEYS)
    assert store.read(KEYS)[KEYS[0]].users == 4
    for user in users:
        store.forget(user.job_id)
    assert set(store.read(KEYS)) == set(KEYS)
    store.forget(ONE.job_id)
    assert names(redis) == set()


def test_a_job_s_list_outlives_the_job(store: SegmentStore, redis: Redis) -> None:
    write(store, ONE)
    assert redis.ttl(f"khulasa:segments-of:{ONE.job_id}") > ONE.seconds + 86_000


def test_what_is_written_takes_the_place_of_what_is_there_and_what_was_only_read_does_not(
    store: SegmentStore,
) -> None:
    write(store, ONE)
    read = store.read(KEYS[:1])
    store.write({KEYS[0]: "newer"}, TWO)
    store.note_use(read, User("01THREE", 600))
    assert store.read(KEYS)[KEYS[0]] == Entry("newer", 3)


def test_a_full_redis_is_made_no_fuller_and_its_claims_are_let_go(store: SegmentStore, redis: Redis) -> None:
    write(store, ONE, KEYS[:1])
    store.claim(KEYS[1:], "one")
    redis.config_set("maxmemory", "1")
    with pytest.raises(StoreFull):
        write(store, ONE, KEYS[1:])
    assert not any("claim" in name for name in names(redis))
    assert set(store.read(KEYS)) == {KEYS[0]}
    store.give_way()
    assert store.read(KEYS) == {}
    store.forget(ONE.job_id)
    assert names(redis) == set()


def test_keys_and_lists_hold_no_text(store: SegmentStore, redis: Redis) -> None:
    write(store, ONE)
    told = [str(redis.lrange(f"khulasa:segments-of:{ONE.job_id}", 0, -1)), str(names(redis))]
    told.append(str(redis.zrange("khulasa:segments", 0, -1)))
    assert not any("english" in it for it in told)
