"""Couriers side by side, those that come too late, and those that are to stop."""

import threading
import time
from concurrent.futures import wait
from contextlib import ExitStack
from datetime import timedelta

import pytest
from redis import BlockingConnectionPool, Redis

from jobs.errors import StoreUnavailable
from jobs.webhooks.delivery import State, delivery_id
from jobs.webhooks.post import Post
from tests.hostile_receivers import hanging_before_the_head
from tests.integration.deliveries.bench import Bench, Inbox
from tests.receivers import reply


def test_two_couriers_do_not_send_the_same_delivery(bench: Bench, inbox: Inbox) -> None:
    jobs = {delivery_id(bench.end_job(inbox.url), 1) for _ in range(40)}
    couriers = [bench.courier(), bench.courier()]
    while under_way := set().union(*(courier.dispatch() for courier in couriers)):
        wait(under_way)
    assert len(inbox.received) == len(jobs)
    assert {got.id for got in inbox.received} == jobs


def test_a_claim_that_nobody_ended_lapses_and_its_late_courier_changes_nothing(
    bench: Bench, inbox: Inbox
) -> None:
    job_id = bench.end_job(inbox.url)
    [lost] = bench.post.claim(
        inbox.addressee, token="lost", now=bench.clock(), seconds=60, side_by_side=4, most=4
    )
    courier = bench.courier()
    assert bench.send_all(courier) == 0
    bench.clock.turn(seconds=61)
    assert bench.send_all(courier) == 1
    late = bench.delivery(job_id).attempts[0].model_copy(update={"outcome": "timeout"})
    now = bench.clock()
    assert bench.post.finish(lost, late, now=now, jitter=0, retry_after=timedelta()) is None
    assert bench.delivery(job_id).state is State.DELIVERED


def test_a_courier_can_be_stopped_from_a_signal_handler_at_any_moment(bench: Bench) -> None:
    """Also while the loop has the lock of the event that it waits for: the handler runs in its thread."""
    courier = bench.courier()
    handler = threading.Thread(target=courier.stop, daemon=True)
    with courier._wake._cond:  # type: ignore[attr-defined]  # typeshed leaves it out
        handler.start()
        handler.join(2)
        assert not handler.is_alive()
    courier.run(lambda: None)


def test_one_connection_is_enough_to_end_an_attempt_and_to_send_again(bench: Bench, inbox: Inbox) -> None:
    """Threads that held one and waited for a second would wait for each other."""
    inbox.answer = lambda _: reply(500)
    job_id = bench.end_job(inbox.url)
    url = bench.settings.redis_url.get_secret_value()
    pool = BlockingConnectionPool.from_url(url, max_connections=1, timeout=1, decode_responses=True)
    with Redis.from_pool(pool) as redis:
        bench.post = Post(redis)
        assert bench.send_all(bench.courier()) == 1
        assert [it.outcome for it in bench.delivery(job_id).attempts] == ["http-5xx"]
        assert bench.post.replay(delivery_id(job_id, 1), bench.clock()).tries == 0


def test_the_receivers_of_one_owner_do_not_take_every_thread(bench: Bench, inbox: Inbox) -> None:
    courier = bench.courier(webhook_senders=8)
    with ExitStack() as receivers:
        for _ in range(8):
            bench.end_job(receivers.enter_context(hanging_before_the_head()), owner="many")
        held = courier.dispatch()
        assert len(held) == 6
        job_id = bench.end_job(inbox.url, owner="one")
        wait(courier.dispatch())
        assert bench.delivery(job_id).state is State.DELIVERED
    wait(held)


def test_an_owner_who_has_the_threads_of_a_share_does_not_hide_the_next(bench: Bench, inbox: Inbox) -> None:
    """More of its receivers are due than a courier looks at in one go."""
    courier = bench.courier(webhook_senders=4)
    with ExitStack() as receivers:
        for _ in range(12):
            bench.end_job(receivers.enter_context(hanging_before_the_head()), owner="many")
        job_id = bench.end_job(inbox.url, owner="one")
        held = [sending for _ in range(6) for sending in courier.dispatch()]
        assert len(held) == 4
        while bench.delivery(job_id).state is State.PENDING:
            time.sleep(0.01)
    wait(held)


def test_with_a_full_redis_nothing_is_sent_that_could_not_be_noted(bench: Bench, inbox: Inbox) -> None:
    bench.end_job(inbox.url)
    bench.redis.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable):
        bench.courier().dispatch()
    assert inbox.received == []
    bench.redis.config_set("maxmemory", 0)
    assert bench.send_all(bench.courier()) == 1
