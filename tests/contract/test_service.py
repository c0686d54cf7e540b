"""The service about itself: alive, ready, its models."""

import json
import subprocess
import sys

import httpx


def test_it_is_alive(api: httpx.Client) -> None:
    assert api.get("/livez").json() == {"status": "ok"}


def test_it_is_ready_with_a_worker_for_every_queue(api: httpx.Client) -> None:
    response = api.get("/readyz")
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert checks["redis"] == "ok"
    assert set(checks["queues"]) == {"summary", "translation", "bulk"}
    taken = [queue for queues in checks["workers"].values() for queue in queues]
    assert sorted(set(taken) - {"webhooks"}) == sorted(checks["queues"])


def test_each_step_has_a_model_with_its_licence_and_scores(api: httpx.Client) -> None:
    models = api.get("/v1/models").json()["models"]
    assert {model["step"] for model in models} == {"summary", "translation", "english_summary"}
    assert all(model["licence"] and model["available"] and model["default"] for model in models)
    translation = next(model for model in models if model["step"] == "translation")
    assert translation["scores"]["flores200-devtest"]["chrf"] > 0
    assert isinstance(translation["draft"], bool)
    assert translation["size_bytes"] > 1_000_000


def test_importing_the_api_loads_no_model_library() -> None:
    heavy = ["torch", "transformers", "ctranslate2", "sentencepiece"]
    code = (
        "import sys, json, api.app; from jobs.settings import Settings; api.app.create_app(Settings());"
        f"print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(output.stdout) == []
