"""Canaries: words that stand only in what clients send, and so in no log of any process."""

import re
import socket
from pathlib import Path
from time import sleep

import httpx
import pytest

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.store import utc_now
from tests.conftest import StartStack
from tests.fuzz.samples import docx, html, pdf
from tests.integration.deliveries.bench import ALLOWED, SECRET, Inbox
from tests.jobs_over_http import ARABIC, finish
from tests.receivers import reply

CANARY = "canary7xq"  # in whatever a client may write
ARABIC_CANARY = "كناريظص"
TEXT = f"{ARABIC} قال {ARABIC_CANARY} إن {CANARY} وصل."
QUICK = {"requeue_seconds": 1, "max_attempts": 1}


@pytest.fixture
def inbox() -> "Inbox":
    opened = Inbox()
    opened.answer = lambda _: reply(400, f"{CANARY} reply".encode())
    return opened


def body_of(url: str, **fields: object) -> dict[str, object]:
    article = {"text": TEXT, "title": f"{CANARY} {ARABIC_CANARY}", "reference": f"{CANARY} reference"}
    webhook = {"url": f"{url}/{CANARY}?token={CANARY}"}
    told = {
        "article": article,
        "webhook": webhook,
        "metadata": {CANARY: CANARY},
        "steps": ["translation", "english_summary"],
    }
    return {**told, **fields}


def test_no_log_of_any_process_has_a_word_of_what_clients_sent(
    start_stack: StartStack, tmp_path: Path, inbox: Inbox
) -> None:
    stack = start_stack(**ALLOWED, **QUICK, steps_dir="tests/doubles")
    _, key = KeyRing(stack.connect_redis()).create("desk", now=utc_now())
    with inbox.open(), httpx.Client(base_url=stack.url, timeout=70, headers={"X-API-Key": key}) as api:
        _send_what_succeeds_and_fails(api, inbox)
        _send_what_is_refused(api, inbox)
        _send_files(api)
        _send_what_is_not_http(stack)
        while not any(it.headers for it in inbox.received):
            sleep(0.05)
        _send_without_redis(stack, api, inbox)
    stack.stop()
    logs = {it.name: it.read_text("utf-8", "replace") for it in (tmp_path / "data").rglob("*.log")}
    assert {"api.log", "worker.log", "redis.log"} <= logs.keys()
    assert "step.crashed" in logs["worker.log"]
    assert "delivery.attempted" in logs["worker.log"]
    assert "file.refused" in logs["api.log"]
    assert "request.refused" in logs["api.log"]
    secret = key.split("_")[-1]
    for name, log in logs.items():
        for private in (
            CANARY,
            ARABIC_CANARY,
            "الوزير",
            ascii("الوزير")[1:-1],
            key,
            secret,
            SECRET,
            inbox.url,
        ):
            assert private not in log, (name, [line for line in log.splitlines() if private in line][:2])


def _send_what_succeeds_and_fails(api: httpx.Client, inbox: Inbox) -> None:
    headers = {"Idempotency-Key": CANARY, "Cache-Control": "no-cache"}
    done = api.post("/v1/jobs", json=body_of(inbox.url), headers=headers)
    assert done.status_code == 202, done.text
    options = {"translation": {"glossary": {ARABIC_CANARY: CANARY}}}
    others = [
        api.post(
            "/v1/jobs",
            json=body_of(inbox.url, steps=steps, options=more),
            headers={"Cache-Control": "no-cache"},
        )
        for steps, more in ((["raising"], {}), (["translation", "headline"], options))
    ]
    ended = [finish(api, it.json()["id"]) for it in (done, *others)]
    assert [job["status"] for job in ended] == ["succeeded", "failed", "succeeded"]
    assert api.post("/v1/jobs", json=body_of(inbox.url, lane="bulk"), headers=headers).status_code == 422
    assert api.get("/v1/jobs", params={"reference": f"{CANARY} reference"}).json()["jobs"]
    api.get(f"/v1/jobs/{ended[0]['id']}/events", headers={"Last-Event-ID": CANARY})


def _send_what_is_refused(api: httpx.Client, inbox: Inbox) -> None:
    wrong = [
        *(
            {"steps": [CANARY]},
            {"lane": CANARY},
            {"ttl_seconds": CANARY},
            {CANARY: 1},
            {"metadata": {CANARY: 1}},
        ),
        *({"webhook": {"url": f"http://10.0.0.1/{CANARY}"}}, {"webhook": {"url": f"ftp://{CANARY}"}}),
        *(
            {"options": {"translation": {"model": CANARY}}},
            {"options": {"translation": {"glossary": CANARY}}},
        ),
        *({"article": {"text": f"{CANARY} is not Arabic at all"}}, {"article": {"text": TEXT * 5_000}}),
    ]
    for fields in wrong:
        assert 400 <= api.post("/v1/jobs", json=body_of(inbox.url, **fields)).status_code < 500
    for path in (f"/v1/jobs/{CANARY}", f"/{CANARY}", f"/v1/jobs?cursor={CANARY}", f"/v1/glossaries/{CANARY}"):
        assert api.get(path).status_code in (404, 422)
    assert api.post("/v1/jobs", content=f'{{"article": {{"text": "{TEXT}'.encode()).status_code in (400, 415)
    assert api.put("/v1/glossaries/desk", json={"terms": [{"ar": CANARY, "en": CANARY}]}).status_code == 422
    assert api.post("/v1/batches", json={"jobs": [body_of(inbox.url, lane=CANARY)]}).status_code == 422
    assert api.post("/translate", json={"q": TEXT, "source": CANARY, "target": CANARY}).status_code == 400
    headers = {
        "X-API-Key": f"khu_{CANARY}",
        "X-Request-Id": f"{CANARY} {CANARY}",
        "Authorization": f"Bearer {CANARY}",
    }
    assert api.get("/v1/jobs", headers=headers).status_code == 401


def _send_files(api: httpx.Client) -> None:
    words = TEXT.encode()
    damaged = {
        "a.pdf": pdf() + words,
        "b.pdf": pdf()[:200] + words + b"%%EOF",
        "a.docx": docx()[:900] + words,
        "a.html": b"<html><body><script>" + words,
        "b.html": html() + words,
        "a.txt": words + b"\xff\xd8",
        "b.txt": b"%PDF-" + words,
        "a.exe": words,
    }
    for name, data in damaged.items():
        answer = api.post(
            "/v1/jobs", files={"file": (f"{CANARY}{name}", data)}, data={"title": CANARY, "steps": "summary"}
        )
        assert answer.status_code < 500


def _send_what_is_not_http(stack: Stack) -> None:
    url = httpx.URL(stack.url)
    for sent in (
        f"{CANARY}\r\n\r\n",
        f"GET /{CANARY} HTTP/9.9\r\n\r\n",
        f"GET / HTTP/1.1\r\n{CANARY}\r\n\r\n",
        f"GET / HTTP/1.1\r\nContent-Length: {CANARY}\r\n\r\n",
        f"POST /v1/jobs HTTP/1.1\r\nTransfer-Encoding: {CANARY}\r\n\r\n",
        f"POST /v1/jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
        f"POST /v1/jobs HTTP/1.1\r\nContent-Length: 9999\r\n\r\n{CANARY}",
        f"GET /{CANARY * 2_000} HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((url.host, url.port or 80), timeout=20) as client:
            client.sendall(sent.encode())
            client.shutdown(socket.SHUT_WR)
            assert re.match(rb"HTTP/1.1 [45]\d\d ", client.recv(65_536))


def _send_without_redis(stack: Stack, api: httpx.Client, inbox: Inbox) -> None:
    """The worker is gone before: it would wait for Redis for long."""
    assert stack.worker
    assert stack.redis
    stack.worker.kill()
    stack.redis.kill()
    assert api.post("/v1/jobs", json=body_of(inbox.url)).status_code == 503
