"""The local stack as a command, ended with the test that started it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Running = subprocess.Popen[str]
Signal = signal.Signals
Run = Callable[..., Running]


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts `python -m deploy.local WHAT` in a tree; keyword arguments are settings."""
    with ExitStack() as exits:

        def start(
            what: str, *, root: Path = ROOT, ignoring: Signal | None = None, **settings: object
        ) -> Running:
            variables = {f"KHULASA_{name.upper()}": str(value) for name, value in settings.items()}
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", what],
                cwd=root,
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=(lambda: signal.signal(ignoring, signal.SIG_IGN)) if ignoring else None,  # noqa: PLW1509
            )
            exits.enter_context(process)  # waits for its end and closes its pipes
            exits.callback(process.terminate)
            return process

        yield start


def ready_url(process: Running) -> str:
    """Waits until the stack says where it listens."""
    assert process.stdout
    assert process.stderr
    line = process.stdout.readline()
    found = re.fullmatch(r"Khulasa is ready at (http://\S+)\n", line)
    assert found, line + process.stderr.read()
    return found[1]
