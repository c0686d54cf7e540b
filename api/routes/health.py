"""Health: is this process alive, can the service do its work."""

from typing import Any

from flask import Blueprint, Response, jsonify

from api.problems import from_own
from jobs.errors import NoWorker
from jobs.line import Line
from jobs.queue import BULK
from jobs.store import JobStore
from jobs.workers import WorkerRegister, queues_taken
from models.steps import Steps


def health_routes(store: JobStore, line: Line, register: WorkerRegister, steps: Steps) -> Blueprint:
    routes = Blueprint("health", __name__)

    @routes.get("/livez")
    def live() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def ready() -> Response:
        workers = register.alive()
        facts: dict[str, Any] = {
            "redis": "ok",
            "unfinished_jobs": store.unfinished(),
            "queues": line.lengths(),
            "workers": workers,
        }
        idle = sorted(({step.queue for step in steps.values()} | {BULK}) - queues_taken(workers))
        if idle:
            detail = f"no worker takes from {', '.join(idle)}; start one with `python -m worker`"
            return from_own(NoWorker(detail), checks=facts)
        return jsonify(status="ok", checks=facts)

    return routes
