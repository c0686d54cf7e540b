"""The loaded engines of one process: each loaded once, dropped when idle or when another needs its memory."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobs.errors import BrokenModel
from models.installed import Model

EngineT = TypeVar("EngineT")
_SLACK_SECONDS = 0.01  # a timer must not be early


@dataclass
class _Slot(Generic[EngineT]):
    engine: EngineT
    memory_mb: int
    used_at: float


class Loaded(Generic[EngineT]):
    """A step keeps the engine that it was given until it ends, dropped from here or not."""

    def __init__(
        self, *, idle_seconds: float, memory_mb: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle_seconds = idle_seconds
        self._budget_mb = memory_mb
        self._clock = clock
        self._slots: dict[tuple[str, str], _Slot[EngineT]] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def get(self, model: Model, load: Callable[[], EngineT]) -> EngineT:
        """The engine of `model`, loaded if need be; raises BrokenModel where it alone is over the budget."""
        key = (str(model.path), model.fingerprint)
        with self._lock:
            if key not in self._slots:
                self._make_room(model)
                self._slots[key] = _Slot(load(), model.needed_mb, 0.0)
            slot = self._slots[key]
            slot.used_at = self._clock()
            if self._timer is None:
                self._sweep_later()
        return slot.engine

    def sweep(self) -> None:
        """Drop what has been idle for too long."""
        with self._lock:
            oldest = self._clock() - self._idle_seconds
            self._slots = {key: slot for key, slot in self._slots.items() if slot.used_at > oldest}
            self._timer = None
            if self._slots:
                self._sweep_later()

    def _make_room(self, model: Model) -> None:
        if self._budget_mb is None:
            return
        if model.needed_mb > self._budget_mb:
            raise BrokenModel(
                f"{model.name} needs {model.needed_mb} MB; KHULASA_MODEL_MEMORY_MB allows {self._budget_mb}"
            )
        while sum(slot.memory_mb for slot in self._slots.values()) + model.needed_mb > self._budget_mb:
            del self._slots[min(self._slots, key=lambda key: self._slots[key].used_at)]

    def _sweep_later(self) -> None:
        due = min(slot.used_at for slot in self._slots.values()) + self._idle_seconds
        self._timer = threading.Timer(max(0.0, due - self._clock()) + _SLACK_SECONDS, self.sweep)
        self._timer.daemon = True
        self._timer.start()
