"""The key ring on a real Redis, and the command that an operator has for it."""

import json
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
from redis import Redis

from jobs import keys
from jobs.errors import StoreUnavailable
from jobs.keys import KeyRing
from jobs.settings import Settings
from jobs.store import connect, utc_now
from tests.commands import Command
from tests.records import NOW


@pytest.fixture
def redis(redis_settings: Settings) -> Redis:
    return connect(redis_settings, retries=0)


@pytest.fixture
def ring(redis: Redis) -> KeyRing:
    return KeyRing(redis)


def stored(redis: Redis) -> str:
    return json.dumps([redis.hgetall("khulasa:keys"), sorted(redis.keys())])


def test_a_key_proves_its_record_and_its_secret_is_kept_nowhere(redis: Redis, ring: KeyRing) -> None:
    key, secret = ring.create("desk", now=NOW, rate="60/minute")
    assert ring.find(secret) == key
    assert secret.startswith(f"kh_{key.id}_")
    assert len(secret.split("_")[2]) * 5 >= 160
    assert secret.split("_")[2] not in stored(redis)
    assert secret.split("_")[2] not in repr(vars(ring._proofs))


@pytest.mark.parametrize("wrong", ["", "x", "kh_", "kh_ab_cd", "ك" * 52, "kh_\0", "k" * 10_000])
def test_what_is_no_key_at_all_proves_nothing(ring: KeyRing, wrong: str) -> None:
    assert ring.find(wrong) is None
    assert ring.find(ring.create("desk", now=NOW)[1] + wrong + "\n") is None


def test_another_secret_or_another_id_proves_nothing(ring: KeyRing) -> None:
    _, one = ring.create("one", now=NOW)
    _, two = ring.create("two", now=NOW)
    mixed = "_".join([*one.split("_")[:2], two.split("_")[2]])
    unknown = "_".join(["kh", "aaaaaaaa", one.split("_")[2]])
    assert (ring.find(mixed), ring.find(unknown)) == (None, None)


def test_a_secret_that_passes_the_quick_check_must_still_pass_the_slow_hash(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = ring.create("desk", now=NOW)
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    monkeypatch.setattr(keys, "_check", lambda _: ring.all()[0].check)
    assert ring.find(wrong) is None
    assert ring.find(secret)


def test_the_slow_hash_is_paid_once_and_never_for_wrong_keys(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = ring.create("desk", now=NOW)
    paid: list[str] = []
    real = keys._digest
    monkeypatch.setattr(keys, "_digest", lambda *it: paid.append("hash") or real(*it))
    for _ in range(10):
        assert ring.find(secret)
        ring.find("kh_aaaaaaaa_" + "a" * 40)
        ring.find(secret[:-2] + "22")
    assert len(paid) == 1


def test_the_slow_hash_takes_a_moment_and_no_more(ring: KeyRing) -> None:
    _, secret = ring.create("desk", now=NOW)
    begun = perf_counter()
    ring.find(secret)
    assert 0.002 < perf_counter() - begun < 0.5


def test_a_proof_is_forgotten_in_time_and_when_there_are_too_many(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [ring.create(f"key{number}", now=NOW)[1] for number in range(3)]
    monkeypatch.setattr(keys, "_MOST_REMEMBERED", 2)
    for secret in secrets:
        ring.find(secret)
    assert [bool(ring._proofs.of(secret)) for secret in secrets] == [False, True, True]
    monkeypatch.setattr(keys, "_REMEMBERED_SECONDS", -1.0)
    ring.find(secrets[0])
    assert not ring._proofs.of(secrets[0])


def test_a_proof_does_not_outlive_its_record(redis: Redis, ring: KeyRing) -> None:
    key, secret = ring.create("desk", now=NOW)
    assert ring.find(secret)
    other, _ = ring.create("other", now=NOW)
    swapped = other.model_copy(update={"id": key.id, "check": key.check})
    redis.hset("khulasa:keys", key.id, swapped.model_dump_json())
    assert ring.find(secret) is None


def test_revoking_by_name_or_id_holds_at_once_in_every_process(redis: Redis, ring: KeyRing) -> None:
    elsewhere = KeyRing(redis)
    for by_name in (True, False):
        key, secret = ring.create("desk", now=NOW)
        found = elsewhere.find(secret)
        assert found
        assert found.state(NOW) == "valid"
        ring.revoke("desk" if by_name else key.id, now=NOW)
        found = elsewhere.find(secret)
        assert found
        assert found.state(NOW) == "revoked"
    with pytest.raises(ValueError, match="desk"):
        ring.revoke("desk", now=NOW)


def test_a_key_can_be_revoked_on_a_full_redis(redis: Redis, ring: KeyRing) -> None:
    _, secret = ring.create("desk", now=NOW)
    redis.config_set("maxmemory", 1)
    ring.revoke("desk", now=NOW)
    assert ring.find(secret) is None
    assert ring.required()


def test_a_key_expires(ring: KeyRing) -> None:
    key, _ = ring.create("desk", now=NOW, expires_at=NOW + timedelta(days=1))
    moments = [timedelta(0), timedelta(hours=23), timedelta(days=1)]
    assert [key.state(NOW + moment) for moment in moments] == ["valid", "valid", "expired"]


def test_revoking_the_last_key_opens_nothing_but_disabling_does(ring: KeyRing) -> None:
    assert not ring.required()
    ring.create("desk", now=NOW)
    ring.revoke("desk", now=NOW)
    assert ring.required()
    ring.disable()
    assert not ring.required()
    ring.create("desk", now=NOW)
    assert ring.required()


def test_a_name_is_taken_until_its_key_is_revoked(ring: KeyRing) -> None:
    key, _ = ring.create("desk", now=NOW)
    for taken in ("desk", key.id):
        with pytest.raises(ValueError, match="already"):
            ring.create(taken, now=NOW)
    ring.revoke("desk", now=NOW)
    ring.create("desk", now=NOW + timedelta(seconds=1))
    assert [(it.name, it.state(NOW)) for it in ring.all()] == [("desk", "revoked"), ("desk", "valid")]


def test_a_redis_that_is_away_is_said_so() -> None:
    away = KeyRing(connect(Settings(redis_url="redis://127.0.0.1:1/0"), retries=0))  # type: ignore[arg-type]
    for ask in (away.required, away.all, lambda: away.find("kh_aaaaaaaa_" + "a" * 40)):
        with pytest.raises(StoreUnavailable):
            ask()


@pytest.fixture
def command(redis_settings: Settings, tmp_path: Path) -> Command:
    return Command("keys", redis_settings, tmp_path)


def test_the_command_shows_a_key_once_lists_it_and_revokes_it(command: Command, ring: KeyRing) -> None:
    secret = command("create", "desk", "--rate", "60/minute", "--expires", "90d").stdout.strip()
    key = ring.find(secret)
    assert key
    assert key.rate == "60/minute"
    assert key.expires_at
    assert timedelta(days=89) < key.expires_at - utc_now() < timedelta(days=91)
    listed = command("list").stdout
    assert all(word in listed for word in ("desk", key.id, "valid", "60/minute", "Requests need a key."))
    assert secret.split("_")[2] not in listed
    assert command("revoke", key.id).returncode == 0
    assert "revoked" in command("list").stdout
    assert "need no key" in command("disable").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "two words"),
        ("create", "desk", "--rate", "many"),
        ("create", "desk", "--rate", "0/minute"),
        ("create", "desk", "--expires", "soon"),
        ("create", "desk", "--expires", "2001-01-01"),
        ("revoke", "nobody"),
    ],
)
def test_a_mistake_is_one_line_and_makes_nothing(
    command: Command, ring: KeyRing, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert (ring.all(), ring.required()) == ([], False)
