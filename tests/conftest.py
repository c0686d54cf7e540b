"""The real stack that tests talk to: a Redis server, a worker and the API, in a folder of their own."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from pydantic import SecretStr

from deploy.local.process import Process
from deploy.local.redis_server import NoRedisServer, answers, find_redis_server, redis_command
from deploy.local.stack import Stack
from jobs.settings import Settings

# The machines that run these are shared and noisy: no example has a time limit of its own.
hypothesis.settings.register_profile("khulasa", deadline=None)
hypothesis.settings.load_profile("khulasa")
SEEDS = Path(__file__).parents[1] / "seeds"
StartStack = Callable[..., Stack]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A KHULASA_* variable, a proxy or an installed model of the developer's own must not change a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("KHULASA_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        patch.setenv("KHULASA_MODELS_DIR", str(tmp_path_factory.mktemp("models")))
        yield


@pytest.fixture(scope="session")
def _redis_server() -> None:
    try:
        find_redis_server()
    except NoRedisServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def redis_process(_redis_server: None, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A Redis of the test's own and its URL."""
    with tempfile.TemporaryDirectory(prefix="khulasa-") as short:
        place = Path(short) / "redis.sock"
        command = redis_command(find_redis_server(), socket=place, folder=tmp_path)
        with Process("redis", command, environment=os.environ, log=tmp_path / "redis.log") as process:
            while not answers(place):
                assert not process.has_ended, process.last_lines()
                time.sleep(0.01)
            yield process, f"unix://{place}"


@pytest.fixture
def redis_settings(redis_process: tuple[Process, str]) -> Settings:
    """Settings that name a Redis of the test's own, with no worker and no API."""
    _, url = redis_process
    return Settings(redis_url=SecretStr(url), requeue_seconds=30, lease_seconds=10)


@pytest.fixture(scope="session")
def stack(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests that leave it as they found it."""
    hurried = {"rate_limit": "100000/minute", "poll_rate_limit": "100000/minute"}
    with Stack(Settings(port=0, data_dir=tmp_path_factory.mktemp("stack"), **hurried)) as started:
        yield started


@pytest.fixture
def start_stack(_redis_server: None, tmp_path: Path) -> Iterator[StartStack]:
    """Starts a stack of the test's own; keyword arguments are settings."""
    with ExitStack() as exits:

        def start(**settings: Any) -> Stack:
            chosen = Settings(port=0, data_dir=tmp_path / "data", **settings)
            return exits.enter_context(Stack(chosen))

        yield start


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=70) as client:
        yield client


@pytest.fixture(scope="session")
def seed_texts() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
