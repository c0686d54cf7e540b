"""A delivery's schedule: ten attempts over 76 hours, sooner or later as the receiver asks."""

from datetime import timedelta

import pytest

from jobs.webhooks.delivery import PING, SCHEDULE_SECONDS, Attempt, Delivery, State, owner_of
from tests.records import NOW


def a_delivery(event: str = "job.succeeded") -> Delivery:
    delivery = Delivery(
        id="msg_1",
        job_id="1",
        owner="",
        event=event,
        url="https://a.example/",
        receiver="a.example:443",
        created_at=NOW,
        kept_until=NOW,
    )
    delivery.start(NOW)
    return delivery


def said(status: int | None, outcome: str = "http-5xx") -> Attempt:
    return Attempt(at=NOW, outcome=outcome, status_code=status, latency_ms=1)


@pytest.mark.parametrize(("jitter", "factor"), [(-1.0, 0.8), (0.0, 1.0), (1.0, 1.2)])
def test_it_is_tried_ten_times_over_76_hours_and_then_fails(jitter: float, factor: float) -> None:
    delivery, now, waits = a_delivery(), NOW, []
    while delivery.next_attempt_at:
        waits.append((delivery.next_attempt_at - now).total_seconds())
        now = delivery.next_attempt_at
        delivery.note(said(500), now=now, jitter=jitter)
    assert waits == pytest.approx([seconds * factor for seconds in SCHEDULE_SECONDS], abs=1e-5)
    assert sum(SCHEDULE_SECONDS) > 75 * 3600
    assert (delivery.state, len(delivery.attempts)) == (State.FAILED, 10)


def test_one_2xx_ends_it() -> None:
    delivery = a_delivery()
    delivery.note(said(204, "delivered"), now=NOW, jitter=0)
    assert (delivery.state, delivery.next_attempt_at) == (State.DELIVERED, None)


def test_410_ends_it_at_once() -> None:
    delivery = a_delivery()
    delivery.note(said(410, "http-4xx"), now=NOW, jitter=0)
    assert (delivery.state, delivery.next_attempt_at) == (State.DISABLED, None)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(timedelta(seconds=90), timedelta(seconds=90), id="longer than the schedule"),
        pytest.param(timedelta(seconds=1), timedelta(seconds=5), id="shorter than the schedule"),
        pytest.param(timedelta(days=300), timedelta(hours=24), id="longer than a day"),
        pytest.param(-timedelta(days=1), timedelta(seconds=5), id="a date that is over"),
    ],
)
def test_the_receiver_may_ask_for_a_longer_wait(asked: timedelta, waits: timedelta) -> None:
    delivery = a_delivery()
    delivery.note(said(503), now=NOW, jitter=0, retry_after=asked)
    assert delivery.next_attempt_at == NOW + waits


def test_a_ping_is_tried_once() -> None:
    ping = a_delivery(PING)
    ping.note(said(500), now=NOW, jitter=0)
    assert ping.state is State.FAILED


def test_sent_again_it_has_its_whole_schedule_before_it_and_keeps_what_came_before() -> None:
    delivery = a_delivery()
    for _ in range(60):
        if delivery.state is not State.PENDING:
            delivery.start(NOW)
        delivery.note(said(500), now=NOW, jitter=0)
    assert len(delivery.attempts) == 50
    delivery.start(NOW)
    assert (delivery.state, delivery.tries, delivery.next_attempt_at) == (State.PENDING, 0, NOW)


@pytest.mark.parametrize(
    ("attempt", "is_down"),
    [
        (said(204, "delivered"), False),
        (said(404, "http-4xx"), False),
        (said(500), False),
        (said(503), True),
        (said(None, "timeout"), True),
        (said(None, "unresolved"), True),
        (said(None, "forbidden"), None),
        (said(None, "no-secret"), None),
        (said(None, "error"), None),
    ],
)
def test_what_an_attempt_says_of_its_receiver(attempt: Attempt, is_down: bool | None) -> None:
    assert attempt.receiver_is_down is is_down


def test_one_owner_s_receiver_is_served_in_a_row_and_a_ping_by_itself() -> None:
    assert a_delivery().addressee == "@a.example:443"
    assert a_delivery(PING).addressee == "ping:@a.example:443"
    assert owner_of("desk@a.example:443") == owner_of("ping:desk@a.example:443") == "desk"
