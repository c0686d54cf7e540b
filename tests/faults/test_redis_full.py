"""Redis that has no room left, in memory or on its disk, while articles come in; and then has again."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.load import Load
from tests.faults.test_worker_killed import SLOW
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC

HEALTHY_WITHIN_SECONDS = 90
_DISK_BYTES = 4 * 2**20
_LEFT_BYTES = 64 * 2**10


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    if not (mount and umount) or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount the small disk that this needs")
    yield folder
    subprocess.run([umount, "--lazy", str(folder)], check=True)


def test_without_memory_nothing_new_is_taken_and_what_was_accepted_ends_later(
    start_trial: StartTrial,
) -> None:
    trial = start_trial()
    customer, api = trial.customer(), trial.clients[""]
    with Load(trial) as load:
        load.wait_for(4)
        running, unwanted = (customer.submit(ARABIC, **SLOW) for _ in range(2))
        trial.redis.config_set("maxmemory", "1")
        refused = api.post("/v1/jobs", json={"article": {"text": ARABIC}})
        assert (refused.status_code, refused.json()["code"]) == (503, "store-full")
        assert int(refused.headers["Retry-After"]) >= 1
        assert api.get(f"/v1/jobs/{running.accepted_ids[0]}").status_code == 200
        customer.erase(unwanted)
        assert unwanted.erased_at
        time.sleep(trial.service.settings.lease_seconds + 1)  # every lease runs out, and none can be taken
        trial.redis.config_set("maxmemory", "0")
        load.wait_for(2)
    check_parts_are_up(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)
    check_logs(trial)


def test_without_room_on_its_disk_every_write_is_503_and_all_goes_on_when_there_is_room(
    start_trial: StartTrial, small_disk: Path
) -> None:
    trial = start_trial(redis_folder=small_disk)
    with Load(trial) as load:
        load.wait_for(4)
        filler = fill(small_disk)
        assert next_refusal(trial) == "store-unavailable"
        refused = trial.clients[""].delete(f"/v1/jobs/{load.entries[0].accepted_ids[0]}")
        assert (refused.status_code, refused.json()["code"]) == (503, "store-unavailable")
        assert "room on its disk" in refused.json()["detail"]
        time.sleep(trial.service.settings.lease_seconds + 1)
        filler.unlink()
        load.wait_for(2)
    check_parts_are_up(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)
    check_logs(trial)


def test_with_always_redis_ends_when_its_disk_is_full_and_loses_nothing(
    start_trial: StartTrial, small_disk: Path
) -> None:
    trial = start_trial(redis={"appendfsync": "always"}, redis_folder=small_disk)
    with Load(trial) as load:
        load.wait_for(4)
        filler = fill(small_disk)
        deadline = time.monotonic() + 60
        while not trial.service.redis.has_ended:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert next_refusal(trial) == "store-unavailable"
        filler.unlink()
        trial.service.redis.start()
        load.wait_for(2)
    check_parts_are_up(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def fill(disk: Path) -> Path:
    """All but a little, which the next articles take."""
    used = sum(file.stat().st_size for file in disk.iterdir())
    filler = disk / "filler"
    filler.write_bytes(b"x" * (_DISK_BYTES - used - _LEFT_BYTES))
    return filler


def next_refusal(trial: Trial) -> str:
    """The code with which a submission of the load is refused from now on."""
    asked_at = time.monotonic()
    deadline = asked_at + 60
    while time.monotonic() < deadline:
        for entry in list(trial.ledger.entries):
            for answer in list(entry.submissions):
                if answer.asked_at > asked_at and answer.status_code == 503:
                    return str(answer.code)
        time.sleep(0.05)
    raise AssertionError("nobody was refused")


def check_parts_are_up(trial: Trial) -> None:
    """Those that were started first: nothing has ended and come again."""
    for part in trial.service.parts[1:]:
        assert not part.has_ended
        assert part.starts == 1


def check_logs(trial: Trial) -> None:
    for part in trial.service.parts:
        assert ARABIC[:20] not in part.text()
