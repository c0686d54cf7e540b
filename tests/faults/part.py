"""A part of the service: a real process that a test starts, kills, freezes and starts again."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local.process import Process
from tests.faults.guardian import Guardian


class Part:
    """Start it in the main thread: Linux ends a process with the thread that has started it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        guardian: Guardian,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._guardian = guardian
        self._pass_fds = pass_fds
        self._process: Process | None = None
        self._earlier: list[Process] = []  # killed alone: what they had started may live on
        self.starts = 0

    @property
    def pid(self) -> int:
        assert self._process, f"{self.name} was not started"
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.has_ended

    def start(self) -> None:
        """In place of an earlier one; says nothing of when it is ready."""
        if self._process:
            assert self._process.has_ended, f"{self.name} still runs"
            self._earlier.append(self._process)
        self._earlier = [process for process in self._earlier if not self._is_over(process)]
        self._process = Process(
            self.name, self._command, environment=self._environment, log=self.log, pass_fds=self._pass_fds
        )
        self._guardian.watch(self._process.pid)
        self.starts += 1

    def kill(self) -> None:
        """SIGKILL to it and to all that it has started."""
        if self._process:
            self._process.kill()

    def kill_alone(self) -> None:
        """SIGKILL to the first process only: its children have to find out."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def kill_child(self) -> bool:
        """SIGKILL to what it has started, a pool process or a gunicorn child; False if there is none yet."""
        children = self.children()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return bool(children)

    def terminate(self) -> None:
        """SIGTERM: it may take its time."""
        os.kill(self.pid, signal.SIGTERM)

    def restart(self) -> None:
        self.kill()
        self.start()

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def children(self) -> list[int]:
        with suppress(FileNotFoundError, ProcessLookupError):
            return [int(it) for it in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    def text(self) -> str:
        """All that it has logged, over all its starts."""
        return self.log.read_text("utf-8", "replace")

    def end(self) -> None:
        """For good, with all that any of its starts has left."""
        for process in [*self._earlier, *filter(None, [self._process])]:
            process.kill()
            self._guardian.forget(process.pid)

    def _is_over(self, process: Process) -> bool:
        """Nothing is left of what it had started either."""
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            process.kill()  # closes its log
            self._guardian.forget(process.pid)
            return True
        return False
