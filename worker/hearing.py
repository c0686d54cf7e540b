"""The hearing: notices that a worker no longer gets the messages that wait for it, and starts it anew."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from billiard import active_children
from celery import signals
from celery.worker import state

from jobs.errors import QueueUnavailable
from jobs.queue import StepQueue
from worker.drain import Drain

log = logging.getLogger("khulasa.worker")
DEAF_SECONDS = 6.0  # a BRPOP lasts 1; Kombu itself lets a silent one go, but only after 11 to 21
_LOOK_SECONDS = 1.0
_STOOD_STILL_SECONDS = 3.0  # between two looks: the machine or the worker was stopped meanwhile
_STOP_SECONDS = 15.0  # that an orderly stop may take beyond the drain


class Hearing:
    """Beside the loop that takes messages, which may be what hangs."""

    def __init__(
        self,
        queue: StepQueue,
        drain: Drain,
        *,
        processes: int,
        drain_seconds: float,
        stop_companions: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._drain = drain
        self._processes = processes
        self._patience_seconds = drain_seconds + _STOP_SECONDS
        self._stop_companions = stop_companions
        self._clock = clock
        self._queues: Sequence[str] = ()
        self._owed_since: float | None = None
        self._looked_at = clock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="hearing", daemon=True)
        self.is_deaf = False

    def listen(self, queues: Sequence[str]) -> None:
        """From now on their messages are asked for; none, while there is no connection."""
        self._queues, self._owed_since = queues, None

    def start(self) -> None:
        signals.task_received.connect(self.hear, weak=False)
        self._thread.start()

    def stop(self) -> None:
        """Whoever says that a second time means it, deaf or not."""
        self._stopping.set()

    def finish(self) -> None:
        if self.is_deaf and not self._drain.is_hurried:
            _start_anew()

    def look(self) -> None:
        """One look at what waits; when the broker is away nothing can be said."""
        now = self._clock()
        stood_still = now - self._looked_at > _STOOD_STILL_SECONDS
        self._looked_at = now
        if stood_still or not self._is_owed():
            self._owed_since = None
        elif self._owed_since is None:
            self._owed_since = now
        elif now - self._owed_since > DEAF_SECONDS:
            self.is_deaf = True

    def hear(self, **_: Any) -> None:
        """A message has come."""
        self._owed_since = None

    def _is_owed(self) -> bool:
        """Redis gives what waits to whoever asks: while a message waits and one is asked for, one comes."""
        if not self._queues or len(state.reserved_requests) >= self._processes:
            return False
        try:
            depths = self._queue.depths()
        except QueueUnavailable:
            return False
        return any(depths[name] for name in self._queues)

    def _keep_looking(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            self.look()
            if self.is_deaf:
                log.error("worker.deaf", extra={"seconds": DEAF_SECONDS})
                os.kill(os.getpid(), signal.SIGTERM)
                self._insist()

    def _insist(self) -> None:
        """When the loop is so stuck that it does not even stop."""
        time.sleep(self._patience_seconds)
        for child in active_children():
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)
        self._stop_companions()  # or they would have two of themselves
        time.sleep(_LOOK_SECONDS)  # in which the watchdog gives up what they had
        self.finish()


def _start_anew() -> None:
    """The same command in the same process: who watches over it sees no change."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # ourselves
