"""Requests as raw bytes: each nearly right, with something in it that no client would send."""

import json
import random

from tests.fuzz.texts import FRAGMENTS
from tests.jobs_over_http import ARABIC

_METHODS = (
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get", "G@T",
    "",
)  # fmt: skip
_ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_PATHS = (
    "/", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/v1/jobs", "/v1/models",
    "/v1/batches", f"/v1/jobs/{_ID}", f"/v1/jobs/{_ID}/translation", f"/v1/jobs/{_ID}/events",
    f"/v1/batches/{_ID}", "/v1/glossaries", "/v1/glossaries/a", "/v1/webhooks/secret",
    f"/v1/jobs/{_ID}/deliveries", "/translate", "/detect", "/languages", "/translate_file", "//",
    "/v1//jobs", "*", "http://[", "/%00", "/%ed%a0%80",
)  # fmt: skip
_QUERIES = (
    "", "limit=1e400", "limit=NaN", "limit=٣", "limit=-0", "cursor=%00", "cursor=////",
    "cursor=" + "A" * 3_000, "a[]=1", "status=%ff", "steps=", "steps=summary,,", "ttl_seconds=1e9",
    "ttl_seconds=²", "options=[", "metadata={", "&&&=;=", "%", "reference=%F0%9F%92%A5", "webhook=null",
    "title=%ed%a0%80", "q=%D9", "format=html", "options=%7B%22summary%22%3Anull%7D",
)  # fmt: skip
_VALUES = (
    "", " ", "0", "-1", "1e400", "NaN", "*", "W/", '"', '"a', "W/\"x\",\"y\"", "=", ";", ",,,,",
    "a" * 4_000, "\u0663", "\x00", "\x01", "\x7f", "\u202e", "é", "wait", "wait=", "wait=-1", "wait=1e9",
    "wait=0, wait=0", "wait=1;;;", "respond-async", "bytes=0-", "gzip", "identity, chunked",
    "text/plain;charset=utf-7", "multipart/form-data; boundary=", "0-0", "99999999999999999999",
)  # fmt: skip
_NAMES = (
    "Prefer", "Idempotency-Key", "If-None-Match", "If-Match", "Last-Event-ID", "Accept", "Content-Type",
    "Content-Length", "Transfer-Encoding", "Content-Encoding", "Expect", "Connection", "X-API-Key",
    "Authorization", "X-Request-Id", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Host",
    "Origin", "Range", "Cache-Control", "Upgrade", "Accept-Language", "A b",
)  # fmt: skip
_TYPES = (
    "application/json", "application/json; charset=utf-16", "text/plain", "text/html",
    "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/x-ndjson",
    "text/csv", "application/JSON;;", "x", "",
)  # fmt: skip
_SCALARS = (
    b"null", b"true", b"0", b"-0.0", b"1e400", b"NaN", b"Infinity", b"-1", b"9" * 400, b'""', rb'"\ud800"',
    rb'"\u0000"', b"[]", b"{}", '"\u202eا\u2066"'.encode(), b'"\xff"', b'"' + b"a" * 3_000 + b'"',
    b'"summary"', b'["summary","summary"]', b'{"a":1,"a":2}', b"[[[[[[[[",
)  # fmt: skip
_FIELDS = (
    "article", "steps", "options", "webhook", "metadata", "lane", "ttl_seconds", "terms", "jobs", "q",
    "source", "target", "x",
)  # fmt: skip
_LAST_CHUNKS = (b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"0\r\n", b"")
_BODIES = (b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe{}", b'"' + b"a" * 2_000_000, bytes(5_000))
_FILES = (b"a.txt", b"../../a.html", b"\x00.pdf", b"a" * 3_000, b'a".docx', b"\xff.txt")
_ENDS = (b"\r\n--x--\r\n", b"\r\n--x", b"")


def mean_request(chance: random.Random) -> bytes:
    """Sometimes several at once, one behind the other."""
    return b"".join(_one(chance) for _ in range(chance.choice((1, 1, 1, 2, 5))))


def _one(chance: random.Random) -> bytes:
    method = chance.choice(_METHODS) if chance.random() < 0.5 else "POST"
    target = chance.choice(_PATHS) if chance.random() < 0.6 else "/v1/jobs"
    if chance.random() < 0.4:
        target += f"?{chance.choice(_QUERIES)}&{chance.choice(_QUERIES)}"
    body = _body(chance)
    head = [f"{method} {target} HTTP/1.{chance.choice('1111110')}", "Host: localhost"]
    head.append(f"Content-Type: {chance.choice(_TYPES) if chance.random() < 0.4 else 'application/json'}")
    head += [f"{chance.choice(_NAMES)}: {chance.choice(_VALUES)}" for _ in range(chance.choice((0, 0, 1, 3)))]
    told, sent = _framed(body, chance)
    raw = "\r\n".join([*head, *told, "", ""]).encode("utf-8", "surrogatepass") + sent
    return raw if chance.random() < 0.9 else _bitten(raw, chance)


def _framed(body: bytes, chance: random.Random) -> tuple[list[str], bytes]:
    way = chance.random()
    if way < 0.6:
        return [f"Content-Length: {len(body)}"], body
    if way < 0.7:
        return [f"Content-Length: {len(body) + chance.choice((-3, 1, 10**9, 10**30))}"], body
    if way < 0.75:
        return [], body
    piece = chance.choice((100, 10**6))
    chunks = b"".join(
        _chunk(body[at : at + piece], chance) for at in range(0, min(len(body), 200 * piece), piece)
    )
    return ["Transfer-Encoding: chunked"], chunks + chance.choice(_LAST_CHUNKS)


def _chunk(piece: bytes, chance: random.Random) -> bytes:
    size = len(piece)
    told = [f"{size:x}", f"{size:X};a=b", f"0{size:x}", f" {size:x}", f"{size + 1:x}", "-1", "f" * 20]
    return chance.choice(told[: 2 if chance.random() < 0.9 else None]).encode() + b"\r\n" + piece + b"\r\n"


def _body(chance: random.Random) -> bytes:
    way = chance.random()
    if way < 0.1:
        return chance.choice(_BODIES)
    if way < 0.2:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
        return (
            head % chance.choice(_FILES) + mean_text(chance).encode("utf-8", "replace") + chance.choice(_ENDS)
        )
    if way < 0.3:
        return mean_text(chance).encode(chance.choice(("utf-8", "utf-16", "cp1256")), "replace")
    article = chance.choice(_SCALARS)
    if way < 0.7:
        article = b'{"text": %s, "title": %s}' % (json.dumps(mean_text(chance)).encode(), article)
    fields = [(b"article", article)] if chance.random() < 0.9 else []
    fields += [
        (chance.choice(_FIELDS).encode(), chance.choice(_SCALARS)) for _ in range(chance.choice((0, 1, 4)))
    ]
    return b"{" + b", ".join(b'"%s": %s' % field for field in fields) + b"}"


def mean_text(chance: random.Random) -> str:
    """An Arabic sentence with odd things behind it."""
    return f"{ARABIC} " + "".join(chance.choice(FRAGMENTS) for _ in range(chance.choice((0, 3, 30))))


def _bitten(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + chance.randrange(3) :]
