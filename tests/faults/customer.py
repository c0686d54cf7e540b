"""A customer: a client as careful ones are, which tries again, and notes what it is told in the ledger."""

import json
import random
import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.faults.ledger import TERMINAL, Answer, Entry, Ledger

_AGAIN = frozenset({409, 429, 503})
_LONGEST_PAUSE_SECONDS = 2.0  # a Retry-After of more is for a calmer world


class OutOfPatience(AssertionError):
    """It was not done in all the time that a customer has; says what the last answer was."""


class Customer:
    """`api` carries the key of `owner`, who may be nobody; `patience_seconds` is for each thing it does."""

    def __init__(
        self,
        api: httpx.Client,
        ledger: Ledger,
        *,
        owner: str = "",
        patience_seconds: float = 120,
        chance: random.Random | None = None,
    ) -> None:
        self._api = api
        self._ledger = ledger
        self._owner = owner
        self._patience_seconds = patience_seconds
        self._chance = chance or random.Random(1)

    def submit(
        self,
        text: str,
        *,
        key: str | None = None,
        webhook: str | None = None,
        fresh: bool = True,
        hangs_up: bool = False,
        **fields: Any,
    ) -> Entry:
        """`fresh`: a job of its own, whatever others have sent; `hangs_up`: leaves in mid-body first."""
        entry = self._ledger.open(owner=self._owner, key=key, wants_webhook=webhook is not None)
        body = {"article": {"text": text}, "metadata": entry.metadata, **fields}
        if webhook:
            body["webhook"] = {"url": webhook}
        self.send(entry, json.dumps(body).encode(), fresh=fresh, hangs_up=hangs_up)
        return entry

    def send(self, entry: Entry, body: bytes, *, fresh: bool = False, hangs_up: bool = False) -> None:
        """Until it is told yes or no; without a key nothing is repeated that nobody has answered."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Idempotency-Key": entry.idempotency_key} if entry.idempotency_key else {}
        headers |= {"Cache-Control": "no-cache"} if fresh else {}
        if hangs_up:
            asked_at = time.monotonic()
            self._hang_up(headers, body)
            entry.submitted(asked_at, None)
        deadline = time.monotonic() + self._patience_seconds
        while time.monotonic() < deadline:
            answer = entry.submitted(*self._ask("POST", "/v1/jobs", content=body, headers=headers))
            if answer.status_code is None and not entry.idempotency_key:
                return
            if answer.status_code is not None and answer.status_code not in _AGAIN:
                return
            self._pause(answer)

    def follow(self, entry: Entry, *, until: frozenset[str] = TERMINAL) -> Answer | None:
        """The sight of its job in one of those statuses; None if it has no job, or one erased meanwhile."""
        if not entry.accepted_ids:
            return None
        path = f"/v1/jobs/{entry.accepted_ids[0]}"
        deadline = time.monotonic() + self._patience_seconds
        sight = None
        while time.monotonic() < deadline:
            wait = self._chance.choice([0, 0, 1, 3])
            asked_at, response = self._ask("GET", path, headers={"Prefer": f"wait={wait}"} if wait else {})
            if response is not None:
                sight = entry.saw(asked_at, response)
                if sight.status in until:
                    return sight
                if sight.status_code in (404, 410):
                    return None
            time.sleep(self._chance.uniform(0.1, 1.0) if self._patience_seconds > 5 else 0.05)
        raise OutOfPatience(f"entry {entry.number}: {path} was last {sight}")

    def erase(self, entry: Entry) -> None:
        """Until it is told so."""
        deadline = time.monotonic() + self._patience_seconds
        for job_id in entry.accepted_ids:
            while time.monotonic() < deadline:
                answer = entry.asked_to_erase(*self._ask("DELETE", f"/v1/jobs/{job_id}"))
                if answer.status_code is not None and answer.status_code not in _AGAIN:
                    break
                self._pause(answer)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[float, httpx.Response | None]:
        asked_at = time.monotonic()
        try:
            return asked_at, self._api.request(method, path, content=content, headers=headers)
        except httpx.TransportError:
            return asked_at, None

    def _pause(self, answer: Answer) -> None:
        longest = _LONGEST_PAUSE_SECONDS if answer.status_code else 1.0
        time.sleep(self._chance.uniform(0.2, longest))

    def _hang_up(self, headers: Mapping[str, str], body: bytes) -> None:
        """With all of it sent, or a part."""
        sent = body[: self._chance.choice([len(body), len(body) // 2, len(body) - 1])]
        place = urlsplit(str(self._api.base_url))
        every = {**headers, "Host": place.netloc, "Content-Length": str(len(body))}
        every |= {name: self._api.headers[name] for name in ("X-API-Key",) if name in self._api.headers}
        head = "POST /v1/jobs HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in every.items())
        with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
            connection.sendall(head.encode() + b"\r\n" + sent)
