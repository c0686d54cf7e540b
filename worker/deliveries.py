"""The courier: claims deliveries that are due and sends each, signed, from a pool of threads."""

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import uuid4

from jobs.errors import KhulasaError, NoWebhookSecret, StoreUnavailable
from jobs.settings import Settings
from jobs.store import utc_now
from jobs.webhooks.delivery import Attempt, owner_of
from jobs.webhooks.post import Claim, Post
from jobs.webhooks.secrets import WebhookSecrets
from jobs.webhooks.signing import signed_headers
from worker.outbound import AttemptFailed, Outbound, Reply

log = logging.getLogger("khulasa.courier")
_LOOK_SECONDS = 0.2
_LARGEST_SHARE = 0.75  # of the threads, that one owner's receivers may hold
_PAUSE_SECONDS = 1.0  # when Redis is away


class Courier:
    """Any number may run, in any number of processes: each delivery is claimed by one at a time."""

    def __init__(
        self,
        post: Post,
        secrets: WebhookSecrets,
        outbound: Outbound,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._post = post
        self._secrets = secrets
        self._outbound = outbound
        self._clock = clock
        self._senders = settings.webhook_senders
        self._share = max(1, int(self._senders * _LARGEST_SHARE))
        self._side_by_side = settings.webhook_senders_per_receiver
        self._claim_seconds = settings.webhook_claim_seconds
        self._patience_seconds = settings.webhook_timeout_seconds
        self._pool = ThreadPoolExecutor(self._senders, thread_name_prefix="courier")
        self._under_way: dict[Future[None], str] = {}  # and whose they are
        self._wake = threading.Event()
        self._stopping = False

    def run(self, beat: Callable[[], None]) -> None:
        """Sends what is due until `stop`, then lets what is under way end; `beat` is called all the time."""
        while not self._stopping:
            seconds = _LOOK_SECONDS
            try:
                beat()
                self.dispatch()
            except KhulasaError as error:
                log.warning("courier.skipped", extra={"code": error.code})
                seconds = _PAUSE_SECONDS
            except Exception:
                log.exception("courier.failed")
                seconds = _PAUSE_SECONDS
            self._wake.wait(seconds)
            self._wake.clear()
        wait(self._under_way, timeout=self._patience_seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Within the next look; safe in a signal handler, where setting the event could wait for itself."""
        self._stopping = True

    def dispatch(self) -> set[Future[None]]:
        """One look: claims what is due and finds a free thread, and starts sending it."""
        self._under_way = {it: owner for it, owner in self._under_way.items() if not it.done()}
        now = self._clock()
        started: set[Future[None]] = set()
        for addressee in self._post.addressees_due(now, self._senders):
            free = self._senders - len(self._under_way)
            if not free:
                break
            left = min(free, self._share - list(self._under_way.values()).count(owner_of(addressee)))
            if left <= 0:
                self._post.look_later(addressee, now + timedelta(seconds=_LOOK_SECONDS))
                continue
            claims = self._post.claim(
                addressee,
                token=uuid4().hex,
                now=now,
                seconds=self._claim_seconds,
                side_by_side=self._side_by_side,
                most=left,
            )
            for claim in claims:
                sending = self._pool.submit(self._deliver, claim)
                sending.add_done_callback(lambda _: self._wake.set())
                started.add(sending)
                self._under_way[sending] = claim.delivery.owner
        return started

    def _deliver(self, claim: Claim) -> None:
        delivery = claim.delivery
        facts: dict[str, str | int | None] = {"delivery_id": delivery.id, "job_id": delivery.job_id}
        try:
            if claim.is_hopeless:
                self._post.give_up(claim, self._clock())
                log.info("delivery.given_up", extra=facts)
                return
            if self._post.switches.off_since(delivery.owner, delivery.url):
                self._post.drop(claim, self._clock())
                log.info("delivery.disabled", extra=facts)
                return
            attempt, retry_after = self._attempt(claim)
            facts |= {"outcome": attempt.outcome, "status": attempt.status_code, "ms": attempt.latency_ms}
            noted = self._post.finish(
                claim,
                attempt,
                now=self._clock(),
                jitter=random.uniform(-1, 1),  # noqa: S311  # no secret hangs on it
                retry_after=retry_after,
            )
            log.info("delivery.attempted", extra=facts | {"state": noted.state if noted else "not ours"})
        except KhulasaError as error:
            # The claim lapses, and it is sent again.
            log.warning("delivery.not_noted", extra=facts | {"code": error.code})
        except Exception:
            log.exception("delivery.abandoned", extra=facts)

    def _attempt(self, claim: Claim) -> tuple[Attempt, timedelta]:
        """What came of it, and how long the receiver wants to be left alone."""
        delivery, at, began = claim.delivery, self._clock(), time.monotonic()

        def attempt(outcome: str, **facts: str | int) -> Attempt:
            latency_ms = round((time.monotonic() - began) * 1_000)
            return Attempt.model_validate({"at": at, "outcome": outcome, "latency_ms": latency_ms, **facts})

        try:
            keys = self._secrets.signing(delivery.owner, at)
            headers = signed_headers(keys, delivery.id, claim.body, at)
            reply = self._outbound.post(
                delivery.url, claim.body.encode(), {"Content-Type": "application/json", **headers}
            )
        except NoWebhookSecret as error:
            return attempt("no-secret", detail=error.detail), timedelta()
        except AttemptFailed as error:
            return attempt(error.outcome, detail=error.detail), timedelta()
        except StoreUnavailable:
            raise
        except Exception:
            # Else it would be sent again and again, whenever its claim lapses.
            log.exception("delivery.crashed", extra={"delivery_id": delivery.id})
            return attempt("error", detail="an error on our side; our log says where"), timedelta()
        told = attempt(_outcome(reply), status_code=reply.status, reply=reply.text)
        return told, _retry_after(reply.headers.get("Retry-After", ""), at)


def _outcome(reply: Reply) -> str:
    return "delivered" if 200 <= reply.status < 300 else f"http-{reply.status // 100}xx"


def _retry_after(value: str, now: datetime) -> timedelta:
    """Seconds or a date (RFC 9110, section 10.2.3); none for what is neither."""
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=min(int(value), 10**6))
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # also for more digits than Python reads, or a year it does not have
        return timedelta()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
