"""Who comes next: lines, lanes and turns on a real Redis."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from jobs.job import Job
from jobs.line import Line
from jobs.settings import Settings
from jobs.store import connect, utc_now
from tests.records import a_job, a_store
from worker.taking import Taken, Taking

QUEUES = ["summary", "translation", "bulk"]
STEPS = ["summary", "translation", "english_summary"]


class Bench:
    """A store and a worker that takes what comes next."""

    def __init__(self, settings: Settings) -> None:
        self.redis = connect(settings, retries=0)
        self.store = a_store(self.redis, settings)
        self.line = Line(self.redis)
        self.taking = Taking(self.line, self.store, QUEUES, 600, utc_now)
        self._made = count(1)

    def submit(
        self, owner: str, characters: int = 10, lane: str = "interactive", steps: Sequence[str] = STEPS
    ) -> str:
        job = a_job(f"01TEST{next(self._made):06}", utc_now())
        job.steps = {name: job.steps[name] for name in steps}
        job.owner, job.lane, job.article.characters = owner, lane, characters
        for step in job.steps.values():
            step.queue = "bulk" if lane == "bulk" else step.queue
        job.line_up(utc_now())
        self.store.create(job, "نص")
        return job.id

    def take(self) -> Taken:
        taken = self.taking.take()
        assert taken
        return taken

    def succeed(self, taken: Taken) -> None:
        def end(job: Job) -> None:
            job.succeed(taken.step, token=taken.token, receipt=None, now=utc_now())
            job.line_up(utc_now())

        self.store.change(taken.job_id, end)

    def do_next(self) -> str:
        """Does the next step; gives its job."""
        taken = self.take()
        self.succeed(taken)
        return taken.job_id

    def do_all(self) -> list[str]:
        """The jobs in the order in which they end."""
        ended = []
        while taken := self.taking.take():
            self.succeed(taken)
            if self.store.peek(taken.job_id).is_terminal:
                ended.append(taken.job_id)
        return ended


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


def test_one_owners_many_hold_up_anothers_one_for_no_longer_than_the_job_under_way(bench: Bench) -> None:
    many = [bench.submit("agency") for _ in range(20)]
    bench.do_next()
    one = bench.submit("desk")
    assert bench.do_all() == [one, *many]


def test_a_job_that_was_begun_is_ended_before_the_next_of_its_owner(bench: Bench) -> None:
    jobs = [bench.submit("agency") for _ in range(3)]
    assert [bench.do_next() for _ in range(9)] == [job for job in jobs for _ in range(3)]


def test_two_owners_take_turns_by_the_characters_of_their_articles(bench: Bench) -> None:
    long = [bench.submit("agency", characters=300) for _ in range(3)]
    short = [bench.submit("desk", characters=100) for _ in range(6)]
    assert bench.do_all() == [short[0], long[0], *short[1:4], long[1], *short[4:], long[2]]


def test_an_owner_that_comes_back_has_no_debts(bench: Bench) -> None:
    for _ in range(50):
        bench.submit("agency")
    bench.do_all()
    agency, desk = ([bench.submit(owner) for _ in range(2)] for owner in ("agency", "desk"))
    assert bench.do_all() == [desk[0], agency[0], desk[1], agency[1]]


def test_owners_with_one_job_at_a_time_do_not_hold_up_one_with_many(bench: Bench) -> None:
    many = {bench.submit("agency") for _ in range(20)}
    singles = {bench.submit(owner): owner for owner in ("desk", "wire", "radio")}
    ended = []
    for _ in range(40):
        job_id = bench.do_next()
        while not bench.store.peek(job_id).is_terminal:
            job_id = bench.do_next()
        ended.append(job_id)
        if job_id in singles:
            singles[bench.submit(singles[job_id])] = singles[job_id]
    assert sum(job_id in many for job_id in ended) >= 9


def test_a_hundred_that_are_submitted_at_once_get_a_hundred_turns(bench: Bench) -> None:
    with ThreadPoolExecutor(16) as clients:
        jobs = list(clients.map(lambda _: bench.submit("agency"), range(100)))
    assert len({bench.store.peek(job_id).turn for job_id in jobs}) == 100


def test_who_waited_for_identical_work_has_spent_nothing(bench: Bench) -> None:
    leader, *same = bench.submit("agency"), *(bench.submit("desk", characters=5_000) for _ in range(2))
    for job_id in same:
        bench.store.change(job_id, lambda job: job.follow(leader))
    bench.do_all()
    for job_id in same:
        bench.store.change(job_id, lambda job: job.adopt(bench.store.peek(leader), utc_now()))
    agency, desk = bench.submit("agency"), bench.submit("desk")
    assert bench.do_all() == [desk, agency]


def test_erased_jobs_do_not_count_against_their_owner(bench: Bench) -> None:
    for job_id in [bench.submit("agency") for _ in range(50)]:
        bench.store.delete(job_id)
    others = [bench.submit("desk") for _ in range(3)]
    mine = bench.submit("agency")
    assert bench.do_all() == [others[0], mine, *others[1:]]


def test_bulk_waits_until_there_is_nothing_else(bench: Bench) -> None:
    archive = [bench.submit("agency", lane="bulk") for _ in range(2)]
    news = [bench.submit("agency") for _ in range(2)]
    assert bench.do_all() == news + archive


def test_a_step_is_taken_once_however_many_are_free(bench: Bench) -> None:
    bench.submit("desk")
    first, second = bench.take(), bench.take()
    assert {first.step, second.step} == {"summary", "translation"}
    assert bench.taking.take() is None


def test_a_worker_takes_only_from_its_own_lines(bench: Bench) -> None:
    bench.submit("desk")
    summaries = Taking(bench.line, bench.store, ["summary"], 600, utc_now)
    taken = summaries.take()
    assert taken
    assert (taken.step, summaries.take()) == ("summary", None)


def test_what_cannot_be_read_or_is_gone_does_not_stop_who_is_behind_it(bench: Bench) -> None:
    broken, gone, good = (bench.submit("desk") for _ in range(3))
    bench.redis.hset(f"khulasa:job:{broken}", "record", "{")
    bench.redis.delete(f"khulasa:job:{gone}")
    assert bench.take().job_id == good
    assert bench.line.lengths() == {"summary": 0, "translation": 1, "bulk": 0}


def test_a_job_that_ended_or_was_erased_leaves_no_turn_and_no_place_behind(bench: Bench) -> None:
    bench.submit("desk")
    bench.do_all()
    bench.store.delete(bench.submit("desk", lane="bulk"))
    left = [*bench.redis.scan_iter("khulasa:turns:*"), *bench.redis.scan_iter("khulasa:line:*")]
    assert left == []


def test_a_long_job_is_overtaken_once_it_has_come_further_than_who_waits(bench: Bench) -> None:
    bench.submit("agency", characters=1_000)
    taken = [bench.take(), bench.take()]
    job = bench.store.peek(taken[0].job_id)
    assert not bench.taking.is_overtaken(job, 0.1)
    bench.submit("desk")
    assert bench.taking.is_overtaken(job, 0.1)


def test_nobody_is_overtaken_by_later_articles_of_the_same_owner_or_by_bulk(bench: Bench) -> None:
    bench.submit("agency", characters=1_000)
    taken = [bench.take(), bench.take()]
    job = bench.store.peek(taken[0].job_id)
    bench.submit("agency")
    bench.submit("desk", lane="bulk")
    assert not bench.taking.is_overtaken(job, 0.9)


def test_bulk_is_overtaken_by_whatever_is_interactive(bench: Bench) -> None:
    bench.submit("agency", lane="bulk")
    taken = [bench.take(), bench.take()]
    bench.submit("agency")
    assert bench.taking.is_overtaken(bench.store.peek(taken[0].job_id), 0.0)


def test_who_gives_way_comes_after_those_it_has_come_further_than(bench: Bench) -> None:
    book = bench.submit("agency", characters=1_000)
    taken = [bench.take(), bench.take()]
    article, later = bench.submit("desk"), bench.submit("agency")

    def give_way(job: Job) -> None:
        job.give_way(taken[1].step, token=taken[1].token, share=0.5)
        job.line_up(utc_now())

    bench.succeed(taken[0])
    bench.store.change(book, give_way)
    step = bench.store.peek(book).steps[taken[1].step]
    assert (step.attempts, step.is_in_line) == (0, True)
    assert bench.do_all() == [article, book, later]


def test_who_waits_for_identical_work_does_not_hold_back_the_clock(bench: Bench) -> None:
    book, same = bench.submit("agency", characters=1_000), bench.submit("desk", characters=1_000)
    bench.store.change(same, lambda job: job.follow(book))
    taken = [bench.take(), bench.take()]

    def give_way(job: Job) -> None:
        job.give_way(taken[0].step, token=taken[0].token, share=0.5)

    bench.store.change(book, give_way)
    assert bench.store.peek(bench.submit("another")).turn == 500


def test_a_line_that_is_behind_gives_no_credit_in_another(bench: Bench) -> None:
    summaries = Taking(bench.line, bench.store, ["summary"], 600, utc_now)
    for _ in range(20):
        bench.submit("agency")
    owners = []
    for done in range(16):
        if done == 10 or owners[-1:] == ["desk"]:
            bench.submit("desk", steps=["summary"])
        taken = summaries.take()
        assert taken
        owners.append(bench.store.peek(taken.job_id).owner)
        bench.succeed(taken)
    assert owners[10:] == ["desk", "agency"] * 3
