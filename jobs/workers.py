"""The register of workers: who took messages lately, and from which queues."""

import json

from redis import Redis
from redis.exceptions import RedisError

from jobs.errors import StoreUnavailable

PULSE_SECONDS = 3
_SILENT_AFTER_SECONDS = 12
_WORKER = "khulasa:worker:{}"


class WorkerRegister:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def beat(self, worker: str, queues: list[str]) -> None:
        """Raises redis-py's own errors: a missed beat is only worth a line in the log."""
        self._redis.set(_WORKER.format(worker), json.dumps(sorted(queues)), ex=_SILENT_AFTER_SECONDS)

    def leave(self, worker: str) -> None:
        self._redis.delete(_WORKER.format(worker))

    def alive(self) -> dict[str, list[str]]:
        """The queues of each living worker. Raises StoreUnavailable."""
        try:
            keys = list(self._redis.scan_iter(_WORKER.format("*"), count=1000))
            values = self._redis.mget(keys) if keys else []
        except RedisError as error:
            raise StoreUnavailable("Redis does not answer; try again in a few seconds") from error
        prefix = _WORKER.format("")
        return {
            key.removeprefix(prefix): json.loads(value)
            for key, value in zip(keys, values, strict=True)
            if value
        }
