"""Clients that send or take byte by byte: they lose their place, and cost nobody else theirs."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from deploy.local.stack import Stack
from jobs.settings import Settings
from tests.jobs_over_http import ARABIC, submit

HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
LONG = POST + b"Content-Length: 100000\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SECONDS = 1.0  # that each limit allows here
PATIENCE = 8 * SECONDS  # of the test: a machine may be busy, and without limits these would not end
BYTES_PER_SECOND = 20_000
PLACES = 320


@pytest.fixture(scope="module")
def stack(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = Settings(
        port=0,
        data_dir=tmp_path_factory.mktemp("impatient"),
        rate_limit="100000/minute",
        poll_rate_limit="100000/minute",
        max_connections=PLACES,
        client_idle_seconds=SECONDS,
        client_head_seconds=SECONDS,
        client_body_seconds=SECONDS,
        client_body_bytes_per_second=BYTES_PER_SECOND,
        client_send_seconds=SECONDS,
    )
    with Stack(settings) as started:
        assert started.worker
        started.worker.kill()  # jobs stay queued
        yield started


@contextmanager
def connected(stack: Stack) -> Iterator[socket.socket]:
    url = httpx.URL(stack.url)
    with socket.create_connection((url.host, url.port or 80), timeout=10) as client:
        yield client


@contextmanager
def dripping(clients: list[socket.socket], sent: bytes) -> Iterator[None]:
    """Each sends the beginning of a request, and from then on a byte ten times a second."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.1):
            for client in clients:
                with suppress(OSError):
                    client.send(b"a")

    for client in clients:
        client.sendall(sent)
    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        yield
    finally:
        over.set()
        dripper.join()


def received(client: socket.socket) -> bytes:
    """All that comes until the end; a byte of ours that came too late may have reset the connection."""
    answer = b""
    with suppress(ConnectionResetError):
        while data := client.recv(65_536):
            answer += data
    return answer


@pytest.mark.parametrize(
    "sent", [HEAD + b"X: ", LONG + b"{", CHUNKED + b"1\r\n{\r\n"], ids=["head", "body", "chunks"]
)
def test_a_request_that_drips_is_told_so_and_closed(stack: Stack, sent: bytes) -> None:
    with connected(stack) as client, dripping([client], sent):
        began = time.monotonic()
        head, _, body = received(client).partition(b"\r\n\r\n")
        assert SECONDS * 0.9 < time.monotonic() - began < PATIENCE
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close" in head.lower()
    assert json.loads(body)["code"] == "request-timeout"


def test_a_body_that_came_fast_buys_no_long_silence(stack: Stack) -> None:
    with connected(stack) as client:
        client.sendall(LONG + b" " * 99_000)  # five seconds' worth
        began = time.monotonic()
        assert received(client).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < PATIENCE


def test_a_large_body_that_comes_slowly_but_steadily_is_taken(stack: Stack) -> None:
    body = json.dumps({"article": {"text": ARABIC}, "steps": ["summary"]}).encode() + b" " * 90_000
    with connected(stack) as client:
        client.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body))
        began = time.monotonic()
        for at in range(0, len(body), 3_000):
            client.sendall(body[at : at + 3_000])
            time.sleep(3_000 / BYTES_PER_SECOND / 1.5)
        assert time.monotonic() - began > 2 * SECONDS
        assert client.recv(65_536).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_connection_on_which_nothing_is_asked_is_closed_without_a_word(
    stack: Stack, asked_before: bool
) -> None:
    with connected(stack) as client:
        for _ in range(2 * asked_before):
            client.sendall(HEAD + b"\r\n")
            answer = b""
            while b"ok" not in answer:
                answer += client.recv(65_536)
            time.sleep(SECONDS / 2)
        began = time.monotonic()
        assert received(client) == b""
        assert time.monotonic() - began < PATIENCE


def test_a_body_after_its_answer_is_not_waited_for(stack: Stack) -> None:
    with connected(stack) as client, dripping([client], LONG.replace(b"/v1/jobs", b"/nowhere")):
        began = time.monotonic()
        answer = received(client)
        assert time.monotonic() - began < PATIENCE
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_half_closed_client_gets_its_answer_and_half_a_request_gets_none(stack: Stack) -> None:
    for sent, start in ((HEAD + b"\r\n", b"HTTP/1.1 200 "), (HEAD, b"")):
        with connected(stack) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            assert received(client)[:13] == start


def test_a_client_that_takes_nothing_is_left(stack: Stack) -> None:
    with connected(stack) as client:
        asked = 400
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * asked)
        time.sleep(4 * SECONDS)
        assert 0 < received(client).count(b"HTTP/1.1 200 ") < asked


def test_three_hundred_dripping_clients_delay_nobody(stack: Stack) -> None:
    with ExitStack() as exits:
        clients = [exits.enter_context(connected(stack)) for _ in range(300)]
        exits.enter_context(dripping(clients[:150], HEAD + b"X: "))
        exits.enter_context(dripping(clients[150:], LONG + b"{"))
        with httpx.Client(base_url=stack.url, timeout=10) as api:
            began = time.monotonic()
            submit(api, ARABIC, steps=["summary"])
            assert time.monotonic() - began < PATIENCE


def test_places_that_are_all_held_come_free(stack: Stack) -> None:
    with ExitStack() as exits:
        clients = [exits.enter_context(connected(stack)) for _ in range(PLACES)]
        exits.enter_context(dripping(clients, LONG + b"{"))
        assert httpx.get(f"{stack.url}/livez", timeout=5 * SECONDS).status_code == 200


def test_who_waits_or_listens_is_not_cut_off(stack: Stack) -> None:
    silence = 3 * SECONDS
    with httpx.Client(base_url=stack.url, timeout=30) as api:
        job = submit(api, ARABIC, steps=["summary"])
        waited = api.get(f"/v1/jobs/{job['id']}", headers={"Prefer": f"wait={silence:.0f}"})
        assert waited.status_code == 200
        assert waited.elapsed.total_seconds() >= silence
        with api.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
            lines = events.iter_lines()
            assert "event: progress" in lines
            time.sleep(silence)
            httpx.delete(f"{stack.url}/v1/jobs/{job['id']}")
            assert "event: done" in lines
