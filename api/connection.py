"""A client's connection, which waits for the client only so long."""

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from gunicorn.http.errors import NoMoreData

from api.problems import RequestTimeout

if TYPE_CHECKING:
    from jobs.settings import Settings

_LINGER_SECONDS = 1.0
_LINGER_BYTES = 1_048_576


@dataclass(frozen=True)
class Patience:
    """How long a client may take. Only waiting for it counts, not what we do meanwhile."""

    idle_seconds: float
    head_seconds: float
    body_seconds: float
    body_bytes_per_second: int  # what comes buys time back, never more than `body_seconds`
    send_seconds: float

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        return cls(
            idle_seconds=settings.client_idle_seconds,
            head_seconds=settings.client_head_seconds,
            body_seconds=settings.client_body_seconds,
            body_bytes_per_second=settings.client_body_bytes_per_second,
            send_seconds=settings.client_send_seconds,
        )


class Connection:
    """A socket as gunicorn uses one. Who is late is answered 408 or, where nothing is asked, left."""

    def __init__(self, client: socket.socket, patience: Patience) -> None:
        self._client = client
        self._patience = patience
        self.await_request()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def await_request(self) -> None:
        """A head begins with its first byte."""
        self._expect(self._patience.idle_seconds, NoMoreData)
        self._is_idle = True

    def await_body(self, on_late: Callable[[], None]) -> None:
        def refuse() -> Exception:
            on_late()
            return RequestTimeout("the body came too slowly; send it faster, or in smaller parts")

        self._expect(self._patience.body_seconds, refuse, self._patience.body_bytes_per_second)

    def await_rest(self) -> None:
        """What comes of a body that was answered already is read and thrown away."""
        self._expect(self._patience.idle_seconds, NoMoreData)

    def recv(self, size: int) -> bytes:
        data = self._recv(size)
        if self._is_idle and data:
            self._expect(self._patience.head_seconds, lambda: RequestTimeout("the head came too slowly"))
        return data

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        self._client.settimeout(self._patience.send_seconds)
        try:
            while left:
                left = left[self._client.send(left) :]
        except TimeoutError:
            # The one error that gunicorn takes without a word for a client that has gone.
            raise ConnectionResetError(errno.ECONNRESET, "the client takes nothing") from None

    def linger(self) -> None:
        """Reads on for a moment: closing with bytes unread would reset the connection and lose the answer."""
        self._client.shutdown(socket.SHUT_WR)
        self._client.settimeout(_LINGER_SECONDS)
        deadline, left = monotonic() + _LINGER_SECONDS, _LINGER_BYTES
        while left > 0 and monotonic() < deadline:
            read = len(self._client.recv(65_536))
            if not read:
                return
            left -= read

    def _expect(self, seconds: float, late: Callable[[], Exception], bytes_per_second: float = inf) -> None:
        self._most_seconds = self._seconds_left = seconds
        self._bytes_per_second = bytes_per_second
        self._late = late
        self._is_idle = False

    def _recv(self, size: int) -> bytes:
        if self._seconds_left <= 0:
            raise self._late()
        self._client.settimeout(self._seconds_left)
        began = monotonic()
        try:
            data = self._client.recv(size)
        except TimeoutError:
            raise self._late() from None
        bought = len(data) / self._bytes_per_second
        self._seconds_left = min(self._most_seconds, self._seconds_left - (monotonic() - began) + bought)
        return data
