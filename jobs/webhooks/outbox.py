"""The outbox: deliveries are written in the transaction that ends their job, and erased with it."""

import json
from datetime import datetime, timedelta

from redis.client import Pipeline

from jobs.job import Job, StoredJob
from jobs.views import ResultFields, job_view, rfc3339
from jobs.webhooks.delivery import Delivery, delivery_id, receiver_of

# One hash a delivery: `record`, `body`, and `token` while an attempt is under way.
DELIVERY = "khulasa:delivery:{}"
# Receivers by the time at which a courier should look at them.
RECEIVERS = "khulasa:receivers"
# A receiver's deliveries by the time at which they are due, and those under way by when their claim ends.
DUE = "khulasa:receiver:{}:due"
CLAIMED = "khulasa:receiver:{}:claimed"
_KEPT_WHILE_PENDING = timedelta(days=14)  # beyond the next attempt: no courier may run for a while


class Outbox:
    """Writes into the pipelines of others; `fields` are what the results of each step hold."""

    def __init__(self, fields: ResultFields) -> None:
        self._fields = fields

    def add(self, pipe: Pipeline, stored: StoredJob) -> None:
        """The news of a job that ends, if somebody is to hear it; the record is to be written after it."""
        job = stored.job
        if not (job.event and job.webhook and job.finished_at):
            return
        job.webhook.deliveries += 1
        body = {
            "type": job.event,
            "timestamp": rfc3339(job.finished_at),
            "data": job_view(stored, self._fields),
        }
        delivery = Delivery(
            id=delivery_id(job.id, job.webhook.deliveries),
            job_id=job.id,
            owner=job.owner,
            event=job.event,
            url=job.webhook.url,
            receiver=receiver_of(job.webhook.url),
            created_at=job.finished_at,
            kept_until=job.expires_at,
        )
        delivery.start(job.finished_at)
        write_new(pipe, delivery, json.dumps(body, ensure_ascii=False))

    def cancel(self, pipe: Pipeline, job: Job) -> None:
        """An attempt under way goes on, and finds nothing to write to when it ends."""
        if job.webhook is None:
            return
        receiver = receiver_of(job.webhook.url)
        # The first even where `job` has none: it may have ended since it was read.
        for number in range(1, max(1, job.webhook.deliveries) + 1):
            told = delivery_id(job.id, number)
            pipe.unlink(DELIVERY.format(told))
            pipe.zrem(DUE.format(receiver), told)


def write_new(pipe: Pipeline, delivery: Delivery, body: str) -> None:
    pipe.hset(DELIVERY.format(delivery.id), "body", body)
    write(pipe, delivery)


def write(pipe: Pipeline, delivery: Delivery) -> None:
    """The record, and when a courier has to look at it."""
    key = DELIVERY.format(delivery.id)
    pipe.hset(key, "record", delivery.model_dump_json())
    if delivery.next_attempt_at is None:
        pipe.expireat(key, delivery.kept_until)
    else:
        pipe.expireat(key, delivery.next_attempt_at + _KEPT_WHILE_PENDING)
        pipe.zadd(DUE.format(delivery.receiver), {delivery.id: delivery.next_attempt_at.timestamp()})
        look_at(pipe, delivery.receiver, delivery.next_attempt_at)


def look_at(pipe: Pipeline, receiver: str, moment: datetime) -> None:
    """No later than then; a courier finds the exact time itself."""
    pipe.zadd(RECEIVERS, {receiver: moment.timestamp()}, lt=True)
