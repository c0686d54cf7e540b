"""The local stack as a person starts and stops it."""

import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.integration.conftest import Run, ready_url
from tests.integration.conftest import Running as Process
from tests.workers import children


class Running(NamedTuple):
    pid: int
    parent: int
    command: str


def processes_about(folder: Path, word: str = "") -> list[Running]:
    """Processes whose command line or environment names the folder: what a stack has running."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
            told = command + (entry / "environ").read_text("utf-8", "replace")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if str(folder) in told and word in command and entry.name != str(os.getpid()):
            found.append(Running(int(entry.name), parent, command))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_nothing_running(run: Run, tmp_path: Path, stop: signal.Signals) -> None:
    process = run("run", port=0, data_dir=tmp_path / "data")
    url = ready_url(process)
    assert httpx.get(f"{url}/livez").status_code == 200
    assert len(processes_about(tmp_path)) >= 4
    process.send_signal(stop)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while processes_about(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_about(tmp_path) == []


def test_it_can_be_interrupted_though_it_was_started_in_the_background(run: Run, tmp_path: Path) -> None:
    process = run("run", ignoring=signal.SIGINT, port=0, data_dir=tmp_path / "data")
    ready_url(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def test_whatever_is_killed_is_started_again_however_often(run: Run, tmp_path: Path) -> None:
    process = run("run", port=0, data_dir=tmp_path / "data")
    url = ready_url(process)
    assert process.stdout
    for command in ["-m\0worker"] * 6 + ["redis-server", "gunicorn"]:  # more than may end by themselves
        os.kill(_started_by(process, command), signal.SIGKILL)
        assert "another is started" in process.stdout.readline()
    article = {"article": {"text": "قال الوزير إن الخطة جديدة."}, "steps": ["summary"]}
    deadline = time.monotonic() + 60
    while (done := _post(url, article)).status_code != httpx.codes.OK:
        assert time.monotonic() < deadline, done.text
    assert done.json()["status"] == "succeeded"


def test_a_process_that_ends_by_itself_again_and_again_ends_it_all(run: Run, tmp_path: Path) -> None:
    process = run("run", port=0, data_dir=tmp_path / "data")
    ready_url(process)
    [kept] = (tmp_path / "data" / "redis").rglob("*.aof")
    redis = _started_by(process, "redis-server")
    kept.write_text("no Redis can read that")
    os.kill(redis, signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "redis ended" in errors


def test_a_proxy_in_the_environment_is_not_asked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    process = run("demo", data_dir=tmp_path / "data")
    output, errors = process.communicate(timeout=280)
    assert process.returncode == 0, output + errors


def test_a_taken_port_is_one_clear_sentence(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = run("run", port=taken.getsockname()[1], data_dir=tmp_path / "data")
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "KHULASA_PORT" in errors
    assert "Traceback" not in errors


def test_a_data_folder_in_use_is_one_clear_sentence(run: Run, tmp_path: Path) -> None:
    first = run("run", port=0, data_dir=tmp_path / "data")
    ready_url(first)
    second = run("run", port=0, data_dir=tmp_path / "data")
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "KHULASA_DATA_DIR" in errors


def test_an_unknown_setting_is_one_clear_sentence(run: Run, tmp_path: Path) -> None:
    process = run("run", port=0, data_dir=tmp_path / "data", colour="red")
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (
        1,
        "khulasa: unknown settings: KHULASA_COLOUR; see jobs/settings.py",
    )


def test_the_demonstration_brings_both_seeds_back_whole(run: Run, tmp_path: Path) -> None:
    process = run("demo", data_dir=tmp_path / "data")
    output, errors = process.communicate(timeout=280)
    assert process.returncode == 0, output + errors
    assert "2 of 2 articles came back whole." in output
    receipts = re.findall(r"(\d+) segments in, (\d+) out, 0 truncated", output)
    assert len(receipts) == 2
    assert all(taken_in == given_out for taken_in, given_out in receipts)


def _started_by(process: Process, command: str) -> int:
    """The pid of the part of the stack with this in its command line, once it has it."""
    while True:
        for pid, started in children(process.pid).items():
            if command in started:
                return pid
        assert process.poll() is None
        time.sleep(0.05)


def _post(url: str, body: dict[str, object]) -> httpx.Response:
    """Answered at last, though connections break meanwhile."""
    while True:
        try:
            return httpx.post(f"{url}/v1/jobs", json=body, headers={"Prefer": "wait=60"}, timeout=70)
        except httpx.TransportError:
            time.sleep(0.1)
