"""The Celery app of a worker and its one task."""

from typing import Any

from celery import Celery, signals

from jobs import logs
from jobs.queue import RUN_STEP, StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.workers import WorkerRegister
from models.engines import EngineOptions, Engines
from models.steps import load_steps
from worker.pulse import Pulse
from worker.reaper import Reaper
from worker.runner import StepRunner

# A worker rides out a Redis restart of about half a minute before it gives an attempt up.
_STORE_RETRIES = 10


def make_worker(settings: Settings) -> Celery:
    """The wiring of a worker process; no weights are loaded before its first step."""
    app = make_celery(settings)
    redis = connect(settings, retries=_STORE_RETRIES)
    store = JobStore(redis, settings)
    queue = StepQueue(app, redis)
    runner = StepRunner(
        store, queue, load_steps(settings.steps_dir), Engines(engine_options(settings)), settings
    )
    reaper = Reaper(store, queue, settings)

    @app.task(name=RUN_STEP)
    def run_step(job_id: str, step: str) -> None:
        runner.run(job_id, step)

    app.khulasa_register = WorkerRegister(connect(settings, retries=0))  # type: ignore[attr-defined]  # read by Pulse
    app.steps["consumer"].add(Pulse)
    _connect_signals(settings, reaper)
    return app


def engine_options(settings: Settings) -> EngineOptions:
    return EngineOptions(
        translation_model=settings.translation_model,
        threads=settings.engine_threads,
        beam_size=settings.beam_size,
        batch_tokens=settings.batch_tokens,
    )


def _connect_signals(settings: Settings, reaper: Reaper) -> None:
    def configure_logs(**_: Any) -> None:
        logs.configure(settings.log_level)

    def start_reaper(**_: Any) -> None:
        reaper.start()

    def stop_reaper(**_: Any) -> None:
        reaper.stop()

    # weak=False: these functions have no other owner.
    signals.setup_logging.connect(configure_logs, weak=False)
    signals.worker_ready.connect(start_reaper, weak=False)
    signals.worker_shutting_down.connect(stop_reaper, weak=False)
