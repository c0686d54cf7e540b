"""The verdict finds what is off: fabricated histories, each of which breaks the promise in one way."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.faults.ledger import Answer, Entry, Event, Stock, digest_of
from tests.faults.verdict import Case, findings

ID, OTHER = "01AAA", "01BBB"


def a_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "status": "succeeded",
        "problem": None,
        "metadata": {"entry": "0"},
        "receipt": {"segments_in": 2, "segments_out": 2, "truncated": 0},
        "results": {"summary": {"status": "succeeded", "text": "خلاصة"}},
        **changes,
    }


def an_event(body: dict[str, Any], webhook_id: str = "msg_1", digest: str = "d") -> Event:
    return Event(webhook_id, digest, {"type": f"job.{body['status']}", "data": body})


def an_answer(at: float, status_code: int | None = 200, status: str = "succeeded", **more: Any) -> Answer:
    known = {"job_id": ID, "status": status, "revision": 9, "digest": digest_of(a_body())}
    return Answer(at, at + 0.5, status_code, **{**(known if status_code in (200, 202) else {}), **more})


def sightings(*statuses: str) -> list[Answer]:
    return [an_answer(at, status=status, revision=at) for at, status in enumerate(statuses)]


@dataclass
class History:
    """A promise that was kept, for tests to spoil."""

    entry: Entry = field(default_factory=lambda: Entry(0, "desk", "key", wants_webhook=True))
    jobs: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=lambda: {ID: (200, a_body())})
    listed: dict[str, int] = field(default_factory=lambda: {ID: 0})
    stored: set[str] = field(default_factory=lambda: {ID})
    events: list[Event] = field(default_factory=lambda: [an_event(a_body())])

    def __post_init__(self) -> None:
        self.entry.submissions = [an_answer(0, 202, "queued")]
        self.entry.sights = sightings("queued", "running", "running", "succeeded", "succeeded")
        self.entry.sights[-1] = replace(self.entry.sights[-1], revision=3)

    def erase(self) -> None:
        self.entry.erasures = [an_answer(9, 204)]
        self.jobs, self.listed, self.stored = {ID: (410, {})}, {}, set()

    def findings(self) -> list[str]:
        events: dict[str, list[Event]] = {}
        for event in self.events:
            events.setdefault(event.job_id, []).append(event)
        return findings(Case([self.entry], events, Stock(self.jobs, self.listed, frozenset(self.stored))))


def lost(it: History) -> None:
    it.jobs, it.listed, it.stored = {ID: (404, {})}, {}, set()


def gone_without_an_erasure(it: History) -> None:
    it.jobs, it.listed, it.stored = {ID: (410, {})}, {}, set()


def stuck(it: History) -> None:
    it.jobs = {ID: (200, a_body(status="running"))}


def failed(it: History) -> None:
    it.jobs = {ID: (200, a_body(status="failed", problem={"code": "poisoned"}))}


def back(it: History) -> None:
    it.entry.sights = sightings("queued", "running", "queued")


def back_by_a_revision(it: History) -> None:
    it.entry.sights = [an_answer(0, status="running", revision=5), an_answer(1, status="running", revision=4)]


def two_ends(it: History) -> None:
    it.entry.sights.append(replace(it.entry.sights[-1], digest="another"))


def written_again_after_its_end(it: History) -> None:
    it.entry.sights.append(replace(it.entry.sights[-1], asked_at=9, answered_at=10, revision=10))


def truncated(it: History) -> None:
    it.jobs = {ID: (200, a_body(receipt={"segments_in": 2, "segments_out": 2, "truncated": 1}))}


def segment_dropped(it: History) -> None:
    it.jobs = {ID: (200, a_body(receipt={"segments_in": 2, "segments_out": 1, "truncated": 0}))}


def result_missing(it: History) -> None:
    it.jobs = {ID: (200, a_body(results={"summary": {"status": "succeeded", "text": None}}))}


def no_webhook(it: History) -> None:
    it.events = []


def two_webhook_ids(it: History) -> None:
    it.events.append(an_event(a_body(), webhook_id="msg_2"))


def two_webhook_bodies(it: History) -> None:
    it.events.append(an_event(a_body(), digest="another"))


def webhook_of_another_end(it: History) -> None:
    it.events = [an_event(a_body(status="failed"))]


def webhook_of_a_stranger(it: History) -> None:
    it.events.append(an_event(a_body(id=OTHER)))


def two_jobs_for_one_key(it: History) -> None:
    it.entry.submissions.append(an_answer(1, 202, "queued", job_id=OTHER))
    it.jobs[OTHER], it.listed[OTHER] = (200, a_body(id=OTHER)), 0
    it.events.append(an_event(a_body(id=OTHER)))


def unanswered_and_done_twice(it: History) -> None:
    it.entry.submissions.insert(0, an_answer(0, None))
    it.listed[OTHER] = 0


def refused_and_still_there(it: History) -> None:
    it.entry.submissions, it.entry.sights, it.events = [an_answer(0, 503, code="queue-full")], [], []


def nobodys_job(it: History) -> None:
    it.listed[OTHER] = 7


def record_in_no_list(it: History) -> None:
    it.stored.add(OTHER)


def erased_and_there(it: History) -> None:
    it.erase()
    it.jobs = {ID: (200, a_body())}


def erased_and_recorded(it: History) -> None:
    it.erase()
    it.stored, it.listed = {ID}, {ID: 0}


def back_from_the_dead(it: History) -> None:
    it.erase()
    it.entry.sights.append(an_answer(20, 200))


def bare_500(it: History) -> None:
    it.entry.sights.append(an_answer(20, 500))


SPOILT: list[tuple[Callable[[History], None], str]] = [
    (lost, "lost_or_stuck"),
    (gone_without_an_erasure, "lost_or_stuck"),
    (stuck, "lost_or_stuck"),
    (failed, "failed"),
    (back, "went_back"),
    (back_by_a_revision, "went_back"),
    (two_ends, "changed_after_its_end"),
    (written_again_after_its_end, "changed_after_its_end"),
    (truncated, "ends_without_results"),
    (segment_dropped, "ends_without_results"),
    (result_missing, "ends_without_results"),
    (no_webhook, "webhooks"),
    (two_webhook_ids, "webhooks"),
    (two_webhook_bodies, "webhooks"),
    (webhook_of_another_end, "webhooks"),
    (webhook_of_a_stranger, "webhooks"),
    (two_jobs_for_one_key, "jobs_nobody_was_promised"),
    (unanswered_and_done_twice, "jobs_nobody_was_promised"),
    (refused_and_still_there, "jobs_nobody_was_promised"),
    (nobodys_job, "jobs_nobody_was_promised"),
    (record_in_no_list, "records_without_a_list"),
    (erased_and_there, "erased_and_still_there"),
    (erased_and_recorded, "erased_and_still_there"),
    (back_from_the_dead, "erased_and_still_there"),
    (bare_500, "unheard_of_answers"),
]


@pytest.mark.parametrize(("spoil", "rule"), SPOILT)
def test_a_broken_promise_is_found(spoil: Callable[[History], None], rule: str) -> None:
    history = History()
    spoil(history)
    assert rule in {finding.partition(":")[0] for finding in history.findings()}


def erased(it: History) -> None:
    it.erase()


def erased_with_the_answer_lost(it: History) -> None:
    it.erase()
    it.entry.erasures = [an_answer(8, None), an_answer(9, 410)]


def repeated_under_its_key(it: History) -> None:
    it.entry.submissions.insert(0, an_answer(0, None))


def unanswered_without_a_key(it: History) -> None:
    it.entry.submissions, it.entry.sights, it.entry.idempotency_key = [an_answer(0, None)], [], None


def told_twice(it: History) -> None:
    it.events.append(it.events[0])


def nothing(_: History) -> None:
    """As it is."""


@pytest.mark.parametrize(
    "change",
    [
        nothing,
        erased,
        erased_with_the_answer_lost,
        repeated_under_its_key,
        unanswered_without_a_key,
        told_twice,
    ],
)
def test_a_kept_promise_is_not_found_fault_with(change: Callable[[History], None]) -> None:
    history = History()
    change(history)
    assert history.findings() == []
