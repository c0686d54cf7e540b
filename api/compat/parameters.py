"""The parameters of a request as LibreTranslate's clients send them: JSON, or a form of either kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, request
from pydantic_core import from_json
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

MOST_TEXTS = 100
_MOST_ALTERNATIVES = 3
_LONGEST_CODE = 20  # of a language, in an answer


@dataclass(frozen=True)
class TranslationRequest:
    texts: list[str]
    is_list: bool  # answered as it was asked
    source: str
    target: str
    is_html: bool
    alternatives: int


def read_translation(most_chars: int) -> TranslationRequest:
    body = _body()
    texts, is_list = _texts(body, most_chars)
    return TranslationRequest(
        texts=texts,
        is_list=is_list,
        source=_word(body, "source"),
        target=_word(body, "target"),
        is_html=_is_html(body),
        alternatives=_alternatives(body),
    )


def read_text(most_chars: int) -> str:
    """`q` alone; the texts of a list are taken together."""
    return "\n".join(_texts(_body(), most_chars)[0])


def api_key() -> str | None:
    """The key in the body, which stands in for a missing `Authorization` header on these routes."""
    try:
        key = _body().get("api_key")
    except (BadRequest, RequestEntityTooLarge):  # told when the body is read for its own sake
        return None
    return key if isinstance(key, str) and key else None


def _body() -> Mapping[str, Any]:
    if "compat_body" not in g:
        g.compat_body = _read_body()
    body: Mapping[str, Any] = g.compat_body
    return body


def _read_body() -> Mapping[str, Any]:
    """What stands in the URL is not read: it would end up in the logs of every proxy."""
    if request.content_encoding not in (None, "identity"):
        raise BadRequest("Invalid request: send the body without compression")
    if not request.is_json:
        # An Arabic letter is six bytes of a form, so that Flask's half megabyte is no article.
        request.max_form_memory_size = request.max_content_length
        fields: dict[str, Any] = request.form.to_dict()
        texts = request.form.getlist("q")
        return fields | {"q": texts} if len(texts) > 1 else fields
    try:
        body = from_json(request.get_data())
    except ValueError:
        raise BadRequest("Invalid JSON format") from None
    if not isinstance(body, dict):
        raise BadRequest("Invalid JSON format")
    return body


def _texts(body: Mapping[str, Any], most_chars: int) -> tuple[list[str], bool]:
    q = body.get("q")
    if not q:
        raise _missing("q")
    texts = q if isinstance(q, list) else [q]
    if not all(isinstance(text, str) for text in texts):
        raise BadRequest("Invalid request: q parameter is not a string or a list of strings")
    if len(texts) > MOST_TEXTS:
        raise BadRequest(_too_much(len(texts), MOST_TEXTS))
    chars = sum(map(len, texts))
    if chars > most_chars:
        raise RequestEntityTooLarge(_too_much(chars, most_chars))
    return texts, isinstance(q, list)


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not value:
        raise _missing(name)
    if not isinstance(value, str):
        raise BadRequest(f"Invalid request: {name} parameter is not a string")
    return value[:_LONGEST_CODE]


def _is_html(body: Mapping[str, Any]) -> bool:
    value = body.get("format") or "text"
    if value not in ("text", "html"):
        raise BadRequest(f"{str(value)[:_LONGEST_CODE]} format is not supported")
    return bool(value == "html")


def _alternatives(body: Mapping[str, Any]) -> int:
    try:
        count = max(0, int(body.get("alternatives") or 0))
    except (ValueError, TypeError, OverflowError):
        raise BadRequest("Invalid request: alternatives parameter is not a number") from None
    if count > _MOST_ALTERNATIVES:
        raise BadRequest(f"Invalid request: alternatives parameter must be <= {_MOST_ALTERNATIVES}")
    return count


def _missing(name: str) -> BadRequest:
    return BadRequest(f"Invalid request: missing {name} parameter")


def _too_much(found: int, limit: int) -> str:
    return f"Invalid request: request ({found}) exceeds text limit ({limit})"
