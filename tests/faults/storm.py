"""The storm: a thousand jobs while processes are killed, and the exact tally at the end."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.faults.crowd import Crowd, plan
from tests.faults.service import Service
from tests.faults.strikes import Strikes
from tests.faults.tally import counted, table, tally
from tests.faults.trial import Trial

OWNERS = ("desk", "archive", "agency")
# Redis holds answered writes back while a slow disk is busy, and a kill then loses them: docs/operations.md
# says so. Here every loss is to be a defect of ours.
_MEMORY = Path("/dev/shm")  # noqa: S108  # no fixed name in it
_LOOK_SECONDS = 0.1
_PROGRESS_SECONDS = 5.0
_SETTLING_SECONDS = 120.0  # for deliveries, and what stands in sorted sets, once all jobs have ended
# Steps lose an attempt with each kill here, which is none of their doing.
_MAX_ATTEMPTS = 20


@dataclass(frozen=True)
class Storm:
    """How bad it is; `calm_minutes` may pass after the last strike until all has ended."""

    jobs: int = 1_000
    minutes: float = 5.0
    seed: int = 1
    kill_every: float = 2.0
    redis_restarts: int = 2
    appendfsync: str = "everysec"
    workers: int = 3
    calm_minutes: float = 15.0


@dataclass(frozen=True)
class Outcome:
    table: str
    off: list[str]


def rage(
    storm: Storm, folder: Path, tell: Callable[[str], None], *, redis_folder: Path | None = None
) -> Outcome:
    """Needs the main thread, as Part does."""
    with (
        tempfile.TemporaryDirectory(prefix="khulasa-", dir=_MEMORY if _MEMORY.is_dir() else None) as memory,
        Service(
            folder,
            workers=storm.workers,
            redis={"appendfsync": storm.appendfsync},
            redis_folder=redis_folder or Path(memory),
            max_attempts=_MAX_ATTEMPTS,
        ) as service,
        Trial.of(service, OWNERS) as trial,
    ):
        seconds = 60 * storm.minutes
        crowd = Crowd(
            plan(trial, OWNERS, jobs=storm.jobs, seconds=0.8 * seconds, seed=storm.seed),
            trial,
            patience_seconds=seconds + 60 * storm.calm_minutes,
        )
        strikes = Strikes(
            trial,
            every_seconds=storm.kill_every,
            seconds=seconds,
            redis_restarts=storm.redis_restarts,
            seed=storm.seed,
        )
        took = _outlast(crowd, strikes, lambda: _progress(trial, crowd, strikes), tell)
        healthy = trial.check_healthy(within_seconds=_SETTLING_SECONDS)
        off = [f"customers: {it}" for it in crowd.failures]
        off += trial.findings(within_seconds=_SETTLING_SECONDS)
        off += [f"workers: {name} is silent and still in the register" for name in _silent_workers(trial)]
        rows = tally(trial, crowd, strikes)
        rows += [("seconds until all had ended", round(took)), ("seconds of the next job", round(healthy, 1))]
        return Outcome(table(rows + counted(off)), off)


def _outlast(
    crowd: Crowd, strikes: Strikes, progress: Callable[[], str], tell: Callable[[str], None]
) -> float:
    """Until the strikes are over and every customer has what it wants, or no patience; gives the seconds."""
    began = said = time.monotonic()
    crowd.start()
    while not (crowd.is_done and strikes.are_over):
        strikes.look()
        if time.monotonic() - said > _PROGRESS_SECONDS:
            said = time.monotonic()
            tell(f"{said - began:5.0f} s  {progress()}")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began


def _progress(trial: Trial, crowd: Crowd, strikes: Strikes) -> str:
    waiting = sum(1 for _ in trial.ledger.unfinished())
    return (
        f"{crowd.started} begun, {crowd.ended} done, {waiting} jobs wait, "
        f"{len(trial.inbox.received)} webhooks, {sum(strikes.done.values())} strikes"
    )


def _silent_workers(trial: Trial) -> list[str]:
    """In the register though /readyz was asked, longer after the last kill than a pulse lives."""
    deadline = time.monotonic() + 30
    silent = [""]
    while silent and time.monotonic() < deadline:
        time.sleep(1)
        next(iter(trial.clients.values())).get("/readyz")
        names = cast("set[str]", trial.redis.smembers("khulasa:workers"))
        silent = [name for name in names if not trial.redis.exists(f"khulasa:worker:{name}")]
    return silent


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storm", description=__doc__)
    parser.add_argument("--jobs", type=int, default=Storm.jobs)
    parser.add_argument("--minutes", type=float, default=Storm.minutes, help="of strikes")
    parser.add_argument("--seed", type=int, default=Storm.seed)
    parser.add_argument("--kill-every", type=float, default=Storm.kill_every, metavar="SECONDS")
    parser.add_argument("--redis-restarts", type=int, default=Storm.redis_restarts)
    parser.add_argument("--appendfsync", choices=["everysec", "always"], default=Storm.appendfsync)
    parser.add_argument("--workers", type=int, default=Storm.workers)
    parser.add_argument("--calm-minutes", type=float, default=Storm.calm_minutes)
    parser.add_argument("--folder", type=Path, help="for logs, which then stay")
    parser.add_argument("--redis-folder", type=Path, help="for Redis's data; else in memory, where there is")
    chosen = vars(parser.parse_args())
    folder, redis_folder = chosen.pop("folder"), chosen.pop("redis_folder")
    with tempfile.TemporaryDirectory(prefix="khulasa-storm-") as scratch:
        outcome = rage(Storm(**chosen), folder or Path(scratch), say, redis_folder=redis_folder)
    say("\n".join([outcome.table, *outcome.off[:100]]))
    return 1 if outcome.off else 0


if __name__ == "__main__":
    sys.exit(main())
