"""Limits over HTTP: by key or else by address, and what a refused client is told."""

import re
import time
from itertools import count

import httpx
import pytest

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.store import utc_now
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish

SUBMISSION = {"article": {"text": ARABIC}, "steps": ["summary"]}


def statuses(api: httpx.Client, times: int, **headers: str) -> list[int]:
    """Of submissions that are counted though they are not valid, so that no worker has to do them."""
    return [api.post("/v1/jobs", json={}, headers=headers).status_code for _ in range(times)]


def client(stack: Stack, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=stack.url, timeout=70, headers=headers)


def test_each_key_has_its_own_rate_and_a_refused_client_is_told_when_to_come_back(
    start_stack: StartStack,
) -> None:
    stack = start_stack(rate_limit="5/minute")
    redis = stack.connect_redis()
    ring = KeyRing(redis)
    slow, fast = (
        client(stack, **{"X-API-Key": ring.create(name, now=utc_now(), rate=rate)[1]})
        for name, rate in (("slow", "2/minute"), ("usual", None))
    )
    with slow, fast:
        first = slow.post("/v1/jobs", json=SUBMISSION)
        assert first.headers["RateLimit-Policy"] == '"submissions";q=2;w=60'
        assert re.fullmatch(r'"submissions";r=1;t=\d+', first.headers["RateLimit"])
        assert statuses(slow, 1) == [422]
        refused = slow.post("/v1/jobs", json=SUBMISSION)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["RateLimit"] == f'"submissions";r=0;t={refused.headers["Retry-After"]}'
        assert statuses(fast, 6) == [422] * 5 + [429]
        followed = finish(slow, first.json()["id"])
        assert followed["status"] == "succeeded"
        poll = slow.get(f"/v1/jobs/{followed['id']}")
        assert poll.headers["RateLimit-Policy"] == '"polls";q=6000;w=60'
        health = slow.get("/readyz")
        assert (health.status_code, health.headers.get("RateLimit")) == (200, None)
        assert all(str(key).startswith("khulasa:") for key in redis.scan_iter())


def test_polls_have_a_limit_of_their_own_and_health_has_none(start_stack: StartStack) -> None:
    with client(start_stack(poll_rate_limit="3/minute")) as api:
        assert [api.get("/v1/models").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert [api.get(path).status_code for path in ("/livez", "/readyz", "/openapi.json")] == [200] * 3
        assert statuses(api, 1) == [422]


def test_libretranslates_clients_are_refused_in_their_own_shape(start_stack: StartStack) -> None:
    with client(start_stack(rate_limit="1/minute")) as api:
        answers = [api.post("/detect", json={"q": ARABIC}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert list(answers[1].json()) == ["error"]
        assert int(answers[1].headers["Retry-After"]) >= 1


def test_who_waits_as_long_as_told_is_let_in_again(start_stack: StartStack) -> None:
    with client(start_stack(rate_limit="4/second")) as api:
        for _ in range(3):
            answers = (api.post("/v1/jobs", json={}) for _ in count())
            refused = next(answer for answer in answers if answer.status_code == 429)
            time.sleep(int(refused.headers["Retry-After"]))
            assert statuses(api, 1) == [422]


def test_without_a_proxy_the_peer_is_counted_whatever_the_client_writes(start_stack: StartStack) -> None:
    with client(start_stack(rate_limit="2/minute", allow_open=True)) as api:
        spoofed = (f"198.51.100.{number}" for number in count(1))
        sent = [statuses(api, 1, **{"X-Forwarded-For": next(spoofed)})[0] for _ in range(3)]
        assert sent == [422, 422, 429]


def test_behind_a_proxy_only_what_the_proxy_wrote_is_counted(start_stack: StartStack) -> None:
    with client(start_stack(rate_limit="2/minute", allow_open=True, trusted_proxies=1)) as api:

        def sent_by(forwarded: str) -> int:
            return statuses(api, 1, **{"X-Forwarded-For": forwarded})[0]

        assert [sent_by(f"198.51.100.{number}, 203.0.113.9") for number in range(3)] == [422, 422, 429]
        assert sent_by("203.0.113.9, 203.0.113.8") == 422
        neighbours = [f"2001:db8:1:2::{number:x}" for number in range(1, 4)]
        assert [sent_by(address) for address in neighbours] == [422, 422, 429]
        assert sent_by("2001:db8:1:3::1") == 422
        assert [sent_by("unknown"), *statuses(api, 2)] == [422, 422, 429]  # all of them are the peer


def test_a_full_redis_refuses_submissions_and_lets_reading_and_erasing_go_on(start_stack: StartStack) -> None:
    stack = start_stack()
    redis = stack.connect_redis()
    _, secret = KeyRing(redis).create("desk", now=utc_now())
    with client(stack, **{"X-API-Key": secret}) as api:
        job = finish(api, api.post("/v1/jobs", json=SUBMISSION).json()["id"])
        redis.config_set("maxmemory", 1)
        assert api.get(f"/v1/jobs/{job['id']}").json() == job
        refused = api.post("/v1/jobs", json=SUBMISSION)
        assert (refused.status_code, refused.json()["code"]) == (503, "store-full")
        assert api.delete(f"/v1/jobs/{job['id']}").status_code == 204
        assert stack.api
        assert '"event": "limit.unavailable"' in stack.api.log.read_text("utf-8")


@pytest.mark.parametrize("key", ["", "kh_aaaaaaaa_" + "a" * 40])
def test_a_redis_that_is_away_is_503_and_opens_nothing(start_stack: StartStack, key: str) -> None:
    stack = start_stack(store_timeout_seconds=1)
    assert stack.redis
    stack.redis.kill()
    with client(stack, **{"X-API-Key": key}) as api:
        for refused in (api.post("/v1/jobs", json=SUBMISSION), api.get("/v1/models")):
            assert (refused.status_code, refused.json()["code"]) == (503, "store-unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
        assert api.get("/livez").status_code == 200
