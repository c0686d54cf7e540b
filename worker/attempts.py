"""The journal of attempts: what pool processes tell their parent, through a pipe made before the fork."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Attempt:
    job_id: str
    step: str
    token: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a pool process has said: it attempts that, it loads a model for it, or it is done with it."""

    pid: int
    attempt: Attempt | None
    is_loading: bool


class Journal:
    """Lines, each written whole or not at all: they outlive a killed writer, who can hold no lock."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._unread = b""
        self._attempt: Attempt | None = None  # of this process

    def begin(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._write()

    def progress(self) -> None:
        self._write()

    def end(self) -> None:
        self._attempt = None
        self._write()

    @contextmanager
    def loading(self) -> Iterator[None]:
        """No progress is to be expected inside."""
        self._write(is_loading=True)
        try:
            yield
        finally:
            self._write()

    def read(self) -> list[Note]:
        """What has been said since the last time; for the parent."""
        with suppress(BlockingIOError):
            while said := os.read(self._reader, _MOST_BYTES):
                self._unread += said
        *lines, self._unread = self._unread.split(b"\n")
        return [_note(line) for line in lines]

    def _write(self, *, is_loading: bool = False) -> None:
        attempt = asdict(self._attempt) if self._attempt else None
        line = json.dumps({"pid": os.getpid(), "attempt": attempt, "is_loading": is_loading}) + "\n"
        # A parent that does not read must not hold up the work: the lease watches over it as well.
        with suppress(BlockingIOError):
            os.write(self._writer, line.encode())


def _note(line: bytes) -> Note:
    said = json.loads(line)
    return Note(said["pid"], said["attempt"] and Attempt(**said["attempt"]), said["is_loading"])
