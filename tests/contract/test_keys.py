"""API keys over HTTP: who is let in, whose jobs they see, and what is said to the others."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.app import create_app
from deploy.local.stack import Stack, StackError
from jobs.keys import KeyRing
from jobs.settings import Settings
from jobs.store import connect, utc_now
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, submit

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
STEPS = ("summary", "translation", "english_summary")
NO_KEY = "kh_aaaaaaaa_" + "a" * 40


@dataclass(frozen=True)
class Guarded:
    """A service that asks for keys, and the keys of two clients."""

    stack: Stack
    ring: KeyRing
    one: str
    two: str

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.stack.url, timeout=70, headers=headers)

    def ask(self, method: str, path: str, headers: Any = None) -> httpx.Response:
        with self.client() as api:
            return api.request(method, path, headers=headers)


@pytest.fixture(scope="module")
def guarded(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    settings = Settings(port=0, data_dir=tmp_path_factory.mktemp("guarded"), log_level="DEBUG")
    with Stack(settings) as stack:
        ring = KeyRing(stack.connect_redis())
        yield Guarded(stack, ring, *(ring.create(name, now=utc_now())[1] for name in ("one", "two")))


def refusal(response: httpx.Response) -> str:
    """The detail of a 401, which is a problem and names the scheme."""
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="khulasa"')
    return str(response.json()["detail"])


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json"])
def test_health_and_the_document_need_no_key(guarded: Guarded, path: str) -> None:
    assert guarded.ask("GET", path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/jobs"),
        ("GET", f"/v1/jobs/{UNKNOWN}"),
        ("DELETE", f"/v1/jobs/{UNKNOWN}"),
        ("GET", f"/v1/jobs/{UNKNOWN}/summary"),
        ("GET", "/v1/jobs"),
        ("GET", f"/v1/jobs/{UNKNOWN}/events"),
        ("POST", "/v1/batches"),
        ("GET", f"/v1/batches/{UNKNOWN}"),
        ("GET", "/v1/models"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1"),
    ],
)
def test_everything_else_needs_one(guarded: Guarded, method: str, path: str) -> None:
    response = guarded.ask(method, path)
    assert "send a key" in refusal(response)
    assert "error=" not in response.headers["WWW-Authenticate"]


def test_a_key_is_taken_from_either_header(guarded: Guarded) -> None:
    for headers in (
        {"Authorization": f"Bearer {guarded.one}"},
        {"Authorization": f"bearer  {guarded.one}"},
        {"X-API-Key": guarded.one},
        {"X-API-Key": guarded.one, "Authorization": f"Bearer {guarded.one}"},
        {"X-API-Key": guarded.one, "Authorization": "Basic dTpw"},
    ):
        assert guarded.ask("GET", "/v1/models", headers).status_code == 200
    both = {"X-API-Key": guarded.one, "Authorization": f"Bearer {guarded.two}"}
    assert "differ" in refusal(guarded.ask("GET", "/v1/models", both))


@pytest.mark.parametrize(
    "key", [NO_KEY, "x", "kh__", "مفتاح", "a" * 4_000, NO_KEY + "a", NO_KEY.upper(), f"{NO_KEY},b"]
)
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_wrong_or_malformed_key_is_401(guarded: Guarded, header: str, key: str) -> None:
    value = (f"Bearer {key}" if header == "Authorization" else key).encode()
    response = guarded.ask("GET", "/v1/models", [(header.encode(), value)])
    assert "not a key" in refusal(response)
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("key", ["\0", "a\0b", "a\x7f", "a" * 10_000, "\udcff"])
def test_what_a_server_in_front_might_let_through_is_401_too(redis_settings: Settings, key: str) -> None:
    """gunicorn itself refuses a NUL and more than 8 kB, so these are handed to the application."""
    KeyRing(connect(redis_settings, retries=0)).create("one", now=utc_now())
    client = create_app(redis_settings).test_client()
    raw = key.encode("utf-8", "surrogateescape").decode("latin-1")
    for name, value in (("HTTP_X_API_KEY", raw), ("HTTP_AUTHORIZATION", f"Bearer {raw}")):
        assert client.get("/v1/models", environ_overrides={name: value}).status_code == 401


def test_no_wrong_key_takes_longer_than_another(guarded: Guarded) -> None:
    known_id = "_".join([*guarded.one.split("_")[:2], "a" * 40])
    fastest = {known_id: 9.0, NO_KEY: 9.0, "x": 9.0}
    with guarded.client() as api:
        for key in list(fastest) * 20:
            begun = perf_counter()
            api.get("/v1/models", headers={"X-API-Key": key})
            fastest[key] = min(fastest[key], perf_counter() - begun)
    assert max(fastest.values()) - min(fastest.values()) < 0.01
    assert max(fastest.values()) < 0.1


def test_two_keys_do_not_see_each_others_jobs_on_any_route(guarded: Guarded) -> None:
    with guarded.client(guarded.one) as one, guarded.client(guarded.two) as two:
        job = finish(one, submit(one, ARABIC)["id"])
        etag = one.get(f"/v1/jobs/{job['id']}").headers["ETag"]
        for name in ("", *(f"/{part}" for part in (*STEPS, "events", "nothing"))):
            for headers in ({}, {"Prefer": "wait=5"}, {"If-None-Match": etag}, {"Accept": "text/plain"}):
                assert_same_as_unknown(two, "GET", job["id"], name, headers)
        for method in ("DELETE", "HEAD", "GET"):
            assert_same_as_unknown(two, method, job["id"], "", {})
        assert one.get(f"/v1/jobs/{job['id']}").json() == job
        assert one.delete(f"/v1/jobs/{job['id']}").status_code == 204
        assert one.get(f"/v1/jobs/{job['id']}").status_code == 410
        assert_same_as_unknown(two, "GET", job["id"], "", {})


def test_two_keys_do_not_see_each_others_lists_batches_and_idempotency_keys(guarded: Guarded) -> None:
    body = {"article": {"text": ARABIC, "reference": "cms-1"}, "steps": ["summary"]}
    with guarded.client(guarded.one) as one, guarded.client(guarded.two) as two:
        batch = one.post("/v1/batches", json={"jobs": [body]})
        assert batch.status_code == 202
        same = {"Idempotency-Key": "same"}
        mine, theirs = (api.post("/v1/jobs", json=body, headers=same).json()["id"] for api in (one, two))
        assert mine != theirs
        assert one.post("/v1/jobs", json=body, headers=same).json()["id"] == mine
        listed = {api: [it["id"] for it in api.get("/v1/jobs").json()["jobs"]] for api in (one, two)}
        assert {mine, *batch.json()["jobs"]} <= set(listed[one])
        assert theirs in listed[two]
        assert not set(listed[one]) & set(listed[two])
        for part in ("", "/results"):
            assert one.get(f"/v1/batches/{batch.json()['id']}{part}").status_code == 200
            hidden = two.get(f"/v1/batches/{batch.json()['id']}{part}")
            never = two.get(f"/v1/batches/{UNKNOWN}{part}")
            assert (hidden.status_code, hidden.content) == (404, never.content)
        assert_same_as_unknown(two, "GET", batch.json()["jobs"][0], "", {})


def test_libretranslates_clients_send_their_key_in_the_body(guarded: Guarded) -> None:
    fields = {"q": ARABIC, "source": "ar", "target": "en"}
    with guarded.client() as api:
        for wrong in ({}, {"api_key": ""}, {"api_key": NO_KEY}):
            refused = api.post("/translate", json=fields | wrong)
            assert (refused.status_code, list(refused.json())) == (403, ["error"])
        for sent in (
            {"json": fields | {"api_key": guarded.one}},
            {"data": fields | {"api_key": guarded.one}},
        ):
            assert api.post("/translate", **sent).status_code == 200
        assert api.post("/translate", json=fields, headers={"X-API-Key": guarded.two}).status_code == 200
        settings = api.get("/frontend/settings").json()
        assert settings["apiKeys"] is settings["keyRequired"] is True
        assert [api.get(path).status_code for path in ("/languages", "/health")] == [200, 200]


def assert_same_as_unknown(
    api: httpx.Client, method: str, job_id: str, path: str, headers: dict[str, str]
) -> None:
    there = api.request(method, f"/v1/jobs/{job_id}{path}", headers=headers)
    never = api.request(method, f"/v1/jobs/{UNKNOWN}{path}", headers=headers)
    assert (there.status_code, there.content) == (404, never.content)
    passing = {"date", "ratelimit", "x-request-id"}
    assert [it for it in there.headers.items() if it[0] not in passing] == [
        it for it in never.headers.items() if it[0] not in passing
    ]


def test_an_expired_key_and_a_revoked_one_say_so_at_once(guarded: Guarded) -> None:
    ring = guarded.ring
    soon, short = ring.create("short", now=utc_now(), expires_at=utc_now() + timedelta(seconds=0.5))
    _, kept = ring.create("kept", now=utc_now())
    with guarded.client(short) as late, guarded.client(kept) as api:
        assert api.get("/v1/models").status_code == 200
        while soon.state(utc_now()) == "valid":
            pass
        response = late.get("/v1/models")
        assert "expired" in refusal(response)
        assert "expired" in response.headers["WWW-Authenticate"]
        ring.revoke("kept", now=utc_now())
        assert "revoked" in refusal(api.get("/v1/models"))
        wrong = kept[:-2] + ("aa" if kept[-2:] != "aa" else "bb")
        assert "not a key" in refusal(api.get("/v1/models", headers={"Authorization": f"Bearer {wrong}"}))


def test_no_key_is_in_any_file_of_the_service(guarded: Guarded) -> None:
    for key in (guarded.one, guarded.one[:-2] + "22"):
        with guarded.client(key) as api:
            api.get("/v1/models")
            api.post("/v1/jobs", json={"article": {"text": ARABIC}, "steps": ["summary"]})
            api.post("/v1/jobs", content=b"{")
    address = urlsplit(guarded.stack.url)
    for bad in ("\0", "\r\n\r", "a" * 9_000):
        with socket.create_connection((str(address.hostname), int(address.port or 0))) as raw:
            raw.sendall(f"GET /v1/models HTTP/1.1\r\nX-API-Key: {guarded.one}{bad}\r\n\r\n".encode())
            raw.shutdown(socket.SHUT_WR)
            assert b" 200 " not in raw.recv(4096)
    files = [path for path in guarded.stack._data_dir.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"api.log", "worker.log", "redis.log"}
    for path in files:
        assert guarded.one.split("_")[2][:30].encode() not in path.read_bytes(), path


def test_the_service_closes_with_the_first_key_and_opens_only_when_told(start_stack: StartStack) -> None:
    stack = start_stack()
    ring = KeyRing(stack.connect_redis())
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        before = submit(api, ARABIC, steps=["summary"])["id"]
        assert "not a key" in refusal(api.get(f"/v1/jobs/{before}", headers={"X-API-Key": NO_KEY}))
        key, secret = ring.create("desk", now=utc_now())
        mine = {"X-API-Key": secret}
        assert "send a key" in refusal(api.get(f"/v1/jobs/{before}"))
        assert api.get(f"/v1/jobs/{before}", headers=mine).status_code == 404
        body = {"article": {"text": ARABIC}, "steps": ["summary"]}
        made = api.post("/v1/jobs", json=body, headers=mine).json()["id"]
        assert api.get(f"/v1/jobs/{made}", headers=mine).status_code == 200
        ring.revoke(key.id, now=utc_now())
        assert "send a key" in refusal(api.get(f"/v1/jobs/{before}"))
        ring.disable()
        assert api.get(f"/v1/jobs/{before}").status_code == 200
        assert api.get(f"/v1/jobs/{made}").status_code == 404
        assert "revoked" in refusal(api.get(f"/v1/jobs/{made}", headers=mine))


def test_the_command_finds_the_redis_of_a_running_stack(start_stack: StartStack, tmp_path: Path) -> None:
    stack = start_stack()
    outside = {"KHULASA_DATA_DIR": str(stack._data_dir), "PYTHONPATH": str(Path(__file__).parents[2])}
    made = subprocess.run(
        [sys.executable, "-m", "client", "keys", "create", "desk"],
        env=os.environ | outside,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"X-API-Key": made.stdout.strip()}
    assert httpx.get(f"{stack.url}/v1/models").status_code == 401
    assert httpx.get(f"{stack.url}/v1/models", headers=headers).status_code == 200
    stack.stop()
    assert not (stack._data_dir / "redis.sock").is_symlink()


def test_a_stack_that_others_can_reach_needs_a_key_or_to_be_told(start_stack: StartStack) -> None:
    with pytest.raises(StackError, match="khulasa keys create"):
        start_stack(host="0.0.0.0")  # noqa: S104
    told = start_stack(host="0.0.0.0", allow_open=True)  # noqa: S104
    assert httpx.get(f"{told.url}/v1/models").status_code == 200
    told.stop()
    quiet = start_stack()
    _, secret = KeyRing(quiet.connect_redis()).create("desk", now=utc_now())
    quiet.stop()
    keyed = start_stack(host="0.0.0.0")  # noqa: S104
    assert httpx.get(f"{keyed.url}/v1/models").status_code == 401
    assert httpx.get(f"{keyed.url}/v1/models", headers={"X-API-Key": secret}).status_code == 200


ELSEWHERE = [
    pytest.param({"Host": "khulasa.example.org"}, id="another name"),
    pytest.param({"Host": "10.0.0.5:8000"}, id="another address"),
    pytest.param({"Host": "[::1"}, id="no name"),
    pytest.param({"X-Forwarded-For": "203.0.113.9"}, id="a proxy"),
    pytest.param({"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, id="a proxy's proxy"),
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_without_keys_a_request_that_speaks_of_another_machine_is_403(
    api: httpx.Client, headers: dict[str, str]
) -> None:
    response = api.get("/v1/models", headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "open-service")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert api.get("/livez", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST", "127.0.0.1", "127.1.2.3:80", "[::1]:8000"])
def test_without_keys_this_machine_is_answered_by_any_of_its_names(api: httpx.Client, host: str) -> None:
    headers = {"Host": host, "X-Forwarded-For": "127.0.0.1, ::1"}
    assert api.get("/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("peer", "settings", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("", {}, 200),
        ("172.18.0.1", {}, 403),
        ("203.0.113.9", {}, 403),
        ("172.18.0.1", {"published_on": "127.0.0.1"}, 200),
        ("172.18.0.1", {"published_on": "0.0.0.0"}, 403),  # noqa: S104
        ("203.0.113.9", {"allow_open": True}, 200),
    ],
)
def test_without_keys_the_peer_decides_or_in_a_container_where_it_is_published(
    redis_settings: Settings, peer: str, settings: dict[str, object], status: int
) -> None:
    client = create_app(redis_settings.model_copy(update=settings)).test_client()
    asked = client.get("/v1/models", environ_overrides={"REMOTE_ADDR": peer}, headers={"Host": "127.0.0.1"})
    assert asked.status_code == status
    _, secret = KeyRing(connect(redis_settings, retries=0)).create("desk", now=utc_now())
    environ = {"REMOTE_ADDR": peer}
    keyed = client.get("/v1/models", environ_overrides=environ, headers={"X-API-Key": secret, "Host": "a.b"})
    assert keyed.status_code == 200
