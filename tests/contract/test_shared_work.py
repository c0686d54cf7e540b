"""Identical work: answered from what is done, joined where it is going on, and never taken away."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import Job, finish

_numbers = itertools.count(1)


def an_article() -> str:
    """One that no other test has submitted."""
    return f"أعلن الوزير الخطة رقم {next(_numbers)} اليوم. وقال إنها تبدأ غدا؟\nانتهى الخبر."


def post(api: httpx.Client, text: str, fresh: bool = False, **fields: Any) -> httpx.Response:
    headers = {"Cache-Control": "no-cache"} if fresh else {}
    return api.post("/v1/jobs", json={"article": {"text": text}, **fields}, headers=headers)


def done(api: httpx.Client, text: str, **fields: Any) -> Job:
    job = finish(api, post(api, text, **fields).json()["id"])
    assert job["status"] == "succeeded"
    return job


@pytest.fixture
def idle(start_stack: StartStack) -> Stack:
    """No worker runs: what is submitted stays in flight until the test starts one."""
    stack = start_stack(requeue_seconds=1, reap_interval_seconds=0.2)
    assert stack.worker
    stack.worker.kill()
    return stack


@pytest.fixture
def idle_api(idle: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=idle.url, timeout=70) as client:
        yield client


def test_work_that_is_done_is_answered_at_once_under_an_id_of_its_own(api: httpx.Client) -> None:
    text = an_article()
    first = done(api, text, metadata={"desk": "one"})
    response = post(api, text, metadata={"desk": "two"}, ttl_seconds=600)
    second = response.json()
    assert (response.status_code, second["status"], second["cached"]) == (200, "succeeded", True)
    assert response.headers["Location"] == f"/v1/jobs/{second['id']}"
    assert second["id"] != first["id"]
    assert second["metadata"] == {"desk": "two"}
    assert second["expires_at"] < first["expires_at"]
    assert second["results"] == first["results"]
    assert second["receipt"] == first["receipt"]
    assert api.get(f"/v1/jobs/{second['id']}").json() == second
    assert first["cached"] is False


def test_no_cache_asks_for_a_fresh_run(api: httpx.Client) -> None:
    text = an_article()
    first = done(api, text)
    response = post(api, text, fresh=True)
    assert (response.status_code, response.json()["cached"]) == (202, False)
    again = finish(api, response.json()["id"])
    assert again["started_at"] > first["finished_at"]


@pytest.mark.parametrize(
    "other", [{"steps": ["summary"]}, {"options": {"summary": {"sentences": 1}}}], ids=["steps", "options"]
)
def test_other_steps_or_options_are_other_work(api: httpx.Client, other: dict[str, Any]) -> None:
    text = an_article()
    done(api, text)
    assert post(api, text, **other).status_code == 202


def test_a_separator_in_the_text_cannot_make_two_articles_one(api: httpx.Client) -> None:
    text = an_article()
    done(api, text)
    for other in (text.replace(". ", ".|"), f"1{text}", text + " 3:abc"):
        assert post(api, other).status_code == 202


def test_what_differs_only_in_marks_and_spaces_is_the_same_work_with_its_own_offsets(
    api: httpx.Client,
) -> None:
    text = an_article()
    first = done(api, text)
    marked = "\n " + text.replace("أعلن", "أَعلَنَ").replace("الخطة", "الخطـــة") + "  "
    response = post(api, marked)
    assert (response.status_code, response.json()["cached"]) == (200, True)
    segments = response.json()["results"]["translation"]["segments"]
    assert all(marked[it["start"] : it["end"]] == it["source"] for it in segments)
    assert "أَعلَنَ" in segments[0]["source"]
    targets = [it["target"] for it in first["results"]["translation"]["segments"]]
    assert [it["target"] for it in segments] == targets
    assert "أَعلَنَ" in response.json()["results"]["summary"]["text"]


def test_erasing_the_first_leaves_the_second_its_results(api: httpx.Client) -> None:
    text = an_article()
    first = done(api, text)
    second = post(api, text).json()
    assert api.delete(f"/v1/jobs/{first['id']}").status_code == 204
    assert api.get(f"/v1/jobs/{second['id']}").json()["results"] == first["results"]
    assert post(api, text).json()["cached"] is True  # the second answers now


def test_erasing_the_only_one_erases_what_was_kept_for_others(api: httpx.Client) -> None:
    text = an_article()
    assert api.delete(f"/v1/jobs/{done(api, text)['id']}").status_code == 204
    assert post(api, text).status_code == 202


def test_work_in_flight_is_joined_and_done_once(idle: Stack, idle_api: httpx.Client) -> None:
    text = an_article()
    with ThreadPoolExecutor(8) as clients:
        responses = list(clients.map(lambda _: post(idle_api, text), range(8)))
    assert {response.status_code for response in responses} == {202}
    ids = {response.json()["id"] for response in responses}
    assert len(ids) == 8
    redis = idle.connect_redis()
    assert redis.zcard("khulasa:line:summary") == 1
    idle.start_worker()
    jobs = [finish(idle_api, job_id) for job_id in ids]
    assert {job["status"] for job in jobs} == {"succeeded"}
    assert all(job["results"] == jobs[0]["results"] for job in jobs)
    assert idle.worker
    started = [line for line in idle.worker.log.read_text().splitlines() if '"step.started"' in line]
    assert len(started) == 3


def test_erasing_the_one_that_leads_lets_the_others_finish(idle: Stack, idle_api: httpx.Client) -> None:
    text = an_article()
    leader, *others = [post(idle_api, text).json()["id"] for _ in range(4)]
    assert idle_api.delete(f"/v1/jobs/{leader}").status_code == 204
    assert idle.connect_redis().zcard("khulasa:line:summary") == 1  # of the others one
    idle.start_worker()
    assert {finish(idle_api, job_id)["status"] for job_id in others} == {"succeeded"}
    assert idle_api.get(f"/v1/jobs/{leader}").status_code == 410


def test_a_follower_whose_leader_ended_unheard_is_found_by_the_reaper(
    idle: Stack, idle_api: httpx.Client
) -> None:
    text = an_article()
    leader, follower = (post(idle_api, text).json()["id"] for _ in range(2))
    idle.connect_redis().delete(f"khulasa:followers:{leader}")
    idle.start_worker()
    assert finish(idle_api, follower)["status"] == "succeeded"
