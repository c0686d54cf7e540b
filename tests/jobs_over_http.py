"""What tests say to the API again and again."""

import time
from collections.abc import Callable
from typing import Any

import httpx

ARABIC = "أعلن الوزير اليوم عن خطة جديدة لتطوير التعليم في البلاد."  # one sentence, one segment
DEADLINE_SECONDS = 120
Job = dict[str, Any]


def submit(api: httpx.Client, text: str, **fields: Any) -> Job:
    """A job of its own, whatever other tests have submitted."""
    body = {"article": {"text": text}, **fields}
    response = api.post("/v1/jobs", json=body, headers={"Cache-Control": "no-cache"})
    assert response.status_code in (200, 202), response.text
    return dict(response.json())


def follow(api: httpx.Client, job_id: str, until: Callable[[Job], bool]) -> Job:
    """The job as soon as `until` holds; a Redis that is away for a while is borne with."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        response = api.get(f"/v1/jobs/{job_id}")
        if response.status_code == 200 and until(response.json()):
            return dict(response.json())
        assert response.status_code in (200, 503), response.text
        time.sleep(0.05)
    raise AssertionError(f"not reached in {DEADLINE_SECONDS} s: {response.text}")


def finish(api: httpx.Client, job_id: str) -> Job:
    return follow(api, job_id, lambda job: bool(job["finished_at"]))


def is_running(step: str) -> Callable[[Job], bool]:
    return lambda job: bool(job["results"][step]["status"] == "running")
