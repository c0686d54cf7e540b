"""The clients of the soak: one short visit each, in every way in which the API can be used."""

import time
from collections.abc import Callable
from random import Random
from typing import Any

import httpx

from benchmarks.soak.articles import Articles
from benchmarks.soak.inbox import Inbox
from benchmarks.soak.tally import Tally

BATCH_JOBS = 10
TTL_SECONDS = 60  # the shortest that there is: so soon everything must be gone
_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.25
Job = dict[str, Any]
Visit = Callable[[float], None]


class Trouble(Exception):
    """A client did not get what it was promised; the message says which client, and what instead."""


class Clients:
    """Visits by name; each takes the moment at which it was due, so that waiting to begin counts too."""

    def __init__(self, api: httpx.Client, tally: Tally, inbox: Inbox, hook: str, seed: int) -> None:
        self._api = api
        self._tally = tally
        self._inbox = inbox
        self._hook = hook
        self._articles = Articles(seed)
        self._chance = Random(seed)
        self.visits: dict[str, Visit] = {
            "wait": self._wait,
            "poll": self._poll,
            "stream": self._stream,
            "webhook": self._webhook,
            "erase": self._erase,
            "batch": self._batch,
        }

    def visit(self, name: str, due: float) -> None:
        try:
            self.visits[name](due)
        except Trouble as trouble:
            self._tally.trouble(str(trouble))
        except httpx.HTTPError as error:
            self._tally.trouble(f"{name}: {type(error).__name__}")

    def _wait(self, due: float) -> None:
        job = self._submit("wait", {"Prefer": "wait=30"})
        while not job["finished_at"]:
            job = self._get("wait", f"/v1/jobs/{job['id']}", due, {"Prefer": "wait=30"})
        self._ended("wait", job, due)

    def _poll(self, due: float) -> None:
        self._follow("poll", self._submit("poll"), due)

    def _stream(self, due: float) -> None:
        job = self._submit("stream")
        with self._api.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
            if events.status_code != 200:
                raise Trouble(f"stream: {events.status_code}")
            if "event: done" not in events.iter_lines():
                raise Trouble("stream: it ended before its job")
        self._tally.end(time.monotonic() - due)

    def _webhook(self, due: float) -> None:
        job = self._submit("webhook", webhook={"url": self._hook, "events": ["job.succeeded", "job.failed"]})
        if not self._inbox.wait(job["id"], _PATIENCE_SECONDS):
            raise Trouble("webhook: it did not come")
        self._tally.end(time.monotonic() - due)

    def _erase(self, due: float) -> None:
        """Half of them while the job runs or waits, half when it is done."""
        job = self._submit("erase")
        if self._chance.random() < 0.5:
            self._follow("erase", job, due)
        answer = self._api.delete(f"/v1/jobs/{job['id']}")
        if answer.status_code != 204:
            raise Trouble(f"erase: {answer.status_code}")

    def _batch(self, due: float) -> None:
        jobs = [self._submission() for _ in range(BATCH_JOBS)]
        batch = self._accepted("batch", self._api.post("/v1/batches", json={"jobs": jobs}), BATCH_JOBS)
        while not batch["finished"]:
            time.sleep(_POLL_SECONDS)
            batch = self._get("batch", f"/v1/batches/{batch['id']}", due)
        if batch["counts"]["succeeded"] != BATCH_JOBS:
            raise Trouble("batch: not all of its jobs succeeded")

    def _follow(self, visit: str, job: Job, due: float) -> None:
        while not job["finished_at"]:
            time.sleep(_POLL_SECONDS)
            job = self._get(visit, f"/v1/jobs/{job['id']}", due)
        self._ended(visit, job, due)

    def _submit(self, visit: str, headers: dict[str, str] | None = None, **fields: Any) -> Job:
        return self._accepted(
            visit, self._api.post("/v1/jobs", json=self._submission() | fields, headers=headers), 1
        )

    def _submission(self) -> dict[str, Any]:
        text = self._articles.old() if self._chance.random() < 0.2 else self._articles.new()
        steps = ["summary", "translation"] if self._chance.random() < 0.25 else ["summary"]
        return {"article": {"text": text}, "steps": steps, "ttl_seconds": TTL_SECONDS}

    def _accepted(self, visit: str, answer: httpx.Response, jobs: int) -> Job:
        if answer.status_code not in {200, 202}:
            raise Trouble(f"{visit}: {answer.status_code} {answer.json().get('code')}")
        self._tally.submit(visit, jobs)
        return dict(answer.json())

    def _get(self, visit: str, path: str, due: float, headers: dict[str, str] | None = None) -> Job:
        if time.monotonic() - due > _PATIENCE_SECONDS:
            raise Trouble(f"{visit}: not done in {_PATIENCE_SECONDS:.0f} s")
        answer = self._api.get(path, headers=headers)
        if answer.status_code != 200:
            raise Trouble(f"{visit}: {answer.status_code} {answer.json().get('code')}")
        return dict(answer.json())

    def _ended(self, visit: str, job: Job, due: float) -> None:
        if job["status"] != "succeeded":
            raise Trouble(f"{visit}: a job that {job['status']}")
        self._tally.end(time.monotonic() - due)
