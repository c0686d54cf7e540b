"""Outbound requests: one attempt at a webhook, to vetted addresses only and within one deadline."""

import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from urllib3 import HTTPHeaderDict

from jobs.webhooks.networks import Address
from jobs.webhooks.targets import (
    ForbiddenTarget,
    Resolve,
    Target,
    TargetRules,
    UnresolvedTarget,
    resolve_name,
)
from worker.connections import Deadline, PinnedConnection, PinnedTlsConnection, Unreachable

_MAX_BODY_BYTES = 64 * 1024
_PIECE_BYTES = 4096
_KEPT_CHARS = 500
_OWN_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "Khulasa-Webhooks/1",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Reply:
    """Of any status. `text` is the start of the body, fit for a log."""

    status: int
    headers: Mapping[str, str]  # whose `get` does not mind the case
    text: str


class AttemptFailed(Exception):
    """No reply. `outcome` is forbidden, unresolved, unreachable, tls, timeout, reset or bad-reply."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


class Outbound:
    """Any number of threads may share one."""

    def __init__(
        self,
        rules: TargetRules,
        *,
        timeout_seconds: float = 15.0,
        ca_file: Path | None = None,
        resolve: Resolve = resolve_name,
    ) -> None:
        """`ca_file`: PEM certificates trusted besides the system's; ValueError if it holds none."""
        self._rules = rules
        self._timeout_seconds = timeout_seconds
        self._tls = _tls_context(ca_file)
        self._resolve = resolve

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """A redirect is a reply and is not followed. Raises AttemptFailed."""
        deadline = Deadline(self._timeout_seconds)  # a lookup cannot be interrupted, but its time counts
        target, addresses = self._vetted(url)
        connection = self._connection(target, addresses, deadline)
        try:
            connection.connect()
            return _exchange(connection, target.path, body, headers)
        except (OSError, HTTPException) as error:
            outcome, what_happened = _explained(error, self._timeout_seconds)
            raise AttemptFailed(outcome, f"{target.receiver} {what_happened}") from error
        finally:
            connection.close()

    def _vetted(self, url: str) -> tuple[Target, list[Address]]:
        """The one lookup of an attempt: what it finds is checked, and is where the connection goes."""
        try:
            target = self._rules.read(url)
            return target, self._rules.addresses(target, self._resolve)
        except UnresolvedTarget as error:
            raise AttemptFailed("unresolved", error.detail) from error
        except ForbiddenTarget as error:
            raise AttemptFailed("forbidden", error.detail) from error

    def _connection(
        self, target: Target, addresses: Sequence[Address], deadline: Deadline
    ) -> PinnedConnection:
        if target.scheme == "http":
            return PinnedConnection(target, addresses, deadline)
        return PinnedTlsConnection(target, addresses, deadline, self._tls)


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ValueError(f"{ca_file} cannot be read as certificates in PEM") from error
    return context


def _exchange(connection: PinnedConnection, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    # A receiver may reply and close before it has read everything: what it said is worth reading.
    with suppress(ConnectionError, ssl.SSLEOFError):
        connection.request("POST", path, body=body, headers={**headers, **_OWN_HEADERS})
    with connection.getresponse() as response:
        return Reply(response.status, HTTPHeaderDict(response.headers.items()), _text(_read(response)))


def _read(response: HTTPResponse) -> bytes:
    """The head was whole, so the status counts: a body that breaks off or is too long does not change it."""
    body = b""
    with suppress(HTTPException, ConnectionError, ssl.SSLError, ValueError):  # of a chunk below 0 bytes
        while len(body) < _MAX_BODY_BYTES and (piece := response.read(_PIECE_BYTES)):
            body += piece
    return body


def _text(body: bytes) -> str:
    text = body.decode(errors="replace").replace("\r\n", "\n")
    return _CONTROL.sub("\ufffd", text[:_KEPT_CHARS])


def _explained(error: OSError | HTTPException, timeout_seconds: float) -> tuple[str, str]:
    """The outcome, and what the receiver did."""
    match error:
        case TimeoutError():
            return "timeout", f"did not reply in full within {timeout_seconds:g} s; reply first, work later"
        case Unreachable():
            return "unreachable", "takes no connections; check that it is up"
        case ssl.SSLCertVerificationError():
            return "tls", f"has a certificate that is not trusted: {error.verify_message}"
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError):
            return "tls", f"does not speak TLS 1.2 or newer as it should ({error.reason})"
        case HTTPException() if not isinstance(error, ConnectionError):  # as RemoteDisconnected is
            return "bad-reply", "sent something that is no HTTP reply, or a reply with a huge head"
    return "reset", "closed the connection before it had replied"
