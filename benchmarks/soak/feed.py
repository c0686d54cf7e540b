"""The feed: visits of clients at a steady rate of jobs, whatever the service makes of it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import TracebackType
from typing import Self

from benchmarks.soak.clients import BATCH_JOBS, Clients

# Of a hundred visits; with ten jobs to a batch they bring 127.
_VISITS = {"wait": 57, "poll": 20, "webhook": 10, "erase": 6, "stream": 4, "batch": 3}
_AT_ONCE = 64


class Feed:
    """A context manager. A visit that cannot begin when it is due begins late; that too is latency."""

    def __init__(self, clients: Clients, *, rate: float, seed: int) -> None:
        self._clients = clients
        self._rate = rate
        self._chance = Random(seed)
        self._stopping = threading.Event()
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="client")
        self._thread = threading.Thread(target=self._run, name="feed")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No new visit begins; those under way end."""
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        names, weights = list(_VISITS), list(_VISITS.values())
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            name = self._chance.choices(names, weights)[0]
            self._free.acquire()
            self._pool.submit(self._clients.visit, name, due).add_done_callback(
                lambda _: self._free.release()
            )
            due += (BATCH_JOBS if name == "batch" else 1) / self._rate
