"""The processes of a local stack by what they are, and what each holds in memory."""

import time
from collections.abc import Mapping

import psutil

from deploy.local.process import Process
from deploy.local.stack import Stack

_PATIENCE_SECONDS = 30


class ProcessLost(Exception):
    """A process ended during the run, and what stands in its place says nothing of it."""


class Processes:
    """The same six from the beginning to the end. Raises ProcessLost."""

    def __init__(self, stack: Stack) -> None:
        self._found = _found(stack)

    def resident_mib(self) -> Mapping[str, float]:
        """Resident memory (RSS) by process."""
        try:
            return {name: it.memory_info().rss / 2**20 for name, it in self._found.items()}
        except psutil.NoSuchProcess as error:
            names = [name for name, it in self._found.items() if it.pid == error.pid]
            raise ProcessLost(f"{names[0]} has ended; the logs say why") from error


def _found(stack: Stack) -> dict[str, psutil.Process]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        api, worker = _process(stack.api), _process(stack.worker)
        couriers = [it for it in worker.children() if "webhooks" in it.cmdline()]
        pool = [it for it in worker.children() if it not in couriers]
        if len(api.children()) == len(couriers) == len(pool) == 1:
            return {
                "pool child": pool[0],
                "worker": worker,
                "gunicorn child": api.children()[0],
                "gunicorn": api,
                "courier": couriers[0],
                "redis": _process(stack.redis),
            }
        time.sleep(0.1)
    raise ProcessLost("the stack does not have the six processes that it should have")


def _process(started: Process | None) -> psutil.Process:
    if started is None:
        raise ProcessLost("the stack has not started all of its processes")
    return psutil.Process(started.pid)
