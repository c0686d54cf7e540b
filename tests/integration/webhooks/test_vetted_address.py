"""DNS that lies: the connection goes to what this attempt has looked up and checked, and nowhere else."""

import socket
import threading
from collections.abc import Callable

import pytest

from jobs.webhooks.targets import TargetRules
from tests.integration.webhooks.conftest import LOCAL
from tests.receivers import answering, read_request, receiving, reply
from worker.outbound import AttemptFailed, Outbound

NAME = "hooks.example.com"
ONE_ADDRESS = TargetRules.from_settings(allow_http=True, networks="127.0.0.2/32", ports="443")


class Rebinding:
    """A resolver with another answer each time it is asked; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_an_attempt_looks_up_once_and_connects_to_that() -> None:
    resolve = Rebinding(["127.0.0.2"], ["127.0.0.1"])  # both allowed, and only the second would answer
    sender = Outbound(LOCAL, timeout_seconds=5, resolve=resolve)
    with answering(200) as url, pytest.raises(AttemptFailed) as failed:
        sender.post(url.replace("127.0.0.1", NAME), b"{}", {})
    assert (failed.value.outcome, resolve.asked) == ("unreachable", [NAME])


def test_a_name_that_moves_inside_after_submission_is_refused_at_the_attempt() -> None:
    resolve = Rebinding(["127.0.0.2"], ["127.0.0.1"])
    visits: list[bytes] = []
    with receiving(lambda connection, over: visits.append(read_request(connection))) as url:
        hook = url.replace("127.0.0.1", NAME)
        ONE_ADDRESS.check(hook, resolve)
        with pytest.raises(AttemptFailed) as failed:
            Outbound(ONE_ADDRESS, timeout_seconds=5, resolve=resolve).post(hook, b"{}", {})
    assert (failed.value.outcome, visits) == ("forbidden", [])


def test_no_lookup_is_made_behind_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor by urllib3 or the standard library, whatever they are given."""
    looked_up: list[object] = []
    real = socket.getaddrinfo
    resolve = Rebinding(["127.0.0.1"])
    with answering(200) as url:
        monkeypatch.setattr(socket, "getaddrinfo", _recording(looked_up, real))
        hook = url.replace("127.0.0.1", NAME)
        assert Outbound(LOCAL, timeout_seconds=5, resolve=resolve).post(hook, b"{}", {}).status == 200
        monkeypatch.undo()
    assert (resolve.asked, looked_up) == ([NAME], [])


def test_the_host_is_the_name_and_not_the_address() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket, over: threading.Event) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply(200))

    with receiving(behave) as url:
        hook = url.replace("127.0.0.1", "HOOKS.example.com")
        Outbound(LOCAL, timeout_seconds=5, resolve=lambda host: ["127.0.0.1"]).post(hook, b"{}", {})
    assert b"\r\nHost: hooks.example.com:" in seen[0]


def test_the_next_address_is_tried() -> None:
    with answering(200) as url:
        hook = url.replace("127.0.0.1", NAME)
        sender = Outbound(LOCAL, timeout_seconds=5, resolve=lambda host: ["127.0.0.9", "127.0.0.1"])
        assert sender.post(hook, b"{}", {}).status == 200


def test_an_attempt_tries_four_addresses_at_most() -> None:
    with answering(200) as url:
        hook = url.replace("127.0.0.1", NAME)
        dead = [f"127.0.1.{last}" for last in range(1, 5)]
        sender = Outbound(LOCAL, timeout_seconds=5, resolve=lambda host: [*dead, "127.0.0.1"])
        with pytest.raises(AttemptFailed, match="takes no connections"):
            sender.post(hook, b"{}", {})


@pytest.mark.parametrize(
    ("url", "answer", "outcome"),
    [
        ("http://hooks.example.com:8000/x", ["127.0.0.2", "10.0.0.1"], "forbidden"),
        ("http://hooks.example.com:8000/x", ["127.0.0.1"], "forbidden"),
        ("http://169.254.169.254/latest", [], "forbidden"),
        ("http://127.1:8000/x", ["127.0.0.2"], "forbidden"),
        ("ftp://hooks.example.com/x", ["127.0.0.2"], "forbidden"),
        ("http://hooks.example.com:8000/x", [], "unresolved"),
    ],
)
def test_what_is_not_allowed_gets_no_socket(
    url: str, answer: list[str], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Outbound(ONE_ADDRESS, timeout_seconds=5, resolve=lambda host: answer)
    opened: list[object] = []
    monkeypatch.setattr(socket, "socket", _recording(opened, socket.socket))
    with pytest.raises(AttemptFailed) as failed:
        sender.post(url, b"{}", {})
    monkeypatch.undo()
    assert (failed.value.outcome, opened) == (outcome, [])


def _recording(calls: list[object], real: Callable[..., object]) -> Callable[..., object]:
    def call(*given: object, **named: object) -> object:
        calls.append(given)
        return real(*given, **named)

    return call
