"""Batches: submit many articles at once, count how far they are, fetch what there is."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request, stream_with_context, url_for

from api.batch_intake import NDJSON, BatchIntake, Line, digest_of
from api.batches import Batches
from api.caller import owner
from api.headers import idempotency_key, wants_fresh
from jobs.batch import Batch, BatchStore
from jobs.errors import UnsupportedBody


def batch_routes(intake: BatchIntake, batches: Batches, store: BatchStore, max_bytes: int) -> Blueprint:
    routes = Blueprint("batches", __name__, url_prefix="/v1/batches")

    def find(batch_id: str) -> Batch:
        return store.get(batch_id, owner=owner())

    @routes.post("")
    def submit() -> Response:
        request.max_content_length = max_bytes
        batch = _accept(intake, batches)
        response = jsonify(batches.view(batch) | {"jobs": batch.jobs})
        response.status_code = HTTPStatus.ACCEPTED
        response.headers |= {"Location": url_for("batches.follow", batch_id=batch.id), "Retry-After": "1"}
        return response

    @routes.get("/<batch_id>")
    def follow(batch_id: str) -> Response:
        return jsonify(batches.view(find(batch_id)))

    @routes.get("/<batch_id>/results")
    def results(batch_id: str) -> Response:
        lines = stream_with_context(batches.results(find(batch_id)))
        return Response(lines, mimetype=NDJSON, headers={"Cache-Control": "no-store"})

    return routes


def _lines(intake: BatchIntake) -> list[Line]:
    if request.content_encoding not in (None, "identity"):
        raise UnsupportedBody("send the batch not compressed")
    if request.mimetype == NDJSON:
        return intake.lines(request.stream)
    if request.mimetype == "application/json":
        return intake.entries(request.get_data())
    raise UnsupportedBody(f"send one submission a line as {NDJSON}, or a list as application/json")


def _accept(intake: BatchIntake, batches: Batches) -> Batch:
    key, fresh = idempotency_key(), wants_fresh()
    lines = _lines(intake)
    if key is None:
        return batches.accept(intake.read(lines), owner(), fresh=fresh)
    body = digest_of(lines)
    if earlier := batches.accepted(owner(), key, body):
        return earlier
    return batches.accept_once(intake.read(lines), owner(), key=key, body=body, fresh=fresh)
