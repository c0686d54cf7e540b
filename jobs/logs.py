"""The log: one JSON object a line, an event name and identifiers, never an article or a secret."""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# Of the HTTP request that is being answered; each greenlet and thread has its own.
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        if record.name.startswith("khulasa."):  # what libraries attach may quote an article
            line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            # The message of an exception may quote the article, so only its type and place are kept.
            line["error"] = record.exc_info[0].__name__
            cause = record.exc_info[1] and record.exc_info[1].__cause__
            if cause:
                line["cause"] = type(cause).__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Sends all records of this process to stderr as JSON lines."""
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[output], force=True)
    server = logging.getLogger("gunicorn.error")  # once the application is loaded, it logs as we do
    server.handlers.clear()
    server.propagate = True
    # It spells out the message of an error; worker/app.py logs the same event without it.
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)
