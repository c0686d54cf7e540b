"""Strikes: processes killed or frozen at random, and the supervisor that starts again what has ended."""

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
_FROZEN_FOR_LEASES = 0.3, 2.5
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
        self._frozen: dict[Part, float] = {}  # until when
        self._up_since: dict[int, float] = {}  # by process id
        self.done: Counter[str] = Counter()
        self._kinds: list[tuple[str, int, list[Part], Strike]] = [
            ("killed: worker with its child", 3, service.workers, Part.kill),
            ("killed: worker alone", 3, service.workers, Part.kill_alone),
            ("killed: pool child", 4, service.workers, Part.kill_child),
            ("killed: courier", 2, service.couriers, Part.kill),
            ("killed: gunicorn child", 2, [service.api], Part.kill_child),
            ("killed: gunicorn with its child", 1, [service.api], Part.kill),
            ("frozen: worker", 3, service.workers, self._freeze),
            ("frozen: courier", 1, service.couriers, self._freeze),
            ("frozen: gunicorn", 1, [service.api], self._freeze),
        ]

    @property
    def are_over(self) -> bool:
        return self._now() > self._over and not self._frozen

    def look(self) -> None:
        now = self._now()
        for part in self._service.parts[1:]:
            if part.pid not in self._up_since and self._is_up(part):
                self._up_since[part.pid] = now
        if self._redis_dies and now >= self._redis_dies[0] and not self._service.redis.has_ended:
            self._redis_dies.pop(0)
            self._service.redis.kill()
            self._redis_is_back = now + self._chance.uniform(0.2, _LONGEST_AWAY_SECONDS)
            self.done["killed: Redis"] += 1
        for part in [part for part, until in self._frozen.items() if now >= until]:
            part.thaw()
            del self._frozen[part]
        if now >= self._next and now <= self._over:
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
            standing = [it for it in parts if not it.has_ended and it not in self._frozen]
            standing = [it for it in standing if blind or self._has_stood(it)]
            if standing:
                strike(self._chance.choice(standing))
                self.done[name] += 1
                return
        self.done["spared: nobody had been up"] += 1

    def _freeze(self, part: Part) -> None:
        """Often for longer than its lease lives: what it does when it wakes up is another's by then."""
        part.freeze()
        leases = self._chance.uniform(*_FROZEN_FOR_LEASES)
        self._frozen[part] = self._now() + leases * self._service.settings.lease_seconds

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
