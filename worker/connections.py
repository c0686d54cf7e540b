"""A connection to vetted addresses only, whose every wait ends at one moment and whose reply has an end."""

import io
import socket
import time
from collections.abc import Sequence
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from ssl import SSLContext
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from jobs.webhooks.networks import Address
from jobs.webhooks.targets import Target

_MAX_TRIED = 4  # of a name's addresses: an attempt is no scan
_MAX_REPLY_BYTES = 192 * 1024  # on the wire, head and all: far above what is kept of a reply
_MAX_LINE = 64 * 1024
_PIECE = 64 * 1024


class Unreachable(ConnectionError):
    """None of the addresses took the connection."""


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, always above 0. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the attempt is over")
        return left


class FinalReply(HTTPResponse):
    """http.client passes over 100 only and takes a 103 for the reply."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed leaves it out
            if not 101 < status < 200:
                return version, status, reason
            while self.fp.readline(_MAX_LINE).strip():
                pass


class PinnedConnection(HTTPConnection):
    """The target gives the Host, SNI and certificate name; the addresses are where the bytes go."""

    response_class = FinalReply

    def __init__(self, target: Target, addresses: Sequence[Address], deadline: Deadline) -> None:
        super().__init__(target.host, target.port)
        self._addresses = addresses[:_MAX_TRIED]
        self._deadline = deadline

    def connect(self) -> None:
        """A TLS handshake ends in time too: OpenSSL's is one call, under the timeout that `_new_conn` set."""
        super().connect()
        self.sock: Any = _TimedSocket(self.sock, self._deadline)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The standard library's: urllib3's own logs the path of a URL whose reply it cannot parse."""
        return super(HTTPConnection, self).getresponse()

    def _new_conn(self) -> socket.socket:
        for tried, address in enumerate(self._addresses):
            untried = len(self._addresses) - tried
            share = self._deadline.left() / untried  # so that one dead address does not take it all
            try:
                connected = _connected(address, self.port, share)
            except OSError:
                continue
            connected.settimeout(self._deadline.left())
            return connected
        self._deadline.left()
        raise Unreachable


class PinnedTlsConnection(PinnedConnection, HTTPSConnection):
    def __init__(
        self, target: Target, addresses: Sequence[Address], deadline: Deadline, tls: SSLContext
    ) -> None:
        super().__init__(target, addresses, deadline)
        self.ssl_context = tls


def _connected(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(timeout)
        connected.connect((str(address), port))
    except BaseException:
        connected.close()
        raise
    return connected


class _TimedSocket:
    """A socket as http.client uses one, each of whose waits gets the time that is left."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest[:_PIECE]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return _WholeLines(_TimedReader(self._socket, self._deadline))

    def settimeout(self, timeout: object) -> None:
        """urllib3 would set its own."""

    def close(self) -> None:
        self._socket.close()


class _WholeLines(io.BufferedReader):
    """http.client takes a head that breaks off for one that has ended, and would call it a success."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise RemoteDisconnected("the connection ended within a line")
        return line


class _TimedReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._file = connected.makefile("rb", buffering=0)  # keeps the socket open while a reply is read
        self._deadline = deadline
        self._bytes_left = _MAX_REPLY_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._bytes_left <= 0:
            raise HTTPException("the reply does not end")
        self._socket.settimeout(self._deadline.left())
        count = self._file.readinto(buffer)
        self._bytes_left -= count or 0
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
