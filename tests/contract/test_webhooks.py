"""Webhooks over HTTP: asked for, delivered, listed, sent again; pings, secrets, metrics."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.store import utc_now
from tests.conftest import StartStack
from tests.integration.deliveries.bench import ALLOWED, SECRET, Inbox
from tests.jobs_over_http import ARABIC, finish, submit
from tests.receivers import reply

Delivery = dict[str, Any]


@pytest.fixture(scope="module")
def hooked(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that may deliver to this machine."""
    from jobs.settings import Settings

    settings = Settings.model_validate({"port": 0, "data_dir": tmp_path_factory.mktemp("hooked"), **ALLOWED})
    with Stack(settings) as stack:
        yield stack


@pytest.fixture
def api(hooked: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hooked.url, timeout=70) as client:
        yield client


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox().open() as opened:
        yield opened


def deliveries(api: httpx.Client, job_id: str, **headers: str) -> list[Delivery]:
    """As soon as each has had an attempt."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found: list[Delivery] = api.get(f"/v1/jobs/{job_id}/deliveries", headers=headers).json()["deliveries"]
        if found and all(it["attempts"] for it in found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"no attempt in time: {found}")


def test_the_event_is_the_job_as_it_can_be_read_and_its_signature_holds(
    api: httpx.Client, inbox: Inbox
) -> None:
    job = submit(api, ARABIC, webhook={"url": inbox.url})
    assert job["webhook"] == {"url": inbox.url, "events": ["job.succeeded", "job.failed"], "deliveries": 0}
    [told] = deliveries(api, job["id"])
    assert (told["number"], told["event"], told["state"]) == (1, "job.succeeded", "delivered")
    [got] = inbox.received
    assert got.id == told["id"] == f"msg_{job['id']}_1"
    event = Webhook(SECRET).verify(got.body, dict(got.headers))
    now = api.get(f"/v1/jobs/{job['id']}").json()
    assert event == {"type": "job.succeeded", "timestamp": now["finished_at"], "data": now}
    assert now["webhook"]["deliveries"] == 1
    assert "أعلن" in got.body.decode()


def test_a_job_that_was_done_before_or_joined_tells_its_own_receiver(api: httpx.Client, inbox: Inbox) -> None:
    text = ARABIC + " هذا خبر آخر."
    bodies = [{"article": {"text": text}, "webhook": {"url": inbox.url}} for _ in range(3)]
    jobs = [api.post("/v1/jobs", json=body).json()["id"] for body in bodies]
    finish(api, jobs[0])
    jobs.append(api.post("/v1/jobs", json=bodies[0]).json()["id"])
    for job_id in jobs:
        deliveries(api, job_id)
    assert {got.id for got in inbox.received} == {f"msg_{job_id}_1" for job_id in jobs}


def test_a_delivery_can_be_sent_again_under_the_same_id(api: httpx.Client, inbox: Inbox) -> None:
    job = submit(api, ARABIC, webhook={"url": inbox.url})
    deliveries(api, job["id"])
    again = api.post(f"/v1/jobs/{job['id']}/deliveries/1/replay")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    while len(inbox.received) < 2:
        time.sleep(0.05)
    first, second = inbox.received
    assert (first.id, first.body) == (second.id, second.body)


def test_what_does_not_exist_is_404(api: httpx.Client, inbox: Inbox) -> None:
    job = submit(api, ARABIC, steps=["summary"], webhook={"url": inbox.url, "events": ["job.failed"]})
    finish(api, job["id"])
    assert api.get(f"/v1/jobs/{job['id']}/deliveries").json() == {"deliveries": []}
    for path in (
        f"/v1/jobs/{job['id']}/deliveries/1/replay",
        f"/v1/jobs/{job['id']}/deliveries/0/replay",
        "/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/deliveries/1/replay",
    ):
        assert api.post(path).status_code == 404
    assert api.get(f"/v1/webhooks/test/msg_{job['id']}_1").status_code == 404
    assert inbox.received == []


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:pass@example.com/",
        "https://no-such-host.invalid/",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:25/",
        "hook",
        "",
    ],
)
def test_a_url_that_is_not_allowed_is_422_and_no_job_is_made(api: httpx.Client, url: str) -> None:
    for path, body, pointer in (
        ("/v1/jobs", {"article": {"text": ARABIC}, "webhook": {"url": url}}, "/webhook/url"),
        ("/v1/webhooks/test", {"url": url}, "/url"),
    ):
        response = api.post(path, json=body)
        assert response.status_code == 422
        problem = response.json()
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("forbidden-webhook", pointer)
    assert api.get("/v1/jobs", params={"reference": "none"}).json()["jobs"] == []


@pytest.mark.parametrize(
    ("webhook", "pointer"),
    [
        ({}, "/webhook/url"),
        ({"url": 5}, "/webhook/url"),
        ({"url": "https://a.example/", "events": []}, "/webhook/events"),
        ({"url": "https://a.example/", "events": ["job.exploded"]}, "/webhook/events/0"),
        ({"url": "https://a.example/", "secret": "x"}, "/webhook/secret"),
    ],
)
def test_a_webhook_of_another_shape_is_422_with_its_place(
    api: httpx.Client, webhook: dict[str, Any], pointer: str
) -> None:
    response = api.post("/v1/jobs", json={"article": {"text": ARABIC}, "webhook": webhook})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer


def test_a_ping_says_what_came_of_it(api: httpx.Client, inbox: Inbox) -> None:
    inbox.answer = lambda _: reply(418, b"I am a \x00teapot" + b"!" * 1_000)
    response = api.post("/v1/webhooks/test", json={"url": inbox.url})
    assert response.status_code == 200
    ping = response.json()
    [attempt] = ping["attempts"]
    assert (ping["state"], attempt["outcome"], attempt["status_code"]) == ("failed", "http-4xx", 418)
    assert attempt["reply"].startswith("I am a ")
    assert len(attempt["reply"]) == 500
    assert api.get(response.headers["Location"]).json() == ping
    event = Webhook(SECRET).verify(inbox.received[0].body, dict(inbox.received[0].headers))
    assert event["type"] == "ping"


def test_a_url_that_answered_410_is_refused_until_a_ping_turns_it_on(api: httpx.Client, inbox: Inbox) -> None:
    inbox.answer = lambda _: reply(410)
    body = {"article": {"text": ARABIC}, "webhook": {"url": inbox.url}}
    key = f"hook-{time.time()}"
    asked = {"Cache-Control": "no-cache", "Idempotency-Key": key}
    job = api.post("/v1/jobs", json=body, headers=asked).json()
    assert deliveries(api, job["id"])[0]["state"] == "disabled"
    again = api.post("/v1/jobs", json=body, headers={"Idempotency-Key": key})
    assert again.json()["id"] == job["id"]
    refused = api.post("/v1/jobs", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "forbidden-webhook")
    assert "410" in refused.json()["detail"]
    inbox.answer = lambda _: reply(204)
    assert api.post("/v1/webhooks/test", json={"url": inbox.url}).json()["state"] == "delivered"
    assert api.post("/v1/jobs", json=body).status_code in (200, 202)


def test_a_batch_names_the_line_whose_webhook_is_wrong(api: httpx.Client, inbox: Inbox) -> None:
    good = {"article": {"text": ARABIC}, "webhook": {"url": inbox.url}}
    bad = good | {"webhook": {"url": "https://127.1/"}}
    response = api.post("/v1/batches", json={"jobs": [good, bad]})
    assert response.status_code == 422
    assert [(it["line"], it["code"]) for it in response.json()["errors"]] == [(2, "forbidden-webhook")]
    assert inbox.received == []


def test_the_secret_of_a_setting_is_not_told(api: httpx.Client) -> None:
    for response in (
        api.get("/v1/webhooks/secret"),
        api.post("/v1/webhooks/secret/rotate", json={}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "no-webhook-secret")
        assert SECRET not in response.text


def test_the_metrics_tell_of_attempts_and_of_no_names(api: httpx.Client, inbox: Inbox) -> None:
    api.post("/v1/webhooks/test", json={"url": inbox.url})
    response = api.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'khulasa_webhook_attempts_total{outcome="delivered"}' in response.text
    assert "khulasa_webhook_oldest_due_seconds 0.0" in response.text
    assert 'khulasa_webhook_breakers{state="open"}' in response.text
    assert "127.0.0.1" not in response.text


def test_no_log_tells_the_url_the_secret_or_the_reply(api: httpx.Client, inbox: Inbox, hooked: Stack) -> None:
    inbox.answer = lambda _: reply(400, b"private reply")
    url = f"{inbox.url}?token=private-token"
    job = submit(api, ARABIC, webhook={"url": url})
    deliveries(api, job["id"])
    assert hooked.worker
    assert hooked.api
    logs = hooked.worker.log.read_text("utf-8") + hooked.api.log.read_text("utf-8")
    assert f'"delivery_id": "msg_{job["id"]}_1"' in logs
    for private in ("private", SECRET, "أعلن"):
        assert private not in logs


def test_each_key_has_a_secret_of_its_own_and_sees_only_its_own_deliveries(
    start_stack: StartStack, inbox: Inbox
) -> None:
    stack = start_stack(**{**ALLOWED, "webhook_secret": None})
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        refused = api.post("/v1/jobs", json={"article": {"text": ARABIC}, "webhook": {"url": inbox.url}})
        assert (refused.status_code, refused.json()["code"]) == (422, "forbidden-webhook")
        assert "KHULASA_WEBHOOK_SECRET" in refused.json()["detail"]
        ring = KeyRing(stack.connect_redis())
        desk, other = ({"X-API-Key": ring.create(name, now=utc_now())[1]} for name in ("desk", "other"))
        old = api.get("/v1/webhooks/secret", headers=desk).json()
        assert old == api.get("/v1/webhooks/secret", headers=desk).json()
        assert old["secret"] != api.get("/v1/webhooks/secret", headers=other).json()["secret"]
        new = api.post("/v1/webhooks/secret/rotate", json={"overlap_seconds": 600.0}, headers=desk).json()
        assert new["previous_until"]
        body = {"article": {"text": ARABIC}, "webhook": {"url": inbox.url}}
        job_id = api.post("/v1/jobs", json=body, headers=desk).json()["id"]
        deliveries(api, job_id, **desk)
        [got] = inbox.received
        for secret in (old["secret"], new["secret"]):
            Webhook(secret).verify(got.body, dict(got.headers))
        assert api.get(f"/v1/jobs/{job_id}/deliveries", headers=other).status_code == 404
        assert api.post(f"/v1/jobs/{job_id}/deliveries/1/replay", headers=other).status_code == 404
        ping = api.post("/v1/webhooks/test", json={"url": inbox.url}, headers=desk).json()
        assert api.get(f"/v1/webhooks/test/{ping['id']}", headers=other).status_code == 404
        assert api.get("/metrics").status_code == 401
        third = api.post("/v1/webhooks/secret/rotate", headers=desk).json()
        body["article"] = {"text": ARABIC + " ثم غادر القاعة."}
        deliveries(api, api.post("/v1/jobs", json=body, headers=desk).json()["id"], **desk)
        for secret in (old["secret"], new["secret"], third["secret"]):
            Webhook(secret).verify(inbox.received[-1].body, dict(inbox.received[-1].headers))
        while (again := api.post("/v1/webhooks/secret/rotate", headers=desk)).status_code == 200:
            pass
        assert (again.status_code, again.json()["code"]) == (409, "too-many-secrets")
        alone = api.post("/v1/webhooks/secret/rotate", json={"overlap_seconds": 0.0}, headers=desk).json()
        assert alone["previous_until"] is None
        wrong = api.post("/v1/webhooks/secret/rotate", json={"overlap_seconds": 10**9}, headers=desk)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/overlap_seconds")


def test_a_courier_that_is_killed_is_replaced_and_ends_with_its_worker(
    start_stack: StartStack, inbox: Inbox
) -> None:
    import os
    import signal
    from pathlib import Path

    stack = start_stack(**ALLOWED)

    def couriers() -> list[int]:
        commands = {int(it.name): it / "cmdline" for it in Path("/proc").iterdir() if it.name.isdigit()}
        wanted = f"--parent\0{stack.worker.pid if stack.worker else 0}\0"
        found = []
        for pid, command in commands.items():
            try:
                if wanted in command.read_text():
                    found.append(pid)
            except OSError:
                continue
        return found

    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert api.post("/v1/webhooks/test", json={"url": inbox.url}).json()["state"] == "delivered"
        [first] = couriers()
        os.kill(first, signal.SIGKILL)
        assert api.post("/v1/webhooks/test", json={"url": inbox.url}).json()["state"] == "delivered"
        [second] = couriers()
        assert second != first
        assert stack.worker
        os.kill(stack.worker.pid, signal.SIGKILL)
        while couriers():
            time.sleep(0.05)
