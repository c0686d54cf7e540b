"""The server that receives webhooks: it believes what is signed, and answers the rest with the reason."""

import ipaddress
import re
import socket
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from client.webhooks.console import Console
from client.webhooks.deliveries import Refused, Verifier

_MOST_MEBIBYTES = 64
_SILENCE_SECONDS = 10
_NUMBER = re.compile(r"[0-9]{1,18}")


class Receiver(ThreadingHTTPServer):
    """Listens once it is made; `url` and `network` are how Khulasa on this machine reaches it."""

    request_queue_size = 128  # many jobs may end at once

    def __init__(self, where: tuple[str, int], *, verifier: Verifier, console: Console, answer: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in where[0] else socket.AF_INET
        super().__init__(where, _Request)
        self.verifier, self.console, self.answer = verifier, console, answer
        address = ipaddress.ip_address(str(self.server_address[0]))
        if address.is_unspecified:
            address = ipaddress.ip_address("::1" if address.version == 6 else "127.0.0.1")
        self.network = ipaddress.ip_network(address)
        named = f"[{address}]" if address.version == 6 else str(address)
        self.url = f"http://{named}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.console.refuse(f"the connection broke off ({type(sys.exception()).__name__})")


class _Request(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    timeout = _SILENCE_SECONDS

    def do_POST(self) -> None:
        try:
            body = self._body()
        except Refused as refused:
            self._refuse(refused)
            self._read_on()
            return
        try:
            delivery = self.server.verifier.prove(
                body, {name.lower(): value for name, value in self.headers.items()}
            )
        except Refused as refused:
            self._refuse(refused)
            return
        self.server.console.show(delivery, self.server.answer)
        self._answer(self.server.answer)

    def do_GET(self) -> None:
        self._refuse(Refused("it is a GET; deliveries are POSTs", 405))

    def log_message(self, *_: Any) -> None:
        """The console says what happened."""

    def log_error(self, *said: Any) -> None:
        self.server.console.refuse(f"it is no request that can be read ({said[0] % said[1:]})")

    def _body(self) -> bytes:
        stated = self.headers.get_all("Content-Length", [])
        if not stated or "Transfer-Encoding" in self.headers:
            raise Refused("it does not state its Content-Length", 411)
        if len(stated) > 1 or not _NUMBER.fullmatch(stated[0]):
            raise Refused("its Content-Length is no number")
        size = int(stated[0])
        if size > _MOST_MEBIBYTES * 2**20:
            raise Refused(f"its body of {size} bytes is over the limit of {_MOST_MEBIBYTES} MiB", 413)
        try:
            body = self.rfile.read(size)
        except TimeoutError:
            raise Refused(f"its body stayed away for {_SILENCE_SECONDS} s", 408) from None
        if len(body) < size:
            raise Refused(f"its body ended after {len(body)} of {size} bytes")
        return body

    def _refuse(self, refused: Refused) -> None:
        self.server.console.refuse(str(refused), refused.status)
        self._answer(refused.status, f"refused: {refused}\n")

    def _answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Connection", "close")
        if status not in {204, 304}:
            self.send_header("Content-Length", str(len(text.encode())))
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        if status == 405:
            self.send_header("Allow", "POST")
        self.end_headers()
        self.wfile.write(text.encode())

    def _read_on(self) -> None:
        """For a while: to close on bytes that nobody read would reset the connection before the answer."""
        end = time.monotonic() + _SILENCE_SECONDS
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while time.monotonic() < end and self.connection.recv(65_536):
                pass
