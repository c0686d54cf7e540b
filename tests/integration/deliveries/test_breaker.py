"""The breaker: a receiver that is down is left alone, tried with one delivery, and served again."""

from concurrent.futures import wait

from api.webhooks import new_ping
from jobs.webhooks.delivery import State
from tests.integration.deliveries.bench import Bench, Inbox
from tests.receivers import reply


def open_breaker(bench: Bench, inbox: Inbox) -> list[str]:
    """With six jobs, the last of which has not been told of."""
    inbox.answer = lambda _: reply(503)
    jobs = [bench.end_job(inbox.url) for _ in range(6)]
    bench.send_all(bench.courier(webhook_senders_per_receiver=1))
    assert len(inbox.received) == 5
    assert bench.post.breakers_by_state(bench.clock())["open"] == 1
    inbox.received.clear()
    return jobs


def test_after_five_failures_in_a_row_nothing_is_sent_for_a_while(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    assert bench.send_all(bench.courier()) == 0


def test_after_that_one_delivery_is_tried_alone_and_if_it_fails_the_wait_is_longer(
    bench: Bench, inbox: Inbox
) -> None:
    open_breaker(bench, inbox)
    courier = bench.courier()
    bench.clock.turn(seconds=11)
    assert bench.post.breakers_by_state(bench.clock()) == {"open": 0, "half-open": 1}
    wait(courier.dispatch())
    assert len(inbox.received) == 1
    bench.clock.turn(seconds=11)
    assert bench.send_all(courier) == 0
    bench.clock.turn(seconds=10)
    assert bench.send_all(courier) == 1


def test_when_it_answers_again_everything_is_sent(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    inbox.answer = lambda _: reply(204)
    bench.clock.turn(seconds=11)
    bench.send_all(bench.courier())
    assert len(inbox.received) == 6
    assert bench.post.breakers_by_state(bench.clock()) == {"open": 0, "half-open": 0}


def test_waiting_for_the_breaker_costs_no_attempt(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    job_id = bench.end_job(inbox.url)
    for _ in range(3):
        bench.send_all(bench.courier())
    assert bench.delivery(job_id).attempts == ()
    assert bench.delivery(job_id).state is State.PENDING


def test_a_receiver_that_refuses_one_event_is_not_down(bench: Bench, inbox: Inbox) -> None:
    inbox.answer = lambda _: reply(400)
    for _ in range(12):
        bench.end_job(inbox.url)
    assert bench.send_all(bench.courier()) == 12


def test_a_receiver_that_fails_at_one_event_is_not_down_either(bench: Bench, inbox: Inbox) -> None:
    inbox.answer = lambda _: reply(500)
    for _ in range(12):
        bench.end_job(inbox.url)
    assert bench.send_all(bench.courier()) == 12


def test_the_same_receiver_of_another_owner_is_served_meanwhile(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    bench.end_job(inbox.url, owner="another")
    assert bench.send_all(bench.courier()) == 1


def test_a_ping_does_not_wait_for_the_breaker_and_does_not_trip_it(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    for number in range(6):
        bench.post.add(*new_ping(f"PING{number}", inbox.url, "", bench.clock()))
    assert bench.send_all(bench.courier(webhook_senders_per_receiver=1)) == 6


def test_what_waits_for_four_days_for_a_receiver_that_is_down_has_failed(bench: Bench, inbox: Inbox) -> None:
    """One attempt each half a day is all that the breaker lets through here: most are never tried."""
    jobs = [*open_breaker(bench, inbox), *(bench.end_job(inbox.url) for _ in range(40))]
    courier = bench.courier()
    for _ in range(7):
        bench.clock.turn(hours=12)
        bench.send_all(courier)
    assert {bench.delivery(it).state for it in jobs} == {State.PENDING}
    for _ in range(2):
        bench.clock.turn(hours=12)
        bench.send_all(courier)
    untried = [bench.delivery(it) for it in jobs if not bench.delivery(it).attempts]
    assert {(it.state, it.next_attempt_at) for it in untried} == {(State.FAILED, None)}
    assert len(untried) > 30


def test_in_the_end_nothing_waits_for_a_receiver_that_stays_down(bench: Bench, inbox: Inbox) -> None:
    jobs = open_breaker(bench, inbox)
    courier = bench.courier()
    for _ in range(9 * 24 * 2):
        bench.send_all(courier)
        bench.clock.turn(minutes=30)
    assert {bench.delivery(it).state for it in jobs} == {State.FAILED}
    assert bench.post.waiting(bench.clock()).deliveries == 0


def test_other_receivers_are_served_meanwhile(bench: Bench, inbox: Inbox) -> None:
    open_breaker(bench, inbox)
    with Inbox().open() as other:
        bench.end_job(other.url)
        assert bench.send_all(bench.courier()) == 1
        assert len(other.received) == 1


def test_a_breaker_that_nobody_needs_any_more_is_forgotten(bench: Bench, inbox: Inbox) -> None:
    for job_id in open_breaker(bench, inbox):
        bench.store.delete(job_id)
    bench.clock.turn(days=2)
    with Inbox().open() as other:
        open_breaker(bench, other)
        assert bench.redis.zrange("khulasa:breakers", 0, -1) == [other.addressee]
