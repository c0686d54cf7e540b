"""Pulls that are cut off, killed, stopped, or not alone."""

import hashlib
import signal
import threading
from pathlib import Path

from models.installed import open_model
from tests.hub_server import Repository
from tests.pulling import AS_THEY_ARE, WEIGHTS, Commands, a_checkpoint, changed, wait_for

MEGABYTE = 1 << 20


def test_a_broken_connection_is_taken_up_where_it_broke(commands: Commands, repository: Repository) -> None:
    a_checkpoint(repository.folder, floats=6 * MEGABYTE)
    commands.hub.cut_after = 11 * MEGABYTE
    commands.pull("toy/marian", *AS_THEY_ARE)
    assert commands.hub.ranges(WEIGHTS) == [None, f"bytes={10 * MEGABYTE}-", f"bytes={20 * MEGABYTE}-"]


def test_a_killed_pull_leaves_the_old_model_and_is_resumed(
    commands: Commands, repository: Repository
) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    before = commands.installed()
    changed(repository)
    a_checkpoint(repository.folder, floats=6 * MEGABYTE)
    commands.hub.stall_after = 11 * MEGABYTE
    with commands.start("pull", "toy/marian", *AS_THEY_ARE) as process:
        assert commands.hub.stalled.wait(60)
        parts = commands.cache / "hub" / "models--toy--marian" / "blobs"
        wait_for(lambda: any(part.stat().st_size for part in parts.glob("*.khulasa-part")))
        process.kill()
    [part] = parts.glob("*.khulasa-part")
    arrived = part.stat().st_size
    assert commands.installed() == before
    (commands.models_dir / ".store" / "work-marian").mkdir()  # as a pull killed later leaves it
    commands.hub.stall_after = None
    commands.pull("toy/marian", *AS_THEY_ARE)
    assert commands.hub.ranges(WEIGHTS)[-1] == f"bytes={arrived}-"
    assert commands.installed() != before
    assert not (commands.models_dir / ".store" / "work-marian").exists()


def test_a_stopped_pull_says_so_and_tidies_up(commands: Commands, repository: Repository) -> None:
    commands.hub.stall_after = 1000
    with commands.start("pull", "toy/marian", *AS_THEY_ARE) as process:
        assert commands.hub.stalled.wait(60)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "khulasa: stopped; what was installed is as it was"


def test_two_pulls_at_once_wait_for_each_other(commands: Commands) -> None:
    commands.hub.stall_after = 1000
    with commands.start("pull", "toy/marian", *AS_THEY_ARE) as first:
        assert commands.hub.stalled.wait(60)
        with commands.start("pull", "toy/marian", *AS_THEY_ARE) as second:
            assert second.stderr
            assert second.stderr.readline() == "another pull is at work here; waiting for its end\n"
            commands.hub.stall_after = None
            commands.hub.released.set()
            second.communicate(timeout=60)
        first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert open_model(commands.models_dir / "marian").hub_id == "toy/marian"


def test_readers_see_a_whole_model_while_it_is_pulled_again(
    commands: Commands, repository: Repository
) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    ended = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not ended.is_set():
            model = open_model(commands.models_dir / "marian")
            for name, sha256 in model.sha256.items():
                if hashlib.sha256((model.path / name).read_bytes()).hexdigest() != sha256:
                    wrong.append(name)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        changed(repository)
        commands.pull("toy/marian", *AS_THEY_ARE)
    finally:
        ended.set()
        reader.join()
    assert wrong == []
    assert open_model(commands.models_dir / "marian").revision == repository.commit


def test_two_pulls_into_different_folders_share_what_one_of_them_fetches(
    commands: Commands, tmp_path: Path
) -> None:
    commands.hub.stall_after = 1000
    with commands.start("pull", "toy/marian", *AS_THEY_ARE) as first:
        assert commands.hub.stalled.wait(60)
        commands.hub.stall_after = None
        other = str(tmp_path / "other")
        with commands.start("pull", "toy/marian", *AS_THEY_ARE, KHULASA_MODELS_DIR=other) as second:
            asked = f"/{WEIGHTS}"
            wait_for(lambda: sum(path.endswith(asked) for way, path, _ in commands.hub.requests) >= 3)
            commands.hub.released.set()
            _, second_said = second.communicate(timeout=60)
        _, first_said = first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0), first_said + second_said
    for models_dir in (commands.models_dir, tmp_path / "other"):
        assert open_model(models_dir / "marian").hub_id == "toy/marian"
