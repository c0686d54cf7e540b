"""Strikes: processes killed at random, and the supervisor that starts again whatever has ended."""

import random
import time
from collections import Counter
from collections.abc import Callable

from tests.faults.part import Part
from tests.faults.service import Service

_LONGEST_AWAY_SECONDS = 3.0  # Redis, before it is started again


class Strikes:
    """Call `look` often, in the main thread: it strikes when it is time and starts what has ended."""

    def __init__(
        self, service: Service, *, every_seconds: float, seconds: float, redis_restarts: int, seed: int
    ) -> None:
        self._service = service
        self._every_seconds = every_seconds
        self._chance = random.Random(seed)
        self._began = time.monotonic()
        self._next = every_seconds
        self._over = seconds
        # Evenly spread, each somewhere in the middle of its share.
        shares = [
            seconds * (it + self._chance.uniform(0.3, 0.7)) / redis_restarts for it in range(redis_restarts)
        ]
        self._redis_dies = shares
        self._redis_is_back = 0.0
        self.done: Counter[str] = Counter()
        service_parts = service.workers + service.couriers
        self._kinds: list[tuple[str, int, Callable[[], object]]] = [
            ("worker with its child", 3, lambda: self._one_of(service.workers).kill()),
            ("worker alone", 3, lambda: self._alone(self._one_of(service.workers))),
            ("pool child", 5, lambda: self._one_of(service.workers).kill_child()),
            ("courier", 2, lambda: self._one_of(service.couriers).kill()),
            ("gunicorn child", 1, service.api.kill_child),
            ("gunicorn with its child", 1, service.api.kill),
        ]
        self._supervised = [*service_parts, service.api]

    @property
    def are_over(self) -> bool:
        return self._now() > self._over

    def look(self) -> None:
        now = self._now()
        if self._redis_dies and now >= self._redis_dies[0] and not self._service.redis.has_ended:
            self._redis_dies.pop(0)
            self._service.redis.kill()
            self._redis_is_back = now + self._chance.uniform(0.2, _LONGEST_AWAY_SECONDS)
            self.done["redis"] += 1
        if now >= self._next and not self.are_over:
            self._next += self._every_seconds
            name, _, strike = self._chance.choices(self._kinds, [weight for _, weight, _ in self._kinds])[0]
            strike()
            self.done[name] += 1
        self._supervise(now)

    def _supervise(self, now: float) -> None:
        if self._service.redis.has_ended and now >= self._redis_is_back:
            self._service.redis.start()
        for part in self._supervised:
            if part.has_ended:
                part.start()

    def _one_of(self, parts: list[Part]) -> Part:
        return self._chance.choice(parts)

    def _alone(self, part: Part) -> None:
        if not part.has_ended:
            part.kill_alone()

    def _now(self) -> float:
        return time.monotonic() - self._began
