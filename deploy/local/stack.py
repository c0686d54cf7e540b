"""The local stack: Redis, a worker and the API in the order in which they need each other."""

import fcntl
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx
from pydantic import SecretStr
from redis import Redis

from deploy.local.process import Process
from deploy.local.redis_server import answers, find_redis_server, redis_command
from jobs.addresses import is_loopback
from jobs.errors import StoreUnavailable
from jobs.keys import KeyRing
from jobs.settings import PREFIX, Settings
from jobs.store import connect

_ROOT = Path(__file__).resolve().parents[2]
_BEYOND_DRAIN_SECONDS = 15  # a worker's last batch, and its courier's last attempt


class StackError(Exception):
    """The stack could not be started; the message says why and what to do."""


class Stack:
    """A context manager: inside it the service is ready at `url`, after it nothing is left running."""

    url: str
    redis: Process | None = None
    worker: Process | None = None
    api: Process | None = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._data_dir = settings.data_dir.resolve()
        self._exits = ExitStack()
        self._environment = {
            **os.environ,
            **settings.as_environment(),
            "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONUNBUFFERED": "1",
        }

    def __enter__(self) -> Self:
        with self._exits as exits:
            self._listener = exits.enter_context(self._listen())
            self._take_data_dir(exits)
            if "redis_url" not in self._settings.model_fields_set:
                # The data directory's own path may be longer than a socket's may be.
                folder = tempfile.TemporaryDirectory(prefix="khulasa-")
                self._socket = Path(exits.enter_context(folder)) / "redis.sock"
                self._environment[f"{PREFIX}REDIS_URL"] = f"unix://{self._socket}"
                self.start_redis()
                self._show_socket(exits)
            self._refuse_strangers()
            self.start_worker()
            self._start_api()
            self._wait_until(self._is_ready, "the service", seconds=90)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops what runs, whoever needs another before that other."""
        for process in (self.api, self.worker, self.redis):
            if process:
                process.stop()
        self._exits.close()

    def start_again(self, ended: Process) -> None:
        """Starts another in its place."""
        ended.kill()  # what is left of its group
        if ended is self.redis:
            self._start_redis()
        elif ended is self.worker:
            self.start_worker()
        else:
            self._start_api()

    def start_redis(self) -> None:
        """Starts the embedded Redis on its data, in place of an earlier one that has ended."""
        self._start_redis()
        self._wait_until(lambda: answers(self._socket), "Redis", seconds=30)

    def connect_redis(self) -> Redis:
        """A client of the embedded Redis, for whoever wants to look inside."""
        return Redis(unix_socket_path=str(self._socket), decode_responses=True)

    def start_worker(self, *arguments: str) -> None:
        """Starts a worker, in place of an earlier one that has ended."""
        if self.worker and self.worker.has_ended:
            self.worker.kill()
        command = [sys.executable, "-m", "worker", *arguments]
        patience_seconds = self._settings.drain_seconds + _BEYOND_DRAIN_SECONDS
        self.worker = self._start("worker", command, patience_seconds=patience_seconds)

    def ended(self) -> Process | None:
        """A process that has ended though the stack is still wanted."""
        started = [process for process in (self.redis, self.worker, self.api) if process]
        return next((process for process in started if process.has_ended), None)

    def _listen(self) -> socket.socket:
        host, port = self._settings.host, self._settings.port
        try:
            listener = socket.create_server((host, port), family=_family(host))
        except OSError as error:
            raise StackError(
                f"cannot listen on {host}:{port} ({error.strerror}); "
                f"set {PREFIX}PORT to another, or to 0 for a free one"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{listener.getsockname()[1]}"
        return listener

    def _take_data_dir(self, exits: ExitStack) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = exits.enter_context((self._data_dir / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StackError(
                f"another Khulasa uses {self._data_dir}; stop it or set {PREFIX}DATA_DIR to another folder"
            ) from error

    def _show_socket(self, exits: ExitStack) -> None:
        """A link in the data directory, by which `khulasa keys` finds the Redis of this stack."""
        link = self._data_dir / "redis.sock"
        link.unlink(missing_ok=True)
        link.symlink_to(self._socket)
        exits.callback(link.unlink, missing_ok=True)

    def _refuse_strangers(self) -> None:
        host = self._settings.host
        if self._settings.allow_open or is_loopback(host):
            return
        url = SecretStr(self._environment[f"{PREFIX}REDIS_URL"])
        redis = connect(self._settings.model_copy(update={"redis_url": url}), retries=0)
        try:
            has_keys = KeyRing(redis).required()
        except StoreUnavailable as error:
            raise StackError(error.detail) from error
        if not has_keys:
            raise StackError(
                f"{host} can be reached from elsewhere and no API key exists; make one with "
                f"`khulasa keys create NAME` while {PREFIX}HOST is 127.0.0.1, or set {PREFIX}ALLOW_OPEN=true"
            )

    def _start_redis(self) -> None:
        folder = self._data_dir / "redis"
        folder.mkdir(exist_ok=True)
        command = redis_command(find_redis_server(), socket=self._socket, folder=folder)
        self.redis = self._start("redis", command)

    def _start_api(self) -> None:
        """On the socket that is there already: clients who come in between wait."""
        descriptor = self._listener.fileno()
        command = [sys.executable, "-m", "gunicorn", "api.wsgi:app", f"--bind=fd://{descriptor}"]
        command += [
            "--worker-class=api.server.Server",
            f"--worker-connections={self._settings.max_connections}",
        ]
        command += ["--graceful-timeout=10", "--no-control-socket", "--log-level=warning"]
        self.api = self._start("api", command, pass_fds=[descriptor])

    def _start(
        self,
        name: str,
        command: list[str],
        *,
        pass_fds: Sequence[int] = (),
        patience_seconds: float = 20,
    ) -> Process:
        process = Process(
            name,
            command,
            environment=self._environment,
            log=self._data_dir / f"{name}.log",
            pass_fds=pass_fds,
            patience_seconds=patience_seconds,
        )
        return self._exits.enter_context(process)

    def _wait_until(self, ready: Callable[[], bool], what: str, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if ended := self.ended():
                raise StackError(f"{ended.name} ended at once; {ended.log} ends with\n{ended.last_lines()}")
            if time.monotonic() > deadline:
                raise StackError(
                    f"{what} did not become ready in {seconds:.0f} s; see {self._data_dir}/*.log"
                )
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
