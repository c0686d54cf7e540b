"""The loaded engines: loaded once, dropped when idle or when the memory is needed."""

import threading
from pathlib import Path

import pytest

from jobs.errors import BrokenModel
from models.engines.loaded import Loaded
from models.installed import Model


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def model(name: str, memory_mb: int = 100) -> Model:
    return Model(path=Path("/models") / name, name=name, memory_mb=memory_mb)


def loaded(memory_mb: int | None = None, clock: Clock | None = None) -> Loaded[object]:
    return Loaded(idle_seconds=60.0, memory_mb=memory_mb, clock=clock or Clock())


def test_an_engine_is_loaded_once() -> None:
    engines = loaded()
    first = engines.get(model("a"), object)
    assert engines.get(model("a"), object) is first
    assert engines.get(model("b"), object) is not first


def test_other_weights_under_the_same_name_are_loaded_anew() -> None:
    engines = loaded()
    first = engines.get(model("a"), object)
    pulled_again = model("a").model_copy(update={"sha256": {"model.bin": "other"}})
    assert engines.get(pulled_again, object) is not first


def test_what_is_idle_for_too_long_is_dropped_and_loaded_again() -> None:
    clock = Clock()
    engines = loaded(clock=clock)
    first, busy = engines.get(model("a"), object), engines.get(model("b"), object)
    clock.now = 50.0
    engines.get(model("b"), object)
    clock.now = 70.0
    engines.sweep()
    assert engines.get(model("b"), object) is busy
    assert engines.get(model("a"), object) is not first


def test_the_timer_sweeps_by_itself() -> None:
    dropped = threading.Event()

    class Engine:
        def __del__(self) -> None:
            dropped.set()

    Loaded[Engine](idle_seconds=0.05, memory_mb=None).get(model("a"), Engine)
    assert dropped.wait(10)


def test_an_engine_is_dropped_so_long_after_its_last_use_and_no_later() -> None:
    engines: Loaded[object] = Loaded(idle_seconds=60.0, memory_mb=None, clock=(clock := Clock()))
    engines.get(model("a"), object)
    clock.now = 50.0
    engines.get(model("a"), object)
    clock.now = 60.0
    engines.sweep()
    assert engines._timer is not None
    assert 50.0 <= engines._timer.interval < 51.0


def test_the_one_longest_unused_makes_room() -> None:
    clock = Clock()
    engines = loaded(memory_mb=250, clock=clock)
    held = {}
    for name in ("a", "b"):
        clock.now += 1
        held[name] = engines.get(model(name), object)
    clock.now += 1
    engines.get(model("a"), object)
    engines.get(model("c"), object)
    assert engines.get(model("a"), object) is held["a"]
    assert engines.get(model("b"), object) is not held["b"]


def test_a_model_over_the_whole_budget_is_refused_and_drops_nothing() -> None:
    engines = loaded(memory_mb=250)
    first = engines.get(model("a"), object)
    with pytest.raises(BrokenModel, match="KHULASA_MODEL_MEMORY_MB"):
        engines.get(model("huge", memory_mb=900), object)
    assert engines.get(model("a"), object) is first


def test_an_engine_that_cannot_be_loaded_is_tried_again_next_time() -> None:
    engines = loaded()

    def fail() -> object:
        raise BrokenModel("no")

    with pytest.raises(BrokenModel):
        engines.get(model("a"), fail)
    assert engines.get(model("a"), object)
