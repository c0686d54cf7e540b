"""Fairness with real workers: whose article comes back first."""

from typing import Any

import httpx

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.store import utc_now
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, follow, submit


def _client(stack: Stack, name: str) -> httpx.Client:
    with stack.connect_redis() as redis:
        _, key = KeyRing(redis).create(name, now=utc_now())
    return httpx.Client(base_url=stack.url, timeout=70, headers={"X-API-Key": key})


def _book(sentences: int) -> str:
    return " ".join(f"وصل الوفد رقم {number} إلى بغداد." for number in range(sentences))


def _begun(job: dict[str, Any]) -> bool:
    return bool(job["progress"]["segments_done"] >= 16)


def test_one_article_does_not_wait_for_another_keys_book(start_stack: StartStack) -> None:
    stack = start_stack(engine_threads=1)
    with _client(stack, "agency") as agency, _client(stack, "desk") as desk:
        book = submit(agency, _book(300), steps=["translation"])
        follow(agency, book["id"], _begun)
        article = finish(desk, submit(desk, ARABIC, steps=["translation"])["id"])
        assert not follow(agency, book["id"], lambda _: True)["finished_at"]
        ended = finish(agency, book["id"])
        assert (article["status"], ended["status"]) == ("succeeded", "succeeded")
        assert ended["receipt"]["segments_out"] == 300
        with stack.connect_redis() as redis:
            assert '"attempts":1' in str(redis.hget(f"khulasa:job:{book['id']}", "record"))


def test_one_article_does_not_wait_for_another_keys_many(start_stack: StartStack) -> None:
    stack = start_stack(engine_threads=1)
    with _client(stack, "agency") as agency, _client(stack, "desk") as desk:
        many = [submit(agency, f"{ARABIC} {number}", steps=["translation"])["id"] for number in range(60)]
        one = finish(desk, submit(desk, ARABIC, steps=["translation"])["id"])
        others = [finish(agency, job_id) for job_id in many]
        waited_for = [it for it in others if it["started_at"] > one["created_at"]]
        assert sum(it["finished_at"] < one["finished_at"] for it in waited_for) <= 2
        assert len(waited_for) > 10
