"""A proxy between Redis and those who use it, which cuts, delays or swallows what goes through it."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

_PIECE = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with a RST
TO_REDIS, TO_CLIENT = "to Redis", "to the client"
BOTH = frozenset({TO_REDIS, TO_CLIENT})


class Proxy:
    """A context manager; `through` is what a Service asks for."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0  # of each piece, in both directions
        self.swallows: frozenset[str] = frozenset()  # directions in which nothing arrives, and nobody is told
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._redis_port = 0
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()

    def through(self, redis_port: int) -> int:
        self._redis_port = redis_port
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def reset(self) -> int:
        """Every connection there is, on both sides, whatever is under way; gives how many."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    end.shutdown(socket.SHUT_RD)  # wakes the thread that reads there
                end.close()
        return len(pairs)

    @contextmanager
    def swallowing(self, *directions: str) -> Iterator[None]:
        """A black hole: nothing arrives and nobody is told. In the end all connections are reset."""
        self.swallows = frozenset(directions)
        try:
            yield
        finally:
            self.swallows = frozenset()
            self.reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                redis = socket.create_connection(("127.0.0.1", self._redis_port))
            except OSError:
                client.close()
                continue
            for end in (client, redis):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = client, redis
            with self._lock:
                self._pairs.add(pair)
            for source, target, direction in ((client, redis, TO_REDIS), (redis, client, TO_CLIENT)):
                threading.Thread(
                    target=self._carry, args=(pair, source, target, direction), daemon=True
                ).start()

    def _carry(
        self,
        pair: tuple[socket.socket, socket.socket],
        source: socket.socket,
        target: socket.socket,
        direction: str,
    ) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                time.sleep(self.delay_seconds)
                if direction not in self.swallows:
                    target.sendall(piece)
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            end.close()
