"""What stands on every answer: headers that forbid, a request id, and CORS only where a setting allows it."""

import json
import re
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, submit

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/docs", 200),
    ("GET", "/static/pages.css", 200),
    ("GET", "/livez", 200),
    ("HEAD", "/livez", 200),
    ("OPTIONS", "/v1/jobs", 200),
    ("GET", "/v1/jobs", 200),
    ("POST", "/v1/jobs", 415),
    ("GET", f"/v1/jobs/{UNKNOWN}", 404),
    ("GET", "/nothing", 404),
    ("GET", "/v1//jobs", 404),
    ("PATCH", "/v1/jobs", 405),
]
OURS, THEIRS = "https://desk.example", "https://evil.example"


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_forbids_what_a_browser_might_do_with_it(
    stack: Stack, method: str, path: str, status: int
) -> None:
    with httpx.Client() as client:
        response = client.request(method, f"{stack.url}{path}")
    assert response.status_code == status
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Request-Id"]
    assert not any(name.startswith("access-control") for name in headers)


def test_only_pages_may_load_anything(api: httpx.Client) -> None:
    assert "style-src 'self'" in api.get("/docs").headers["Content-Security-Policy"]
    for path in ("/livez", "/openapi.json", "/nothing"):
        assert "self" not in api.get(path).headers["Content-Security-Policy"]


def test_no_cache_keeps_a_problem(api: httpx.Client) -> None:
    assert api.get("/nothing").headers["Cache-Control"] == "no-store"
    assert api.get(f"/v1/jobs/{UNKNOWN}").headers["Cache-Control"] == "no-store"


def test_a_method_that_is_not_taken_is_told_those_that_are(api: httpx.Client) -> None:
    response = api.patch("/v1/jobs")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert api.options("/v1/jobs").headers["Allow"] == response.headers["Allow"]


@pytest.mark.parametrize("given", ["abc", "a" * 128, '{"a":1}', "00-4bf92f3577b34da6a3ce929d0e0e4736-01"])
def test_the_clients_request_id_is_echoed(api: httpx.Client, given: str) -> None:
    for path in ("/livez", "/nothing"):
        assert api.get(path, headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", [None, "", "a" * 129, "a b", "é".encode(), b"a\tb"])
def test_an_id_that_is_not_safe_to_repeat_is_replaced(api: httpx.Client, given: str | bytes | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}
    answered = {api.get("/livez", headers=headers).headers["X-Request-Id"] for _ in range(2)}
    assert len(answered) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", it) for it in answered)


def test_each_request_leaves_one_line_and_its_id_in_every_line(
    start_stack: StartStack, tmp_path: Path
) -> None:
    stack = start_stack()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        api.headers["X-Request-Id"] = "first"
        job_id = submit(api, ARABIC, steps=["summary"])["id"]
        api.headers["X-Request-Id"] = "second"
        api.get("/v1/jobs", params={"reference": "سر"})
        api.headers["X-Request-Id"] = "third"
        api.get(f"/v1/jobs/{job_id}/events")
        api.headers["X-Request-Id"] = "fourth"
        api.get("/nothing/سر")
    log = tmp_path / "data" / "api.log"
    deadline = monotonic() + 30
    while '"fourth"' not in log.read_text("utf-8") and monotonic() < deadline:
        sleep(0.05)  # the line is written once the answer has left
    written = log.read_text("utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    done = {line["request_id"]: line for line in lines if line["event"] == "request.done"}
    assert (done["first"]["method"], done["first"]["route"], done["first"]["status"]) == (
        "POST",
        "/v1/jobs",
        202,
    )
    assert done["third"]["route"] == "/v1/jobs/<job_id>/events"
    assert (done["fourth"]["route"], done["fourth"]["status"]) == (None, 404)
    assert done["first"]["milliseconds"] > 0
    assert {line["event"] for line in lines if line.get("request_id") == "first"} == {
        "job.accepted",
        "request.done",
    }
    assert "reference" not in written
    assert "سر" not in written
    assert ARABIC[:10] not in written


def test_other_origins_are_let_in_only_by_name(start_stack: StartStack) -> None:
    stack = start_stack(cors_origins=f"{OURS}, http://localhost:3000")
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        ours = api.get("/v1/jobs", headers={"Origin": OURS})
        assert ours.headers["Access-Control-Allow-Origin"] == OURS
        exposed = ours.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"Location", "ETag", "Retry-After", "X-Request-Id"} <= set(exposed)
        missing = api.get("/nothing", headers={"Origin": OURS})
        assert missing.headers["Access-Control-Allow-Origin"] == OURS  # so that the page can read the problem
        asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        preflight = api.options("/v1/jobs", headers={"Origin": OURS, **asks})
        assert (preflight.status_code, preflight.content) == (204, b"")
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
        for origin in (THEIRS, "null", f"{OURS}.evil.example", OURS.upper(), f"{OURS}:8443", None):
            headers = {"Origin": origin} if origin else {}
            for answer in (
                api.get("/v1/jobs", headers=headers),
                api.options("/v1/jobs", headers=headers | asks),
            ):
                assert "Access-Control-Allow-Origin" not in answer.headers
                assert "Access-Control-Allow-Methods" not in answer.headers
                assert "Origin" in answer.headers["Vary"]
        for answer in (ours, preflight):
            assert "Access-Control-Allow-Credentials" not in answer.headers
