"""Load: customers who submit short articles all the time while a test breaks what serves them."""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from tests.faults.articles import article
from tests.faults.ledger import Entry
from tests.faults.trial import Trial

_AT_ONCE = 3
_PAUSE_SECONDS = 0.2


class Load:
    """A context manager: inside it articles are submitted, each under a key of its own.

    What became of them is the ledger's to say. `steps`: those that are asked for, in turn; `webhooks`: how
    many of them want one, from 0 to 1.
    """

    def __init__(
        self,
        trial: Trial,
        *,
        steps: Sequence[Sequence[str]] = (("summary",), ("slow", "summary")),
        webhooks: float = 0.5,
    ) -> None:
        self._trial = trial
        self._steps = steps
        self._webhooks = webhooks
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="load")
        self._customers: list[Future[None]] = []
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        self._customers = [self._pool.submit(self._live, number) for number in range(_AT_ONCE)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown()
        for customer in self._customers:
            customer.result()

    def wait_for(self, accepted: int, *, within_seconds: float = 60) -> None:
        """Until so many more have been."""
        deadline = time.monotonic() + within_seconds
        goal = self.accepted() + accepted
        while self.accepted() < goal:
            assert time.monotonic() < deadline, f"fewer than {accepted} accepted in {within_seconds:.0f} s"
            time.sleep(0.05)

    def accepted(self) -> int:
        return sum(1 for entry in self.entries if entry.accepted_ids)

    def _live(self, number: int) -> None:
        chance = random.Random(number)
        customer = self._trial.customer(chance=chance)
        asked = 0
        while not self._over.is_set():
            asked += 1
            entry = customer.submit(
                article(chance, chance.randrange(1, 4)),
                key=f"load-{number}-{asked}",
                webhook=self._trial.inbox.url if chance.random() < self._webhooks else None,
                steps=list(self._steps[asked % len(self._steps)]),
            )
            self.entries.append(entry)
            time.sleep(_PAUSE_SECONDS)
