"""Strikes: processes killed at random, and the supervisor that starts again whatever has ended."""

import math
import random
import socket
import time
from collections import Counter
from collections.abc import Callable

import httpx
from redis.exceptions import RedisError

from tests.faults.part import Part
from tests.faults.trial import Trial

_LONGEST_AWAY_SECONDS = 3.0  # Redis, before it is started again
# The others are for parts that have been up for a while: on a slow machine nothing else would ever be done.
_BLIND = 0.2
_WHILE_SECONDS = 3.0
Strike = Callable[[Part], object]


class Strikes:
    """Call `look` often, in the main thread: it strikes when it is time and starts what has ended."""

    def __init__(
        self, trial: Trial, *, every_seconds: float, seconds: float, redis_restarts: int, seed: int
    ) -> None:
        service = trial.service
        self._service = service
        self._redis = trial.redis
        self._api = next(iter(trial.clients.values()))
        self._every_seconds = every_seconds
        self._chance = random.Random(seed)
        self._began = time.monotonic()
        self._next = every_seconds
        self._over = seconds
        share = seconds / max(1, redis_restarts)
        self._redis_dies = [share * (it + self._chance.uniform(0.3, 0.7)) for it in range(redis_restarts)]
        self._redis_is_back = 0.0
        self._up_since: dict[int, float] = {}  # by process id
        self.done: Counter[str] = Counter()
        self._kinds: list[tuple[str, int, list[Part], Strike]] = [
            ("worker with its child", 3, service.workers, Part.kill),
            ("worker alone", 3, service.workers, Part.kill_alone),
            ("pool child", 4, service.workers, Part.kill_child),
            ("courier", 2, service.couriers, Part.kill),
            ("gunicorn child", 2, [service.api], Part.kill_child),
            ("gunicorn with its child", 1, [service.api], Part.kill),
        ]

    @property
    def are_over(self) -> bool:
        return self._now() > self._over

    def look(self) -> None:
        now = self._now()
        for part in self._service.parts[1:]:
            if part.pid not in self._up_since and self._is_up(part):
                self._up_since[part.pid] = now
        if self._redis_dies and now >= self._redis_dies[0] and not self._service.redis.has_ended:
            self._redis_dies.pop(0)
            self._service.redis.kill()
            self._redis_is_back = now + self._chance.uniform(0.2, _LONGEST_AWAY_SECONDS)
            self.done["Redis"] += 1
        if now >= self._next and not self.are_over:
            self._next += self._every_seconds
            self._strike()
        if self._service.redis.has_ended and now >= self._redis_is_back:
            self._service.redis.start()
        for part in self._service.parts[1:]:
            if part.has_ended:
                part.start()

    def _strike(self) -> None:
        kinds = self._chance.choices(self._kinds, [weight for _, weight, _, _ in self._kinds], k=20)
        blind = self._chance.random() < _BLIND
        for name, _, parts, strike in kinds:
            standing = [it for it in parts if not it.has_ended and (blind or self._has_stood(it))]
            if standing:
                strike(self._chance.choice(standing))
                self.done[name] += 1
                return
        self.done["nobody, for nobody was up"] += 1

    def _has_stood(self, part: Part) -> bool:
        return self._now() - self._up_since.get(part.pid, math.inf) > _WHILE_SECONDS

    def _is_up(self, part: Part) -> bool:
        try:
            if part is self._service.api:
                return self._api.get("/livez", timeout=0.2).is_success
            name = f"worker-{part.pid}@{socket.gethostname()}"
            return bool(self._redis.exists(f"khulasa:worker:{name}"))
        except (httpx.TransportError, RedisError):
            return False

    def _now(self) -> float:
        return time.monotonic() - self._began
