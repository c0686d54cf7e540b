"""The outbox: deliveries are written in the transaction that ends their job, and erased with it."""

import json
from datetime import datetime, timedelta

from redis import Redis
from redis.client import Pipeline

from jobs.job import StoredJob
from jobs.views import ResultFields, job_view, rfc3339
from jobs.webhooks.delivery import PING, Delivery, delivery_id
from jobs.webhooks.urls import read_url

# One hash a delivery: `record`, `body`, and `token` while an attempt is under way.
DELIVERY = "khulasa:delivery:{}"
# Addressees by the time at which a courier should look at them.
ADDRESSEES = "khulasa:addressees"
# An addressee's deliveries by the time at which they are due, and those under way by when their claim ends.
DUE = "khulasa:addressee:{}:due"
CLAIMED = "khulasa:addressee:{}:claimed"
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
            receiver=read_url(job.webhook.url).receiver,
            created_at=job.finished_at,
            kept_until=job.expires_at,
        )
        delivery.start(job.finished_at)
        write_new(pipe, delivery, json.dumps(body, ensure_ascii=False))

    def cancel(self, redis: Redis, job_id: str) -> None:
        """What is under way finds nothing to write to; a place in the queue is dropped in its turn."""
        redis.unlink(DELIVERY.format(delivery_id(job_id, 1)))  # a job ends once


def write_new(pipe: Pipeline, delivery: Delivery, body: str) -> None:
    pipe.hset(DELIVERY.format(delivery.id), "body", body)
    # Where no courier runs nobody else takes away what has expired by now.
    oldest = delivery.created_at - _KEPT_WHILE_PENDING
    pipe.zremrangebyscore(DUE.format(delivery.addressee), "-inf", oldest.timestamp())
    write(pipe, delivery)


def write(pipe: Pipeline, delivery: Delivery) -> None:
    """The record, and when a courier has to look at it."""
    key = DELIVERY.format(delivery.id)
    pipe.hset(key, "record", delivery.model_dump_json())
    if delivery.next_attempt_at is None or delivery.event == PING:
        pipe.expireat(key, delivery.kept_until)
    else:
        pipe.expireat(key, delivery.next_attempt_at + _KEPT_WHILE_PENDING)
    if delivery.next_attempt_at:
        pipe.zadd(DUE.format(delivery.addressee), {delivery.id: delivery.next_attempt_at.timestamp()})
        look_at(pipe, delivery.addressee, delivery.next_attempt_at)


def look_at(pipe: Pipeline, addressee: str, moment: datetime) -> None:
    """No later than then; a courier finds the exact time itself."""
    pipe.zadd(ADDRESSEES, {addressee: moment.timestamp()}, lt=True)
