"""Starts a worker: `python -m worker [--queues summary,translation,bulk,webhooks] [--processes 1]`."""

import argparse
import os
import socket
import sys

from jobs.queue import QUEUES, WEBHOOKS, check_queues
from jobs.settings import Settings

_ALL = (*QUEUES, WEBHOOKS)


def main() -> None:
    arguments = _parser().parse_args()
    queues = arguments.queues.split(",")
    try:
        check_queues(queues, among=_ALL)
        settings = Settings.from_environment()
    except ValueError as error:
        sys.exit(f"worker: {error}")
    name = arguments.name.replace("%h", socket.gethostname())
    if set(queues) == {WEBHOOKS}:
        _run_courier(settings, name, arguments.parent)
    else:
        _run_steps(settings, queues, arguments.processes, name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker", description="Runs steps from the queue and delivers webhooks."
    )
    parser.add_argument("--queues", default=",".join(_ALL), help="comma-separated; all by default")
    parser.add_argument("--processes", type=int, default=1, help="steps that run side by side")
    parser.add_argument("--name", default=f"worker-{os.getpid()}@%h", help="unique among the workers")
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)  # a courier ends with who started it
    return parser


def _run_courier(settings: Settings, name: str, parent: int | None) -> None:
    from worker.courier import run_courier  # noqa: PLC0415  # neither Celery nor models in this process

    run_courier(settings, name, parent=parent)


def _run_steps(settings: Settings, queues: list[str], processes: int, name: str) -> None:
    from worker.app import make_worker  # noqa: PLC0415
    from worker.courier import CourierBeside  # noqa: PLC0415

    # Read by the engine when it is loaded, in a pool process: its threads are set in the open, not by OpenMP.
    os.environ["OMP_NUM_THREADS"] = str(settings.engine_threads or 1)
    companions = [CourierBeside(f"courier-{name}", settings)] if WEBHOOKS in queues else []
    of_steps = [queue for queue in queues if queue != WEBHOOKS]
    worker = make_worker(settings, queues=of_steps, processes=processes, companions=companions)
    worker.worker_main(
        [
            "--quiet",  # no banner: the log is JSON lines
            "worker",
            f"--queues={','.join(of_steps)}",
            f"--concurrency={processes}",
            f"--hostname={name}",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",  # nobody listens, and with Redis away it holds up the loop, even its end
        ]
    )


if __name__ == "__main__":
    main()
