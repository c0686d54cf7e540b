"""Five hundred clients who wait cost the others nothing: docs/adr/0010-waiting.md."""

import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, submit

CLIENTS = 500


@pytest.fixture
def idle(start_stack: StartStack) -> Stack:
    """A stack without a worker: what is submitted stays queued."""
    started = start_stack()
    assert started.worker
    started.worker.kill()
    return started


@pytest.fixture
def api(idle: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=idle.url, timeout=70) as client:
        yield client


def test_polls_are_answered_at_once_beside_500_who_wait_and_all_of_them_hear_of_the_end(
    idle: Stack, api: httpx.Client
) -> None:
    job_id = submit(api, ARABIC)["id"]
    with ExitStack() as exits:
        waiting = [exits.enter_context(_wait_for(idle, job_id)) for _ in range(CLIENTS)]
        seconds = []
        for _ in range(50):
            started = time.perf_counter()
            assert api.get(f"/v1/jobs/{job_id}").json()["status"] == "queued"
            seconds.append(time.perf_counter() - started)
        assert statistics.median(seconds) < 0.05, sorted(seconds)
        assert api.delete(f"/v1/jobs/{job_id}").status_code == 204
        answers = [_answer(client) for client in waiting]
    assert answers == ["HTTP/1.1 410 GONE"] * CLIENTS


def _wait_for(stack: Stack, job_id: str, seconds: int = 60) -> socket.socket:
    url = httpx.URL(stack.url)
    client = socket.create_connection((url.host, url.port or 80), timeout=70)
    head = f"GET /v1/jobs/{job_id} HTTP/1.1\r\nHost: {url.host}\r\nPrefer: wait={seconds}\r\n\r\n"
    client.sendall(head.encode())
    return client


def _answer(client: socket.socket) -> str:
    return client.recv(4096).decode("latin-1").split("\r\n")[0]
