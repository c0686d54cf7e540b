"""A proxy in front of Redis that can swallow what comes back on some of the connections that there are."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class BlackHole:
    """Passes bytes between clients at `port` and a unix socket."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._swallowed: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._asked: dict[socket.socket, bytes] = {}  # what each connection of ours to Redis was last asked

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def swallow(self, word: bytes = b"") -> None:
        """No reply comes back any more on the connections that were last asked this; new ones are served."""
        self._swallowed |= {server for server, asked in self._asked.items() if word in asked}

    @contextmanager
    def open(self) -> Iterator["BlackHole"]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            for it in (self._listener, *self._open):
                with suppress(OSError):
                    it.shutdown(socket.SHUT_RDWR)
                it.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed by the test
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._upstream)
                self._open |= {client, server}
                threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65_536):
                if source in self._swallowed:
                    continue
                if target.family == socket.AF_UNIX:
                    self._asked[target] = said
                target.sendall(said)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
