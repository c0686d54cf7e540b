"""TLS: whose certificates are good, and for which name."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme

from tests.hostile_tls import dripping_handshake, expired, self_signed
from tests.integration.webhooks.conftest import LOCAL
from tests.receivers import Behaviour, Receiver, secured, until_left
from worker.outbound import AttemptFailed, Outbound

NAME = "hooks.example.com"


@pytest.fixture(scope="module")
def sender(ca_file: Path) -> Outbound:
    return Outbound(LOCAL, timeout_seconds=10, ca_file=ca_file, resolve=lambda host: ["127.0.0.1"])


def test_a_certificate_for_the_name_is_good(sender: Outbound, ca: trustme.CA) -> None:
    with secured(ca, NAME) as url:
        assert sender.post(url, b"{}", {}).status == 200


def test_the_name_is_told_in_the_handshake(sender: Outbound, ca: trustme.CA) -> None:
    told: list[str | None] = []
    with secured(ca, NAME, names_told=told) as url:
        sender.post(url, b"{}", {})
    assert told == [NAME]


def test_a_certificate_may_be_for_an_address(sender: Outbound, ca: trustme.CA) -> None:
    with secured(ca, "127.0.0.1") as url:
        assert sender.post(url, b"{}", {}).status == 200


@pytest.mark.parametrize(
    "certified_for", ["evil.example.com", "example.com", "127.0.0.1", "*.com", "x.hooks.example.com"]
)
def test_a_certificate_for_something_else_is_a_lie(
    sender: Outbound, ca: trustme.CA, certified_for: str
) -> None:
    _is_refused(sender, secured(ca, NAME, certified_for=certified_for), "not valid for 'hooks.example.com'")


def test_a_certificate_that_has_expired_is_a_lie(sender: Outbound, ca: trustme.CA) -> None:
    _is_refused(sender, expired(ca, NAME), "has expired")


def test_a_certificate_of_an_unknown_authority_is_a_lie(sender: Outbound) -> None:
    _is_refused(sender, secured(trustme.CA(), NAME), "unable to get local issuer certificate")


def test_without_the_authority_s_file_its_certificates_are_lies(ca: trustme.CA) -> None:
    sender = Outbound(LOCAL, timeout_seconds=10, resolve=lambda host: ["127.0.0.1"])
    _is_refused(sender, secured(ca, NAME), "unable to get local issuer certificate")


def test_a_certificate_that_signed_itself_is_a_lie(sender: Outbound) -> None:
    _is_refused(sender, self_signed(NAME), "self-signed certificate")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(sender: Outbound, ca: trustme.CA, newest: ssl.TLSVersion) -> None:
    with secured(ca, NAME, newest=newest) as url, pytest.raises(AttemptFailed, match=r"TLS 1\.2") as failed:
        sender.post(url, b"{}", {})
    assert failed.value.outcome == "tls"


def test_tls_1_2_is_spoken(sender: Outbound, ca: trustme.CA) -> None:
    with secured(ca, NAME, newest=ssl.TLSVersion.TLSv1_2) as url:
        assert sender.post(url, b"{}", {}).status == 200


def test_the_environment_cannot_trust_nobody(
    ca_file: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other clients read to switch their checks off."""
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(ca_file))
    sender = Outbound(LOCAL, timeout_seconds=10, resolve=lambda host: ["127.0.0.1"])
    _is_refused(sender, secured(ca, NAME), "unable to get local issuer certificate")


def _drips(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.wait(0.05):
        connection.sendall(b"x")


def _never_reads(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def _reads_slowly(connection: socket.socket, over: threading.Event) -> None:
    while connection.recv(262_144) and not over.wait(0.002):
        pass


@pytest.mark.parametrize("behaviour", [until_left, _drips, _never_reads, _reads_slowly])
def test_the_deadline_holds_over_tls(ca: trustme.CA, ca_file: Path, behaviour: Behaviour) -> None:
    sender = Outbound(LOCAL, timeout_seconds=0.4, ca_file=ca_file, resolve=lambda host: ["127.0.0.1"])
    with secured(ca, NAME, behaviour=behaviour) as url:
        _times_out(sender, url)


def test_the_deadline_holds_in_the_handshake() -> None:
    sender = Outbound(LOCAL, timeout_seconds=0.4, resolve=lambda host: ["127.0.0.1"])
    with dripping_handshake(NAME, 0.05) as url:
        _times_out(sender, url)


def _times_out(sender: Outbound, url: str) -> None:
    started = time.monotonic()
    with pytest.raises(AttemptFailed) as failed:
        sender.post(url, b"x" * 32_000_000, {})
    assert failed.value.outcome == "timeout"
    assert 0.35 < time.monotonic() - started < 1.5


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_certificates_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=r"ca\.pem cannot be read"):
        Outbound(LOCAL, ca_file=path)


def _is_refused(sender: Outbound, receiver: Receiver, why: str) -> None:
    with receiver as url, pytest.raises(AttemptFailed, match=why) as failed:
        sender.post(url, b"{}", {})
    assert failed.value.outcome == "tls"
