"""The receivers that docs/webhooks.md shows, run as they stand there."""

import json
import os
import re
import runpy
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.webhooks.official import node_folder, signed_headers

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
SECRET, OTHER = "whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8
BODY = json.dumps({"type": "job.succeeded", "data": {"title": "افتتاح مستشفى؟"}}, ensure_ascii=False).encode()
Post = Callable[[bytes, dict[str, str]], int]  # gives the status


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(found) == 1, f"docs/webhooks.md has {len(found)} blocks of {language}"
    return str(found[0])


@pytest.fixture
def python_receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    (tmp_path / "receiver.py").write_text(block("python"), "utf-8")
    client = runpy.run_path(str(tmp_path / "receiver.py"))["app"].test_client()
    return lambda body, headers: int(client.post("/khulasa", data=body, headers=headers).status_code)


@pytest.fixture
def node_receiver(tmp_path: Path) -> Iterator[Post]:
    (tmp_path / "receiver.mjs").write_text(block("js"), "utf-8")
    (tmp_path / "node_modules").symlink_to(node_folder() / "node_modules")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    command = ["node", str(tmp_path / "receiver.mjs")]
    with subprocess.Popen(command, env=environment) as process:
        while not takes_connections(port):
            assert process.poll() is None, "the receiver ended"
            time.sleep(0.01)
        url = f"http://127.0.0.1:{port}/khulasa"
        yield (
            lambda body, headers: httpx.post(url, content=body, headers=headers, trust_env=False).status_code
        )
        assert process.poll() is None, "a delivery ended the receiver"
        process.kill()


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("receiver", ["python_receiver", "node_receiver"])
def test_a_receiver_as_documented_accepts_what_is_signed_and_refuses_the_rest(
    receiver: str, request: pytest.FixtureRequest
) -> None:
    post: Post = request.getfixturevalue(receiver)
    headers = signed_headers(BODY, SECRET)
    assert post(BODY, headers) == 204
    assert post(BODY, signed_headers(BODY, OTHER, SECRET)) == 204
    assert post(BODY.replace("؟".encode(), b"?"), headers) == 400
    assert post(BODY, signed_headers(BODY, OTHER)) == 400
    assert post(BODY, headers | {"webhook-signature": "v1"}) == 400
    assert post(b"\xff", headers) == 400
    assert post(BODY, {}) == 400
    assert post(BODY, headers) == 204
