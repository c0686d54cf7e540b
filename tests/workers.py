"""What tests ask of real workers, and of the records that they leave."""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from deploy.local.process import Process
from deploy.local.stack import Stack
from jobs.job import StepRecord

SOON = 15  # for a busy machine


def step_of(stack: Stack, job_id: str, step: str) -> StepRecord:
    with stack.connect_redis() as redis:
        record = json.loads(str(redis.hget(f"khulasa:job:{job_id}", "record")))
    return StepRecord.model_validate(record["steps"][step])


def until(reached: Callable[[], bool], *, seconds: float) -> float:
    """After how long it was."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"not reached in {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began


def start_another_worker(stack: Stack, api: httpx.Client, *arguments: str) -> tuple[Process, Process]:
    """The worker that was there and the one that is there besides, when it takes messages."""
    old = stack.worker
    assert old
    stack.start_worker(*arguments)
    new = stack.worker
    assert new
    until(lambda: takes_messages(api, new), seconds=60)
    return old, new


def takes_messages(api: httpx.Client, worker: Process) -> bool:
    ready = api.get("/readyz").json()
    return any(
        name.startswith(f"worker-{worker.pid}@") for name in ready.get("checks", {}).get("workers", {})
    )


def tell(worker: Process, number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(worker.pid, number)


def pool_processes(worker: Process) -> list[int]:
    """Those that run steps: its children but for its courier."""
    return sorted(
        pid for pid, command in children(worker.pid).items() if command and "--parent" not in command
    )


def children(parent: int) -> dict[int, str]:
    """The command lines of what a process has started, by pid; a NUL ends each word."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found[int(entry.name)] = (entry / "cmdline").read_text("utf-8", "replace")
    return found
