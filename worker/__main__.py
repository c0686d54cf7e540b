"""Starts a worker: `python -m worker [--queues summary,translation,bulk,webhooks] [--processes 1]`."""

import argparse
import os
import sys

from jobs.queue import QUEUES, check_queues
from jobs.settings import Settings
from worker.app import make_worker


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m worker", description="Runs steps from the queue.")
    parser.add_argument("--queues", default=",".join(QUEUES), help="comma-separated; all by default")
    parser.add_argument("--processes", type=int, default=1, help="steps that run side by side")
    parser.add_argument("--name", default=f"worker-{os.getpid()}@%h", help="unique among the workers")
    arguments = parser.parse_args()
    try:
        check_queues(arguments.queues.split(","))
        settings = Settings.from_environment()
    except ValueError as error:
        sys.exit(f"worker: {error}")
    # Read by the engine when it is loaded, in a pool process: its threads are set in the open, not by OpenMP.
    os.environ["OMP_NUM_THREADS"] = str(settings.engine_threads or 1)
    make_worker(settings, processes=arguments.processes).worker_main(
        [
            "--quiet",  # no banner: the log is JSON lines
            "worker",
            f"--queues={arguments.queues}",
            f"--concurrency={arguments.processes}",
            f"--hostname={arguments.name}",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
        ]
    )


if __name__ == "__main__":
    main()
