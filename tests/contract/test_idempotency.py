"""Idempotency keys: the same key and body is the same job."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from deploy.local.stack import Stack
from jobs.errors import IdempotencyInFlight
from jobs.idempotency import JOBS, IdempotencyKeys
from jobs.settings import Settings
from jobs.store import connect
from tests.jobs_over_http import ARABIC
from tests.records import a_job, a_store

A_MINUTE_LATER = JOBS._replace(in_flight_seconds=0)
BODY = {"article": {"text": ARABIC}, "steps": ["summary"]}


def post(api: httpx.Client, key: str, body: object = BODY) -> httpx.Response:
    return api.post("/v1/jobs", json=body, headers={"Idempotency-Key": key, "Cache-Control": "no-cache"})


def test_the_same_key_and_body_is_the_same_job(api: httpx.Client) -> None:
    first, second, other = post(api, "a-1"), post(api, "a-1"), post(api, "a-2")
    assert first.json()["id"] == second.json()["id"] == second.headers["Location"].rsplit("/", 1)[1]
    assert other.json()["id"] != first.json()["id"]


def test_the_same_key_with_another_body_is_422(api: httpx.Client) -> None:
    post(api, "b")
    response = post(api, "b", BODY | {"metadata": {"a": "b"}})
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-mismatch")


def test_a_refused_submission_does_not_use_its_key_up(api: httpx.Client) -> None:
    assert post(api, "c", {"article": {"text": ""}}).status_code == 422
    assert post(api, "c").status_code == 202


def test_a_key_whose_job_was_erased_is_410(api: httpx.Client) -> None:
    job_id = post(api, "d").json()["id"]
    api.delete(f"/v1/jobs/{job_id}")
    assert post(api, "d").status_code == 410


@pytest.mark.parametrize("key", ["", "a" * 256, "مفتاح"])
def test_a_key_that_cannot_be_one_is_400(api: httpx.Client, key: str) -> None:
    response = api.post("/v1/jobs", json=BODY, headers=[(b"Idempotency-Key", key.encode())])
    assert (response.status_code, response.json()["code"]) == (400, "invalid-header")


def test_ten_at_once_make_one_job(stack: Stack) -> None:
    def one(_: int) -> httpx.Response:
        with httpx.Client(base_url=stack.url, timeout=70) as api:
            return post(api, "e")

    with ThreadPoolExecutor(10) as clients:
        responses = list(clients.map(one, range(10)))
    assert {response.status_code for response in responses} <= {200, 202, 409}
    accepted = [response for response in responses if response.status_code != 409]
    assert len({response.json()["id"] for response in accepted}) == 1
    for response in responses:
        if response.status_code == 409:
            assert response.json()["code"] == "idempotency-in-flight"
            assert response.headers["Retry-After"] == "1"


def test_a_key_whose_process_died_before_the_job_was_stored_is_free_after_a_minute(
    redis_settings: Settings,
) -> None:
    redis = connect(redis_settings, retries=0)
    store = a_store(redis, redis_settings)
    keys = IdempotencyKeys(redis, store.was_accepted)
    later = IdempotencyKeys(redis, store.was_accepted, kind=A_MINUTE_LATER)
    assert keys.reserve("", "k", b"body", "01A") is None
    with pytest.raises(IdempotencyInFlight):
        keys.reserve("", "k", b"body", "01B")
    assert later.reserve("", "k", b"body", "01C") is None
    store.create(a_job("01C"), "نص")
    assert keys.reserve("", "k", b"body", "01D") == "01C"
    assert keys.reserve("another", "k", b"body", "01E") is None


def test_who_took_so_long_that_another_has_the_key_does_not_give_it_up(
    redis_settings: Settings,
) -> None:
    redis = connect(redis_settings, retries=0)
    was_accepted = a_store(redis, redis_settings).was_accepted
    keys = IdempotencyKeys(redis, was_accepted)
    keys.reserve("", "k", b"body", "01A")
    assert IdempotencyKeys(redis, was_accepted, kind=A_MINUTE_LATER).reserve("", "k", b"body", "01B") is None
    keys.release("", "k", "01A")
    with pytest.raises(IdempotencyInFlight):
        keys.reserve("", "k", b"body", "01C")
    keys.release("", "k", "01B")
    assert keys.reserve("", "k", b"body", "01C") is None
