"""The area of webhooks: deliveries and their attempts, pings, secrets."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.openapi import headers
from api.openapi.jobs import JOB_ID
from api.openapi.words import Area, Json, Operation, answer, body_of
from api.problems import BodyTooLarge, NoSuchRoute
from api.webhooks import PingSubmission, RotationSubmission
from jobs import errors
from jobs.webhooks.delivery import Attempt, State

_STORE = (errors.StoreUnavailable,)
_WRITE = (*_STORE, errors.StoreFull)
_BODY = (
    errors.MalformedBody,
    errors.InvalidSubmission,
    errors.UnknownField,
    errors.UnsupportedBody,
    BodyTooLarge,
)
_ABSENT = (errors.JobNotFound, errors.JobGone)
_NUMBER: Json = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "Of the job's deliveries, from 1 on.",
    "schema": {"type": "integer", "minimum": 1},
}
_PING_ID: Json = {
    "name": "ping_id",
    "in": "path",
    "required": True,
    "description": "Its `webhook-id`.",
    "schema": {"type": "string", "pattern": "^msg_[0-9A-Z]{26}_1$"},
}
_HOOK = "https://newsroom.example/hooks/khulasa"


class PingView(BaseModel):
    id: str = Field(description="The `webhook-id`, the same for each attempt.")
    event: str
    url: str
    state: State = Field(
        description="pending; delivered; failed: every attempt did; disabled: the receiver answered 410."
    )
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: list[Attempt] = Field(description="The last 50, the oldest first.")


class DeliveryView(PingView):
    number: int


class Deliveries(BaseModel):
    deliveries: list[DeliveryView]


class SecretView(BaseModel):
    secret: str = Field(description="As Standard Webhooks writes it.", examples=["whsec_…"])
    created_at: datetime
    previous_until: datetime | None = Field(description="Until then earlier ones sign as well.")


def webhooks_area() -> Area:
    return Area(
        name="Webhooks",
        description="Signed after Standard Webhooks, sent until they are answered with 2xx.",
        paths={
            "/v1/jobs/{job_id}/deliveries": {"parameters": [JOB_ID], "get": _list().described("Webhooks")},
            "/v1/jobs/{job_id}/deliveries/{number}/replay": {
                "parameters": [JOB_ID, _NUMBER],
                "post": _replay().described("Webhooks"),
            },
            "/v1/webhooks/test": {"post": _ping().described("Webhooks")},
            "/v1/webhooks/test/{ping_id}": {
                "parameters": [_PING_ID],
                "get": _read_ping().described("Webhooks"),
            },
            "/v1/webhooks/secret": {"get": _read_secret().described("Webhooks")},
            "/v1/webhooks/secret/rotate": {"post": _rotate().described("Webhooks")},
        },
        inputs=[PingSubmission, RotationSubmission],
        outputs=[PingView, DeliveryView, Deliveries, SecretView],
    )


def _list() -> Operation:
    return Operation(
        name="listDeliveries",
        summary="List a job's deliveries",
        description="With their attempts. A job has one from the moment in which it ends.",
        answers={200: answer("All of them.", body_of("Deliveries"))},
        errors=[*_ABSENT, errors.DeliveryNotFound, *_STORE],
    )


def _replay() -> Operation:
    return Operation(
        name="replayDelivery",
        summary="Send a delivery again",
        description="The same body with the same `webhook-id`, from the beginning of the schedule.",
        answers={202: answer("It will be sent.", body_of("DeliveryView"))},
        errors=[*_ABSENT, errors.DeliveryNotFound, NoSuchRoute, errors.DeliveryInFlight, *_WRITE],
    )


def _ping() -> Operation:
    return Operation(
        name="pingReceiver",
        summary="Try a receiver out",
        description="Sends one signed event of the type `ping`, and turns on a URL that has answered 410.",
        parameters=[headers.PREFER],
        body=body_of("PingSubmission", a_ping={"url": _HOOK}),
        answers={
            200: answer("What came of it.", body_of("PingView"), headers=["Location"]),
            202: answer("It is not over yet.", body_of("PingView"), headers=["Location"]),
        },
        errors=[
            *_BODY,
            errors.ForbiddenWebhook,
            errors.LookupsBusy,
            errors.NoWebhookSecret,
            errors.DeliveryNotFound,
            *_WRITE,
        ],
    )


def _read_ping() -> Operation:
    return Operation(
        name="readPing",
        summary="See what came of a ping",
        description="For an hour.",
        answers={200: answer("The ping.", body_of("PingView"))},
        errors=[errors.DeliveryNotFound, *_STORE],
    )


def _read_secret() -> Operation:
    return Operation(
        name="readWebhookSecret",
        summary="Read your secret",
        description="It signs the webhooks of your API key's jobs; made when it is first asked for.",
        answers={200: answer("The secret.", body_of("SecretView"))},
        errors=[errors.NoWebhookSecret, *_WRITE],
    )


def _rotate() -> Operation:
    return Operation(
        name="rotateWebhookSecret",
        summary="Change your secret",
        description="What signed before signs besides it for a while, so that receivers can change over.",
        body=body_of("RotationSubmission", a_day={"overlap_seconds": 86_400}),
        answers={200: answer("The new secret.", body_of("SecretView"))},
        errors=[*_BODY, errors.NoWebhookSecret, errors.TooManySecrets, *_WRITE],
    )
