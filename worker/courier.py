"""A courier's process, which sends webhooks and nothing else; and the one that a worker keeps beside it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from jobs import logs
from jobs.queue import WEBHOOKS
from jobs.settings import Settings
from jobs.store import connect
from jobs.webhooks.post import Post
from jobs.webhooks.secrets import WebhookSecrets
from jobs.workers import PULSE_SECONDS, WorkerRegister
from worker.deliveries import Courier
from worker.outbound import Outbound

log = logging.getLogger("khulasa.courier")
# As long as a worker's: an attempt that was made is worth writing down.
_STORE_RETRIES = 10
_GRACE_SECONDS = 3
_START_AGAIN_SECONDS = 1.0


def run_courier(settings: Settings, name: str, *, parent: int | None = None) -> None:
    """Until SIGTERM or SIGINT; or until the process `parent`, which started it, is gone."""
    logs.configure(settings.log_level)
    try:
        courier = make_courier(settings)
    except (OSError, ValueError) as error:
        sys.exit(f"worker: KHULASA_WEBHOOK_CA_FILE cannot be used: {error}")

    def stop(*_: Any) -> None:
        courier.stop()
        # What hangs then, in a lookup or for a silent Redis, is another courier's: this ends the process.
        signal.alarm(round(settings.webhook_timeout_seconds) + _GRACE_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    register = WorkerRegister(connect(settings, retries=0))
    log.info("courier.ready")
    courier.run(_pulse(register, name, courier, parent))
    try:
        register.leave(name)
    except RedisError:
        log.warning("pulse.not_ended")


def make_courier(settings: Settings) -> Courier:
    redis = connect(settings, retries=_STORE_RETRIES)
    outbound = Outbound(
        settings.webhook_rules,
        timeout_seconds=settings.webhook_timeout_seconds,
        ca_file=settings.webhook_ca_file,
    )
    return Courier(Post(redis), WebhookSecrets(redis, settings.webhook_secret), outbound, settings)


def _pulse(register: WorkerRegister, name: str, courier: Courier, parent: int | None) -> Callable[[], None]:
    next_beat = 0.0

    def beat() -> None:
        nonlocal next_beat
        if parent is not None and os.getppid() != parent:
            courier.stop()
        if time.monotonic() < next_beat:
            return
        next_beat = time.monotonic() + PULSE_SECONDS
        try:
            register.beat(name, [WEBHOOKS])
        except RedisError:
            log.warning("pulse.missed")

    return beat


class CourierBeside:
    """A courier in a process of its own, started again whenever it ends."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._patience_seconds = settings.webhook_timeout_seconds + _GRACE_SECONDS
        self._command = [sys.executable, "-m", "worker", "--queues", WEBHOOKS, "--name", name]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="courier-beside", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process:
            self._process.terminate()

    def finish(self) -> None:
        """Lets it end the attempts that are under way."""
        if self._thread.is_alive():
            self._thread.join(self._patience_seconds)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen([*self._command, "--parent", str(os.getpid())])  # noqa: S603  # ourselves
            self._process.wait()
            if not self._stopping.wait(_START_AGAIN_SECONDS):
                log.warning("courier.started_again")
