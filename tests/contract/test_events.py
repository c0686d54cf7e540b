"""Server-sent events: what a browser's EventSource hears of a job."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, submit

LONG = "\n".join(f"قال الوزير إن الخطة رقم {number} تبدأ اليوم." for number in range(1, 41))
Event = dict[str, Any]


def events(lines: Iterator[str]) -> Iterator[Event]:
    event: Event = {}
    for line in lines:
        if line and not line.startswith((":", "retry")):
            name, _, value = line.partition(": ")
            event[name] = json.loads(value) if name == "data" else value
        elif event:
            yield event
            event = {}


@contextmanager
def listening(api: httpx.Client, job_id: str, last: str | None = None) -> Iterator[Iterator[Event]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with api.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield events(response.iter_lines())


def segments(heard: list[Event]) -> list[Event]:
    return [event["data"] for event in heard if event["event"] == "segment"]


def test_a_job_is_told_from_its_submission_to_its_end(api: httpx.Client) -> None:
    job_id = submit(api, LONG, steps=["translation"])["id"]
    with listening(api, job_id) as stream:
        heard = list(stream)
    assert {event["event"] for event in heard} == {"status", "progress", "segment", "done"}
    assert heard[0]["event"] == "status"
    assert heard[-1]["event"] == "done"
    assert heard[-1]["data"]["status"] == "succeeded"
    job = api.get(f"/v1/jobs/{job_id}").json()
    assert segments(heard) == job["results"]["translation"]["segments"]
    percents = [event["data"]["percent"] for event in heard if event["event"] == "progress"]
    assert percents == sorted(percents)
    assert percents[-1] == 100


def test_the_first_segments_come_before_the_last_are_done(api: httpx.Client) -> None:
    job_id = submit(api, LONG, steps=["translation"])["id"]
    with listening(api, job_id) as stream:
        for event in stream:
            if event["event"] == "segment":
                break
        job = api.get(f"/v1/jobs/{job_id}").json()
    translation = job["results"]["translation"]
    assert translation["status"] == "running"
    assert translation["text"] is None
    shown = translation["segments"]
    assert 16 <= len(shown) < 40
    assert job["receipt"]["segments_out"] == len(shown)
    assert event["data"] == shown[0]
    finish(api, job_id)


def test_a_client_that_comes_back_hears_what_it_missed_and_nothing_twice(api: httpx.Client) -> None:
    job_id = submit(api, LONG, steps=["translation"])["id"]
    first: list[Event] = []
    with listening(api, job_id) as stream:
        for event in stream:
            first.append(event)
            if len(segments(first)) == 5:
                break
    finish(api, job_id)
    with listening(api, job_id, last=first[-1]["id"]) as stream:
        rest = list(stream)
    assert [it["index"] for it in segments(first) + segments(rest)] == list(range(40))
    assert rest[-1]["event"] == "done"


def test_a_browser_that_has_heard_the_end_is_told_not_to_come_back(api: httpx.Client) -> None:
    job_id = submit(api, ARABIC, steps=["summary"])["id"]
    with listening(api, job_id) as stream:
        last = list(stream)[-1]["id"]
    response = api.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": last})
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("last", ["x", "1", "-1-1", "9" * 30 + "-1", "💥".encode().decode("latin-1")])
def test_an_event_id_that_is_not_ours_begins_from_the_start(api: httpx.Client, last: str) -> None:
    job_id = finish(api, submit(api, ARABIC, steps=["translation"])["id"])["id"]
    headers = [(b"Last-Event-ID", last.encode("latin-1"))]
    with api.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as response:
        heard = list(events(response.iter_lines()))
    assert [event["event"] for event in heard] == ["status", "progress", "segment", "done"]


def test_erasing_the_job_ends_its_stream(start_stack: StartStack) -> None:
    stack = without_worker(start_stack())
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC)["id"]
        with listening(api, job_id) as stream:
            assert next(stream)["data"]["status"] == "queued"
            with httpx.Client(base_url=stack.url, timeout=70) as other:
                other.delete(f"/v1/jobs/{job_id}")
            last = list(stream)[-1]
    assert (last["event"], last["data"]["problem"]["code"]) == ("done", "gone")


def test_an_unknown_job_has_no_stream(api: httpx.Client) -> None:
    response = api.get("/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/events")
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_when_every_place_is_taken_the_next_is_told_and_one_who_leaves_makes_room(
    start_stack: StartStack,
) -> None:
    stack = without_worker(start_stack(max_waiting_clients=1))
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC)["id"]
        with listening(api, job_id) as stream:
            next(stream)
            with httpx.Client(base_url=stack.url, timeout=70) as other:
                refused = other.get(f"/v1/jobs/{job_id}/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "too-many-waiting")
        with httpx.Client(base_url=stack.url, timeout=70) as other:
            other.delete(f"/v1/jobs/{job_id}")  # wakes the stream, which finds its client gone
            again = submit(other, ARABIC)["id"]
            for _ in range(100):
                with other.stream("GET", f"/v1/jobs/{again}/events") as response:
                    if response.status_code == 200:
                        return
    raise AssertionError("the place was not given back")


def without_worker(stack: Stack) -> Stack:
    assert stack.worker
    stack.worker.kill()
    return stack
