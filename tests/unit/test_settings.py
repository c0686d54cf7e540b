"""Settings: what the environment may say."""

import pytest

from jobs.settings import Settings


def test_a_variable_that_is_no_setting_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHULASA_BEEM_SIZE", "2")
    with pytest.raises(ValueError, match="KHULASA_BEEM_SIZE"):
        Settings.from_environment()


def test_a_value_of_the_wrong_type_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHULASA_PORT", "many")
    with pytest.raises(ValueError, match="port"):
        Settings.from_environment()


def test_a_default_ttl_above_the_maximum_is_refused() -> None:
    with pytest.raises(ValueError, match="TTL"):
        Settings(ttl_seconds=1000, max_ttl_seconds=100)


def test_a_queue_that_could_never_hold_the_longest_article_is_refused() -> None:
    with pytest.raises(ValueError, match="MAX_QUEUED_CHARACTERS"):
        Settings(max_queued_characters=10, max_article_chars=11)


def test_the_redis_password_does_not_show() -> None:
    assert "hunter2" not in repr(Settings(redis_url="redis://:hunter2@localhost/0"))  # type: ignore[arg-type]


def test_origins_stand_in_one_variable_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().allowed_origins == frozenset()
    monkeypatch.setenv("KHULASA_CORS_ORIGINS", "https://desk.example, http://[::1]:3000 ,")
    assert Settings.from_environment().allowed_origins == {"https://desk.example", "http://[::1]:3000"}


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "desk.example",
        "https://desk.example/",
        "https://Desk.example",
        "https://*.example",
        "a, *",
    ],
)
def test_what_is_not_an_exact_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        Settings(cors_origins=origin)


@pytest.mark.parametrize("url", ["redis://:hun/ter2@localhost/0", "http://hunter2@localhost", "hunter2"])
def test_a_redis_url_that_cannot_be_read_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KHULASA_REDIS_URL", url)
    with pytest.raises(ValueError, match="not a Redis URL") as refused:
        Settings.from_environment()
    assert "hun" not in str(refused.value)
