"""Jobs: submit an article, follow it, read one result, erase it."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from api.submissions import Intake
from api.views import job_view, result_view
from api.waiting import WaitingRoom, wait_seconds
from jobs.errors import (
    KhulasaError,
    QueueUnavailable,
    ResultNotReady,
    ResultNotRequested,
    StepFailed,
    UnsupportedBody,
)
from jobs.job import Job, Status
from jobs.queue import StepQueue
from jobs.store import JobStore, StoredJob, utc_now
from models.steps import Steps

log = logging.getLogger("khulasa.api")


class JobRoutes:
    def __init__(
        self, store: JobStore, queue: StepQueue, steps: Steps, intake: Intake, room: WaitingRoom
    ) -> None:
        self._store = store
        self._queue = queue
        self._steps = steps
        self._intake = intake
        self._room = room

    def blueprint(self) -> Blueprint:
        routes = Blueprint("jobs", __name__, url_prefix="/v1/jobs")
        routes.add_url_rule("", view_func=self.submit, methods=["POST"])
        routes.add_url_rule("/<job_id>", view_func=self.follow, methods=["GET"])
        routes.add_url_rule("/<job_id>", view_func=self.erase, methods=["DELETE"])
        routes.add_url_rule("/<job_id>/<step>", view_func=self.read_result, methods=["GET"])
        return routes

    def submit(self) -> Response:
        if request.mimetype != "application/json" or request.content_encoding not in (None, "identity"):
            raise UnsupportedBody("send the submission as application/json, not compressed")
        job, text = self._intake.read(request.get_data())
        self._accept(job, text)
        stored = self._after_waiting(StoredJob(job, text, {}))
        done = stored.job.is_terminal
        response = self._job_response(stored, HTTPStatus.OK if done else HTTPStatus.ACCEPTED)
        response.headers["Location"] = url_for("jobs.follow", job_id=job.id)
        if not done:
            response.headers["Retry-After"] = "1"
        return response

    def follow(self, job_id: str) -> Response:
        self._room.wait(job_id, _preferred_seconds())
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
            response = _json(result_view(stored, step, self._steps), HTTPStatus.OK)
        response.vary.add("Accept")
        return response

    def erase(self, job_id: str) -> Response:
        self._store.delete(job_id)
        log.info("job.erased", extra={"job_id": job_id})
        return Response(status=HTTPStatus.NO_CONTENT)

    def _accept(self, job: Job, text: str) -> None:
        """All or nothing: a job whose messages cannot be sent is withdrawn and the client told."""
        now = utc_now()
        ready = job.mark_ready(now)
        self._store.create(job, text)
        try:
            for name, queue_name in ready.items():
                self._queue.send(job.id, name, queue_name, now=now)
        except QueueUnavailable:
            self._store.discard(job.id)
            log.warning("job.withdrawn", extra={"job_id": job.id})
            raise
        log.info("job.accepted", extra={"job_id": job.id, "characters": job.article.characters})

    def _after_waiting(self, accepted: StoredJob) -> StoredJob:
        """The job as it stands when the wait is over; what goes wrong by then cannot undo the 202."""
        seconds = _preferred_seconds()
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
        response = _json(job_view(stored, self._steps), status)
        response.set_etag(_etag(stored.job))
        return response


def _preferred_seconds() -> int:
    return wait_seconds(request.headers.get("Prefer", ""))


def _etag(job: Job) -> str:
    return str(job.revision)


def _json(body: dict[str, Any], status: HTTPStatus) -> Response:
    response = Response(current_app.json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"  # a cache must ask, and shows it to no other
    return response
