"""The inside of the child process: parses the file on standard input, answers in JSON on standard output."""

import json
import resource
import sys
from importlib import import_module
from typing import Any

from api.files.errors import BrokenFile, FileTooComplex
from api.files.limits import FileLimits
from jobs.errors import KhulasaError

# Imported by name, when needed: a parser takes longer to import than most files take to parse.
_PARSERS = {"html": "api.files.html", "docx": "api.files.docx", "pdf": "api.files.pdf.document"}
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "ctypes.",
)


def main(kind: str, limits: FileLimits) -> dict[str, Any]:
    data = sys.stdin.buffer.read(3 * limits.max_bytes)  # UTF-8 may be that much longer than a code page
    try:
        text, title = import_module(_PARSERS[kind]).read(data, limits)
    except KhulasaError as error:
        return _problem(error, error.code)
    except (MemoryError, RecursionError) as error:
        detail = "it is too large or too deeply nested; send the article's text instead"
        return _problem(FileTooComplex(detail), type(error).__name__)
    except Exception as error:  # noqa: BLE001  # whatever a parser raises, the file is what it stumbled over
        return _problem(BrokenFile("it is damaged; save it anew and send it again"), type(error).__name__)
    return {"text": _whole(text), "title": _whole(title) if title else None}


def _whole(text: str) -> str:
    """Fonts of PDFs may give a character by halves: those that meet are one, others are none."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def confine(limits: FileLimits) -> None:
    """No more time and memory than agreed; no files written, no network, no further processes."""
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)


def _problem(error: KhulasaError, reason: str) -> dict[str, str]:
    return {"code": error.code, "detail": error.detail, "reason": reason}


if __name__ == "__main__":
    _limits = FileLimits(**json.loads(sys.argv[2]))
    confine(_limits)
    sys.stdout.write(json.dumps(main(sys.argv[1], _limits)))
