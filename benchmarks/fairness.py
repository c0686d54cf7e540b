"""What an article waits for: alone, beside thousands of another key's, and behind its own."""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.settings import Settings
from jobs.store import utc_now

_SEED = Path(__file__).parents[1] / "seeds" / "001_487d4415e1524729.txt"
_BATCH = 1_000  # articles in one body


class Desk:
    """A client with an API key of its own, whose articles nobody has translated before."""

    def __init__(self, stack: Stack, name: str) -> None:
        with stack.connect_redis() as redis:
            _, key = KeyRing(redis).create(name, now=utc_now())
        headers = {"Authorization": f"Bearer {key}", "Cache-Control": "no-cache"}
        self._api = httpx.Client(base_url=stack.url, timeout=120, trust_env=False, headers=headers)
        self._lines = [line for line in _SEED.read_text("utf-8").splitlines() if line.strip()]

    def seconds(self) -> float:
        """From the submission of one article to its end."""
        began = time.perf_counter()
        job = self._api.post("/v1/jobs", json=self._article("interactive")).raise_for_status().json()
        while not job["finished_at"]:
            answer = self._api.get(f"/v1/jobs/{job['id']}", headers={"Prefer": "wait=30"})
            job = answer.raise_for_status().json()
        if job["status"] != "succeeded":
            raise RuntimeError(f"the job has {job['status']}")
        return time.perf_counter() - began

    def send_batch(self, articles: int, lane: str) -> list[str]:
        """The ids of the batches."""
        ids = []
        for first in range(0, articles, _BATCH):
            bodies = [json.dumps(self._article(lane)) for _ in range(min(_BATCH, articles - first))]
            answer = self._api.post(
                "/v1/batches", content="\n".join(bodies), headers={"Content-Type": "application/x-ndjson"}
            )
            ids.append(str(answer.raise_for_status().json()["id"]))
        return ids

    def finished(self, batches: list[str]) -> int:
        counts = [self._api.get(f"/v1/batches/{name}").json()["counts"] for name in batches]
        return sum(count["succeeded"] for count in counts)

    def _article(self, lane: str) -> dict[str, object]:
        return {"article": {"text": "\n".join(self._lines)}, "lane": lane}


@contextmanager
def a_service() -> Iterator[Stack]:
    """One worker with one process, no cache: the least that can be unfair."""
    with tempfile.TemporaryDirectory(prefix="khulasa-fairness-") as folder:
        settings = Settings(
            port=0,
            data_dir=Path(folder),
            segment_cache_mb=0,
            max_queued_jobs=50_000,
            rate_limit="100000/minute",
        )
        with Stack(settings) as stack:
            yield stack


def measure(crowd: tuple[str, int, str] | None, rounds: int) -> tuple[list[float], int]:
    """The seconds of each round, and how many of the crowd's articles were done meanwhile."""
    with a_service() as stack:
        desk = Desk(stack, "desk")
        desk.seconds()  # loads the model
        batches: list[str] = []
        if crowd:
            whose, articles, lane = crowd
            agency = desk if whose == "desk" else Desk(stack, whose)
            batches = agency.send_batch(articles, lane)
        times = [desk.seconds() for _ in range(rounds)]
        return times, agency.finished(batches) if crowd else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000, help="of the other key")
    parser.add_argument(
        "--own", type=int, default=100, help="before it, of the same key: first in, first out"
    )
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    alone, _ = measure(None, arguments.rounds)
    idle = statistics.median(alone)
    print(f"{'':44}{'median s':>10}{'worst s':>10}{'ratio':>8}{'done beside':>13}")
    _print("alone", alone, idle, 0)
    for lane in ("interactive", "bulk"):
        times, done = measure(("agency", arguments.articles, lane), arguments.rounds)
        _print(f"beside {arguments.articles:,} of another key, {lane}", times, idle, done)
    times, done = measure(("desk", arguments.own, "interactive"), 1)
    _print(f"behind {arguments.own:,} of its own", times, idle, done)


def _print(case: str, times: list[float], idle: float, done: int) -> None:
    median = statistics.median(times)
    print(f"{case:44}{median:10.2f}{max(times):10.2f}{median / idle:8.2f}{done:13}", flush=True)


if __name__ == "__main__":
    main()
