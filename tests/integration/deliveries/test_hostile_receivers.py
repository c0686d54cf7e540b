"""Receivers that misbehave, all at once: each fails as it should, and no other delivery waits for them."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from jobs.webhooks.delivery import State
from tests import hostile_receivers as hostile
from tests import hostile_tls
from tests.integration.deliveries.bench import Bench, Inbox
from tests.receivers import Receiver, answering

_PATIENCE_SECONDS = 3.0
# A second, and one for a busy machine: who waited for a bad receiver would be three late.
_WAITING = timedelta(seconds=2)
_OUTCOMES: dict[Callable[[], Receiver], set[str]] = {
    lambda: answering(500): {"http-5xx"},
    hostile.hanging_before_the_head: {"timeout"},
    hostile.hanging_after_the_head: {"timeout"},
    hostile_tls.hanging_in_the_handshake: {"timeout"},
    hostile.dripping_head: {"timeout"},
    hostile.dripping_body: {"timeout"},
    hostile.resetting: {"reset"},
    hostile.closing_at_once: {"reset", "bad-reply", "unreachable"},
    lambda: hostile.redirecting("http://127.0.0.1:6379/"): {"http-3xx"},
    hostile.endless_body: {"delivered"},
    hostile_tls.plain_on_a_tls_port: {"tls"},
    hostile.speaking_garbage: {"bad-reply"},
}


def test_each_is_handled_and_no_other_delivery_is_late_by_more_than_a_second(
    bench: Bench, inbox: Inbox
) -> None:
    courier = bench.courier(webhook_timeout_seconds=_PATIENCE_SECONDS)
    running = threading.Thread(target=courier.run, args=(lambda: None,))
    with ExitStack() as receivers:
        bad = {
            bench.end_job(receivers.enter_context(receiver())): outcomes
            for receiver, outcomes in _OUTCOMES.items()
        }
        for job_id in list(bad):
            for _ in range(10):
                bench.end_job(bench.delivery(job_id).url)
        running.start()
        receivers.callback(running.join)
        receivers.callback(courier.stop)
        good = []
        for _ in range(30):
            good.append(bench.end_job(inbox.url))
            time.sleep(0.2)
        while any(bench.delivery(it).state is State.PENDING for it in good) or not all(
            bench.delivery(it).attempts for it in bad
        ):
            time.sleep(0.05)
        found = {job_id: bench.delivery(job_id).attempts[0].outcome for job_id in bad}
        assert {job_id for job_id, outcome in found.items() if outcome not in bad[job_id]} == set()
        late = [bench.delivery(it).attempts[0].at - bench.delivery(it).created_at for it in good]
        assert max(late) < _WAITING
