"""The watch: one row of measurements after each interval, kept and written to a CSV file."""

import csv
import math
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from redis import Redis

from benchmarks.soak.processes import Processes
from benchmarks.soak.tally import Tally

Row = dict[str, float]
_QUEUES = ("summary", "translation", "bulk")


class Watch:
    def __init__(self, processes: Processes, redis: Redis, tally: Tally, file: Path) -> None:
        self._processes = processes
        self._redis = redis
        self._tally = tally
        self._file = file
        self.rows: list[Row] = []

    def run(self, *, seconds: float, every: float) -> Iterator[Row]:
        """The rows as they come. Raises ProcessLost and redis-py's errors."""
        began = time.monotonic()
        with self._file.open("w", encoding="utf-8", newline="") as file:
            for number in range(1, math.floor(seconds / every) + 1):
                time.sleep(max(0.0, began + number * every - time.monotonic()))
                row = {"seconds": time.monotonic() - began, **self._row()}
                self.rows.append(row)
                writer = csv.DictWriter(file, row)
                if number == 1:
                    writer.writeheader()
                writer.writerow({name: f"{value:.3f}" for name, value in row.items()})
                file.flush()
                yield row

    def _row(self) -> Row:
        latencies = self._tally.take_latencies()
        middle, slow = _percentiles(latencies) if len(latencies) > 1 else (math.nan, math.nan)
        memory = self._processes.resident_mib()
        redis = self._redis.info("memory")
        return {
            "jobs": self._tally.submitted,
            **{f"{name} MiB": value for name, value in memory.items()},
            # Without its clients' buffers: the API opens as many connections as are needed at once.
            "used_memory MiB": (redis["used_memory"] - redis["mem_clients_normal"]) / 2**20,
            "keys": self._redis.dbsize(),
            "queue": sum(self._redis.llen(f"khulasa:celery:{name}") for name in _QUEUES),
            "median s": middle,
            "p95 s": slow,
        }


def _percentiles(values: list[float]) -> tuple[float, float]:
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]
