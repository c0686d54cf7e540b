"""The register of workers: who took messages lately, and from which queues."""

import json
from collections.abc import Mapping
from typing import cast

from redis import Redis

from jobs.redis_errors import store_errors

PULSE_SECONDS = 3
_SILENT_AFTER_SECONDS = 12
_WORKER = "khulasa:worker:{}"
_NAMES = "khulasa:workers"


def queues_taken(workers: Mapping[str, list[str]]) -> set[str]:
    """The queues from which at least one of these workers takes."""
    return {name for queues in workers.values() for name in queues}


class WorkerRegister:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def beat(self, worker: str, queues: list[str]) -> None:
        """Raises redis-py's own errors: a missed beat is only worth a line in the log."""
        self._redis.sadd(_NAMES, worker)
        self._redis.set(_WORKER.format(worker), json.dumps(sorted(queues)), ex=_SILENT_AFTER_SECONDS)
        self._pulses()

    def leave(self, worker: str) -> None:
        self._redis.delete(_WORKER.format(worker))
        self._redis.srem(_NAMES, worker)

    def alive(self) -> dict[str, list[str]]:
        """The queues of each living worker. Raises StoreUnavailable."""
        with store_errors():
            return {name: json.loads(pulse) for name, pulse in self._pulses().items()}

    def _pulses(self) -> dict[str, str]:
        """Of the living; forgets the silent ones."""
        names = sorted(cast("set[str]", self._redis.smembers(_NAMES)))
        found = self._redis.mget([_WORKER.format(name) for name in names]) if names else []
        pulses = dict(zip(names, cast("list[str | None]", found), strict=True))
        if silent := [name for name, pulse in pulses.items() if pulse is None]:
            self._redis.srem(_NAMES, *silent)
        return {name: pulse for name, pulse in pulses.items() if pulse is not None}
