"""The Celery app of a worker and its one task."""

import logging
import signal
from collections.abc import Sequence
from typing import Any, Protocol

from celery import Celery, signals

from jobs import logs
from jobs.clock import SharedClock
from jobs.line import Line
from jobs.queue import QUEUES, TAKE_STEP, StepQueue, check_queues, make_celery, send_all
from jobs.segment_cache import TIMEOUT_SECONDS, SegmentCache
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.webhooks.outbox import Outbox
from jobs.work import SharedWork
from jobs.workers import WorkerRegister
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.engines.device import cores
from models.steps import load_steps, rebasing, result_fields
from worker.attempts import Journal
from worker.drain import Drain
from worker.hearing import Hearing
from worker.pulse import pulse_step
from worker.reaper import Reaper
from worker.runner import StepRunner
from worker.taking import Taking
from worker.watchdog import Watchdog

log = logging.getLogger("khulasa.worker")
# A worker rides out a Redis restart of about half a minute before it gives an attempt up.
_STORE_RETRIES = 10


class Companion(Protocol):
    """Something that lives as long as the worker takes messages."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Lasting(Companion, Protocol):
    """One that is waited for, when the worker's own steps have ended."""

    def finish(self) -> None: ...


def make_worker(
    settings: Settings,
    *,
    queues: Sequence[str] = QUEUES,
    processes: int = 1,
    companions: Sequence[Lasting] = (),
) -> Celery:
    """The wiring of a worker; no weights are loaded before its first step. `processes` share the cores."""
    app = make_celery(settings)
    redis = connect(settings, retries=_STORE_RETRIES)
    queue = StepQueue(app, redis)
    steps = load_steps(settings.steps_dir)
    outbox = Outbox(result_fields(steps))
    store = JobStore(redis, settings, outbox)
    check_queues(step.queue for step in steps.values())
    work = SharedWork(store, queue, redis, rebasing(steps))
    drain = Drain(settings.drain_seconds)
    journal = Journal()
    engines = Engines(_engine_options(settings, processes), while_loading=journal.loading)
    segments = SegmentStore(connect_segments(settings, timeout_seconds=TIMEOUT_SECONDS), settings)
    line = Line(redis)
    clock = SharedClock(redis).now
    runner = StepRunner(
        taking=Taking(line, store, queues, settings.lease_seconds, clock),
        store=store,
        queue=queue,
        work=work,
        steps=steps,
        engines=engines,
        segments=SegmentCache(segments, settings),
        drain=drain,
        journal=journal,
        settings=settings,
        clock=clock,
    )
    reaper = Reaper(store, line, queue, work, settings=settings, clock=clock)
    brisk = connect(settings, retries=1)  # for what must not keep a worker that is to stop
    brisk_queue, brisk_store = StepQueue(app, brisk), JobStore(brisk, settings, outbox)
    brisk_work = SharedWork(brisk_store, brisk_queue, brisk, rebasing(steps))
    watchdog = Watchdog(
        journal=journal,
        store=brisk_store,
        reaper=Reaper(brisk_store, Line(brisk), brisk_queue, brisk_work, settings=settings, clock=clock),
        drain=drain,
        settings=settings,
        clock=clock,
    )

    @app.task(name=TAKE_STEP)
    def take_step(name: str) -> None:
        if drain.is_on:
            send_all(queue, [name])  # it was on its way when the worker was told to stop
            return
        try:
            runner.run_next(name)
        except Exception:
            # The lease runs out and the reaper lines it up again; Celery's own log would quote the error.
            log.exception("step.abandoned")
        journal.end()  # not said by a process that is made to exit: its parent gives the step up

    hearing = Hearing(
        brisk_queue,
        drain,
        processes=processes,
        drain_seconds=settings.drain_seconds,
        stop_companions=lambda: _stop(companions),
    )
    app.steps["consumer"].add(pulse_step(WorkerRegister(connect(settings, retries=0)), hearing))
    _connect_signals(settings, drain, [reaper], [watchdog, *companions, hearing])
    return app


def _engine_options(settings: Settings, processes: int) -> EngineOptions:
    return EngineOptions(
        models_dir=settings.models_dir,
        translation_model=settings.translation_model,
        summary_model=settings.summary_model,
        engine=settings.engine,
        device=settings.device,
        threads=settings.engine_threads or max(1, cores() // processes),
        beam_size=settings.beam_size,
        batch_tokens=settings.batch_tokens,
        idle_seconds=settings.model_idle_seconds,
        memory_mb=settings.model_memory_mb,
    )


def _stop(companions: Sequence[Companion]) -> None:
    for companion in companions:
        companion.stop()


def _connect_signals(
    settings: Settings, drain: Drain, companions: Sequence[Companion], lasting: Sequence[Lasting]
) -> None:
    def configure_logs(**_: Any) -> None:
        logs.configure(settings.log_level)

    def start(**_: Any) -> None:
        # Celery's own second Ctrl-C ends its pool at once, with whatever that has to write.
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGTERM))
        for companion in (*companions, *lasting):
            companion.start()

    def stop(**_: Any) -> None:
        """In a signal handler, and again for each further signal."""
        is_first = not drain.is_on
        drain.begin()
        if is_first:
            _stop((*companions, *lasting))

    def finish(**_: Any) -> None:
        for companion in lasting:
            companion.finish()

    # weak=False: these functions have no other owner.
    signals.setup_logging.connect(configure_logs, weak=False)
    signals.worker_ready.connect(start, weak=False)
    signals.worker_shutting_down.connect(stop, weak=False)
    signals.worker_shutdown.connect(finish, weak=False)
