"""A webhook delivery as its receiver sees it: proved by its signature, and told in a few lines."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

_PREFIX = "whsec_"
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_CLOCKS = "the clocks differ, or somebody sends an old delivery again"
_REASONS = {
    "Message timestamp too old": f"its webhook-timestamp is over 5 minutes old: {_CLOCKS}",
    "Message timestamp too new": "its webhook-timestamp is over 5 minutes ahead: the clocks differ",
    "No matching signature found": "its signature is wrong: another secret made it, or its body was changed",
}
_GARBLED = "its webhook-timestamp or webhook-signature is garbled"
_LONGEST_LINE = 300


class Refused(Exception):
    """The request is no delivery to believe in; the message says why, `status` is what to answer."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Delivery:
    id: str  # the webhook-id: the same for all attempts
    attempted_at: datetime
    event: dict[str, Any]

    def as_object(self) -> dict[str, Any]:
        """For scripts."""
        attempted_at = self.attempted_at.isoformat().replace("+00:00", "Z")
        return {"webhook_id": self.id, "attempted_at": attempted_at, "event": self.event}


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


class Verifier:
    """Takes one secret, or two with a comma between while they are rotated. Raises ValueError."""

    def __init__(self, given: str) -> None:
        self._webhooks = [_webhook(one.strip()) for one in given.split(",")]

    def prove(self, body: bytes, headers: Mapping[str, str]) -> Delivery:
        """`headers` have small letters; raises Refused."""
        if missing := [name for name in _HEADERS if not headers.get(name)]:
            raise Refused(f"it is not signed: it has no {', no '.join(missing)}")
        signed = {name: headers[name] for name in _HEADERS}
        reasons = [_refusal(webhook, body, signed) for webhook in self._webhooks]
        if all(reasons):
            raise Refused(str(reasons[0]))
        try:
            event = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Refused("its signature is good, but its body is no JSON") from error
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise Refused("its signature is good, but its body is no event: it has no type")
        attempted_at = datetime.fromtimestamp(int(float(signed["webhook-timestamp"])), UTC)
        return Delivery(signed["webhook-id"], attempted_at, event)


def _webhook(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64; leave it out and one is made")
    return Webhook(key)


def _refusal(webhook: Webhook, body: bytes, headers: dict[str, str]) -> str | None:
    try:
        webhook.verify(body, headers, json_parse=False)
    except WebhookVerificationError as error:
        return _REASONS.get(str(error), _GARBLED)
    except ValueError:  # what is no base64, or no UTF-8, is no WebhookVerificationError
        return _GARBLED
    return None


def told(delivery: Delivery) -> Iterator[str]:
    """Lines for a person: whose job, how it ended, what it is about; nothing where a field is missing."""
    data = _object(delivery.event.get("data"))
    article, receipt = _object(data.get("article")), _object(data.get("receipt"))
    if data:
        names = [f"{name} {article[name]}" for name in ("reference", "title") if article.get(name)]
        yield shown(f"job {data.get('id')} {data.get('status')}", *names)
    for step, result in _object(data.get("results")).items():
        if problem := _object(_object(result).get("problem")):
            yield shown(f"{step} failed: {problem.get('code')}", problem.get("title"))
        elif sentences := _object(result).get("sentences"):
            first = _object(sentences[0]) if isinstance(sentences, list) else {}
            yield shown(f"{step}: {first.get('text')}")
    if receipt:
        counts = (
            ("segments_in", "in"),
            ("segments_out", "out"),
            ("truncated", "truncated"),
            ("flagged", "flagged"),
        )
        yield shown("segments: " + ", ".join(f"{receipt.get(name)} {word}" for name, word in counts))


def shown(*parts: object) -> str:
    """On one line, without what would steer a terminal, cut where it is long."""
    line = "".join(letter for letter in " ".join(" · ".join(map(str, parts)).split()) if letter.isprintable())
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
