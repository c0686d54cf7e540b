"""A store, a post and couriers with nothing else around them, and a clock that tests turn."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes

from ulid import ULID

from jobs.errors import StepCrashed
from jobs.job import Job, Webhook
from jobs.settings import Settings
from jobs.store import connect, utc_now
from jobs.webhooks.delivery import Delivery, delivery_id
from jobs.webhooks.post import Post
from jobs.webhooks.secrets import WebhookSecrets
from jobs.webhooks.urls import read_url
from tests.receivers import read_request, receiving, reply
from tests.records import a_job, a_store
from worker.deliveries import Courier
from worker.outbound import Outbound

SECRET = "whsec_" + "a2h1" * 8
ALLOWED = {
    "webhook_secret": SECRET,
    "webhook_allow_http": True,
    "webhook_allowed_networks": "127.0.0.0/8",
}


class Clock:
    """Real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def turn(self, **by: float) -> None:
        self.ahead += timedelta(**by)


class Bench:
    def __init__(self, settings: Settings) -> None:
        self.settings = Settings.model_validate(settings.model_dump(exclude_unset=True) | ALLOWED)
        self.redis = connect(settings, retries=0)
        self.store = a_store(self.redis, settings)
        self.post = Post(self.redis)
        self.secrets = WebhookSecrets(self.redis, self.settings.webhook_secret)
        self.clock = Clock()

    def courier(self, **changes: object) -> Courier:
        settings = self.settings.model_copy(update=changes)
        outbound = Outbound(settings.webhook_rules, timeout_seconds=settings.webhook_timeout_seconds)
        return Courier(self.post, self.secrets, outbound, settings, self.clock)

    def end_job(
        self, url: str, *, owner: str = "", fails: bool = False, events: list[str] | None = None
    ) -> str:
        """A job that has just ended, and so has a delivery; its id."""
        now = self.clock()
        job = a_job(str(ULID()), now)
        job.owner, job.ttl_seconds = owner, 7 * 86_400
        job.webhook = Webhook(url=url, events=events or ["job.succeeded", "job.failed"])
        self.store.create(job, "نص")
        result = {"summary": {"text": "خلاصة"}}
        self.store.change(job.id, lambda it: end(it, now, fails=fails), results=result)
        return job.id

    def delivery(self, job_id: str) -> Delivery:
        return self.post.get(delivery_id(job_id, 1))

    def send_all(self, courier: Courier) -> int:
        """Until nothing is due; gives how many attempts there were."""
        attempts = 0
        while under_way := courier.dispatch():
            wait(under_way)
            attempts += len(under_way)
        return attempts


def end(job: Job, now: datetime, *, fails: bool = False) -> None:
    for name in list(job.steps):
        if job.is_terminal:
            return
        job.start(name, token="t", now=now, lease_seconds=10)
        if fails:
            job.fail(name, StepCrashed("it crashed"), token="t", now=now)
        else:
            job.succeed(name, token="t", receipt=None, now=now)


@dataclass(frozen=True)
class Received:
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Received], bytes]


@dataclass
class Inbox:
    """What a receiver got, and what it says to each."""

    answer: Answer = lambda _: reply(204)
    received: list[Received] = field(default_factory=list)
    url: str = ""

    @property
    def addressee(self) -> str:
        """Of jobs without an owner."""
        return f"@{read_url(self.url).receiver}"

    @contextmanager
    def open(self, at: str = "127.0.0.1") -> Iterator["Inbox"]:
        with receiving(self._take, at=at) as self.url:
            yield self

    def _take(self, connection: socket.socket, _: threading.Event) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        headers = message_from_bytes(head.partition(b"\r\n")[2])
        if len(body) != int(headers["Content-Length"] or -1):
            return  # its sender was killed
        got = Received({name.lower(): value for name, value in headers.items()}, body, utc_now())
        self.received.append(got)
        connection.sendall(self.answer(got))
