"""A test run that is killed leaves no process behind, not even a frozen one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.guardian import Guardian

_ROOT = Path(__file__).parents[2]
_RUN = """
import subprocess, sys, time
from tests.faults.guardian import Guardian
with Guardian() as guardian:
    child = subprocess.Popen(["sleep", "1000"], process_group=0)
    guardian.watch(child.pid)
    print(child.pid, flush=True)
    time.sleep(1000)
"""


def test_what_a_killed_run_has_started_is_killed_though_it_is_frozen() -> None:
    with subprocess.Popen([sys.executable, "-c", _RUN], cwd=_ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        child = int(run.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        run.kill()
    deadline = time.monotonic() + 30
    while _lives(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_it_was_told_to_forget_lives_on() -> None:
    with Guardian() as guardian:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, process_group=0)
        guardian.watch(process.pid)
        guardian.forget(process.pid)
    process.communicate(b"\n", timeout=30)
    assert process.returncode == 0


def _lives(pid: int) -> bool:
    """A zombie, which waits for nobody but its parent, is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
