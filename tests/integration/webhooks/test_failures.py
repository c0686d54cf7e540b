"""Receivers that fail: each attempt ends as it is written, in its time, and leaves nothing behind."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import hostile_receivers as hostile
from tests import hostile_tls
from tests.integration.webhooks.conftest import LOCAL
from tests.receivers import Receiver, answering, receiving, reply, then
from worker.outbound import AttemptFailed, Outbound

LARGE = b"x" * 32_000_000  # more than the buffers of a connection hold

SLOW: dict[str, tuple[Callable[[], Receiver], bytes]] = {
    "hangs before the head": (hostile.hanging_before_the_head, b"{}"),
    "hangs after the head": (hostile.hanging_after_the_head, b"{}"),
    "hangs in the handshake": (hostile_tls.hanging_in_the_handshake, b"{}"),
    "drips its head": (lambda: hostile.dripping_head(0.05), b"{}"),
    "drips its body": (lambda: hostile.dripping_body(0.05), b"{}"),
    "drips 100 Continue": (lambda: hostile.dripping_continue(0.05), b"{}"),
    "drips a second head": (lambda: hostile.dripping_early_hints(0.05), b"{}"),
    "never reads": (hostile.never_reading, LARGE),
    "reads piece by piece": (lambda: hostile.reading_slowly(0.02), LARGE),
    "has no length and does not close": (
        lambda: receiving(then(b"HTTP/1.1 200 OK\r\n\r\nok", hold=True)),
        b"{}",
    ),
}
FAILING: dict[str, tuple[Callable[[], Receiver], str]] = {
    "resets": (hostile.resetting, "reset"),
    "closes at once": (hostile.closing_at_once, "reset"),
    "closes in the status line": (lambda: receiving(then(b"HTTP/1.1 200")), "reset"),
    "closes after the status line": (lambda: receiving(then(b"HTTP/1.1 200 OK\r\n")), "reset"),
    "closes in the headers": (lambda: receiving(then(reply(200)[:-2])), "reset"),
    "speaks SSH": (hostile.speaking_garbage, "bad-reply"),
    "speaks nonsense": (lambda: hostile.speaking_garbage(b"200 OK\r\n\r\n"), "bad-reply"),
    "says status 20": (lambda: hostile.speaking_garbage(b"HTTP/1.1 20 OK\r\n\r\n"), "bad-reply"),
    "says status two hundred": (lambda: hostile.speaking_garbage(b"HTTP/1.1 two OK\r\n\r\n"), "bad-reply"),
    "speaks HTTP/2": (lambda: hostile.speaking_garbage(b"HTTP/2 200 OK\r\n\r\n"), "bad-reply"),
    "sends one huge header": (hostile.huge_header, "bad-reply"),
    "sends headers for ever": (hostile.endless_headers, "bad-reply"),
    "sends 100 Continue for ever": (hostile.endless_continue, "bad-reply"),
    "sends a line for ever": (hostile.endless_line, "bad-reply"),
    "speaks HTTP on a TLS port": (hostile_tls.plain_on_a_tls_port, "tls"),
}


@pytest.mark.parametrize(("receiver", "body"), SLOW.values(), ids=SLOW.keys())
def test_the_deadline_holds_against_one_that(
    receiver: Callable[[], Receiver], body: bytes, hurried: Outbound
) -> None:
    with receiver() as url:
        started = time.monotonic()
        assert _outcome(hurried, url, body) == "timeout"
        assert 0.35 < time.monotonic() - started < 1.5


@pytest.mark.parametrize(("receiver", "outcome"), FAILING.values(), ids=FAILING.keys())
def test_the_attempt_fails_at_once_at_one_that(
    receiver: Callable[[], Receiver], outcome: str, patient: Outbound
) -> None:
    with receiver() as url:
        started = time.monotonic()
        assert _outcome(patient, url) == outcome
        assert time.monotonic() - started < 2


def test_a_port_that_nobody_listens_at_is_unreachable(patient: Outbound) -> None:
    with answering() as url:
        pass
    assert _outcome(patient, url) == "unreachable"


def test_the_time_of_a_lookup_counts() -> None:
    def resolve(host: str) -> list[str]:
        time.sleep(0.45)
        return ["127.0.0.1"]

    slow = Outbound(LOCAL, timeout_seconds=0.4, resolve=resolve)
    with answering() as url:
        assert _outcome(slow, url.replace("127.0.0.1", "slow.example.com")) == "timeout"


def test_nothing_is_left_open(hurried: Outbound) -> None:
    """Sockets and threads of every kind of attempt, after each."""
    for receiver, body in [*SLOW.values(), *((receiver, b"{}") for receiver, _ in FAILING.values())]:
        before = _open_files(), threading.active_count()
        with receiver() as url:
            _outcome(hurried, url, body)
        assert (_open_files(), threading.active_count()) == before, url


def test_64_threads_share_one_sender_and_the_slow_hold_up_nobody() -> None:
    sender = Outbound(LOCAL, timeout_seconds=2)
    with (
        hostile.hanging_before_the_head() as hanging,
        hostile.endless_continue() as endless,
        answering(200, b"ok") as good,
        ThreadPoolExecutor(64) as threads,
    ):
        slow = [threads.submit(_outcome, sender, url) for url in [hanging] * 24 + [endless] * 8]
        started = time.monotonic()
        quick = [threads.submit(_outcome, sender, good) for _ in range(128)]
        assert {each.result() for each in quick} == {"200"}
        assert time.monotonic() - started < 1.5
        assert {each.result() for each in slow} == {"timeout", "bad-reply"}


def _outcome(sender: Outbound, url: str, body: bytes = b"{}") -> str:
    try:
        return str(sender.post(url, body, {}).status)
    except AttemptFailed as failed:
        return failed.outcome


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
