"""Receivers that misbehave: each a context manager that yields the URL of a real socket on this machine."""

import socket
import struct
import threading

from tests.receivers import (
    Behaviour,
    Receiver,
    answering,
    read_request,
    receiving,
    reply,
    then,
)


def redirecting(location: str, status: int = 302) -> Receiver:
    """Redirects to another URL."""
    return answering(status, head=f"Location: {location}\r\n".encode())


def hanging_before_the_head() -> Receiver:
    """Reads the request and never says anything."""
    return receiving(then(b"", hold=True))


def hanging_after_the_head() -> Receiver:
    """Sends a head that promises a body, and no body."""
    return receiving(then(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", hold=True))


def dripping_head(every_seconds: float = 1.0) -> Receiver:
    """Sends the head of its reply byte by byte."""
    return receiving(_dripping([b"HTTP/1.1 200 OK\r\nX-Filler: ", *[b"x"] * 10_000], every_seconds))


def dripping_body(every_seconds: float = 1.0) -> Receiver:
    """Sends a head, and then its body byte by byte."""
    return receiving(_dripping([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 10_000], every_seconds))


def dripping_continue(every_seconds: float = 1.0) -> Receiver:
    """Says `100 Continue` again and again, each at once."""
    return receiving(_dripping([b"HTTP/1.1 100 Continue\r\n\r\n"] * 10_000, every_seconds))


def dripping_early_hints(every_seconds: float = 1.0) -> Receiver:
    """Says `103 Early Hints`, with header lines that come one by one."""
    return receiving(_dripping([b"HTTP/1.1 103 Early\r\n", *[b"Link: </x>\r\n"] * 10_000], every_seconds))


def reading_slowly(every_seconds: float = 1.0) -> Receiver:
    """Reads a large request piece by piece, so that every write of ours gets on."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        while connection.recv(262_144) and not over.wait(every_seconds):
            pass

    return receiving(behave)


def never_reading() -> Receiver:
    """Takes the connection and reads nothing of a large request."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        over.wait()

    return receiving(behave)


def refusing_unread(status: int = 413) -> Receiver:
    """Answers when it has read the head, and closes with the body unread."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(1024)
        connection.sendall(reply(status))

    return receiving(behave)


def resetting() -> Receiver:
    """Reads the request and resets the connection."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return receiving(behave)


def closing_at_once() -> Receiver:
    """Closes every connection that it takes."""
    return receiving(lambda connection, over: None)


def closing_early() -> Receiver:
    """Sends a whole head and half of the body that it promised."""
    return receiving(then(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"))


def endless_body() -> Receiver:
    """Promises 10 GB and goes on sending for as long as it is listened to."""
    return receiving(_endless(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", b"x" * 4096))


def endless_small_chunks() -> Receiver:
    """Sends an endless body in chunks of one byte."""
    return receiving(_endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 700))


def endless_continue() -> Receiver:
    """Sends `100 Continue` for ever, as fast as it can."""
    return receiving(_endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100))


def endless_headers() -> Receiver:
    """Sends header lines for ever."""
    return receiving(_endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: x\r\n" * 100))


def endless_line() -> Receiver:
    """Sends a status line that does not end."""
    return receiving(_endless(b"HTTP/1.1 200 ", b"x" * 4096))


def huge_header() -> Receiver:
    """Sends one header line of 1 MB."""
    return receiving(then(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 1_048_576 + b"\r\n\r\n"))


def speaking_garbage(garbage: bytes = b"\x00\xffSSH-2.0-OpenSSH_9.9\r\n") -> Receiver:
    """Answers with something that is no HTTP."""
    return receiving(then(garbage))


def _dripping(pieces: list[bytes], every_seconds: float) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        for piece in pieces:
            connection.sendall(piece)
            if over.wait(every_seconds):
                return

    return behave


def _endless(first: bytes, again: bytes) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(first)
        while not over.is_set():
            connection.sendall(again)

    return behave
