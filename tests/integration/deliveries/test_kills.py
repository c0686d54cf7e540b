"""Couriers that are killed between the send and the bookkeeping: sent again with the same id, never lost."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from pydantic import SecretStr

from jobs.settings import Settings
from jobs.store import connect, utc_now
from jobs.webhooks.delivery import State, delivery_id
from jobs.webhooks.post import Post
from jobs.webhooks.secrets import WebhookSecrets
from tests.integration.deliveries.bench import ALLOWED, Bench, Inbox, Received
from tests.receivers import reply
from worker.deliveries import Courier
from worker.outbound import Outbound

_KILLS = 200


def run_courier(redis_url: str, ahead: timedelta) -> None:
    """In a process of its own, with the clock of the test."""
    settings = Settings.model_validate({"redis_url": redis_url, **ALLOWED})
    redis = connect(settings, retries=0)
    secrets = WebhookSecrets(redis, settings.webhook_secret)
    courier = Courier(
        Post(redis), secrets, Outbound(settings.webhook_rules), settings, lambda: utc_now() + ahead
    )
    courier.run(lambda: None)


def test_after_200_kills_every_event_has_arrived_and_each_under_one_id(bench: Bench, inbox: Inbox) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["worker.courier", __name__])
    redis_url: SecretStr = bench.settings.redis_url
    chance = random.Random(6)
    struck = threading.Event()
    victims: list[int] = []

    def kill(_: Received) -> bytes:
        """Before its reply or a moment after it, which is where the bookkeeping begins."""
        threading.Timer(chance.choice([0.0, 0.0005, 0.002]), strike, victims[-1:]).start()
        time.sleep(chance.choice([0.0, 0.004]))
        return reply(204)

    def strike(victim: int) -> None:
        with suppress(ProcessLookupError):  # another delivery of its has killed it
            os.kill(victim, signal.SIGKILL)
        struck.set()

    inbox.answer = kill
    jobs = []
    for _ in range(_KILLS):
        jobs.append(bench.end_job(inbox.url))
        struck.clear()
        process = context.Process(
            target=run_courier, args=(redis_url.get_secret_value(), bench.clock.ahead), daemon=True
        )
        process.start()
        assert process.pid
        victims.append(process.pid)
        assert struck.wait(20)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        bench.clock.turn(seconds=61)  # what it had claimed lapses
    inbox.answer = lambda _: reply(204)
    bench.send_all(bench.courier())
    assert {bench.delivery(it).state for it in jobs} == {State.DELIVERED}
    arrived = Counter(got.id for got in inbox.received)
    assert set(arrived) == {delivery_id(it, 1) for it in jobs}
    assert max(arrived.values()) > 1  # or the kills came too late to show anything
    assert len({(got.id, got.body) for got in inbox.received}) == len(jobs)
