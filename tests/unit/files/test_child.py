"""The child process is killed in time, confined, and says nothing of the text."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from api.files import FileLimits, FileReader, child, read_upload
from api.files.errors import FilesBusy, FileTooComplex

PAGE = "<p>خطة جديدة لبناء المدارس</p>".encode()


def with_child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another program in place of the parser, started just as it would be."""
    program = (
        "import sys, os, time\nfrom api.files import __main__ as inside\nfrom api.files import FileLimits\n"
    )
    start = subprocess.Popen

    def popen(command: list[str], **options: object) -> "subprocess.Popen[bytes]":
        return start([command[0], "-c", program + code], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(child.subprocess, "Popen", popen)


def test_a_child_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    with_child(monkeypatch, "time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(FileTooComplex):
        read_upload(PAGE, "text/html", None, FileLimits(wall_seconds=0.5))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("inside.confine(FileLimits(cpu_seconds=1))\nwhile True: pass", id="time"),
        pytest.param("inside.confine(FileLimits())\nbytearray(10**9)", id="memory"),
        pytest.param("os.abort()", id="crash"),
        pytest.param("sys.stdin.close(); os._exit(0)", id="silence"),
    ],
)
def test_a_child_that_dies_is_a_file_too_complex(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    with_child(monkeypatch, code)
    with pytest.raises(FileTooComplex):
        read_upload(PAGE * 10_000, "text/html", None, FileLimits(wall_seconds=10))


def test_a_child_that_floods_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with_child(monkeypatch, "while True: sys.stdout.write('x' * 100_000)")
    with pytest.raises(FileTooComplex):
        read_upload(PAGE, "text/html", None, FileLimits(max_chars=1_000))


def test_the_child_cannot_write_connect_or_start_anything(tmp_path: Path) -> None:
    code = f"""
import socket, subprocess
from api.files.__main__ import confine
from api.files import FileLimits
confine(FileLimits())
for act in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: subprocess.run(["true"])):
    try:
        act()
    except PermissionError:
        print("refused")
try:
    with open({str(tmp_path / "x")!r}, "w") as file:
        file.write("x")
except OSError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused"] * 3


def test_so_many_files_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with_child(monkeypatch, "time.sleep(60)")
    reader = FileReader(FileLimits(wall_seconds=1.5), at_once=1)

    def hang() -> None:
        with pytest.raises(FileTooComplex):
            reader.read(PAGE, "text/html", None)

    first = threading.Thread(target=hang)
    first.start()
    time.sleep(0.2)
    waiting = FileReader(FileLimits(wall_seconds=0.1), at_once=1)
    waiting._places = reader._places
    with pytest.raises(FilesBusy):
        waiting.read(PAGE, "text/html", None)
    first.join()


def test_it_works_from_threads_and_greenlets() -> None:
    pytest.importorskip("gevent")
    code = """
from gevent import monkey; monkey.patch_all()
import gevent, time
from api.files import read_upload, FileLimits
page = "<p>خطة جديدة لبناء المدارس</p>".encode()
ticks = []
ticker = gevent.spawn(lambda: [ticks.append(time.sleep(0.01)) for _ in range(1000)])
readers = [gevent.spawn(read_upload, page, "text/html", None, FileLimits()) for _ in range(3)]
gevent.joinall(readers)
print(len(ticks) > 5, *(it.value.text == "خطة جديدة لبناء المدارس" for it in readers))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4
