"""Server-sent events: a job as it changes, from where the client last heard of it."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from api.waiting import WaitingRoom
from jobs.errors import JobGone, KhulasaError, TooManyWaiting
from jobs.job import Job, StoredJob
from jobs.store import JobStore
from jobs.views import job_summary

HEARTBEAT_SECONDS = 15.0
_LONGEST_SECONDS = 900.0  # a client that still listens then connects again by itself
_OVER = "over"
_CURSOR = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@dataclass
class _Heard:
    """What the client has; it is the event's id, so that it comes back as `Last-Event-ID`."""

    segments: int = 0
    revision: int = -1

    @classmethod
    def of(cls, last_event_id: str) -> "_Heard":
        """An id that is not ours begins from the start: hearing twice does no harm, missing does."""
        found = _CURSOR.fullmatch(last_event_id)
        return cls(int(found[1]), int(found[2])) if found else cls()


def is_over(last_event_id: str) -> bool:
    """The client has heard the end, and only its browser's habit brought it back."""
    return last_event_id == _OVER


class EventStream:
    """An iterator of `text/event-stream` lines that takes a place in the waiting room until it is closed.

    It sends the difference between the record and what was sent before, so a slow client skips steps of
    progress and nothing is held for it. Raises TooManyWaiting, and as JobStore.peek does.
    """

    def __init__(self, store: JobStore, room: WaitingRoom, job_id: str, last_event_id: str) -> None:
        store.peek(job_id)
        self._store = store
        self._job_id = job_id
        self._heard = _Heard.of(last_event_id)
        self._exits = ExitStack()
        changed = self._exits.enter_context(room.place(job_id))
        if changed is None:
            self.close()
            raise TooManyWaiting("every place for waiting is taken; poll the job, or try again")
        self._lines = self._run(changed)

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def close(self) -> None:
        """Called by the server when the client has gone."""
        self._exits.close()

    def _run(self, changed: Event) -> Iterator[str]:
        ends_at = monotonic() + _LONGEST_SECONDS
        yield "retry: 1000\n\n"
        while monotonic() < ends_at:
            changed.clear()
            try:
                stored = self._store.get(self._job_id)
            except JobGone as error:
                yield _event("done", {"id": self._job_id, "status": None, "problem": _told(error)}, _OVER)
                return
            except KhulasaError:  # Redis is away: the client comes back and goes on
                return
            yield from self._news(stored)
            if stored.job.is_terminal:
                yield _event("done", job_summary(stored.job), _OVER)
                return
            if not changed.wait(HEARTBEAT_SECONDS):
                yield ": still here\n\n"

    def _news(self, stored: StoredJob) -> Iterator[str]:
        job, heard = stored.job, self._heard
        segments = (stored.results.get("translation") or {}).get("segments") or []
        if job.revision > heard.revision:
            summary = job_summary(job)
            heard.revision = job.revision
            yield self._tell("status", {"id": job.id, "status": job.status, "steps": _statuses(job)})
            yield self._tell("progress", summary["progress"])
        for segment in segments[heard.segments :]:
            heard.segments += 1
            yield self._tell("segment", segment)

    def _tell(self, name: str, data: dict[str, Any]) -> str:
        return _event(name, data, f"{self._heard.segments}-{self._heard.revision}")


def _statuses(job: Job) -> dict[str, str]:
    return {name: step.status for name, step in job.steps.items()}


def _told(error: KhulasaError) -> dict[str, str]:
    return {"code": error.code, "title": error.title, "detail": error.detail}


def _event(name: str, data: dict[str, Any], event_id: str) -> str:
    return f"event: {name}\nid: {event_id}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
