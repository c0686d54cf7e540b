"""Receivers that lie or dawdle in TLS: each a context manager that yields the URL of a real socket."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import trustme

from tests.receivers import Receiver, receiving, reply, secured, then, until_left


def hanging_in_the_handshake() -> Receiver:
    """Takes the connection of an https URL and never says anything."""
    return _as_https(receiving(until_left))


def dripping_handshake(name: str, every_seconds: float = 1.0) -> Receiver:
    """Takes the connection of an https URL and sends its part of the handshake byte by byte."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(name).configure_cert(tls)

    def behave(connection: socket.socket, over: threading.Event) -> None:
        heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
        heard.write(connection.recv(65536))
        with suppress(ssl.SSLWantReadError):
            tls.wrap_bio(heard, said, server_side=True).do_handshake()
        for byte in said.read():
            connection.sendall(bytes([byte]))
            if over.wait(every_seconds):
                return

    return _as_https(receiving(behave, name=name))


def plain_on_a_tls_port() -> Receiver:
    """Speaks HTTP where the URL says https."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(reply(400))

    return _as_https(receiving(behave))


def expired(ca: trustme.CA, name: str) -> Receiver:
    """As `secured`, with a certificate that was good until yesterday."""
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    return secured(ca, name, not_after=yesterday)


def self_signed(name: str) -> Receiver:
    """As `secured`, with a certificate that nobody but itself vouches for."""
    own = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with own.private_key_pem.tempfile() as key, own.cert_pem.tempfile() as certificate:
        tls.load_cert_chain(certificate, key)
    return receiving(then(reply(200)), tls, name=name)


@contextmanager
def _as_https(receiver: Receiver) -> Iterator[str]:
    with receiver as url:
        yield url.replace("http://", "https://")
