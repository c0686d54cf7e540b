"""A hub on this machine: checkpoints in folders, served over HTTP in the layout of Hugging Face's API."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_LARGE = (".safetensors", ".bin", ".model", ".spm")
_API = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)/(?P<what>revision|tree)/(?P<revision>[^/]+)")
_FILE = re.compile(r"/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")


@dataclass
class Repository:
    """`served` replaces a file's bytes on the wire, `sizes` what the listing says, `etags` its ETag."""

    folder: Path
    commit: str = "c0ffee" + "0" * 34
    licence: str = "mit"
    gated: bool = False
    served: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)


@dataclass
class Hub:
    """`requests` are (method, path, Range), in order.

    Weights break off after `cut_after` bytes of an answer, or halt after `stall_after` until `released`.
    """

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    cut_after: int | None = None
    stall_after: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    refusing: int | None = None  # the status of every answer
    is_a_web_site: bool = False

    def ranges(self, name: str) -> list[str | None]:
        """The Range of each GET of a file."""
        return [span for method, path, span in self.requests if method == "GET" and path.endswith(f"/{name}")]


@contextmanager
def serving(**repositories: Path) -> Iterator[Hub]:
    """Each keyword is a model of the organisation `toy`."""
    hub = Hub(repositories={f"toy/{name}": Repository(folder) for name, folder in repositories.items()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name
        pass

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path, self.headers.get("Range")))
        if self.hub.refusing:
            self._send(self.hub.refusing, b"{}")
        elif self.hub.is_a_web_site:
            self._send(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
        elif match := _API.fullmatch(path):
            self._describe(**match.groupdict())
        elif match := _FILE.fullmatch(path):
            self._file(**match.groupdict())
        else:
            self._missing("RepoNotFound")

    def _describe(self, id: str, what: str, revision: str) -> None:  # noqa: A002
        repository = self._repository(id, revision)
        if repository is None:
            return
        files = sorted(path for path in repository.folder.rglob("*") if path.is_file())
        if what == "tree":
            answer: Any = [_tree_entry(path, repository) for path in files]
        else:
            siblings = [{"rfilename": path.relative_to(repository.folder).as_posix()} for path in files]
            card = {"license": repository.licence}
            answer = {"id": id, "sha": repository.commit, "siblings": siblings, "cardData": card, "tags": []}
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _file(self, id: str, revision: str, name: str) -> None:  # noqa: A002
        repository = self._repository(id, revision)
        if repository is None:
            return
        path = repository.folder / name
        if not path.is_file():
            self._missing("EntryNotFound")
            return
        content = repository.served.get(name, path.read_bytes())
        headers = {
            "X-Repo-Commit": repository.commit,
            "ETag": f'"{repository.etags.get(name) or _etag(path)}"',
            "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }
        status, start = 200, 0
        if span := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            status, start = 206, int(span[1])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(status, content[start:], headers)

    def _repository(self, id: str, revision: str) -> Repository | None:  # noqa: A002
        repository = self.hub.repositories.get(id)
        if repository is None:
            self._missing("RepoNotFound")
        elif repository.gated and not self.headers.get("Authorization"):
            self._send(401, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"})
        elif revision not in {"main", repository.commit}:
            self._missing("RevisionNotFound")
        else:
            return repository
        return None

    def _missing(self, code: str) -> None:
        self._send(404, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            self._write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _write(self, body: bytes) -> None:
        weights = self.path.endswith(("model.safetensors", "pytorch_model.bin"))
        if weights and self.hub.cut_after is not None:
            self.wfile.write(body[: self.hub.cut_after])
            self.close_connection = True
        elif weights and self.hub.stall_after is not None:
            self.wfile.write(body[: self.hub.stall_after])
            self.wfile.flush()
            self.hub.stalled.set()
            self.hub.released.wait(60)
        else:
            self.wfile.write(body)


def _tree_entry(path: Path, repository: Repository) -> dict[str, Any]:
    name = path.relative_to(repository.folder).as_posix()
    size = repository.sizes.get(name, path.stat().st_size)
    entry: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": _blob_id(path)}
    if name.endswith(_LARGE):
        entry["lfs"] = {"oid": _etag(path), "size": size, "pointerSize": 130}
    return entry


def _etag(path: Path) -> str:
    """Of a large file its SHA-256, of any other the name that git gives it."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.name.endswith(_LARGE) else _blob_id(path)


def _blob_id(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
