"""Bytes that no HTTP library would send: each is answered with a problem, and the service lives on."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.stack import Stack
from tests.jobs_over_http import ARABIC, submit

REST = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
JOB = b"Host: localhost\r\nContent-Type: application/json\r\n"
WHOLE = json.dumps({"article": {"text": ARABIC}}).encode()
REFUSED = [
    pytest.param(b"nonsense\r\n\r\n", 400, "malformed-request", id="no request line"),
    pytest.param(b"GET /livez HTTP/9.9\r\n\r\n", 400, "malformed-request", id="no such version"),
    pytest.param(b"G\x00T / HTTP/1.1\r\n\r\n", 400, "malformed-request", id="a null byte in the method"),
    pytest.param(b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "malformed-request", id="no colon"),
    pytest.param(b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400, "malformed-request", id="a folded header"),
    pytest.param(b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "malformed-request", id="minus one"),
    pytest.param(
        b"POST /v1/jobs HTTP/1.1\r\n" + JOB + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        400,
        "malformed-request",
        id="two lengths",
    ),
    pytest.param(
        b"POST /v1/jobs HTTP/1.1\r\n" + JOB + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        400,
        "malformed-request",
        id="a chunk without a size",
    ),
    pytest.param(
        b"POST /v1/jobs HTTP/1.1\r\n" + JOB + b"Content-Length: 999\r\n\r\n" + WHOLE,
        400,
        "malformed-request",
        id="a body that ends early",
    ),
    pytest.param(
        b"POST /v1/jobs HTTP/1.1\r\n" + JOB + b"Transfer-Encoding: nonsense\r\n\r\n",
        501,
        "unsupported-coding",
        id="an unknown coding",
    ),
    pytest.param(
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414, "address-too-long", id="a long address"
    ),
    pytest.param(
        b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431, "headers-too-large", id="a long header"
    ),
    pytest.param(
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431, "headers-too-large", id="many headers"
    ),
    pytest.param(
        b"GET / HTTP/1.1\r\nExpect: nonsense\r\n\r\n", 417, "expectation-failed", id="an unknown expectation"
    ),
    pytest.param("GET /ح HTTP/1.1\r\n\r\n".encode(), 400, "malformed-request", id="an address in Arabic"),
    pytest.param(b"GET http://[ HTTP/1.1\r\n\r\n", 400, "malformed-request", id="a broken absolute address"),
]


@pytest.fixture(autouse=True)
def _lives_on(api: httpx.Client) -> Iterator[None]:
    yield
    assert api.get("/livez").status_code == 200


def send(stack: Stack, request: bytes) -> tuple[int, dict[str, str], bytes]:
    url = httpx.URL(stack.url)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


@pytest.mark.parametrize(("request_bytes", "status", "code"), REFUSED)
def test_what_is_not_http_is_a_problem(stack: Stack, request_bytes: bytes, status: int, code: str) -> None:
    answered, headers, body = send(stack, request_bytes)
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body[: int(headers["content-length"])])
    assert (answered, problem["status"], problem["code"]) == (status, status, code)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]
    assert "nonsense" not in problem["detail"]


@pytest.mark.parametrize("path", [b"/translate", b"/detect", b"/v1/jobs", b"/v1/glossaries/a"])
def test_a_chunk_longer_than_it_says_is_the_clients_mistake_on_every_route(stack: Stack, path: bytes) -> None:
    method = b"PUT " if b"glossaries" in path else b"POST "
    head = method + path + b" HTTP/1.1\r\n" + JOB + b"Transfer-Encoding: chunked\r\n\r\n"
    status, headers, _ = send(stack, head + b"1\r\n{}\r\n0\r\n\r\n")
    assert status == 400
    assert headers["content-type"].endswith("json")


@pytest.mark.parametrize(
    "path",
    [b"%00", b"%ff%fe", b"%ed%a0%80", b"%D8%AD", b"a" * 4_000, b"%2e%2e%2f", b"%F0%9F%92%A5", b"{}|\\^"],
)
def test_an_id_of_any_bytes_is_404(stack: Stack, path: bytes) -> None:
    for suffix in (b"", b"/summary", b"/events"):
        request = b"GET /v1/jobs/" + path + suffix + REST
        status, headers, _ = send(stack, request)
        assert (status, headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "query",
    [
        b"status=failed&status=failed",
        b"limit=1&limit=2",
        b"limit=" + b"9" * 4_000,
        b"limit=%D9%A3",
        b"limit=1.0",
        b"limit=%00",
        b"cursor=%ff",
        b"a=%ed%a0%80",
        b"=",
        b"status=",
        b"reference=" + b"a" * 201,
    ],
)
def test_a_query_of_any_bytes_is_told_what_is_wrong(stack: Stack, query: bytes) -> None:
    request = b"GET /v1/jobs?" + query + REST
    status, _, body = send(stack, request)
    assert (status, json.loads(body)["code"]) == (422, "invalid-query")


@pytest.mark.parametrize("reference", [b"%00", b"%ff", b"%ed%a0%80", b"a" * 200, b""])
def test_a_reference_of_any_bytes_has_no_jobs(stack: Stack, reference: bytes) -> None:
    request = b"GET /v1/jobs?reference=" + reference + REST
    status, _, body = send(stack, request)
    assert (status, json.loads(body)["jobs"]) == (200, [])


@pytest.mark.parametrize(
    "body",
    [
        rb'{"article": {"text": "\ud800"}}',
        rb'{"article": {"text": "' + ARABIC.encode() + rb'", "title": "\udfff"}}',
        rb'{"article": {"text": "' + ARABIC.encode() + rb'"}, "metadata": {"\ud83d": "a"}}',
        b'{"article": {"text": "' + ARABIC.encode("utf-16") + b'"}}',
        b"[" * 100_000,
        b'{"ttl_seconds": ' + b"9" * 5_000 + b"}",
        b'{"ttl_seconds": 1e999}',
        b'{"ttl_seconds": NaN}',
    ],
)
def test_a_body_that_json_cannot_mean_is_the_clients_mistake(api: httpx.Client, body: bytes) -> None:
    response = api.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text
    assert response.headers["Content-Type"] == "application/problem+json"


def test_null_bytes_and_odd_characters_in_an_article_are_kept(api: httpx.Client) -> None:
    title = "\x00\u202e\ufffe\U0010ffff"
    job = submit(api, ARABIC, steps=["summary"])
    body = {"article": {"text": f"{ARABIC}\x00", "title": title}, "steps": ["summary"]}
    response = api.post("/v1/jobs", json=body, headers={"Prefer": "wait=30"})
    assert response.status_code == 200, response.text
    assert response.json()["article"]["title"] == title
    assert response.json()["status"] == "succeeded"
    assert job["id"] != response.json()["id"]
