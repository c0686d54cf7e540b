"""The clock of one worker that jumps an hour ahead or back while it and another work."""

import time
from pathlib import Path

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.load import Load
from tests.faults.test_worker_killed import SLOW
from tests.jobs_over_http import ARABIC

HEALTHY_WITHIN_SECONDS = 90
_WRONG_SECONDS = 10.0
_HOUR = 3_600


@pytest.mark.parametrize("jump", [_HOUR, -_HOUR], ids=["ahead", "back"])
def test_a_clock_that_jumps_loses_nothing_and_makes_nothing_double(
    start_trial: StartTrial, tmp_path: Path, jump: int
) -> None:
    told = tmp_path / "clock"
    clock = {"PYTHONPATH": f"{Path(__file__).with_name('clock')}:{Path(__file__).parents[2]}"}
    trial = start_trial(workers=2, worker_environments=({**clock, "CLOCK_ERROR": str(told)}, {}))
    with Load(trial) as load:
        load.wait_for(3)
        slow = trial.customer().submit(ARABIC, **SLOW)
        told.write_text(str(jump))
        time.sleep(_WRONG_SECONDS)
        told.unlink()
        load.wait_for(3)
    sight = trial.customer().follow(slow)
    assert sight
    assert sight.status == "succeeded"
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)
