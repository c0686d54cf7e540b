"""Starts the local stack: `python -m deploy.local run` keeps it up, `… demo` shows it at work."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from client.demo import show_seeds
from deploy.local.redis_server import NoRedisServer
from deploy.local.stack import Stack, StackError
from jobs.settings import Settings

_MOST_ENDS = 5  # of processes that ended by themselves, not by somebody's signal …
_AMONG_SECONDS = 60.0  # … within so many seconds
_STOPS = (signal.SIGINT, signal.SIGTERM)  # SIGINT too: a shell makes its background jobs ignore it


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("what", choices=["run", "demo"])
    what = parser.parse_args().what
    for stop in _STOPS:
        signal.signal(stop, _interrupt)
    try:
        return _demo() if what == "demo" else _run(Settings.from_environment())
    except (StackError, NoRedisServer, ValueError) as error:
        print(f"khulasa: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Khulasa has stopped.", flush=True)
        return 0


def _run(settings: Settings) -> int:
    with Stack(settings) as stack:
        print(f"Khulasa is ready at {stack.url}", flush=True)
        ends: list[float] = []
        while True:
            if ended := stack.ended():
                now = time.monotonic()
                ends = [at for at in ends if at > now - _AMONG_SECONDS] + ([] if ended.was_killed else [now])
                if len(ends) >= _MOST_ENDS:
                    break
                print(f"The {ended.name} ended; another is started. {ended.log} says more.", flush=True)
                stack.start_again(ended)
            time.sleep(0.5)
        print(f"khulasa: {ended.name} ended; {ended.log} ends with\n{ended.last_lines()}", file=sys.stderr)
        return 1


def _demo() -> int:
    """Uses a folder of its own and a free port, so that it may run beside `make run`."""
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(prefix="khulasa-demo-") as folder:
        own = {"port": 0, "data_dir": Path(folder)}
        changes = {name: value for name, value in own.items() if name not in settings.model_fields_set}
        print("Starting Redis, a worker and the API …", flush=True)
        with Stack(settings.model_copy(update=changes)) as stack:
            print(f"Khulasa is ready at {stack.url}", flush=True)
            seeds = sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.txt"))
            good = show_seeds(stack.url, seeds)
        print("Redis, the worker and the API are stopped.", flush=True)
        return 0 if good else 1


def _interrupt(*_: Any) -> None:
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)  # an impatient second one must not leave half of it running
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
