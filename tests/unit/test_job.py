"""The life of a job record, without a store."""

from datetime import datetime, timedelta

import pytest

from jobs.errors import Fenced, StepCrashed
from jobs.job import Job, Receipt, Status
from tests.records import NOW, a_job

LATER = NOW + timedelta(seconds=100)


def start(job: Job, name: str, token: str, now: datetime = NOW) -> None:
    job.start(name, token=token, now=now, lease_seconds=10)


def succeed(job: Job, name: str, now: datetime = NOW) -> None:
    start(job, name, "t", now)
    job.succeed(name, token="t", receipt=job.steps[name].receipt, now=now)


def test_a_step_is_ready_only_when_what_it_needs_has_succeeded() -> None:
    job = a_job()
    assert job.line_up(NOW) == ["summary", "translation"]
    succeed(job, "summary")
    assert job.line_up(NOW) == ["translation"]
    assert job.steps["english_summary"].is_in_line
    assert job.line_up(NOW) == []


def test_a_running_step_is_refused_to_a_second_attempt_until_its_lease_is_over() -> None:
    job = a_job()
    start(job, "summary", "first")
    with pytest.raises(Fenced):
        start(job, "summary", "second", NOW + timedelta(seconds=9))
    start(job, "summary", "second", NOW + timedelta(seconds=10))
    assert job.steps["summary"].attempts == 2


def test_every_write_of_a_late_attempt_is_refused() -> None:
    job = a_job()
    start(job, "translation", "first")
    start(job, "translation", "second", LATER)
    with pytest.raises(Fenced):
        job.advance("translation", token="first", done=1, total=4, now=LATER, lease_seconds=10)
    with pytest.raises(Fenced):
        job.succeed("translation", token="first", receipt=None, now=LATER)
    with pytest.raises(Fenced):
        job.fail("translation", StepCrashed("x"), token="first", now=LATER)
    with pytest.raises(Fenced):
        job.release("translation", token="first")
    job.succeed("translation", token="second", receipt=None, now=LATER)
    assert job.steps["translation"].status is Status.SUCCEEDED


def test_a_step_that_is_over_stays_as_it_is() -> None:
    job = a_job()
    succeed(job, "summary")
    with pytest.raises(Fenced):
        start(job, "summary", "again", LATER)
    with pytest.raises(Fenced):
        job.fail("summary", StepCrashed("x"), token=None, now=LATER)


def test_progress_renews_the_lease_and_shows_in_the_receipt() -> None:
    job = a_job()
    start(job, "translation", "t")
    job.advance("translation", token="t", done=3, total=4, now=LATER, lease_seconds=10)
    step = job.steps["translation"]
    assert step.lease_expires_at == LATER + timedelta(seconds=10)
    assert step.receipt == Receipt(segments_in=4, segments_out=3)


def test_an_attempt_that_is_handed_back_does_not_count_and_its_step_can_be_lined_up_at_once() -> None:
    job = a_job()
    job.line_up(NOW)
    start(job, "translation", "first")
    job.advance("translation", token="first", done=3, total=4, now=NOW, lease_seconds=10)
    job.hand_back("translation", token="first")
    step = job.steps["translation"]
    assert (step.status, step.attempts, step.lease_expires_at) == (Status.RUNNING, 0, None)
    assert step.segments_done == 3
    assert job.line_up(NOW) == ["translation"]
    with pytest.raises(Fenced):
        job.hand_back("translation", token="first")
    start(job, "translation", "second")
    assert step.attempts == 1


def test_what_needs_a_step_that_was_handed_back_goes_on_waiting() -> None:
    job = a_job()
    start(job, "summary", "t")
    job.hand_back("summary", token="t")
    job.line_up(NOW)
    assert not job.steps["english_summary"].is_in_line


def test_only_its_owner_may_set_a_lease() -> None:
    job = a_job()
    start(job, "summary", "t")
    job.set_lease("summary", token="t", until=LATER)
    assert job.steps["summary"].lease_expires_at == LATER
    with pytest.raises(Fenced):
        job.set_lease("summary", token="another", until=NOW)


def test_a_job_succeeds_when_its_last_step_does() -> None:
    job = a_job()
    succeed(job, "summary")
    succeed(job, "translation")
    assert (job.status, job.finished_at) == (Status.RUNNING, None)
    succeed(job, "english_summary", LATER)
    assert (job.status, job.finished_at) == (Status.SUCCEEDED, LATER)
    assert job.expires_at == LATER + timedelta(seconds=60)


def test_a_failed_step_fails_those_that_need_it_and_then_the_job_but_no_other_step() -> None:
    job = a_job()
    start(job, "summary", "t")
    job.fail("summary", StepCrashed("broken"), token="t", now=NOW)
    problem = job.steps["english_summary"].problem
    assert problem
    assert problem.code == "dependency-failed"
    assert job.status is Status.RUNNING
    succeed(job, "translation")
    assert job.status is Status.FAILED
    assert job.steps["translation"].status is Status.SUCCEEDED


def test_a_released_step_can_be_lined_up_again_and_its_status_and_progress_do_not_fall() -> None:
    job = a_job()
    job.line_up(NOW)
    start(job, "translation", "t")
    job.advance("translation", token="t", done=3, total=4, now=NOW, lease_seconds=10)
    job.release("translation", token="t")
    assert job.line_up(NOW) == ["translation"]
    start(job, "translation", "again")
    job.advance("translation", token="again", done=1, total=4, now=NOW, lease_seconds=10)
    step = job.steps["translation"]
    assert (step.status, step.segments_done, step.attempts) == (Status.RUNNING, 3, 2)


def test_the_reaper_is_due_at_the_earliest_lease_or_when_a_step_may_be_out_of_line() -> None:
    job = a_job()
    job.line_up(NOW)
    assert job.attention_at(30) == NOW + timedelta(seconds=30)
    start(job, "summary", "t")
    assert job.attention_at(30) == NOW + timedelta(seconds=10)


def test_a_finished_job_needs_no_reaper() -> None:
    job = a_job()
    for name in job.steps:
        succeed(job, name)
    assert job.attention_at(30) is None


def test_a_job_that_follows_another_is_not_begun() -> None:
    job = a_job()
    job.follow("01LEADER")
    with pytest.raises(Fenced):
        start(job, "summary", "t")


def test_a_leader_takes_the_sooner_lane_and_turn_of_who_follows_it() -> None:
    leader, follower = a_job(), a_job("01FOLLOWER")
    leader.lane, leader.turn, follower.turn = "bulk", 5.0, 700.0
    for step in leader.steps.values():
        step.queue = "bulk"
    assert leader.hasten(follower)
    assert (leader.lane, leader.turn) == ("interactive", 700.0)
    assert {name: step.queue for name, step in leader.steps.items()} == {
        name: step.queue for name, step in follower.steps.items()
    }


def test_a_leader_that_comes_sooner_than_its_follower_stays_where_it_is() -> None:
    leader, follower = a_job(), a_job("01FOLLOWER")
    leader.turn, follower.lane, follower.turn = 9.0, "bulk", 1.0
    assert not leader.hasten(follower)
    assert (leader.lane, leader.turn) == ("interactive", 9.0)
