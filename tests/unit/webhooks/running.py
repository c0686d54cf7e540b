"""`khulasa webhooks listen` as a process, and a delivery to send to it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.webhooks.official import signed_headers

ROOT = Path(__file__).parents[3]
SECRET, OTHER = "whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8
EVENT = {
    "type": "job.succeeded",
    "timestamp": "2026-11-22T07:12:04Z",
    "data": {
        "id": "01M8JOB",
        "status": "succeeded",
        "article": {"title": "زيارة \x1b[2J\u202eإلى\nبغداد", "reference": "cms-4711"},
        "results": {
            "summary": {"status": "succeeded", "sentences": [{"text": "وصل الوزير."}, {"text": "ثم غادر."}]},
            "translation": {"status": "failed", "problem": {"code": "poisoned", "title": "The worker died"}},
        },
        "receipt": {"segments_in": 21, "segments_out": 20, "truncated": 0, "flagged": 3, "from_cache": 0},
    },
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


class Listener:
    """The running command; what it printed can be read once it has been stopped."""

    def __init__(self, process: subprocess.Popen[str], *, says: Any) -> None:
        self.process = process
        self.first_words = ""
        while not (found := re.search(r"Listening on (http://\S+)", self.first_words)):
            line = says.readline()
            assert line, process.communicate()
            self.first_words += line
        self.url = found[1]
        self.port = int(self.url.rstrip("/").rpartition(":")[2])

    def post(self, body: bytes = BODY, headers: Mapping[str, str | bytes] | None = None) -> httpx.Response:
        given = dict(signed_headers(body, SECRET) if headers is None else headers)
        return httpx.post(self.url, content=body, headers=given, trust_env=False)  # type: ignore[arg-type]

    def raw(self, request: bytes) -> bytes:
        """Sends it, says that nothing more will come, and reads to the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def line(self) -> str:
        """The next one; what a request causes stands there before its answer is sent."""
        assert self.process.stdout
        return self.process.stdout.readline()

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[str, str]:
        """What it wrote on stdout and stderr since it listened."""
        self.process.send_signal(how)
        written = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, written
        return written


Listen = Callable[..., Listener]


def command(*words: str, secret: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "client", *words],
        cwd=ROOT,
        env={**os.environ, "KHULASA_WEBHOOK_SECRET": secret, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
