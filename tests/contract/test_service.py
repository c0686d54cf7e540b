"""The service about itself: alive, ready, its models, its OpenAPI document."""

import json
import subprocess
import sys
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from tests.jobs_over_http import ARABIC, finish, submit


def test_it_is_alive(api: httpx.Client) -> None:
    assert api.get("/livez").json() == {"status": "ok"}


def test_it_is_ready_with_a_worker_for_every_queue(api: httpx.Client) -> None:
    response = api.get("/readyz")
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert checks["redis"] == "ok"
    assert set(checks["queues"]) == {"summary", "translation", "bulk", "webhooks"}
    assert [sorted(queues) for queues in checks["workers"].values()] == [sorted(checks["queues"])]


def test_each_step_has_a_model_with_its_licence_and_scores(api: httpx.Client) -> None:
    models = api.get("/v1/models").json()["models"]
    assert {model["step"] for model in models} == {"summary", "translation", "english_summary"}
    assert all(model["licence"] and model["available"] and model["default"] for model in models)
    translation = next(model for model in models if model["step"] == "translation")
    assert translation["scores"]["flores200-devtest"]["chrf"] > 0
    assert isinstance(translation["draft"], bool)
    assert translation["size_bytes"] > 1_000_000


def document(api: httpx.Client) -> dict[str, Any]:
    return dict(api.get("/openapi.json").json())


def check(api: httpx.Client, schema: str, value: Any) -> None:
    reference = {"$ref": f"#/components/schemas/{schema}", "components": document(api)["components"]}
    Draft202012Validator(reference).validate(value)


def test_jobs_and_problems_are_as_the_document_says(api: httpx.Client) -> None:
    job = submit(api, ARABIC)
    check(api, "Job", job)
    check(api, "Job", finish(api, job["id"]))
    check(api, "HttpProblem", api.post("/v1/jobs", json={}).json())
    check(api, "Models", api.get("/v1/models").json())
    check(api, "Health", api.get("/readyz").json())
    check(api, "Submission", {"article": {"text": ARABIC}, "steps": ["summary"]})


def test_the_document_names_every_route(api: httpx.Client) -> None:
    assert set(document(api)["paths"]) == {
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/jobs/{job_id}/{step}",
        "/v1/models",
        "/livez",
        "/readyz",
    }


def test_importing_the_api_loads_no_model_library() -> None:
    heavy = ["torch", "transformers", "ctranslate2", "sentencepiece"]
    code = (
        "import sys, json, api.app; from jobs.settings import Settings; api.app.create_app(Settings());"
        f"print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(output.stdout) == []
