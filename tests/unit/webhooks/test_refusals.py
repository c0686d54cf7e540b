"""What `khulasa webhooks listen` refuses, over real sockets, and the reason that both sides are told."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.webhooks.running import BODY, OTHER, SECRET, Listen, Listener
from tests.webhooks.official import signed_headers

Sign = Callable[[], dict[str, bytes]]


def signed(body: bytes = BODY, *, secret: str = SECRET, minutes: int = 0, **changed: str | None) -> Sign:
    """Headers made when the test runs; `changed` ones have _ for -, and None takes one away."""

    def sign() -> dict[str, bytes]:
        headers = signed_headers(body, secret, at=datetime.now(UTC) + timedelta(minutes=minutes))
        new = headers | {name.replace("_", "-"): value for name, value in changed.items()}
        return {name: value.encode("latin-1") for name, value in new.items() if value is not None}

    return sign


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (BODY, dict, "it is not signed: it has no webhook-id, no webhook-timestamp, no webhook-signature"),
        (BODY, signed(webhook_signature=None), "it is not signed: it has no webhook-signature"),
        (BODY, signed(webhook_signature=""), "it is not signed: it has no webhook-signature"),
        (BODY, signed(secret=OTHER), "its signature is wrong"),
        (BODY + b" ", signed(), "its signature is wrong"),
        (BODY, signed(webhook_id="msg_9"), "its signature is wrong"),
        (BODY, signed(webhook_signature="v2,AAAA"), "its signature is wrong"),
        (BODY, signed(minutes=-6), "its webhook-timestamp is over 5 minutes old"),
        (BODY, signed(minutes=6), "its webhook-timestamp is over 5 minutes ahead"),
        (BODY, signed(webhook_timestamp="nan"), "garbled"),
        (BODY, signed(webhook_timestamp="1e999"), "garbled"),
        (BODY, signed(webhook_signature="v1"), "garbled"),
        (BODY, signed(webhook_signature="v1,é"), "garbled"),
        (b"\xff\xfe", signed(), "garbled"),
        (b"no json", signed(b"no json"), "its signature is good, but its body is no JSON"),
        pytest.param(b"[" * 100_000, signed(b"[" * 100_000), "its body is no JSON", id="deep"),
        (b"", signed(b""), "its body is no JSON"),
        (b"[]", signed(b"[]"), "its signature is good, but its body is no event"),
        (b'{"type": 7}', signed(b'{"type": 7}'), "its signature is good, but its body is no event"),
    ],
)
def test_what_is_not_signed_well_is_refused_with_the_reason(
    shared: Listener, body: bytes, headers: Sign, reason: str
) -> None:
    answer = shared.post(body, headers())
    assert answer.status_code == 400
    assert answer.text.startswith("refused: ")
    assert reason in answer.text
    assert shared.line() == f"REFUSED: {answer.text.removeprefix('refused: ').strip()}; answered 400\n"


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status", "reason"),
    [
        (HEAD + b"\r\n", 411, "does not state its Content-Length"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411, "does not state"),
        (HEAD + b"Content-Length: -5\r\n\r\n{}", 400, "Content-Length is no number"),
        (HEAD + b"Content-Length: two\r\n\r\n{}", 400, "Content-Length is no number"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "Content-Length is no number"),
        pytest.param(HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400, "is no number", id="long"),
        (HEAD + b"Content-Length: 100\r\n\r\n{}", 400, "ended after 2 of 100 bytes"),
        (HEAD + b"Content-Length: 99999999999\r\n\r\n{}", 413, "over the limit of 64 MiB"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "deliveries are POSTs"),
        (b"\x16\x03\x01\x02\x00 garbage\r\n\r\n", 400, "no request that can be read"),
        (b"PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "no request that can be read"),
    ],
)
def test_what_is_no_delivery_at_all_is_refused_with_the_reason(
    shared: Listener, request_bytes: bytes, status: int, reason: str
) -> None:
    answer = shared.raw(request_bytes)
    assert f" {status} ".encode() in answer.partition(b"\r\n")[0] or f"code: {status}".encode() in answer
    line = shared.line()
    assert line.startswith("REFUSED: ")
    assert reason in line


def test_a_client_that_sends_too_much_can_send_it_all_and_read_the_answer(shared: Listener) -> None:
    size = 64 * 2**20 + 1
    answer = shared.raw(HEAD + b"Content-Length: %d\r\n\r\n" % size + b"x" * size)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert f"its body of {size} bytes is over the limit" in shared.line()


def test_a_client_that_breaks_off_harms_nobody(listen: Listen) -> None:
    listener = listen()
    with socket.create_connection(("127.0.0.1", listener.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with a reset
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert "the connection broke off (ConnectionResetError)" in listener.line()
    assert listener.post().status_code == 204
    assert listener.stop()[1] == ""


def test_one_who_waits_does_not_hold_up_the_others(listen: Listen) -> None:
    listener = listen()
    with socket.create_connection(("127.0.0.1", listener.port)) as waiting:
        waiting.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        assert listener.post().status_code == 204
        assert "Received 1 " in listener.stop()[0]
