"""The ledger: what clients were told and saw while the service was being broken, to be judged at the end."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.deliveries.bench import Received

Body = Mapping[str, Any]
TERMINAL = frozenset({"succeeded", "failed"})
# Refusals after which the job may be there all the same: Redis went away in the very moment.
UNSURE = frozenset({"store-unavailable", "queue-unavailable"})


@dataclass(frozen=True)
class Answer:
    """To one request; no status: the connection broke, and nobody knows what became of it."""

    asked_at: float
    answered_at: float
    status_code: int | None
    code: str | None = None  # of the problem
    job_id: str | None = None
    status: str | None = None  # of the job
    revision: int = -1  # of the job, its ETag
    digest: str = ""  # of the body

    @classmethod
    def of(cls, asked_at: float, response: httpx.Response | None) -> "Answer":
        now = time.monotonic()
        if response is None:
            return cls(asked_at, now, None)
        body = response.json() if response.content else {}
        if response.status_code >= 400:
            return cls(asked_at, now, response.status_code, code=body.get("code"))
        etag = response.headers.get("ETag", '"-1"')
        return cls(
            asked_at,
            now,
            response.status_code,
            job_id=body.get("id"),
            status=body.get("status"),
            revision=int(etag.removeprefix("W/").strip('"')),
            digest=digest_of(body),
        )


@dataclass
class Entry:
    """One article that a client wants done, with all that it was told; its number stands in the metadata."""

    number: int
    owner: str = ""
    idempotency_key: str | None = None
    wants_webhook: bool = False
    submissions: list[Answer] = field(default_factory=list)
    sights: list[Answer] = field(default_factory=list)  # what GETs showed, and the submissions' answers
    erasures: list[Answer] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, str]:
        return {"entry": str(self.number)}

    @property
    def accepted_ids(self) -> list[str]:
        return sorted({it.job_id for it in self.submissions if it.job_id})

    @property
    def unsure(self) -> int:
        """Submissions of which the client cannot know whether they were taken."""
        return sum(it.status_code is None or it.code in UNSURE for it in self.submissions)

    @property
    def erased_at(self) -> float | None:
        """When the client knew for certain that it was; 410 says so too, after an answer that was lost."""
        return min((it.answered_at for it in self.erasures if it.status_code in (204, 410)), default=None)

    @property
    def erasure_asked(self) -> bool:
        return bool(self.erasures)

    def submitted(self, asked_at: float, response: httpx.Response | None) -> Answer:
        answer = Answer.of(asked_at, response)
        self.submissions.append(answer)
        if answer.job_id:
            self.sights.append(answer)
        return answer

    def saw(self, asked_at: float, response: httpx.Response) -> Answer:
        answer = Answer.of(asked_at, response)
        self.sights.append(answer)
        return answer

    def asked_to_erase(self, asked_at: float, response: httpx.Response | None) -> Answer:
        answer = Answer.of(asked_at, response)
        self.erasures.append(answer)
        return answer


@dataclass(frozen=True)
class Event:
    """A webhook as it came."""

    webhook_id: str
    digest: str
    body: Body

    @classmethod
    def of(cls, received: Received) -> "Event":
        return cls(received.id, hashlib.sha256(received.body).hexdigest(), json.loads(received.body))

    @classmethod
    def by_job(cls, received: Sequence[Received]) -> "dict[str, list[Event]]":
        events: dict[str, list[Event]] = {}
        for event in map(cls.of, received):
            events.setdefault(event.job_id, []).append(event)
        return events

    @property
    def job_id(self) -> str:
        return str(self.body["data"]["id"])

    @property
    def entry(self) -> int:
        return int(self.body["data"]["metadata"].get("entry", -1))


@dataclass(frozen=True)
class Stock:
    """What the service has at the end: each accepted job as GET shows it, what lists and Redis hold."""

    jobs: Mapping[str, tuple[int, Body]]  # status code and body by id
    listed: Mapping[str, int]  # the number of the entry by id
    stored: frozenset[str]  # ids that have a record


class Ledger:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.entries: list[Entry] = []

    def open(self, *, owner: str = "", key: str | None = None, wants_webhook: bool = False) -> Entry:
        with self._lock:
            entry = Entry(len(self.entries), owner, key, wants_webhook)
            self.entries.append(entry)
        return entry

    def unfinished(self) -> Iterator[Entry]:
        """Accepted, not erased, and not seen at an end."""
        for entry in self.entries:
            ended = any(sight.status in TERMINAL for sight in entry.sights)
            if entry.accepted_ids and not ended and entry.erased_at is None:
                yield entry


def digest_of(body: Body) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
