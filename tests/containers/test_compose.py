"""The compose file. What needs a Docker engine runs when asked: `CONTAINERS=1 pytest tests/containers`."""

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from jobs.settings import PREFIX, Settings
from tests.integration.deliveries.bench import SECRET, Inbox
from tests.jobs_over_http import ARABIC, finish, follow, submit

ROOT = Path(__file__).parents[2]
FIXED_IN_CONTAINERS = {"host", "port", "data_dir"}
Compose = Callable[..., str]


def test_the_containers_are_given_every_setting_and_no_other() -> None:
    passed = re.findall(rf"^ +{PREFIX}(\w+):", (ROOT / "docker-compose.yml").read_text("utf-8"), re.MULTILINE)
    assert {name.lower() for name in passed} == set(Settings.model_fields) - FIXED_IN_CONTAINERS


@pytest.fixture
def compose() -> Iterator[Compose]:
    """Runs Compose on a project of the test's own, which is brought up and in the end erased."""
    command = _compose_command()
    environment = os.environ | {
        "COMPOSE_PROJECT_NAME": f"khulasa-test-{secrets.token_hex(4)}",
        "KHULASA_REDIS_PASSWORD": secrets.token_hex(16),
        "KHULASA_PORT": "0",
        "KHULASA_ENGINE_THREADS": "1",
        "KHULASA_LEASE_SECONDS": "10",
        "KHULASA_REAP_INTERVAL_SECONDS": "1",
        "KHULASA_WEBHOOK_SECRET": SECRET,
        "KHULASA_WEBHOOK_ALLOW_HTTP": "true",
        "KHULASA_WEBHOOK_ALLOWED_NETWORKS": "172.16.0.0/12,192.168.0.0/16",  # what engines give to bridges
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE
        )
        return done.stdout.strip()

    try:
        run("up", "--detach", "--no-build", "--scale", "worker=2")
        yield run
    finally:
        run("down", "--volumes", "--timeout", "5")


@pytest.mark.timeout(1200)
def test_no_job_is_lost_when_redis_restarts_and_a_worker_is_killed(
    compose: Compose, seed_texts: list[str]
) -> None:
    with _api(compose) as api:
        ids = [submit(api, text)["id"] for text in seed_texts * 3]
        follow(api, ids[0], lambda job: job["progress"]["segments_done"] > 0)
        compose("restart", "redis")
        subprocess.run([_docker(), "kill", compose("ps", "-q", "worker").split()[0]], check=True)
        for job_id in ids:
            job = finish(api, job_id)
            assert job["status"] == "succeeded"
            assert job["receipt"]["segments_in"] == job["receipt"]["segments_out"]


@pytest.mark.timeout(600)
def test_the_courier_alone_reaches_other_machines_and_delivers(compose: Compose) -> None:
    project = _label(compose("ps", "-q", "api"), "project")
    gateway = _inspect(f"{project}_outside", "{{(index .IPAM.Config 0).Gateway}}")
    with _api(compose) as api, Inbox().open(at=gateway) as inbox:
        job = submit(api, ARABIC, webhook={"url": inbox.url})
        finish(api, job["id"])
        follow(api, job["id"], lambda _: bool(inbox.received))
        assert Webhook(SECRET).verify(inbox.received[0].body, dict(inbox.received[0].headers))
    networks = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}"
    assert _inspect(compose("ps", "-q", "worker").split()[0], networks).split() == [f"{project}_inside"]


@contextmanager
def _api(compose: Compose) -> Iterator[httpx.Client]:
    """As soon as it answers: the engine takes connections before there is anybody to give them to."""
    with httpx.Client(base_url=f"http://{compose('port', 'api', '8000')}", timeout=70) as api:
        deadline = time.monotonic() + 60
        while not _is_alive(api):
            assert time.monotonic() < deadline, "the API did not answer in 60 s"
            time.sleep(0.1)
        yield api


def _is_alive(api: httpx.Client) -> bool:
    try:
        return api.get("/livez").is_success
    except httpx.TransportError:
        return False


def _compose_command() -> list[str]:
    """Skips the test unless it was asked for, an engine answers and the image has been built."""
    if not os.environ.get("CONTAINERS"):
        pytest.skip("set CONTAINERS=1 to run the containers")
    for question in ("info", "image inspect khulasa:latest"):
        if not _docker() or _fails(question):
            pytest.skip(f"`docker {question}` fails: no Docker engine, or the image is not built")
    return [_docker(), "compose"] if not _fails("compose version") else ["docker-compose"]


def _fails(question: str) -> bool:
    return subprocess.run([_docker(), *question.split()], capture_output=True, check=False).returncode != 0


def _inspect(what: str, form: str) -> str:
    command = [_docker(), "inspect", "--format", form, what]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def _label(container: str, name: str) -> str:
    return _inspect(container, f'{{{{index .Config.Labels "com.docker.compose.{name}"}}}}')


def _docker() -> str:
    return shutil.which("docker") or ""
