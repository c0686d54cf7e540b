"""Jobs: submit an article, follow it, read one result, erase it."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from api.acceptance import Acceptance
from api.caller import owner
from api.events import HEARTBEAT_SECONDS, EventStream, is_over
from api.files import ExtractedText, FileReader
from api.headers import idempotency_key, preferred_seconds, wants_fresh
from api.listing import job_page, read_query
from api.submissions import Intake
from api.uploads import read_request
from api.waiting import WaitingRoom
from jobs.errors import KhulasaError, ResultNotReady, ResultNotRequested, StepFailed, UnsupportedBody
from jobs.job import Job, Status, StoredJob
from jobs.segment_store import SegmentStore
from jobs.store import JobStore
from jobs.views import job_view, result_view
from jobs.work import SharedWork
from models.steps import Steps, result_fields

log = logging.getLogger("khulasa.api")


class JobRoutes:
    def __init__(
        self,
        *,
        store: JobStore,
        work: SharedWork,
        segments: SegmentStore,
        steps: Steps,
        intake: Intake,
        reader: FileReader,
        acceptance: Acceptance,
        room: WaitingRoom,
    ) -> None:
        self._store = store
        self._work = work
        self._segments = segments
        self._steps = steps
        self._fields = result_fields(steps)
        self._intake = intake
        self._reader = reader
        self._acceptance = acceptance
        self._room = room

    def blueprint(self) -> Blueprint:
        routes = Blueprint("jobs", __name__, url_prefix="/v1/jobs")
        routes.add_url_rule("", view_func=self.submit, methods=["POST"])
        routes.add_url_rule("", view_func=self.list_jobs, methods=["GET"])
        routes.add_url_rule("/<job_id>", view_func=self.follow, methods=["GET"])
        routes.add_url_rule("/<job_id>", view_func=self.erase, methods=["DELETE"])
        routes.add_url_rule("/<job_id>/events", view_func=self.stream_events, methods=["GET"])
        routes.add_url_rule("/<job_id>/<step>", view_func=self.read_result, methods=["GET"])
        return routes

    def submit(self) -> Response:
        if request.content_encoding not in (None, "identity"):
            raise UnsupportedBody("send the body not compressed")
        if request.mimetype == "application/json":
            body, found = request.get_data(), None
        else:
            body, found = read_request(request, self._reader)
        stored = self._after_waiting(self._accept(body, found))
        job = stored.job
        done = stored.job.is_terminal
        response = self._job_response(stored, HTTPStatus.OK if done else HTTPStatus.ACCEPTED)
        response.headers["Location"] = url_for("jobs.follow", job_id=job.id)
        if not done:
            response.headers["Retry-After"] = "1"
        return response

    def list_jobs(self) -> Response:
        query = read_query(request.args)
        return _json(job_page(self._store, owner=owner(), query=query), HTTPStatus.OK)

    def follow(self, job_id: str) -> Response:
        self._room.wait(job_id, preferred_seconds())
        if request.if_none_match:
            etag = _etag(self._store.peek(job_id))
            if request.if_none_match.contains_weak(etag):
                response = Response(status=HTTPStatus.NOT_MODIFIED)
                response.set_etag(etag)
                return response
        return self._job_response(self._store.get(job_id), HTTPStatus.OK)

    def read_result(self, job_id: str, step: str) -> Response:
        stored = self._store.get(job_id)
        self._check_result(stored, step)
        best = request.accept_mimetypes.best_match(["application/json", "text/plain"])
        if best == "text/plain":
            response = Response(self._steps[step].text(stored.results[step]), mimetype="text/plain")
        else:
            response = _json(result_view(stored, step, self._fields), HTTPStatus.OK)
        response.vary.add("Accept")
        return response

    def stream_events(self, job_id: str) -> Response:
        last_event_id = request.headers.get("Last-Event-ID", "")
        if is_over(last_event_id):
            return Response(status=HTTPStatus.NO_CONTENT)  # what tells a browser not to come back
        stream = EventStream(self._store, self._room, job_id, last_event_id)
        if connection := request.environ.get("gunicorn.socket"):
            connection.settimeout(HEARTBEAT_SECONDS)  # a client that reads no more is left
        response = Response(stream, mimetype="text/event-stream")
        response.headers |= {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return response

    def erase(self, job_id: str) -> Response:
        # First: without the record nobody could ask again. A worker that is still at it finds the record
        # gone, and forgets what it has written since.
        self._segments.forget(job_id)
        self._work.forget(self._store.delete(job_id))
        log.info("job.erased", extra={"job_id": job_id})
        return Response(status=HTTPStatus.NO_CONTENT)

    def _accept(self, body: bytes, found: ExtractedText | None) -> StoredJob:
        key = idempotency_key()
        if key and (earlier := self._acceptance.accepted(owner(), key, body)):
            return earlier
        job, text = self._intake.read(body, found=found)
        job.owner = owner()
        if key is None:
            return self._acceptance.accept(job, text, fresh=wants_fresh())
        return self._acceptance.accept_once(job, text, key=key, body=body, fresh=wants_fresh())

    def _after_waiting(self, accepted: StoredJob) -> StoredJob:
        """The job as it stands when the wait is over; what goes wrong by then cannot undo the 202."""
        seconds = preferred_seconds()
        if not seconds:
            return accepted
        try:
            self._room.wait(accepted.job.id, seconds)
            return self._store.get(accepted.job.id)
        except KhulasaError:
            return accepted

    def _check_result(self, stored: StoredJob, step: str) -> None:
        record = stored.job.steps.get(step)
        if record is None or step not in self._steps:
            raise ResultNotRequested(f"this job has {', '.join(stored.job.steps)}")
        if record.problem:
            raise StepFailed(f"{record.problem.code}: {record.problem.detail}")
        if record.status is not Status.SUCCEEDED:
            raise ResultNotReady("it is still being worked on; ask again in a second")

    def _job_response(self, stored: StoredJob, status: HTTPStatus) -> Response:
        response = _json(job_view(stored, self._fields), status)
        response.set_etag(_etag(stored.job))
        return response


def _etag(job: Job) -> str:
    return str(job.revision)


def _json(body: dict[str, Any], status: HTTPStatus) -> Response:
    response = Response(current_app.json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"  # a cache must ask, and shows it to no other
    return response
