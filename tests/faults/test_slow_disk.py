"""Redis killed while its disk is slow: the one kill that can cost something, and what it costs."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.losses import but_for_what_is_unknown
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC

HEALTHY_WITHIN_SECONDS = 90
_TRIES = 5


@pytest.fixture
def slow_disk(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """The variables of a server that has one, and the file that says how slow, in microseconds."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler (cc) to make a slow disk with")
    library, told = tmp_path / "slow_fsync.so", tmp_path / "slow"
    source = Path(__file__).with_name("slow_fsync.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library), "SLOW_FSYNC": str(told)}, told


def test_with_everysec_a_kill_during_a_slow_sync_can_take_what_came_meanwhile_and_no_more(
    start_trial: StartTrial, slow_disk: tuple[dict[str, str], Path]
) -> None:
    """Redis answers before it writes then, for two seconds at most."""
    environment, slow = slow_disk
    trial = start_trial(redis={"appendfsync": "everysec"}, redis_environment=environment)
    sure = trial.customer().submit(ARABIC, steps=["summary"])
    trial.customer().follow(sure)
    unknown = set[str]()
    for _ in range(_TRIES):
        if not unknown:
            unknown = unknown_after_a_kill(trial, slow, microseconds=1_500_000)
    assert unknown, "no kill came while a sync was under way: this proves nothing"
    assert sure.accepted_ids[0] not in unknown
    trial.check_healthy(within_seconds=HEALTHY_WITHIN_SECONDS)
    assert but_for_what_is_unknown(trial.findings(), unknown) == []


def test_with_always_a_kill_during_a_slow_sync_takes_nothing(
    start_trial: StartTrial, slow_disk: tuple[dict[str, str], Path]
) -> None:
    environment, slow = slow_disk
    trial = start_trial(redis={"appendfsync": "always"}, redis_environment=environment)
    for _ in range(3):
        assert not unknown_after_a_kill(trial, slow, microseconds=100_000)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def unknown_after_a_kill(trial: Trial, slow: Path, *, microseconds: int) -> set[str]:
    """Ids that were accepted just before it, and that nobody has heard of after it."""
    slow.write_text(str(microseconds))
    if trial.redis.config_get("appendfsync")["appendfsync"] == "everysec":
        wait_for_a_sync(trial)
    entries = [trial.customer().submit(ARABIC, steps=["summary"]) for _ in range(3)]
    trial.service.redis.kill()
    slow.unlink()
    trial.service.redis.start()
    trial.service.wait_for_redis()
    ids = [job_id for entry in entries for job_id in entry.accepted_ids]
    assert ids
    return {job_id for job_id in ids if not trial.redis.exists(f"khulasa:seen:{job_id}")}


def wait_for_a_sync(trial: Trial) -> None:
    """Until one is under way."""
    deadline = time.monotonic() + 30
    while not trial.redis.info("persistence")["aof_pending_bio_fsync"]:
        assert time.monotonic() < deadline
        trial.redis.set("khulasa:limit:a-write", "1", ex=60)
        time.sleep(0.01)
