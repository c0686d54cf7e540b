"""The post: deliveries in Redis, claimed by couriers, and what came of each attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from jobs.errors import DeliveryInFlight, DeliveryNotFound
from jobs.redis_errors import store_errors
from jobs.transactions import transact
from jobs.webhooks.breakers import BREAKERS, Breakers
from jobs.webhooks.claiming import CLAIM
from jobs.webhooks.delivery import GIVEN_UP_AFTER, PING, Attempt, Delivery
from jobs.webhooks.outbox import ADDRESSEES, CLAIMED, DELIVERY, DUE, look_at, write, write_new
from jobs.webhooks.switches import Switches

_COUNTS = "khulasa:webhook-attempts"  # a hash: attempts by outcome, since the beginning
_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until the claim lapses; then another courier may take it."""

    delivery: Delivery
    body: str
    token: str
    is_hopeless: bool = False  # it has waited for days for a receiver that is down


@dataclass(frozen=True)
class Waiting:
    """What is to be sent, now or later; `oldest_due_at` is None when nothing is late that could be sent."""

    deliveries: int
    oldest_due_at: datetime | None


class Post:
    """Any number of couriers share it. Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(CLAIM)
        self._breakers = Breakers(redis)
        self.switches = Switches(redis)

    def addressees_due(self, now: datetime, most: int) -> list[str]:
        """Those that a courier should look at, the longest due first."""
        with store_errors():
            found = self._redis.zrangebyscore(ADDRESSEES, "-inf", now.timestamp(), start=0, num=most)
        return cast("list[str]", found)

    def look_later(self, addressee: str, moment: datetime) -> None:
        with store_errors():
            self._redis.zadd(ADDRESSEES, {addressee: moment.timestamp()}, xx=True)

    def claim(
        self, addressee: str, *, token: str, now: datetime, seconds: float, side_by_side: int, most: int
    ) -> list[Claim]:
        """What is due for an addressee, so many side by side; while its breaker is open, what is hopeless."""
        keys = [ADDRESSEES, DUE.format(addressee), CLAIMED.format(addressee), BREAKERS]
        lapses = (now + timedelta(seconds=seconds)).timestamp()
        limits = [now.timestamp(), lapses, side_by_side, most, GIVEN_UP_AFTER.total_seconds()]
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            is_open, taken = self._script(keys=keys, args=[addressee, token, *limits, DELIVERY.format("")])
            for delivery_id in taken:
                pipe.hmget(DELIVERY.format(delivery_id), "record", "body")
            found = pipe.execute()
        return [
            Claim(Delivery.model_validate_json(record), body, token, is_hopeless=bool(is_open))
            for record, body in found
            if record is not None and body is not None
        ]

    def finish(
        self, claim: Claim, attempt: Attempt, *, now: datetime, jitter: float, retry_after: timedelta
    ) -> Delivery | None:
        """The delivery after this attempt; None where it was erased meanwhile, or the claim has lapsed."""
        addressee = claim.delivery.addressee
        is_down = None if claim.delivery.event == PING else attempt.receiver_is_down
        failures = None
        if is_down:
            # Before the transaction: threads that hold a connection and wait for another wait in vain.
            with store_errors():
                failures = self._breakers.failures(addressee, now)

        def note(delivery: Delivery) -> None:
            delivery.note(attempt, now=now, jitter=jitter, retry_after=retry_after)

        def count(pipe: Pipeline) -> None:
            pipe.hincrby(_COUNTS, attempt.outcome, 1)
            if is_down is False:
                self._breakers.close(pipe, addressee)
            elif failures:
                self._breakers.note(pipe, addressee, failures, now)
            if attempt.status_code == 410:
                self.switches.turn_off(pipe, claim.delivery.owner, claim.delivery.url, now)

        return self._close(claim, note, count, now)

    def give_up(self, claim: Claim, now: datetime) -> Delivery | None:
        """Without an attempt: its receiver has been down for days."""
        return self._close(claim, Delivery.give_up, lambda _: None, now)

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

        def start(pipe: Pipeline) -> Delivery:
            delivery = _read(cast("str | None", pipe.hget(key, "record")))
            lapses = pipe.zscore(CLAIMED.format(delivery.addressee), delivery_id)
            if lapses and lapses > now.timestamp():
                raise DeliveryInFlight("an attempt is under way; look at its outcome first")
            delivery.start(now)
            pipe.multi()
            write(pipe, delivery)
            return delivery

        with store_errors():
            return transact(self._redis, start, key)

    def waiting(self, now: datetime) -> Waiting:
        with store_errors():
            addressees = cast("list[str]", self._redis.zrange(ADDRESSEES, 0, _MOST_COUNTED))
            down = self._breakers.open(now)
            with self._redis.pipeline(transaction=False) as pipe:
                for addressee in addressees:
                    pipe.zcard(DUE.format(addressee))
                    pipe.zcard(CLAIMED.format(addressee))
                    pipe.zrangebyscore(
                        DUE.format(addressee), "-inf", now.timestamp(), start=0, num=1, withscores=True
                    )
                found = pipe.execute()
        late = [
            scored[0][1]
            for addressee, scored in zip(addressees, found[2::3], strict=True)
            if scored and addressee not in down
        ]
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
        told, addressee = claim.delivery.id, claim.delivery.addressee
        key = DELIVERY.format(told)

        def close(pipe: Pipeline) -> Delivery | None:
            record, token = cast("list[str | None]", pipe.hmget(key, "record", "token"))
            if record is not None and token != claim.token:
                return None  # another courier's by now
            delivery = Delivery.model_validate_json(record) if record else None
            pipe.multi()
            pipe.zrem(CLAIMED.format(addressee), told)
            if delivery:
                change(delivery)
                pipe.hdel(key, "token")
                write(pipe, delivery)
                besides(pipe)
            look_at(pipe, addressee, now)
            return delivery

        with store_errors():
            return transact(self._redis, close, key)


def _read(record: str | None) -> Delivery:
    if record is None:
        raise DeliveryNotFound("there is none with this number; GET the job's deliveries")
    return Delivery.model_validate_json(record)
