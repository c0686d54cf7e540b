"""The post: deliveries in Redis, claimed by couriers, and what came of each attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from jobs.errors import DeliveryInFlight, DeliveryNotFound
from jobs.store import store_errors
from jobs.webhooks.breakers import BREAKERS, Breakers
from jobs.webhooks.claiming import CLAIM
from jobs.webhooks.delivery import Attempt, Delivery
from jobs.webhooks.outbox import CLAIMED, DELIVERY, DUE, RECEIVERS, look_at, write, write_new
from jobs.webhooks.switches import Switches

_COUNTS = "khulasa:webhook-attempts"  # a hash: attempts by outcome, since the beginning
_MOST_RECEIVERS_COUNTED = 10_000


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until the claim lapses; then another courier may take it."""

    delivery: Delivery
    body: str
    token: str


@dataclass(frozen=True)
class Waiting:
    """What is to be sent, now or later; `oldest_due_at` is None when nothing is late."""

    deliveries: int
    oldest_due_at: datetime | None


class Post:
    """Any number of couriers share it. Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(CLAIM)
        self._breakers = Breakers(redis)
        self.switches = Switches(redis)

    def receivers_due(self, now: datetime, most: int) -> list[str]:
        """Those that a courier should look at, the longest due first."""
        with store_errors():
            found = self._redis.zrangebyscore(RECEIVERS, "-inf", now.timestamp(), start=0, num=most)
        return cast("list[str]", found)

    def claim(
        self, receiver: str, *, token: str, now: datetime, seconds: float, side_by_side: int, most: int
    ) -> list[Claim]:
        """What is due for a receiver, `side_by_side` at once; nothing while its breaker is open."""
        keys = [RECEIVERS, DUE.format(receiver), CLAIMED.format(receiver), BREAKERS]
        lapses = (now + timedelta(seconds=seconds)).timestamp()
        limits = [now.timestamp(), lapses, side_by_side, most]
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for delivery_id in self._script(keys=keys, args=[receiver, token, *limits, DELIVERY.format("")]):
                pipe.hmget(DELIVERY.format(delivery_id), "record", "body")
            found = pipe.execute()
        return [Claim(Delivery.model_validate_json(it[0]), it[1], token) for it in found if None not in it]

    def finish(
        self, claim: Claim, attempt: Attempt, *, now: datetime, jitter: float, retry_after: timedelta
    ) -> Delivery | None:
        """The delivery after this attempt; None where it was erased meanwhile, or the claim has lapsed."""
        receiver = claim.delivery.receiver
        failures = None
        if attempt.receiver_is_down:
            # Before the transaction: threads that hold a connection and wait for another wait in vain.
            with store_errors():
                failures = self._breakers.failures(receiver, now)

        def note(delivery: Delivery) -> None:
            delivery.note(attempt, now=now, jitter=jitter, retry_after=retry_after)

        def count(pipe: Pipeline) -> None:
            pipe.hincrby(_COUNTS, attempt.outcome, 1)
            if not attempt.receiver_is_down:
                self._breakers.close(pipe, receiver)
            elif failures:
                self._breakers.note(pipe, receiver, failures, now)
            if attempt.status_code == 410:
                self.switches.turn_off(pipe, claim.delivery.owner, claim.delivery.url, now)

        return self._close(claim, note, count, now)

    def drop(self, claim: Claim, now: datetime) -> Delivery | None:
        """Without an attempt: its receiver has answered 410 to another."""
        return self._close(claim, Delivery.disable, lambda _: None, now)

    def get(self, delivery_id: str) -> Delivery:
        """Raises DeliveryNotFound."""
        with store_errors():
            record = self._redis.hget(DELIVERY.format(delivery_id), "record")
        return _read(cast("str | None", record))

    def add(self, delivery: Delivery, body: str) -> None:
        with store_errors(), self._redis.pipeline() as pipe:
            write_new(pipe, delivery, body)
            pipe.execute()

    def replay(self, delivery_id: str, now: datetime) -> Delivery:
        """Sends it again from the beginning of the schedule, with the id that it had.

        Raises DeliveryNotFound, and DeliveryInFlight while an attempt is under way.
        """
        key = DELIVERY.format(delivery_id)
        with store_errors(), self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(key)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
                    record = cast("str | None", pipe.hget(key, "record"))  # WATCH mode answers at once
                    delivery = _read(record)
                    lapses = pipe.zscore(CLAIMED.format(delivery.receiver), delivery_id)
                    if lapses and lapses > now.timestamp():
                        raise DeliveryInFlight("an attempt is under way; look at its outcome first")
                    delivery.start(now)
                    pipe.multi()
                    write(pipe, delivery)
                    pipe.execute()
                except WatchError:
                    continue
                return delivery

    def waiting(self, now: datetime) -> Waiting:
        with store_errors():
            receivers = cast("list[str]", self._redis.zrange(RECEIVERS, 0, _MOST_RECEIVERS_COUNTED))
            with self._redis.pipeline(transaction=False) as pipe:
                for receiver in receivers:
                    pipe.zcard(DUE.format(receiver))
                    pipe.zcard(CLAIMED.format(receiver))
                    pipe.zrangebyscore(
                        DUE.format(receiver), "-inf", now.timestamp(), start=0, num=1, withscores=True
                    )
                found = pipe.execute()
        late = [scored[0][1] for scored in found[2::3] if scored]
        oldest = datetime.fromtimestamp(min(late), now.tzinfo) if late else None
        return Waiting(sum(found[0::3]) + sum(found[1::3]), oldest)

    def attempts_by_outcome(self) -> dict[str, int]:
        with store_errors():
            counts = cast("dict[str, str]", self._redis.hgetall(_COUNTS))
        return {outcome: int(count) for outcome, count in counts.items()}

    def breakers_by_state(self, now: datetime) -> dict[str, int]:
        with store_errors():
            return self._breakers.by_state(now)

    def _close(
        self,
        claim: Claim,
        change: Callable[[Delivery], Any],
        besides: Callable[[Pipeline], Any],
        now: datetime,
    ) -> Delivery | None:
        told, receiver = claim.delivery.id, claim.delivery.receiver
        key = DELIVERY.format(told)
        with store_errors(), self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(key)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
                    record, token = cast("list[str | None]", pipe.hmget(key, "record", "token"))
                    if record is not None and token != claim.token:
                        return None  # another courier's by now
                    delivery = record and Delivery.model_validate_json(record)
                    pipe.multi()
                    pipe.zrem(CLAIMED.format(receiver), told)
                    if delivery:
                        change(delivery)
                        pipe.hdel(key, "token")
                        write(pipe, delivery)
                        besides(pipe)
                    look_at(pipe, receiver, now)
                    pipe.execute()
                except WatchError:
                    continue
                return delivery or None


def _read(record: str | None) -> Delivery:
    if record is None:
        raise DeliveryNotFound("there is none with this number; GET the job's deliveries")
    return Delivery.model_validate_json(record)
