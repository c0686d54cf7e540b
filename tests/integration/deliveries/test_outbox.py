"""The outbox: a delivery is there from the moment in which its job has ended, and goes with it."""

import json

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from jobs.errors import DeliveryNotFound, JobGone, StoreUnavailable
from jobs.job import Job, Webhook
from jobs.views import job_view
from jobs.webhooks.delivery import State, delivery_id
from jobs.webhooks.outbox import DELIVERY, DUE
from tests.integration.deliveries.bench import Bench, Inbox, end
from tests.records import a_job

URL = "http://127.0.0.1:9/hook"


def body_of(bench: Bench, job_id: str) -> dict[str, object]:
    body = bench.redis.hget(DELIVERY.format(delivery_id(job_id, 1)), "body")
    return dict(json.loads(str(body)))


def test_a_job_that_ends_has_a_delivery_with_the_job_as_clients_see_it(bench: Bench) -> None:
    job_id = bench.end_job(URL)
    delivery = bench.delivery(job_id)
    assert (delivery.event, delivery.state, delivery.receiver) == (
        "job.succeeded",
        State.PENDING,
        "127.0.0.1:9",
    )
    body = body_of(bench, job_id)
    stored = bench.store.get(job_id)
    assert stored.job.webhook
    assert stored.job.webhook.deliveries == 1
    assert body["type"] == "job.succeeded"
    assert body["data"] == job_view(stored, {})
    assert body["data"]["results"]["summary"]["text"] == "خلاصة"  # type: ignore[index]


def test_a_job_that_fails_says_so(bench: Bench) -> None:
    body = body_of(bench, bench.end_job(URL, fails=True))
    assert body["type"] == "job.failed"
    assert body["data"]["problem"]["code"] == "step-crashed"  # type: ignore[index]


def test_an_event_that_was_not_asked_for_is_not_delivered(bench: Bench) -> None:
    job_id = bench.end_job(URL, events=["job.failed"])
    with pytest.raises(DeliveryNotFound):
        bench.delivery(job_id)


def test_a_job_that_is_answered_at_once_has_a_delivery_too(bench: Bench) -> None:
    job = a_job("01CACHED", bench.clock())
    job.webhook = Webhook(url=URL, events=["job.succeeded"])
    end(job, bench.clock())
    bench.store.create(job, "نص", {"summary": {"text": "خلاصة"}})
    assert bench.delivery("01CACHED").state is State.PENDING


def test_what_is_not_written_with_the_end_of_the_job_is_not_written_at_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis goes away in the middle of the transaction."""
    job = a_job("01HALF", bench.clock())
    job.webhook = Webhook(url=URL, events=["job.succeeded"])
    bench.store.create(job, "نص")

    def cut(*_: object, **__: object) -> None:
        raise RedisConnectionError("cut")

    with monkeypatch.context() as patch:
        patch.setattr("jobs.store.JobStore._write", cut)
        with pytest.raises(StoreUnavailable):
            bench.store.change("01HALF", lambda it: end(it, bench.clock()))
    with pytest.raises(DeliveryNotFound):
        bench.delivery("01HALF")
    assert not bench.store.peek("01HALF").is_terminal
    bench.store.change("01HALF", lambda it: end(it, bench.clock()))
    assert bench.delivery("01HALF").state is State.PENDING


def test_a_job_that_has_ended_is_not_announced_again_by_a_later_write(bench: Bench) -> None:
    job_id = bench.end_job(URL)
    bench.store.change(job_id, lambda job: job.metadata.update(a="b"))
    webhook = bench.store.peek(job_id).webhook
    assert webhook
    assert webhook.deliveries == 1


def test_erasing_a_job_cancels_its_delivery(bench: Bench, inbox: Inbox) -> None:
    erased, kept = bench.end_job(inbox.url), bench.end_job(inbox.url)
    bench.store.delete(erased)
    with pytest.raises(DeliveryNotFound):
        bench.delivery(erased)
    bench.send_all(bench.courier())
    assert [got.id for got in inbox.received] == [delivery_id(kept, 1)]


def test_where_no_courier_runs_the_places_of_expired_deliveries_go(bench: Bench) -> None:
    bench.end_job(URL)
    bench.clock.turn(days=13, hours=23)
    later = bench.end_job(URL)
    assert bench.redis.zcard(DUE.format("@127.0.0.1:9")) == 2
    bench.clock.turn(hours=2)
    last = bench.end_job(URL)
    places = bench.redis.zrange(DUE.format("@127.0.0.1:9"), 0, -1)
    assert places == [delivery_id(later, 1), delivery_id(last, 1)]


def test_a_job_that_ends_while_it_is_erased_leaves_no_delivery(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = a_job("01ENDING", bench.clock())
    job.webhook = Webhook(url=URL, events=["job.succeeded"])
    bench.store.create(job, "نص")
    peek = bench.store.peek

    def peek_and_end(job_id: str) -> Job:
        seen = peek(job_id)
        bench.store.change(job_id, lambda it: end(it, bench.clock()))
        return seen

    monkeypatch.setattr(bench.store, "peek", peek_and_end)
    bench.store.delete("01ENDING")
    assert bench.redis.keys("khulasa:delivery:*") == []
    assert bench.send_all(bench.courier()) == 0
    assert bench.post.waiting(bench.clock()).deliveries == 0


def test_a_job_that_is_withdrawn_leaves_no_delivery(bench: Bench) -> None:
    job_id = bench.end_job(URL)
    bench.store.discard(bench.store.peek(job_id))
    assert bench.redis.keys("khulasa:delivery:*") == []
    assert bench.send_all(bench.courier()) == 0
    assert bench.post.waiting(bench.clock()).deliveries == 0


def test_a_delivery_that_outlives_its_job_can_be_erased(bench: Bench, inbox: Inbox) -> None:
    job_id = bench.end_job(inbox.url)
    bench.redis.delete(f"khulasa:job:{job_id}")  # as its TTL would
    with pytest.raises(JobGone):
        bench.store.delete(job_id)
    assert bench.send_all(bench.courier()) == 0
    assert bench.redis.keys("khulasa:delivery:*") == []
