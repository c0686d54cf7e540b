"""Webhooks: what became of a job's deliveries, sending one again, trying a receiver out, the secret."""

from datetime import timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import BaseModel

from api.caller import owner
from api.headers import preferred_seconds
from api.waiting import WaitingRoom
from api.webhooks import (
    AllowedWebhooks,
    PingSubmission,
    RotationSubmission,
    delivery_view,
    new_ping,
    read_body,
    secret_view,
)
from jobs.errors import DeliveryNotFound, UnsupportedBody
from jobs.ids import new_id
from jobs.store import JobStore, utc_now
from jobs.webhooks.delivery import PING, Delivery, State, delivery_id
from jobs.webhooks.post import Post
from jobs.webhooks.secrets import WebhookSecrets

ModelT = TypeVar("ModelT", bound=BaseModel)
_MAX_BYTES = 65_536
_PING_SECONDS = 20  # a little over what an attempt may take
_LOOK_SECONDS = 0.2


class WebhookRoutes:
    def __init__(
        self,
        *,
        store: JobStore,
        post: Post,
        secrets: WebhookSecrets,
        allowed: AllowedWebhooks,
        room: WaitingRoom,
    ) -> None:
        self._store = store
        self._post = post
        self._secrets = secrets
        self._allowed = allowed
        self._room = room

    def blueprint(self) -> Blueprint:
        routes = Blueprint("webhooks", __name__, url_prefix="/v1")
        of_a_job = "/jobs/<job_id>/deliveries"
        routes.add_url_rule(of_a_job, view_func=self.list_all, methods=["GET"])
        routes.add_url_rule(f"{of_a_job}/<int:number>/replay", view_func=self.replay, methods=["POST"])
        routes.add_url_rule("/webhooks/test", view_func=self.ping, methods=["POST"])
        routes.add_url_rule("/webhooks/test/<ping_id>", view_func=self.read_ping, methods=["GET"])
        routes.add_url_rule("/webhooks/secret", view_func=self.read_secret, methods=["GET"])
        routes.add_url_rule("/webhooks/secret/rotate", view_func=self.rotate, methods=["POST"])
        return routes

    def list_all(self, job_id: str) -> Response:
        webhook = self._store.peek(job_id).webhook
        found = [
            delivery_view(self._post.get(delivery_id(job_id, number)), number)
            for number in range(1, (webhook.deliveries if webhook else 0) + 1)
        ]
        return _private({"deliveries": found})

    def replay(self, job_id: str, number: int) -> Response:
        webhook = self._store.peek(job_id).webhook
        if webhook is None or not 1 <= number <= webhook.deliveries:
            raise DeliveryNotFound("the job has no delivery of this number; GET its deliveries")
        delivery = self._post.replay(delivery_id(job_id, number), utc_now())
        self._post.switches.turn_on(owner(), webhook.url)
        return _private(delivery_view(delivery, number), HTTPStatus.ACCEPTED)

    def ping(self) -> Response:
        url = _read(PingSubmission).url
        now = utc_now()
        self._allowed.check_target(url, owner(), at="/url")
        self._secrets.signing(owner(), now)  # there must be one
        self._post.switches.turn_on(owner(), url)
        delivery, body = new_ping(new_id(), url, owner(), now)
        self._post.add(delivery, body)
        delivery = self._after_waiting(delivery)
        is_over = delivery.state is not State.PENDING
        response = _private(delivery_view(delivery), HTTPStatus.OK if is_over else HTTPStatus.ACCEPTED)
        response.headers["Location"] = url_for("webhooks.read_ping", ping_id=delivery.id)
        return response

    def read_ping(self, ping_id: str) -> Response:
        delivery = self._post.get(ping_id)
        if delivery.event != PING or delivery.owner != owner():
            raise DeliveryNotFound("there is no such ping; they are kept for an hour")
        return _private(delivery_view(delivery))

    def read_secret(self) -> Response:
        now = utc_now()
        return _private(secret_view(self._secrets.of(owner(), now), now))

    def rotate(self) -> Response:
        overlap = timedelta(seconds=_read(RotationSubmission).overlap_seconds)
        now = utc_now()
        return _private(secret_view(self._secrets.rotate(owner(), overlap, now), now))

    def _after_waiting(self, ping: Delivery) -> Delivery:
        """The ping when it is over, or as it stands when the time is."""
        deadline = monotonic() + (preferred_seconds() or _PING_SECONDS)
        with self._room.place(ping.id) as free:
            while free is not None and ping.state is State.PENDING and monotonic() < deadline:
                free.wait(_LOOK_SECONDS)
                ping = self._post.get(ping.id)
        return ping


def _read(model: type[ModelT]) -> ModelT:
    request.max_content_length = _MAX_BYTES
    if request.content_encoding not in (None, "identity") or request.mimetype not in ("", "application/json"):
        raise UnsupportedBody("send application/json, not compressed")
    return read_body(model, request.get_data() or b"{}")


def _private(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
