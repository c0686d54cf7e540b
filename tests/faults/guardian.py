"""A guardian: a process that kills what it was told of as soon as whoever told it is gone."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


class Guardian:
    """Outlives a killed test run for the moment that it takes to kill what that has left behind."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, process_group=0
        )
        return self

    def watch(self, group: int) -> None:
        """A process group, to be killed frozen or not."""
        self._tell(group)

    def forget(self, group: int) -> None:
        """It has no process any more: its number may be another's by and by."""
        self._tell(-group)

    def _tell(self, number: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(b"%d\n" % number)
        self._process.stdin.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def _guard() -> None:
    groups: set[int] = set()
    for number in map(int, sys.stdin):  # ends when nobody can write any more
        if number > 0:
            groups.add(number)
        else:
            groups.discard(-number)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    _guard()
