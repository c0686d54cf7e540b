"""The courier against real receivers, a real Redis and a clock that the test turns."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from jobs.webhooks.delivery import SCHEDULE_SECONDS, State, delivery_id
from tests.integration.deliveries.bench import SECRET, Bench, Inbox, Received
from tests.receivers import answering, reply


def test_a_delivery_is_signed_and_made_once(bench: Bench, inbox: Inbox) -> None:
    job_id = bench.end_job(inbox.url)
    courier = bench.courier()
    assert bench.send_all(courier) == 1
    bench.clock.turn(days=5)
    assert bench.send_all(courier) == 0
    [got] = inbox.received
    event = Webhook(SECRET).verify(got.body, dict(got.headers))
    assert (event["type"], event["data"]["id"]) == ("job.succeeded", job_id)
    assert got.headers["content-type"] == "application/json"
    delivery = bench.delivery(job_id)
    assert delivery.state is State.DELIVERED
    assert [(it.outcome, it.status_code) for it in delivery.attempts] == [("delivered", 204)]


def test_a_receiver_that_is_down_for_an_hour_gets_every_event(bench: Bench, inbox: Inbox) -> None:
    jobs = {delivery_id(bench.end_job(inbox.url), 1) for _ in range(20)}
    inbox.answer = lambda _: reply(503)
    courier = bench.courier()
    down = bench.clock() + timedelta(hours=1)
    while bench.clock() < down:
        bench.send_all(courier)
        bench.clock.turn(minutes=1)
    assert inbox.received
    inbox.received.clear()
    inbox.answer = lambda _: reply(204)
    for _ in range(200):
        bench.send_all(courier)
        bench.clock.turn(minutes=1)
    assert sorted(got.id for got in inbox.received) == sorted(jobs)


def test_each_attempt_has_the_same_id_and_body_and_a_signature_of_its_own(bench: Bench, inbox: Inbox) -> None:
    bench.end_job(inbox.url)
    inbox.answer = lambda _: reply(500)
    courier = bench.courier()
    for seconds in SCHEDULE_SECONDS:
        bench.clock.turn(seconds=1.2 * seconds + 1)
        bench.send_all(courier)
    assert len(inbox.received) == len(SCHEDULE_SECONDS)
    assert len({got.id for got in inbox.received}) == 1
    assert len({got.body for got in inbox.received}) == 1
    assert len({got.headers["webhook-timestamp"] for got in inbox.received}) == len(SCHEDULE_SECONDS)
    assert len({got.headers["webhook-signature"] for got in inbox.received}) == len(SCHEDULE_SECONDS)


def test_while_a_secret_is_changed_both_sign_and_afterwards_the_new_one_alone(
    bench: Bench, inbox: Inbox
) -> None:
    owner, courier = "newsroom", bench.courier()
    old = bench.secrets.of(owner, bench.clock()).secret
    new = bench.secrets.rotate(owner, timedelta(minutes=3), bench.clock()).secret
    bench.end_job(inbox.url, owner=owner)
    bench.send_all(courier)
    [got] = inbox.received
    for secret in (old, new):
        Webhook(secret).verify(got.body, dict(got.headers))
    bench.clock.turn(minutes=4)
    bench.end_job(inbox.url, owner=owner)
    bench.send_all(courier)
    later = inbox.received[-1]
    Webhook(new).verify(later.body, dict(later.headers))
    assert len(later.headers["webhook-signature"].split()) == 1


def test_410_turns_the_url_off_for_its_owner_until_it_is_turned_on_again(bench: Bench, inbox: Inbox) -> None:
    courier = bench.courier(webhook_senders_per_receiver=1)
    inbox.answer = lambda _: reply(410)
    first = bench.end_job(inbox.url, owner="a")
    second = bench.end_job(inbox.url, owner="a")
    bench.send_all(courier)
    assert [bench.delivery(it).state for it in (first, second)] == [State.DISABLED] * 2
    assert len(inbox.received) == 1
    inbox.answer = lambda _: reply(204)
    other = bench.end_job(inbox.url, owner="b")
    bench.send_all(courier)
    assert bench.delivery(other).state is State.DELIVERED
    bench.post.switches.turn_on("a", inbox.url)
    bench.post.replay(delivery_id(second, 1), bench.clock())
    bench.send_all(courier)
    assert bench.delivery(second).state is State.DELIVERED
    assert inbox.received[-1].id == delivery_id(second, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(bench: Bench, inbox: Inbox, status: int) -> None:
    with answering(status, head=f"Location: {inbox.url}\r\n".encode()) as url:
        job_id = bench.end_job(url)
        bench.send_all(bench.courier())
    assert inbox.received == []
    assert [it.outcome for it in bench.delivery(job_id).attempts] == ["http-3xx"]


@pytest.mark.parametrize("when", ["120", "Thu, 01 Jan 2099 00:00:00 GMT"])
def test_retry_after_is_honoured(bench: Bench, inbox: Inbox, when: str) -> None:
    inbox.answer = lambda _: reply(429, head=f"Retry-After: {when}\r\n".encode())
    job_id = bench.end_job(inbox.url)
    bench.send_all(bench.courier())
    next_attempt_at = bench.delivery(job_id).next_attempt_at
    assert next_attempt_at
    waits = timedelta(seconds=120) if when.isdigit() else timedelta(hours=24)
    assert abs(next_attempt_at - bench.clock() - waits) < timedelta(seconds=10)


@pytest.mark.parametrize(
    "when",
    [
        "soon",
        "-5",
        "",
        "99999999999999999999",
        pytest.param("9" * 5_000, id="5,000 digits"),
        "Thu, 99 Jan 2099 00:00:00 GMT",
        "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Thu, 01 Jan 2099 00:00:00 +99999999999999999999",
    ],
)
def test_a_retry_after_that_says_nothing_harms_nothing(bench: Bench, inbox: Inbox, when: str) -> None:
    inbox.answer = lambda _: reply(503, head=f"Retry-After: {when}\r\n".encode())
    job_id = bench.end_job(inbox.url)
    bench.send_all(bench.courier())
    assert [it.outcome for it in bench.delivery(job_id).attempts] == ["http-5xx"]
    assert bench.delivery(job_id).next_attempt_at


def test_a_receiver_inside_is_refused_at_the_attempt_too(bench: Bench, inbox: Inbox) -> None:
    job_id = bench.end_job(inbox.url)
    bench.send_all(bench.courier(webhook_allowed_networks=""))
    assert inbox.received == []
    assert [it.outcome for it in bench.delivery(job_id).attempts] == ["forbidden"]


def test_without_a_secret_nothing_is_sent_and_nothing_is_lost(bench: Bench, inbox: Inbox) -> None:
    bench.secrets._setting = []
    job_id = bench.end_job(inbox.url)
    bench.send_all(bench.courier())
    assert inbox.received == []
    assert [it.outcome for it in bench.delivery(job_id).attempts] == ["no-secret"]
    assert bench.delivery(job_id).state is State.PENDING


def test_a_job_erased_during_its_attempt_stays_erased(bench: Bench, inbox: Inbox) -> None:
    job_id = bench.end_job(inbox.url)

    def erase(_: Received) -> bytes:
        bench.store.delete(job_id)
        return reply(500)

    inbox.answer = erase
    courier = bench.courier()
    assert bench.send_all(courier) == 1
    bench.clock.turn(hours=1)
    assert bench.send_all(courier) == 0
    assert [key for key in bench.redis.keys("*") if job_id in key] == [f"khulasa:seen:{job_id}"]
    assert bench.post.waiting(bench.clock()).deliveries == 0


def test_what_is_counted_adds_up(bench: Bench, inbox: Inbox) -> None:
    bench.end_job(inbox.url)
    with Inbox().open() as gone:
        pass
    bench.end_job(gone.url)
    waiting = bench.post.waiting(bench.clock())
    assert waiting.deliveries == 2
    assert waiting.oldest_due_at
    bench.send_all(bench.courier())
    assert bench.post.attempts_by_outcome() == {"delivered": 1, "unreachable": 1}
    waiting = bench.post.waiting(bench.clock())
    assert (waiting.deliveries, waiting.oldest_due_at) == (1, None)
