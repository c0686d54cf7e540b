"""The webhook receiver of the soak: the one of `khulasa webhooks listen`, which here tells who waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from client.webhooks.console import Console
from client.webhooks.deliveries import Delivery, Verifier, new_secret
from client.webhooks.receiver import Receiver


class Inbox(Console):
    """Where clients wait for the news of their jobs; what is not signed as it should be is counted."""

    def __init__(self) -> None:
        super().__init__(as_json=False)
        self.refused = 0
        self._lock_of_news = threading.Lock()
        self._news: dict[str, threading.Event] = {}

    def show(self, delivery: Delivery, answer: int) -> None:
        self._of(str(delivery.event["data"]["id"])).set()

    def refuse(self, reason: str, answer: int | None = None) -> None:
        self.refused += 1

    def wait(self, job_id: str, seconds: float) -> bool:
        """Whether the news came; it may have come before."""
        came = self._of(job_id).wait(seconds)
        with self._lock_of_news:
            self._news.pop(job_id, None)
        return came

    def _of(self, job_id: str) -> threading.Event:
        with self._lock_of_news:
            return self._news.setdefault(job_id, threading.Event())


@contextmanager
def receiving() -> Iterator[tuple[Receiver, Inbox, str]]:
    """The receiver on a free port, its inbox, and the secret that it believes."""
    secret, inbox = new_secret(), Inbox()
    receiver = Receiver(("127.0.0.1", 0), verifier=Verifier(secret), console=inbox, answer=204)
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    with receiver:
        thread.start()
        yield receiver, inbox, secret
        receiver.shutdown()
        thread.join()
