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
        models: list[dict[str, Any]] = [
            {
                "step": name,
                "default": info.name == step.default_model(engines),
                "available": step.queue in taken,
                **info.model_dump(),
            }
            for name, step in steps.items()
            for info in step.models(engines)
        ]
        return jsonify(models=models)

    return routes
