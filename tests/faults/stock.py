"""Stocktaking: what the service has at the end, asked of it over HTTP and counted in Redis."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from redis import Redis

from tests.faults.ledger import Ledger, Stock

_RECORDS = "khulasa:job:"


def take_stock(ledger: Ledger, clients: Mapping[str, httpx.Client], redis: Redis) -> Stock:
    """`clients` by owner. The sights that this takes are noted in the ledger too."""
    jobs: dict[str, tuple[int, Any]] = {}
    for entry in ledger.entries:
        for job_id in entry.accepted_ids:
            asked_at = time.monotonic()
            response = clients[entry.owner].get(f"/v1/jobs/{job_id}")
            entry.saw(asked_at, response)
            jobs[job_id] = response.status_code, response.json()
    listed = {job["id"]: _entry_of(job) for api in clients.values() for job in _all_jobs(api)}
    stored = frozenset(str(key).removeprefix(_RECORDS) for key in redis.scan_iter(f"{_RECORDS}*", count=1000))
    return Stock(jobs, listed, stored)


def _all_jobs(api: httpx.Client) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = api.get("/v1/jobs", params={"limit": "200", **cursor}).json()
        yield from page["jobs"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def _entry_of(job: Mapping[str, Any]) -> int:
    return int(job["metadata"].get("entry", -1))
