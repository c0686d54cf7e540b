"""A Khulasa of real processes on free ports, each of which can be killed by itself, in a hurry to mend."""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from deploy.local.redis_server import find_redis_server, redis_command
from jobs.settings import PREFIX, Settings
from tests.commands import Command
from tests.faults.guardian import Guardian
from tests.faults.part import Part
from tests.integration.deliveries.bench import SECRET
from tests.jobs_over_http import ARABIC

_ROOT = Path(__file__).parents[2]
# What is lost is looked for after seconds; a busy machine must still renew a lease in time.
HURRIED: Mapping[str, object] = {
    "lease_seconds": 6,
    "requeue_seconds": 3,
    "reap_interval_seconds": 0.3,
    "webhook_timeout_seconds": 3,
    "webhook_claim_seconds": 6,
    "webhook_secret": SECRET,
    "webhook_allow_http": True,
    "webhook_allowed_networks": "127.0.0.0/8",
    "rate_limit": "1000000/minute",
    "poll_rate_limit": "1000000/minute",
    "engine_threads": 1,
}
STEPS = "summary,translation,bulk"


class Service:
    """A context manager: inside it all parts run and are ready, after it none is left, frozen or not.

    `redis`: further settings of the server, such as {"appendfsync": "always", "maxmemory": "64mb"};
    `redis_environment`, `worker_environments`: variables of their own; `redis_folder`: where its file is;
    `through`: is given its port and gives the one at which the other parts are to reach it, that of a proxy.
    The rest are our settings.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        couriers: int = 1,
        redis: Mapping[str, str] | None = None,
        redis_environment: Mapping[str, str] | None = None,
        redis_folder: Path | None = None,
        worker_environments: Sequence[Mapping[str, str]] = (),
        through: Callable[[int], int] = lambda port: port,
        **settings: object,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._exits = ExitStack()
        self._guardian = Guardian()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.redis_port = _free_port()
        own_url = f"redis://127.0.0.1:{through(self.redis_port)}/0"
        chosen: dict[str, Any] = {**HURRIED, "models_dir": folder / "models", **settings}
        self.settings = Settings(redis_url=SecretStr(own_url), **chosen)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            **self.settings.as_environment(),
            "PYTHONPATH": str(_ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        self.redis = self._redis_part(redis_folder or folder / "redis", redis or {}, redis_environment or {})
        self.api = self._api_part()
        own = [*worker_environments, *[{}] * workers]
        self.workers = [self._worker_part(f"worker-{it}", STEPS, own[it]) for it in range(workers)]
        self.couriers = [self._worker_part(f"courier-{it}", "webhooks") for it in range(couriers)]

    @property
    def parts(self) -> list[Part]:
        """In the order in which they need each other."""
        return [self.redis, *self.workers, *self.couriers, self.api]

    def __enter__(self) -> Self:
        with self._exits as exits:
            exits.enter_context(self._listener)
            exits.enter_context(self._guardian)
            for part in self.parts:
                exits.callback(part.end)
            self.redis.start()
            self.wait_for_redis()
            for part in self.parts[1:]:
                part.start()
            self.wait_until_ready()
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def look(self) -> Redis:
        """A client of Redis itself, past any proxy, for whoever looks inside; it does not try again."""
        return Redis(port=self.redis_port, decode_responses=True, retry=Retry(NoBackoff(), 0))

    def client(self, key: str | None = None) -> httpx.Client:
        """Of the API, with an API key or without."""
        headers = {"X-API-Key": key} if key else {}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
        return httpx.Client(base_url=self.url, headers=headers, timeout=70, trust_env=False, limits=limits)

    def create_key(self, name: str) -> str:
        """As an operator does; the first one closes the service to whoever has none."""
        made = Command("keys", self.settings, self.folder)("create", name)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def wait_for_redis(self, *, within_seconds: float = 60) -> None:
        _wait(self._redis_answers, "Redis", within_seconds, self.redis)

    def wait_until_ready(self, *, within_seconds: float = 120) -> None:
        with self.client() as api:
            _wait(lambda: _is_ready(api), "the service", within_seconds, self.api)

    def check_healthy(self, *, within_seconds: float, key: str | None = None) -> float:
        """Fails unless it is ready and a fresh job succeeds, which it erases; gives the seconds taken."""
        began = time.monotonic()
        last = "not submitted"
        with self.client(key) as api:
            _wait(lambda: _is_ready(api), "the service", within_seconds, self.api)
            body = {"article": {"text": ARABIC}, "steps": ["summary", "translation", "english_summary"]}
            answer = api.post("/v1/jobs", json=body, headers={"Cache-Control": "no-cache"})
            assert answer.status_code == 202, answer.text
            while (took := time.monotonic() - began) < within_seconds:
                job = api.get(answer.headers["Location"], headers={"Prefer": "wait=1"}).json()
                last = job["status"]
                assert last != "failed", job["problem"]
                if last == "succeeded":
                    assert api.delete(answer.headers["Location"]).status_code == 204
                    return took
        raise AssertionError(f"a fresh job did not end within {within_seconds:.0f} s: {last}")

    def _redis_part(self, folder: Path, settings: Mapping[str, str], variables: Mapping[str, str]) -> Part:
        folder.mkdir(parents=True, exist_ok=True)
        own = {"unixsocket": "", "port": str(self.redis_port), "bind": "127.0.0.1", **settings}
        command = redis_command(find_redis_server(), socket=Path("none"), folder=folder)
        command += [word for name, value in own.items() for word in (f"--{name}", value)]
        return self._part("redis", command, variables=variables)

    def _api_part(self) -> Part:
        """It gets a socket that listens, so that its address stays the same whatever happens to it."""
        command = [sys.executable, "-m", "gunicorn", "api.wsgi:app", f"--bind=fd://{self._listener.fileno()}"]
        command += ["--worker-class=api.server.Server", "--graceful-timeout=10", "--no-control-socket"]
        command += [f"--worker-connections={self.settings.max_connections}", "--log-level=warning"]
        return self._part("api", command, pass_fds=[self._listener.fileno()])

    def _worker_part(self, name: str, queues: str, variables: Mapping[str, str] | None = None) -> Part:
        return self._part(name, [sys.executable, "-m", "worker", "--queues", queues], variables=variables)

    def _part(
        self,
        name: str,
        command: list[str],
        *,
        pass_fds: list[int] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Part:
        return Part(
            name,
            command,
            environment={**self._environment, **(variables or {})},
            log=self.folder / f"{name}.log",
            guardian=self._guardian,
            pass_fds=pass_fds or [],
        )

    def _redis_answers(self) -> bool:
        with self.look() as redis, suppress(RedisError):
            return bool(redis.ping())
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _is_ready(api: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return api.get("/readyz", timeout=5).is_success
    return False


def _wait(ready: Callable[[], bool], what: str, seconds: float, part: Part) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert not part.has_ended, f"{part.name} has ended:\n{part.text()[-3000:]}"
        assert time.monotonic() < deadline, f"{what} was not ready within {seconds:.0f} s"
        time.sleep(0.05)
