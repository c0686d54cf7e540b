"""Receivers of webhooks on this machine: each a context manager that yields the URL of a real socket."""

import datetime
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import trustme

Behaviour = Callable[[socket.socket, threading.Event], None]
"""What is done with a connection; the event is set when the receiver is to end."""
Receiver = AbstractContextManager[str]


@contextmanager
def receiving(
    behaviour: Behaviour, tls: ssl.SSLContext | None = None, at: str = "127.0.0.1", name: str | None = None
) -> Iterator[str]:
    """The URL has `name` for its host, else the address; a connection has a thread of its own."""
    family = socket.AF_INET6 if ":" in at else socket.AF_INET
    listener = socket.create_server((at, 0), family=family, backlog=128)
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(30)
            if tls is None:
                behaviour(connection, over)
            else:
                with tls.wrap_socket(connection, server_side=True) as secured:
                    behaviour(secured, over)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if over.is_set():
                connection.close()
                return
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    port = listener.getsockname()[1]
    host = name or (f"[{at}]" if ":" in at else at)
    try:
        yield f"{'https' if tls else 'http'}://{host}:{port}/hook"
    finally:
        over.set()
        socket.create_connection((at, port)).close()  # wakes the one that accepts
        for thread in threads:
            thread.join()
        listener.close()


def answering(status: int = 200, body: bytes = b"", head: bytes = b"") -> Receiver:
    """Behaves: reads the request and answers it; `head` is further header lines, each with its CRLF."""
    return receiving(then(reply(status, body, head)))


def secured(
    ca: trustme.CA,
    name: str,
    *,
    certified_for: str | None = None,
    not_after: datetime.datetime | None = None,
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    names_told: list[str | None] | None = None,
    behaviour: Behaviour | None = None,
) -> Receiver:
    """Behaves, over TLS, if no keyword makes a lie of it; its name has to resolve to 127.0.0.1.

    `names_told` takes the server names of the handshakes.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version, tls.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    if newest < ssl.TLSVersion.TLSv1_2:
        tls.set_ciphers("ALL:@SECLEVEL=0")
    if names_told is not None:
        tls.sni_callback = lambda connection, told, context: names_told.append(told)
    ca.issue_cert(certified_for or name, not_after=not_after).configure_cert(tls)
    return receiving(behaviour or then(reply(200)), tls, name=name)


def read_request(connection: socket.socket) -> bytes:
    """All of it: head and body."""
    request = b""
    while b"\r\n\r\n" not in request:
        if not (piece := connection.recv(65536)):
            return request
        request += piece
    length = re.search(rb"(?i)content-length: *(\d+)", request)
    whole = request.index(b"\r\n\r\n") + 4 + int(length[1] if length else 0)
    while len(request) < whole and (piece := connection.recv(65536)):
        request += piece
    return request


def reply(status: int, body: bytes = b"", head: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n%b\r\n%b" % (status, len(body), head, body)


def then(said: bytes, *, hold: bool = False) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(said)
        if hold:
            until_left(connection, over)

    return behave


def until_left(connection: socket.socket, over: threading.Event) -> None:
    """Says nothing until the other side goes."""
    connection.settimeout(0.05)
    while not over.is_set():
        with suppress(TimeoutError):
            if not connection.recv(65536):
                return
