"""The child process that parses one file and can be killed."""

import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Timer

from api.files import errors
from api.files.kinds import Kind
from api.files.limits import FileLimits
from jobs.errors import ArticleTooLong, KhulasaError

log = logging.getLogger("khulasa.api")
_ROOT = Path(__file__).parents[2]
_ERRORS: dict[str, type[KhulasaError]] = {
    error.code: error
    for error in (
        ArticleTooLong,
        errors.BrokenFile,
        errors.EncryptedFile,
        errors.FileMismatch,
        errors.FileTooComplex,
        errors.FileTooLarge,
        errors.FileWithoutText,
    )
}
# Of the parent's own variables none is passed on: the child needs no secrets.
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def ask_child(kind: Kind, data: bytes, limits: FileLimits) -> tuple[str, str | None]:
    """The file's text and title. Ends, with the child, within `limits.wall_seconds`."""
    answer = _converse([kind, json.dumps(asdict(limits))], data, limits)
    try:
        reply = json.loads(answer)
    except ValueError:
        log.warning("file.refused", extra={"kind": kind, "reason": "killed"})
        detail = "reading it took more time or memory than is allowed; send the article's text instead"
        raise errors.FileTooComplex(detail) from None
    if "code" in reply:
        log.info("file.refused", extra={"kind": kind, "reason": reply["reason"]})
        raise _ERRORS[reply["code"]](reply["detail"])
    return reply["text"], reply["title"]


def _converse(arguments: list[str], data: bytes, limits: FileLimits) -> bytes:
    """What the child answered, perhaps nothing."""
    command = [sys.executable, "-s", "-m", "api.files", *arguments]
    child = subprocess.Popen(  # noqa: S603  # our own module, and arguments of our own making
        command,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a parser's warnings quote the file
        start_new_session=True,
    )
    timer = Timer(limits.wall_seconds, _kill, [child])
    timer.start()
    try:
        assert child.stdin is not None  # noqa: S101  # for mypy: both are pipes
        assert child.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):  # it reads everything first, so a broken pipe is a dead child
            child.stdin.write(data)
        with suppress(BrokenPipeError):
            child.stdin.close()
        return child.stdout.read(12 * limits.max_chars + 65_536)  # JSON may write a character as 12 bytes
    finally:
        timer.cancel()
        _kill(child)
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _kill(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
