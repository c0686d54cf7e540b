"""What receivers say, and what of it is kept."""

import socket
import threading

import pytest

from tests.hostile_receivers import (
    closing_early,
    endless_body,
    endless_small_chunks,
    redirecting,
    refusing_unread,
)
from tests.receivers import answering, read_request, receiving, reply, then
from worker.outbound import AttemptFailed, Outbound

BODY = b'{"type":"ping"}'


@pytest.mark.parametrize("status", [200, 204, 400, 404, 410, 429, 500, 503, 599, 999])
def test_any_status_is_a_reply(patient: Outbound, status: int) -> None:
    with answering(status) as url:
        assert patient.post(url, BODY, {}).status == status


def test_the_body_and_its_headers_arrive_as_they_are(patient: Outbound) -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket, over: threading.Event) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply(200))

    with receiving(behave) as url:
        patient.post(f"{url}?a=%20b", BODY, {"Content-Type": "application/json", "webhook-id": "msg_1"})
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == BODY
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=%20b HTTP/1.1"
    assert sorted(lines[1:]) == sorted(
        [
            f"Host: {url.split('/')[2]}",
            f"Content-Length: {len(BODY)}",
            "Content-Type: application/json",
            "webhook-id: msg_1",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
            "User-Agent: Khulasa-Webhooks/1",
        ]
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(patient: Outbound, status: int) -> None:
    visits: list[bytes] = []
    with (
        receiving(lambda connection, over: visits.append(read_request(connection))) as elsewhere,
        redirecting(elsewhere, status) as url,
    ):
        assert patient.post(url, BODY, {}).status == status
    assert visits == []


def test_retry_after_is_read_in_any_case(patient: Outbound) -> None:
    with answering(429, head=b"RETRY-AFTER: 120\r\n") as url:
        assert patient.post(url, BODY, {}).headers.get("Retry-After") == "120"


def test_the_first_500_characters_are_kept(patient: Outbound) -> None:
    with answering(500, "خلاصة".encode() * 200) as url:
        assert patient.post(url, BODY, {}).text == "خلاصة" * 100


def test_what_is_kept_is_fit_for_a_log(patient: Outbound) -> None:
    with answering(500, b"a\x00b\x1b[31mc\r\nd\te\x7f\xc2\x85\xff") as url:
        assert patient.post(url, BODY, {}).text == "a\ufffdb\ufffd[31mc\nd\te\ufffd\ufffd\ufffd"


def test_a_body_that_breaks_off_does_not_change_the_status(patient: Outbound) -> None:
    with closing_early() as url:
        result = patient.post(url, BODY, {})
    assert (result.status, result.text) == (200, "half")


@pytest.mark.parametrize("receiver", [endless_body, endless_small_chunks])
def test_of_a_body_without_end_little_is_read(patient: Outbound, receiver: type) -> None:
    with receiver() as url:
        result = patient.post(url, BODY, {})
    assert (result.status, result.text) == (200, "x" * 500)


@pytest.mark.parametrize("said", [64 * 1024, 64 * 1024 - 1])
def test_64_kb_of_a_body_are_waited_for_and_no_more(hurried: Outbound, said: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n"
    with receiving(then(head + b"x" * said, hold=True)) as url:
        if said == 64 * 1024:
            assert hurried.post(url, BODY, {}).status == 200
        else:
            with pytest.raises(AttemptFailed, match=r"in full within 0\.4 s"):
                hurried.post(url, BODY, {})


def test_an_early_refusal_of_a_large_body_is_heard(patient: Outbound) -> None:
    with refusing_unread(413) as url:
        assert patient.post(url, b"x" * 32_000_000, {}).status == 413


def test_interim_replies_are_passed_over(patient: Outbound) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with receiving(then(interim + reply(202))) as url:
        assert patient.post(url, BODY, {}).status == 202


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200\r\nContent-Length: two\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-13\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"9" * 5000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    ],
)
def test_a_careless_reply_counts_by_its_status(patient: Outbound, said: bytes) -> None:
    with receiving(then(said)) as url:
        assert patient.post(url, BODY, {}).status == 200


def test_a_reply_that_cannot_be_parsed_leaves_no_url_in_the_log(
    patient: Outbound, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with receiving(then(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n")) as url:
        patient.post(f"{url}?token=secret", BODY, {})
    assert "secret" not in caplog.text


def test_proxies_in_the_environment_are_ignored(patient: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with answering(200) as url:
        assert patient.post(url, BODY, {}).status == 200


def test_an_ipv6_literal_is_reached(patient: Outbound) -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no ::1")
    seen: list[bytes] = []

    def behave(connection: socket.socket, over: threading.Event) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply(200))

    with receiving(behave, at="::1") as url:
        assert patient.post(url, BODY, {}).status == 200
    assert f"\r\nHost: {url.split('/')[2]}\r\n".encode() in seen[0]


def test_a_failure_names_the_receiver_and_no_more(patient: Outbound) -> None:
    with receiving(then(b"nonsense")) as url, pytest.raises(AttemptFailed) as failed:
        patient.post(f"{url}?token=secret", BODY, {})
    assert url.split("/")[2] in failed.value.detail
    assert "hook" not in failed.value.detail


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
