"""The Celery app of a worker and its one task."""

import logging
import os
from collections.abc import Sequence
from typing import Any, Protocol

from celery import Celery, signals

from jobs import logs
from jobs.line import Line
from jobs.queue import QUEUES, TAKE_STEP, StepQueue, check_queues, make_celery
from jobs.segment_cache import TIMEOUT_SECONDS, SegmentCache
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.webhooks.outbox import Outbox
from jobs.work import SharedWork
from jobs.workers import WorkerRegister
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.steps import load_steps, rebasing, result_fields
from worker.pulse import pulse_step
from worker.reaper import Reaper
from worker.runner import StepRunner
from worker.taking import Taking

log = logging.getLogger("khulasa.worker")
# A worker rides out a Redis restart of about half a minute before it gives an attempt up.
_STORE_RETRIES = 10


class Companion(Protocol):
    """Something that lives as long as the worker takes messages."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def make_worker(
    settings: Settings,
    *,
    queues: Sequence[str] = QUEUES,
    processes: int = 1,
    companions: Sequence[Companion] = (),
) -> Celery:
    """The wiring of a worker; no weights are loaded before its first step. `processes` share the cores."""
    app = make_celery(settings)
    redis = connect(settings, retries=_STORE_RETRIES)
    queue = StepQueue(app, redis)
    steps = load_steps(settings.steps_dir)
    store = JobStore(redis, settings, Outbox(result_fields(steps)))
    check_queues(step.queue for step in steps.values())
    work = SharedWork(store, queue, redis, rebasing(steps))
    engines = Engines(_engine_options(settings, processes))
    segments = SegmentStore(connect_segments(settings, timeout_seconds=TIMEOUT_SECONDS), settings)
    line = Line(redis)
    runner = StepRunner(
        taking=Taking(line, store, queues, settings.lease_seconds),
        store=store,
        queue=queue,
        work=work,
        steps=steps,
        engines=engines,
        segments=SegmentCache(segments, settings),
        settings=settings,
    )
    reaper = Reaper(store, line, queue, work, settings)

    @app.task(name=TAKE_STEP)
    def take_step(queue: str) -> None:
        try:
            runner.run_next(queue)
        except Exception:
            # The lease runs out and the reaper lines it up again; Celery's own log would quote the error.
            log.exception("step.abandoned")

    app.steps["consumer"].add(pulse_step(WorkerRegister(connect(settings, retries=0))))
    _connect_signals(settings, [reaper, *companions])
    return app


def _engine_options(settings: Settings, processes: int) -> EngineOptions:
    return EngineOptions(
        models_dir=settings.models_dir,
        translation_model=settings.translation_model,
        summary_model=settings.summary_model,
        engine=settings.engine,
        device=settings.device,
        threads=settings.engine_threads or max(1, _cores() // processes),
        beam_size=settings.beam_size,
        batch_tokens=settings.batch_tokens,
        idle_seconds=settings.model_idle_seconds,
        memory_mb=settings.model_memory_mb,
    )


def _cores() -> int:
    """Those that this process may use, where the system can tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _connect_signals(settings: Settings, companions: Sequence[Companion]) -> None:
    def configure_logs(**_: Any) -> None:
        logs.configure(settings.log_level)

    def start(**_: Any) -> None:
        for companion in companions:
            companion.start()

    def stop(**_: Any) -> None:
        for companion in companions:
            companion.stop()

    # weak=False: these functions have no other owner.
    signals.setup_logging.connect(configure_logs, weak=False)
    signals.worker_ready.connect(start, weak=False)
    signals.worker_shutting_down.connect(stop, weak=False)
