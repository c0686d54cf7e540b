"""The dead-letter list: what was given up is kept for an operator, and no longer than its job."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from jobs.dead.letters import DeadLetters
from jobs.errors import (
    BrokenModel,
    JobGone,
    JobNotFound,
    KhulasaError,
    Poisoned,
    QueueFull,
    StepCrashed,
    StoreUnavailable,
)
from jobs.job import Job, Status, Webhook
from jobs.queue import StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import connect, utc_now
from jobs.webhooks.delivery import delivery_id
from jobs.webhooks.outbox import DELIVERY
from tests.commands import Command
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, submit
from tests.records import a_job, a_store

DEAD = "01DEAD"


class Bench:
    def __init__(self, settings: Settings) -> None:
        self.redis: Redis = connect(settings, retries=0)
        self.store = a_store(self.redis, settings)
        self.queue = StepQueue(make_celery(settings), self.redis)
        self.letters = DeadLetters(self.redis, self.store, self.queue)

    def end(self, error: KhulasaError | None, job_id: str = DEAD, **facts: object) -> Job:
        """A job that has just ended: with that error in its summary, or well."""
        job = a_job(job_id, utc_now()).model_copy(update=facts)
        self.store.create(job, "نص المقال")
        self.store.change(job_id, partial(_end, error=error))
        return self.store.peek(job_id)

    def listed(self) -> list[str]:
        return [job.id for job in self.letters.all(utc_now())]


def _end(job: Job, error: KhulasaError | None) -> None:
    now = utc_now()
    for name, step in job.steps.items():
        if step.status is Status.FAILED:
            continue  # with what it needs
        job.start(name, token="t", now=now, lease_seconds=10)
        if error and name == "summary":
            job.fail(name, error, token="t", now=now)
        else:
            job.succeed(name, token="t", receipt=step.receipt, now=now)


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


@pytest.mark.parametrize("error", [Poisoned("x"), StepCrashed("x")], ids=lambda error: error.code)
def test_a_job_whose_step_was_given_up_is_listed(bench: Bench, error: KhulasaError) -> None:
    bench.end(error)
    assert bench.listed() == [DEAD]
    assert bench.letters.count(utc_now()) == 1


@pytest.mark.parametrize("error", [None, BrokenModel("x")], ids=["succeeded", "failed otherwise"])
def test_any_other_end_is_not_listed(bench: Bench, error: KhulasaError | None) -> None:
    bench.end(error)
    assert bench.listed() == []


def test_a_job_is_listed_only_once_it_has_ended(bench: Bench) -> None:
    bench.store.create(a_job(DEAD, utc_now()), "نص")

    def crash(job: Job) -> None:
        job.start("summary", token="t", now=utc_now(), lease_seconds=10)
        job.fail("summary", StepCrashed("x"), token="t", now=utc_now())

    bench.store.change(DEAD, crash)
    assert bench.listed() == []


def test_the_end_and_the_place_on_the_list_are_written_together_or_not_at_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise RedisConnectionError("cut")

    bench.store.create(a_job(DEAD, utc_now()), "نص")
    with monkeypatch.context() as patch:
        patch.setattr("jobs.store.JobStore._write", cut)
        with pytest.raises(StoreUnavailable):
            bench.store.change(DEAD, partial(_end, error=Poisoned("x")))
    assert not bench.store.peek(DEAD).is_terminal
    assert bench.redis.exists("khulasa:dead") == 0


def test_a_later_write_does_not_bring_back_what_was_dropped(bench: Bench) -> None:
    bench.end(Poisoned("x"))
    bench.letters.drop(DEAD)
    bench.store.change(DEAD, lambda job: job.metadata.update(a="b"))
    assert bench.listed() == []
    assert bench.store.peek(DEAD).status is Status.FAILED


def test_erasing_a_job_takes_it_off_the_list(bench: Bench) -> None:
    bench.end(Poisoned("x"))
    bench.store.delete(DEAD)
    assert bench.redis.exists("khulasa:dead") == 0


def test_what_has_expired_is_dropped_when_it_is_listed_or_looked_at(bench: Bench) -> None:
    for job_id in ("01GONE", "01ASKED", "01KEPT"):
        bench.end(Poisoned("x"), job_id)
    bench.redis.delete("khulasa:job:01GONE", "khulasa:job:01ASKED")  # as their TTL would
    with pytest.raises(JobGone):
        bench.letters.get("01ASKED")
    assert bench.redis.zrange("khulasa:dead", 0, -1) == ["01GONE", "01KEPT"]
    assert bench.listed() == ["01KEPT"]
    assert bench.redis.zrange("khulasa:dead", 0, -1) == ["01KEPT"]


def test_the_list_is_trimmed_by_expiry_on_every_write_and_ends_by_itself(bench: Bench) -> None:
    past = (utc_now() - timedelta(seconds=1)).timestamp()
    bench.redis.zadd("khulasa:dead", {"01PAST": past})
    assert bench.letters.count(utc_now()) == 0
    bench.end(Poisoned("x"))
    assert bench.redis.zrange("khulasa:dead", 0, -1) == [DEAD]
    assert int(bench.redis.ttl("khulasa:dead")) > 0
    assert bench.letters.count(utc_now() + timedelta(seconds=61)) == 0


def test_a_retry_is_a_job_of_its_own_with_all_that_was_submitted(bench: Bench) -> None:
    webhook = Webhook(url="https://desk.example/hook", events=["job.failed"])
    facts = {"owner": "desk", "metadata": {"a": "b"}, "lane": "bulk", "webhook": webhook, "work": "f" * 64}
    dead = bench.end(Poisoned("x"), **facts)
    now = utc_now()
    retried = bench.letters.retry(DEAD, now)
    stored = bench.store.get(retried.id)
    job = stored.job
    assert (stored.text, stored.results) == ("نص المقال", {})
    same = {"owner", "metadata", "lane", "ttl_seconds", "article"}
    assert job.model_dump(include=same) == dead.model_dump(include=same)
    assert (job.status, job.created_at, job.work, job.fresh) == (Status.QUEUED, now, None, True)
    assert job.webhook == webhook
    for name, step in job.steps.items():
        before = dead.steps[name]
        assert (step.status, step.attempts, step.problem, step.token) == (Status.QUEUED, 0, None, None)
        assert (step.queue, step.after, step.options) == (before.queue, before.after, before.options)
        assert (step.segments_total, bool(step.receipt)) == (4, bool(before.receipt))
    assert bench.queue.depths() == {"summary": 1, "translation": 1, "bulk": 0}
    assert bench.store.page("desk", None, None, 9) == [retried.id]


def test_a_retry_leaves_the_dead_job_and_what_was_told_of_it_as_they_are(bench: Bench) -> None:
    webhook = Webhook(url="https://desk.example/hook", events=["job.failed"])
    dead = bench.end(Poisoned("x"), webhook=webhook)
    retried = bench.letters.retry(DEAD, utc_now())
    assert bench.store.peek(DEAD) == dead
    assert bench.redis.exists(DELIVERY.format(delivery_id(DEAD, 1))) == 1
    bench.store.change(retried.id, partial(_end, error=Poisoned("again")))
    assert bench.redis.exists(DELIVERY.format(delivery_id(retried.id, 1))) == 1
    assert bench.listed() == [retried.id]


def test_of_two_retries_at_once_one_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.end(Poisoned("x"))
    get = bench.store.get

    def get_while_another_retries(job_id: str) -> object:
        monkeypatch.setattr(bench.store, "get", get)
        bench.letters.retry(job_id, utc_now())
        return get(job_id)

    monkeypatch.setattr(bench.store, "get", get_while_another_retries)
    with pytest.raises(JobNotFound):
        bench.letters.retry(DEAD, utc_now())
    assert bench.store.unfinished() == 1


def test_a_retry_that_is_refused_leaves_the_list_as_it_was(redis_settings: Settings) -> None:
    bench = Bench(redis_settings.model_copy(update={"max_queued_jobs": 1}))
    bench.end(Poisoned("x"))
    bench.store.create(a_job("01OTHER", utc_now()), "نص")
    with pytest.raises(QueueFull):
        bench.letters.retry(DEAD, utc_now())
    assert bench.listed() == [DEAD]
    assert bench.store.unfinished() == 1


@pytest.mark.parametrize("act", ["get", "drop", "retry"])
def test_what_is_not_on_the_list_is_said_to_be_not(bench: Bench, act: str) -> None:
    bench.end(BrokenModel("x"))
    acts: dict[str, Callable[[], object]] = {
        "get": lambda: bench.letters.get(DEAD),
        "drop": lambda: bench.letters.drop(DEAD),
        "retry": lambda: bench.letters.retry(DEAD, utc_now()),
    }
    with pytest.raises(JobNotFound, match="not on the dead-letter list"):
        acts[act]()


def test_the_command_shows_the_record_and_nothing_of_the_article(
    bench: Bench, redis_settings: Settings, tmp_path: Path
) -> None:
    job = a_job(DEAD, utc_now())
    job.article.title, job.article.reference, job.metadata = "عنوان سري", "cms-\x1b[2J7", {"a": "سر"}
    job.webhook = Webhook(url="https://desk.example/secret-path", events=["job.failed"])
    job.steps["summary"].options = {"glossary": "قاموس"}
    bench.end(Poisoned("3 attempts ended without a word"), **dict(job))
    command = Command("dead", redis_settings, tmp_path)
    shown = command("show", DEAD).stdout
    for fact in (
        "poisoned: 3 attempts ended",
        "dependency-failed",
        "translation",
        "10 characters",
        "job.failed",
    ):
        assert fact in shown
    for text in ("نص المقال", "عنوان", "سر", "قاموس", "secret-path", "\x1b"):
        assert text not in shown + command("list").stdout


@pytest.mark.parametrize("act", ["show", "retry", "drop"])
def test_a_mistake_is_one_line(redis_settings: Settings, tmp_path: Path, act: str) -> None:
    done = Command("dead", redis_settings, tmp_path)(act, "01NOBODY")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "khulasa dead list" in done.stderr


def test_the_operator_works_through_what_a_real_stack_has_given_up(
    start_stack: StartStack, tmp_path: Path
) -> None:
    quick = {"lease_seconds": 2, "requeue_seconds": 2, "reap_interval_seconds": 0.3, "max_attempts": 1}
    stack = start_stack(**quick, steps_dir="tests/doubles")
    mended = tmp_path / "mended"
    command = Command("dead", Settings(data_dir=tmp_path / "data"), tmp_path)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        options = {"killed": {"mended_by": str(mended)}}
        killed = submit(api, ARABIC, steps=["killed", "summary"], options=options, metadata={"desk": "7"})
        raising = submit(api, ARABIC, steps=["raising"])
        dead = {job["id"]: finish(api, job["id"]) for job in (killed, raising)}

        listed = command("list").stdout
        assert f"{killed['id']}" in listed
        assert "killed (poisoned)" in listed
        assert "raising (step-crashed)" in listed
        assert "khulasa_dead_jobs 2.0" in api.get("/metrics").text
        shown = command("show", killed["id"]).stdout
        assert "poisoned: 1 attempts ended" in shown
        assert ARABIC not in listed + shown

        mended.touch()
        new_id = command("retry", killed["id"]).stdout.split()[5].rstrip(",")
        retried = finish(api, new_id)
        assert (retried["status"], retried["metadata"]) == ("succeeded", {"desk": "7"})
        assert retried["results"]["killed"]["text"] == "alive"
        assert api.get(f"/v1/jobs/{killed['id']}").json() == dead[killed["id"]]

        assert command("drop", raising["id"]).returncode == 0
        assert command("list").stdout == "The dead-letter list is empty.\n"
        assert api.get(f"/v1/jobs/{raising['id']}").json() == dead[raising["id"]]
        assert "khulasa_dead_jobs 0.0" in api.get("/metrics").text
