"""What the receiver of webhooks shows: words for a person, or JSON for a script."""

import json
import os
import signal
import sys
from threading import Lock
from typing import TextIO

from client.webhooks.deliveries import Delivery, shown, told


class Console:
    """With `as_json`, events are objects on stdout, one a line, and words go to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._words = sys.stderr if as_json else sys.stdout
        self._lock = Lock()
        self._times: dict[str, int] = {}  # that a webhook-id has come
        self._refused = 0

    def say(self, words: str) -> None:
        self._print(words, self._words)

    def show(self, delivery: Delivery, answer: int) -> None:
        with self._lock:
            times = self._times[delivery.id] = self._times.get(delivery.id, 0) + 1
            if self._as_json:
                told_object = delivery.as_object() | {"times": times, "answered": answer}
                self._print(json.dumps(told_object), sys.stdout)
            else:
                again = f"came before, this is time {times}" if times > 1 else "new"
                moment = f"{delivery.attempted_at:%H:%M:%S} UTC"
                self.say(shown(f"{moment} {delivery.event['type']}", delivery.id, again))
                for line in told(delivery):
                    self.say(f"  {line}")
                self.say(f"  signature good, answered {answer}")

    def refuse(self, reason: str, answer: int | None = None) -> None:
        with self._lock:
            self._refused += 1
            self.say(shown(f"REFUSED: {reason}") + (f"; answered {answer}" if answer else ""))

    def end(self) -> None:
        """Says how many there were, and nothing after that."""
        self._lock.acquire(timeout=1)  # for good: a thread that prints while Python ends would crash it
        came, ids = sum(self._times.values()), len(self._times)
        self.say(f"\nReceived {came} (of {ids} webhook-ids), refused {self._refused}.")

    def _print(self, words: str, stream: TextIO) -> None:
        try:
            print(words, file=stream, flush=True)
        except BrokenPipeError:  # `… | head -1` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            signal.raise_signal(signal.SIGTERM)
