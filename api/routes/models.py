"""Models: what does each step, under which licence, how well, and is a worker there to run it."""

from typing import Any

from flask import Blueprint, Response, jsonify

from jobs.workers import WorkerRegister, queues_taken
from models.engines import Engines
from models.steps import Steps


def model_routes(register: WorkerRegister, engines: Engines, steps: Steps) -> Blueprint:
    routes = Blueprint("models", __name__)

    @routes.get("/v1/models")
    def list_models() -> Response:
        taken = queues_taken(register.alive())
        models: list[dict[str, Any]] = []
        for name, step in steps.items():
            default, available = step.default_model(engines), step.queue in taken
            for info in step.models(engines):
                told = {"step": name, "default": info.name == default, "available": available}
                models.append(told | info.model_dump())
        return jsonify(models=models)

    return routes
