"""The tally: what the clients of the soak have seen, counted by many threads."""

import threading
from collections import Counter


class Tally:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: list[float] = []
        self.submitted = 0
        self.by_visit: Counter[str] = Counter()  # jobs, by how their clients came
        self.troubles: Counter[str] = Counter()

    def submit(self, visit: str, jobs: int) -> None:
        with self._lock:
            self.submitted += jobs
            self.by_visit[visit] += jobs

    def end(self, seconds: float) -> None:
        """One job, which took its client so long from the moment at which it was to be submitted."""
        with self._lock:
            self._seconds.append(seconds)

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles[what] += 1

    def take_latencies(self) -> list[float]:
        """Those since they were last taken."""
        with self._lock:
            taken, self._seconds = self._seconds, []
            return taken
