"""The segment cache as clients notice it: in the receipt, in `no-cache`, and in what an erasure leaves."""

import itertools
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from redis import Redis

from deploy.local.process import Process
from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import Job, finish, follow

_numbers = itertools.count(1)


def sentences(count: int) -> list[str]:
    """Such as no other test has submitted."""
    return [f"وقال المتحدث رقم {next(_numbers)} إن الخطة تبدأ غدا." for _ in range(count)]


def post(api: httpx.Client, article: list[str], *, fresh: bool = False, **fields: Any) -> str:
    headers = {"Cache-Control": "no-cache"} if fresh else {}
    body = {"article": {"text": "\n".join(article)}, "steps": ["translation"], **fields}
    response = api.post("/v1/jobs", json=body, headers=headers)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def done(api: httpx.Client, article: list[str], **fields: Any) -> Job:
    job = finish(api, post(api, article, **fields))
    assert job["status"] == "succeeded", job
    return job


def hits(job: Job) -> int:
    return int(job["receipt"]["from_cache"])


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept(redis: Redis) -> set[str]:
    return {str(name) for name in redis.scan_iter("khulasa:segment*")}


def test_what_an_ended_job_has_used_is_not_noted_for_longer_than_the_job(
    api: httpx.Client, stack: Stack
) -> None:
    job = done(api, sentences(2), ttl_seconds=60)
    noted = f"khulasa:segments-of:{job['id']}"
    eventually(lambda: 0 < stack.connect_redis().ttl(noted) <= 60)


def test_the_receipt_says_how_many_segments_were_there_already(api: httpx.Client) -> None:
    article = sentences(20)
    assert hits(done(api, article)) == 0
    edited = done(api, [*article[:5], *sentences(1), *article[6:]])
    assert hits(edited) == 19
    assert edited["receipt"]["segments_out"] == 20


def test_no_cache_goes_round_it_and_leaves_its_own(api: httpx.Client) -> None:
    article = sentences(3)
    done(api, article[:2])
    assert hits(done(api, article, fresh=True)) == 0
    assert hits(done(api, article[1:])) == 2


def test_the_english_summary_shares_the_translation_s_sentences(api: httpx.Client, stack: Stack) -> None:
    job = done(api, sentences(6), steps=["summary", "translation", "english_summary"])
    targets = {it["target"] for it in job["results"]["translation"]["segments"]}
    assert {it["text"] for it in job["results"]["english_summary"]["sentences"]} <= targets
    keys = stack.connect_redis().lrange(f"khulasa:segments-of:{job['id']}", 0, -1)
    assert len(set(keys)) == 6


def test_erasing_a_job_erases_the_segments_that_only_it_used(api: httpx.Client, stack: Stack) -> None:
    article = sentences(3)
    first, second = done(api, article)["id"], done(api, article[:1])["id"]
    redis = stack.connect_redis()
    before = kept(redis)
    assert api.delete(f"/v1/jobs/{first}").status_code == 204
    assert len(before - kept(redis)) == 2 + 1  # and the list of what it used
    third = done(api, [*article, *sentences(1)])
    assert hits(third) == 1
    for job_id in (second, third["id"]):
        assert api.delete(f"/v1/jobs/{job_id}").status_code == 204
    assert hits(done(api, article)) == 0


def test_a_job_that_is_erased_while_it_runs_leaves_no_segment(start_stack: StartStack) -> None:
    stack = start_stack(batch_tokens=64)
    redis = stack.connect_redis()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = post(api, sentences(60))
        follow(api, job_id, lambda job: job["progress"]["segments_done"] >= 20)
        assert kept(redis)
        assert api.delete(f"/v1/jobs/{job_id}").status_code == 204
    assert stack.worker
    log = stack.worker.log
    eventually(lambda: "step.dropped" in log.read_text("utf-8") and not kept(redis))


def test_two_workers_do_the_sentences_that_two_articles_share_once(start_stack: StartStack) -> None:
    stack = start_stack(engine_threads=1)
    stack.start_worker("--name", "second@%h")
    shared = sentences(20)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        eventually(lambda: len(stack.connect_redis().keys("khulasa:worker:*")) == 4)  # each with its courier
        articles = [[*sentences(1), *shared], [*sentences(1), *reversed(shared)]]
        jobs = [finish(api, job_id) for job_id in [post(api, article) for article in articles]]
    assert jobs[1]["started_at"] < jobs[0]["finished_at"]  # else this shows nothing
    assert sum(hits(job) for job in jobs) == 20


@pytest.fixture
def apart(start_stack: StartStack, redis_process: tuple[Process, str]) -> tuple[Stack, Process, Redis]:
    """A stack whose cache has a Redis of its own."""
    process, url = redis_process
    return start_stack(segment_cache_url=url), process, Redis.from_url(url, decode_responses=True)


def test_a_cache_can_have_a_redis_of_its_own_which_fails_no_job_when_it_is_full(
    apart: tuple[Stack, Process, Redis],
) -> None:
    stack, _, redis = apart
    article = sentences(3)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = done(api, article)["id"]
        assert kept(redis)
        assert not kept(stack.connect_redis())
        assert hits(done(api, article[:2])) == 2
        assert api.delete(f"/v1/jobs/{job_id}").status_code == 204
        assert f"khulasa:segments-of:{job_id}" not in kept(redis)
        redis.config_set("maxmemory", "1")
        assert hits(done(api, [*article[:2], *sentences(20)])) == 2


def test_without_its_cache_a_job_is_done_and_not_erased_by_halves(
    apart: tuple[Stack, Process, Redis],
) -> None:
    stack, process, _ = apart
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = post(api, sentences(60))
        follow(api, job_id, lambda job: job["progress"]["segments_done"] > 0)
        os.kill(process.pid, signal.SIGKILL)
        job = finish(api, job_id)
        assert (job["status"], job["receipt"]["segments_out"]) == ("succeeded", 60)
        refused = api.delete(f"/v1/jobs/{job_id}")
        assert (refused.status_code, refused.json()["code"]) == (503, "store-unavailable")
        assert api.get(f"/v1/jobs/{job_id}").json() == job
