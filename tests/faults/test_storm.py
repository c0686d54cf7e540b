"""A minute of the storm: kills of every kind, and the exact tally. `make faults` has five."""

from pathlib import Path

import pytest

from tests.faults.storm import Storm, rage, say

_MINUTE = Storm(jobs=120, minutes=1, redis_restarts=1, seed=20_260_101)


@pytest.mark.timeout(1_500)  # it waits as long as a busy machine needs; how long proves nothing
@pytest.mark.usefixtures("_redis_server")
def test_after_a_minute_of_kills_nothing_is_lost_stuck_or_done_twice(tmp_path: Path) -> None:
    outcome = rage(_MINUTE, tmp_path, say)
    say(outcome.table)
    assert outcome.off == []
