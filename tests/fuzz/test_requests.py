"""Raw requests that are nearly right: never a 500, never silence, and what is accepted comes back whole."""

import json
import re
import socket
from pathlib import Path

import httpx

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.fuzz.conftest import Fuzz
from tests.fuzz.requests import mean_request, mean_text

_ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
_EXPECTED_5XX = {501, 503}
_SECONDS = 20


def answers(stack: Stack, sent: bytes) -> list[tuple[int, bytes]]:
    """Status and head of each; a client that says no more is told so by the end of its line."""
    url = httpx.URL(stack.url)
    got = b""
    with socket.create_connection((url.host, url.port or 80), timeout=_SECONDS) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65_536):
                got += piece
        except TimeoutError:
            raise
        except OSError:
            pass  # it had answered and hung up while this was still talking
    return [(int(found[1]), found[2]) for found in _ANSWER.finditer(got)]


def test_no_request_is_a_crash_and_each_refusal_is_a_problem(
    fuzz: Fuzz, start_stack: StartStack, tmp_path: Path
) -> None:
    stack = start_stack(
        rate_limit="1000000/minute",
        poll_rate_limit="1000000/minute",
        client_body_seconds=2,
        client_idle_seconds=2,
    )
    log = tmp_path / "data" / "api.log"
    for chance in fuzz.rounds():
        sent = mean_request(chance)
        for status, head in answers(stack, sent):
            assert status < 500 or status in _EXPECTED_5XX, (status, sent)
            if status >= 400:
                assert b"application/problem+json" in head or b"application/json" in head, (head, sent)
            assert b"\x00" not in head
    assert '"request.crashed"' not in log.read_text("utf-8")
    assert '"level": "error"' not in log.read_text("utf-8")
    assert httpx.get(f"{stack.url}/readyz").status_code == 200


def test_what_is_accepted_comes_back_whole_and_in_utf_8(fuzz: Fuzz, api: httpx.Client) -> None:
    for chance in fuzz.rounds():
        text = mean_text(chance)
        body = json.dumps({"article": {"text": text, "title": text[:50]}})
        response = api.post(
            "/v1/jobs", content=body, headers={"Content-Type": "application/json", "Prefer": "wait=60"}
        )
        if response.status_code in (400, 422):
            assert "\ud800" in text or "\udfff" in text, (text, response.text)
            continue
        job = json.loads(response.content.decode("utf-8"))
        assert (response.status_code, job["status"]) == (200, "succeeded"), text
        assert job["article"]["title"] == text[:50]
        segments = job["results"]["translation"]["segments"]
        assert "".join("".join(it["source"] for it in segments).split()) == "".join(text.split())
        assert all(text[it["start"] : it["end"]] == it["source"] for it in segments)
        plain = api.get(f"/v1/jobs/{job['id']}/translation", headers={"Accept": "text/plain"})
        assert plain.content.decode("utf-8").strip()
