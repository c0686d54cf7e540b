"""Engines that hang, leak, crash, or give back what they should not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Command
from tests.faults.service import Service
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC

TWO = f"{ARABIC} وقال إن العمل يبدأ في الشهر القادم."
HEALTHY_WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def trial(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One for all of them: each leaves the service as it found it, or the next one says so."""
    folder = tmp_path_factory.mktemp("engines") / "service"
    doubles = Path(__file__).parents[1] / "doubles"
    with Service(folder, steps_dir=doubles, max_attempts=2) as service, Trial.of(service) as one:
        yield one


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("too few", "step-crashed"),
        ("too many", "step-crashed"),
        ("silent", "incomplete-translation"),
        ("garbage", "step-crashed"),
        ("out of memory", "step-crashed"),
        ("leaking", "step-crashed"),
        ("segfaulting", "poisoned"),
    ],
)
def test_an_engine_that_goes_wrong_fails_its_step_and_nothing_else(
    trial: Trial, fault: str, code: str
) -> None:
    problem = end_of(trial, steps=["bad_engine", "summary"], options={"bad_engine": {"fault": fault}})
    assert problem == code
    judge(trial, code)


def test_an_engine_that_hangs_is_given_up_and_nothing_waits_behind_it(trial: Trial) -> None:
    assert end_of(trial, steps=["hung", "summary"]) == "poisoned"
    judge(trial, "poisoned")


@pytest.mark.parametrize("fault", ["too few", "silent", "garbage"])
def test_what_a_bad_engine_gave_is_not_kept_for_a_better_one(trial: Trial, fault: str) -> None:
    """In the segment cache, where it would fail the same article for days."""
    text = f"{TWO} والخبر رقم {len(trial.ledger.entries)} من الأخبار."
    customer = trial.customer()
    bad = customer.submit(text, fresh=False, steps=["bad_engine"], options={"bad_engine": {"fault": fault}})
    customer.follow(bad)
    well = customer.submit(text, fresh=False, steps=["bad_engine"])
    sight = customer.follow(well)
    assert sight
    assert sight.status == "succeeded"


def end_of(trial: Trial, **asked: Any) -> str:
    """The problem with which the step ends; its other step succeeds, and so does the next job, in time."""
    customer = trial.customer()
    bad = customer.submit(TWO, webhook=trial.inbox.url, **asked)
    good = customer.submit(TWO, steps=["bad_engine", "summary"])
    for entry in (bad, good):
        customer.follow(entry)
    job = trial.clients[""].get(f"/v1/jobs/{bad.accepted_ids[0]}").json()
    assert job["results"]["summary"]["status"] == "succeeded"
    return str(job["problem"]["code"])


def judge(trial: Trial, code: str) -> None:
    listed = Command("dead", trial.service.settings, trial.service.folder)("list").stdout
    newest = [it for it in trial.ledger.entries if it.wants_webhook][-1]
    assert (newest.accepted_ids[0] in listed) == (code != "incomplete-translation")
    trial.judge(
        healthy_within_seconds=HEALTHY_WITHIN_SECONDS,
        may_fail=frozenset({"poisoned", "step-crashed", "incomplete-translation"}),
    )
