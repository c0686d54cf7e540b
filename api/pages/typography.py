"""Typography: texts and JSON of the reference as HTML, in which Arabic runs from right to left."""

import json
import re
from typing import Any

from markupsafe import Markup, escape

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_ARABIC_RUN = re.compile(r"([\u0600-\u06ff]+(?: [\u0600-\u06ff]+)*)")
_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Markup:
    """Paragraphs, lists of lines that begin with `- `, and `code`: all of Markdown that the document uses."""
    return Markup().join(_block(block) for block in text.split("\n\n"))


def listing(value: Any) -> Markup:
    """JSON, or a text as it is; each Arabic string keeps its own direction, the quotes around it theirs."""
    if isinstance(value, str):
        return _replaced(_ARABIC_RUN, value, _directed)
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _replaced(_STRING, text, lambda inner: Markup('"{}"').format(_directed(inner)))


def _directed(inner: str) -> Markup:
    if not _ARABIC.search(inner):
        return escape(inner)
    return Markup('<bdi lang="ar" dir="rtl">{}</bdi>').format(inner)


def _block(block: str) -> Markup:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = Markup().join(Markup("<li>{}</li>").format(_coded(line[2:])) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(_coded(block))


def _coded(text: str) -> Markup:
    return _replaced(_CODE, text, lambda inner: Markup("<code>{}</code>").format(inner))


def _replaced(pattern: re.Pattern[str], text: str, shown: Any) -> Markup:
    """The text escaped, but for what `shown` makes of the pattern's first group."""
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts += [escape(text[end : found.start()]), shown(found[1])]
        end = found.end()
    return Markup().join([*parts, escape(text[end:])])
