"""What is sent as a batch: lines, or a list, that become submissions."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any, NamedTuple

from pydantic_core import from_json

from api.submissions import Intake
from jobs.errors import BatchTooLarge, InvalidBatch, InvalidSubmission, KhulasaError, MalformedBody
from jobs.job import Job
from jobs.queue import BULK
from jobs.settings import Settings

NDJSON = "application/x-ndjson"
_MOST_PROBLEMS = 100
_LINES_AT_ONCE = 1_000  # empty ones


class Line(NamedTuple):
    """A submission as it was sent; the first line is 1."""

    number: int
    data: bytes


def digest_of(lines: Iterable[Line]) -> bytes:
    """What two submissions of the same batch have in common."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.data)
    return digest.digest()


def _look_round() -> None:
    """One thread serves all clients: the others' turn. At 0 gevent looks for none."""
    time.sleep(0.001)


class BatchIntake:
    """How a body becomes submissions, and those become jobs."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._most = settings.max_batch_articles
        self._longest_line = settings.max_body_bytes

    def lines(self, stream: IO[bytes]) -> list[Line]:
        """One submission a line; empty lines count as lines and hold nothing."""
        return self._counted(self._lines(stream))

    def entries(self, body: bytes) -> list[Line]:
        """Those of `{"jobs": […]}`."""
        try:
            content = from_json(body)
        except ValueError as error:
            raise MalformedBody("send one JSON object in UTF-8 and check its commas and quotes") from error
        if (
            not isinstance(content, dict)
            or list(content) != ["jobs"]
            or not isinstance(content["jobs"], list)
        ):
            raise InvalidSubmission([("/jobs", "send one object with a list of submissions under jobs")])
        return self._counted(self._entries(content["jobs"]))

    def read(self, lines: Iterable[Line]) -> list[tuple[Job, str]]:
        """Raises InvalidBatch, which names the line of each article that is to be mended."""
        articles: list[tuple[Job, str]] = []
        problems: list[dict[str, Any]] = []
        for line, data in lines:
            _look_round()
            try:
                articles.append(self._intake.read(data, lane=BULK))
            except InvalidSubmission as error:
                problems += [_problem(line, error, at, detail) for at, detail in error.fields]
            except KhulasaError as error:
                problems.append(_problem(line, error, "", error.detail))
        if problems:
            raise InvalidBatch(problems[:_MOST_PROBLEMS])
        return articles

    def _lines(self, stream: IO[bytes]) -> Iterator[Line]:
        line = 0
        while data := stream.readline(self._longest_line + 1):
            line += 1
            if line % _LINES_AT_ONCE == 0:
                _look_round()
            if len(data) > self._longest_line:
                problem = f"is over {self._longest_line} bytes; submit it by itself, or split it"
                raise InvalidBatch(
                    [{"line": line, "pointer": "", "code": "line-too-long", "detail": problem}]
                )
            if data.strip():
                yield Line(line, data)

    def _entries(self, jobs: list[Any]) -> Iterator[Line]:
        for number, job in enumerate(jobs, start=1):
            _look_round()
            yield Line(number, json.dumps(job, ensure_ascii=False).encode())

    def _counted(self, lines: Iterable[Line]) -> list[Line]:
        counted = list(islice(lines, self._most + 1))
        if len(counted) > self._most:
            raise BatchTooLarge(f"a batch has at most {self._most} articles; split it")
        if not counted:
            raise InvalidSubmission([("", "the batch is empty; send one submission a line")])
        return counted


def _problem(line: int, error: KhulasaError, pointer: str, detail: str) -> dict[str, Any]:
    return {"line": line, "pointer": pointer, "code": error.code, "detail": detail}
