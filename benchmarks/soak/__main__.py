"""Runs a soak (`make soak MINUTES=30`) and ends with 1 if anything grew by more than 5 % or went wrong."""

import argparse
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from benchmarks.soak.clients import TTL_SECONDS, Clients
from benchmarks.soak.feed import Feed
from benchmarks.soak.inbox import receiving
from benchmarks.soak.picture import draw
from benchmarks.soak.processes import Processes, ProcessLost
from benchmarks.soak.report import judge_all, progress, report
from benchmarks.soak.tally import Tally
from benchmarks.soak.watch import Row, Watch
from client.webhooks.receiver import Receiver
from deploy.local.stack import Stack
from jobs.settings import Settings

# A job lives for a minute, its id for another, its place in a list for two: Redis fills for that long.
_SHORTEST_WARM_UP_SECONDS = 180


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    warm_up_seconds = arguments.minutes * 60 * arguments.warm_up
    if warm_up_seconds < _SHORTEST_WARM_UP_SECONDS:
        parser.error(f"a warm-up of {warm_up_seconds:.0f} s is too short; take 8 minutes or more")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the stack is stopped
    arguments.out.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    try:
        rows = _soak(arguments, tally)
    except ProcessLost as lost:
        print(f"soak: {lost}", file=sys.stderr)
        return 1
    title = f"{tally.submitted:,} jobs in {arguments.minutes:g} minutes; shaded: the warm-up"
    draw(rows, warm_up_seconds=warm_up_seconds, title=title, file=arguments.out / "soak.png")
    found = judge_all(rows, warm_up_seconds=warm_up_seconds)
    warmed_up = next(row for row in rows if row["seconds"] > warm_up_seconds)
    for line in report(found, tally, judged_jobs=round(rows[-1]["jobs"] - warmed_up["jobs"])):
        print(line)
    return 1 if tally.troubles or any(it.is_growth for it in found) else 0


def _soak(arguments: argparse.Namespace, tally: Tally) -> list[Row]:
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="khulasa-soak-")))
        receiver, inbox, secret = exits.enter_context(receiving())
        stack = exits.enter_context(Stack(_settings(folder, receiver, secret)))
        api = exits.enter_context(_api(stack.url))
        clients = Clients(api, tally, inbox, receiver.url, arguments.seed)
        watch = Watch(Processes(stack), stack.connect_redis(), tally, arguments.out / "soak.csv")
        with Feed(clients, rate=arguments.rate, seed=arguments.seed):
            for row in watch.run(seconds=arguments.minutes * 60, every=arguments.every):
                print(progress(row), flush=True)
        if inbox.refused:
            tally.trouble(f"webhook: {inbox.refused} refused by the receiver")
        return watch.rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="in all (10)")
    parser.add_argument("--rate", type=float, default=10, help="jobs a second (10)")
    parser.add_argument("--every", type=float, default=5, help="seconds between two samples (5)")
    parser.add_argument("--warm-up", type=float, default=0.4, help="the share that is not judged (0.4)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(".khulasa/soak"), help="where soak.csv and .png go")
    return parser


def _settings(folder: Path, receiver: Receiver, secret: str) -> Settings:
    """What is kept for days is kept for a minute, so that minutes are enough to see whether it goes."""
    own: dict[str, Any] = {
        "port": 0,
        "data_dir": folder,
        "rate_limit": "1000000/minute",
        "poll_rate_limit": "1000000/minute",
        "ttl_seconds": TTL_SECONDS,
        "max_ttl_seconds": TTL_SECONDS,
        "tombstone_seconds": 60,
        "segment_cache_mb": 1,
        "segment_cache_ttl_seconds": 60,
        "step_time_limit_seconds": 60,  # Celery remembers each step for so long
        "webhook_secret": SecretStr(secret),
        "webhook_allow_http": True,
        "webhook_allowed_networks": str(receiver.network),
    }
    return Settings.from_environment().model_copy(update=own)


def _api(url: str) -> httpx.Client:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=3)
    return httpx.Client(base_url=url, timeout=130, limits=limits, trust_env=False)


if __name__ == "__main__":
    sys.exit(main())
