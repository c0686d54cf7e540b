"""Webhooks as clients ask for them: where they may go, how a ping is made, what a delivery looks like."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from api.problems import from_validation
from api.strict import WHOLE, Strict
from api.targets import AllowedTargets
from jobs.errors import ForbiddenWebhook, NoWebhookSecret
from jobs.views import rfc3339
from jobs.webhooks.delivery import PING, Delivery, delivery_id
from jobs.webhooks.secrets import LONGEST_OVERLAP, WebhookSecret, WebhookSecrets
from jobs.webhooks.switches import Switches
from jobs.webhooks.urls import read_url

ModelT = TypeVar("ModelT", bound=BaseModel)
URL_OF_A_JOB = "/webhook/url"
_PING_KEPT = timedelta(hours=1)


class PingSubmission(Strict):
    url: str = Field(description="Where the ping is sent; as a submission's `webhook.url`.")


class RotationSubmission(Strict):
    overlap_seconds: Annotated[int, Field(ge=0, le=int(LONGEST_OVERLAP.total_seconds())), WHOLE] = Field(
        86_400, description="How long what signed before signs besides the new one; 0 ends it at once."
    )


def read_body(model: type[ModelT], body: bytes) -> ModelT:
    """Raises the KhulasaError that tells the client what to mend."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from None


class AllowedWebhooks:
    """What a URL must meet before a job or a ping may name it; it is looked at again at each attempt."""

    def __init__(self, targets: AllowedTargets, secrets: WebhookSecrets, switches: Switches) -> None:
        self._targets = targets
        self._secrets = secrets
        self._switches = switches

    def check(self, url: str, owner: str, *, now: datetime) -> None:
        """For a submission's `webhook.url`. Raises ForbiddenWebhook, and LookupsBusy."""
        self.check_target(url, owner, at=URL_OF_A_JOB)
        try:
            self._secrets.signing(owner, now)
        except NoWebhookSecret as error:
            raise ForbiddenWebhook([(URL_OF_A_JOB, error.detail)]) from None
        if since := self._switches.off_since(owner, url):
            detail = f"it answered 410 Gone on {since}; `POST /v1/webhooks/test` with it turns it on again"
            raise ForbiddenWebhook([(URL_OF_A_JOB, detail)])

    def check_target(self, url: str, owner: str, *, at: str) -> None:
        """Raises ForbiddenWebhook, which names the field `at`, and LookupsBusy."""
        if wrong := self._targets.fault(url, owner):
            raise ForbiddenWebhook([(at, wrong)])


def new_ping(identifier: str, url: str, owner: str, now: datetime) -> tuple[Delivery, str]:
    """A delivery of one attempt, and its body."""
    delivery = Delivery(
        id=delivery_id(identifier, 1),
        job_id=None,
        owner=owner,
        event=PING,
        url=url,
        receiver=read_url(url).receiver,
        created_at=now,
        kept_until=now + _PING_KEPT,
    )
    delivery.start(now)
    return delivery, json.dumps({"type": PING, "timestamp": rfc3339(now), "data": {}})


def delivery_view(delivery: Delivery, number: int | None = None) -> dict[str, Any]:
    """`number` is its place among a job's deliveries."""
    told = delivery.model_dump(
        mode="json", include={"id", "event", "url", "state", "created_at", "next_attempt_at"}
    )
    attempts = [attempt.model_dump(mode="json") for attempt in delivery.attempts]
    return ({} if number is None else {"number": number}) | told | {"attempts": attempts}


def secret_view(secret: WebhookSecret, now: datetime) -> dict[str, Any]:
    until = secret.earlier_until(now)
    return {
        "secret": secret.secret,
        "created_at": rfc3339(secret.created_at),
        "previous_until": rfc3339(until) if until else None,
    }
