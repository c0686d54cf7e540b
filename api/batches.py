"""Batches: many submissions in one body, all of them accepted or none."""

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any

from pydantic_core import from_json

from api.acceptance import Acceptance
from api.submissions import Intake
from jobs.batch import Batch, BatchStore
from jobs.errors import (
    BatchTooLarge,
    InvalidBatch,
    InvalidSubmission,
    JobGone,
    JobNotFound,
    KhulasaError,
    MalformedBody,
)
from jobs.ids import new_id
from jobs.job import Job, Problem
from jobs.queue import BULK
from jobs.settings import Settings
from jobs.store import JobStore, utc_now
from jobs.views import job_view, rfc3339
from models.steps import Steps, result_fields

NDJSON = "application/x-ndjson"
_MOST_PROBLEMS = 100
log = logging.getLogger("khulasa.api")


class BatchIntake:
    """Raises InvalidBatch, which names the line of each article that is to be mended."""

    def __init__(self, intake: Intake, settings: Settings) -> None:
        self._intake = intake
        self._most = settings.max_batch_articles
        self._longest_line = settings.max_body_bytes

    def read_lines(self, stream: IO[bytes]) -> list[tuple[Job, str]]:
        """One submission a line; empty lines count as lines and hold nothing."""
        return self._read(self._lines(stream))

    def read_array(self, body: bytes) -> list[tuple[Job, str]]:
        """`{"jobs": […]}`; the first is line 1."""
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
        return self._read((line, json.dumps(it).encode()) for line, it in enumerate(content["jobs"], start=1))

    def _lines(self, stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
        line = 0
        while data := stream.readline(self._longest_line + 1):
            line += 1
            if len(data) > self._longest_line:
                problem = f"is over {self._longest_line} bytes; submit it by itself, or split it"
                raise InvalidBatch(
                    [{"line": line, "pointer": "", "code": "line-too-long", "detail": problem}]
                )
            if data.strip():
                yield line, data

    def _read(self, numbered: Iterable[tuple[int, bytes]]) -> list[tuple[Job, str]]:
        articles: list[tuple[Job, str]] = []
        problems: list[dict[str, Any]] = []
        for count, (line, data) in enumerate(numbered, start=1):
            if count > self._most:
                raise BatchTooLarge(f"a batch has at most {self._most} articles; split it")
            time.sleep(0.001)  # one thread serves all clients: the others' turn; at 0 gevent looks for none
            try:
                articles.append(self._intake.read(data, lane=BULK))
            except InvalidSubmission as error:
                problems += [_problem(line, error, at, detail) for at, detail in error.fields]
            except KhulasaError as error:
                problems.append(_problem(line, error, "", error.detail))
        if problems:
            raise InvalidBatch(problems[:_MOST_PROBLEMS])
        if not articles:
            raise InvalidSubmission([("", "the batch is empty; send one submission a line")])
        return articles


def _problem(line: int, error: KhulasaError, pointer: str, detail: str) -> dict[str, Any]:
    return {"line": line, "pointer": pointer, "code": error.code, "detail": detail}


class Batches:
    """What can be done with a batch."""

    def __init__(self, batches: BatchStore, store: JobStore, acceptance: Acceptance, steps: Steps) -> None:
        self._batches = batches
        self._store = store
        self._acceptance = acceptance
        self._fields = result_fields(steps)

    def accept(self, articles: list[tuple[Job, str]], owner: str, *, fresh: bool) -> Batch:
        """What cannot all be accepted is withdrawn; raises as Acceptance.accept does."""
        self._store.check_room([job for job, _ in articles])
        accepted: list[str] = []
        try:
            for job, text in articles:
                job.owner = owner
                self._acceptance.accept(job, text, fresh=fresh)
                accepted.append(job.id)
            batch = Batch(
                id=new_id(),
                owner=owner,
                created_at=utc_now(),
                ttl_seconds=max(job.ttl_seconds for job, _ in articles),
                jobs=accepted,
            )
            self._batches.create(batch)
        except KhulasaError:
            for job_id in accepted:
                self._acceptance.withdraw(job_id)
            raise
        log.info("batch.accepted", extra={"batch_id": batch.id, "articles": len(accepted)})
        return batch

    def view(self, batch: Batch) -> dict[str, Any]:
        counts = Counter(job.status if job else "gone" for job in self._store.peek_all(batch.jobs))
        unfinished = counts["queued"] + counts["running"]
        return {
            "id": batch.id,
            "created_at": rfc3339(batch.created_at),
            "expires_at": rfc3339(batch.expires_at),
            "articles": len(batch.jobs),
            "finished": unfinished == 0,
            "counts": {name: counts[name] for name in ("queued", "running", "succeeded", "failed", "gone")},
        }

    def results(self, batch: Batch) -> Iterator[bytes]:
        """Each job as it stands, a line each, in the order given; read from the store as they are sent."""
        for job_id in batch.jobs:
            try:
                told = job_view(self._store.get(job_id), self._fields)
            except (JobGone, JobNotFound) as error:
                told = {"id": job_id, "status": "gone", "problem": Problem.of(error).model_dump()}
            yield json.dumps(told, ensure_ascii=False).encode() + b"\n"
