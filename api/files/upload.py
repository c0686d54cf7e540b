"""An upload: a body or a file of a form, read into an article's text within limits."""

import re
from threading import BoundedSemaphore

from api.files.child import ask_child
from api.files.encodings import decode
from api.files.errors import FilesBusy, FileTooLarge
from api.files.extracted import ExtractedText
from api.files.kinds import Kind, charset_of, kind_of
from api.files.limits import FileLimits
from jobs.errors import ArticleTooLong

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)


def read_upload(data: bytes, media_type: str, filename: str | None, limits: FileLimits) -> ExtractedText:
    """`media_type` is a whole Content-Type, or "". The text is never cut: too long is an error."""
    if len(data) > limits.max_bytes:
        raise FileTooLarge(f"it has {len(data)} bytes, the limit is {limits.max_bytes}")
    kind = kind_of(data, media_type, filename)
    encoding = None
    if kind in (Kind.TXT, Kind.HTML):
        decoded = decode(data, charset_of(media_type) or _charset_in(data))
        encoding = decoded.encoding
        if kind is Kind.TXT:
            return ExtractedText(_within(decoded.text, limits), None, kind, encoding)
        data = decoded.text.encode("utf-8")
    text, title = ask_child(kind, data, limits)
    return ExtractedText(_within(text, limits), title, kind, encoding)


class FileReader:
    """Reads so many files at once and no more, for each may take the memory of `limits.memory_bytes`."""

    def __init__(self, limits: FileLimits, at_once: int) -> None:
        self.limits = limits
        self._places = BoundedSemaphore(at_once)

    def read(self, data: bytes, media_type: str, filename: str | None) -> ExtractedText:
        if not self._places.acquire(timeout=self.limits.wall_seconds):
            raise FilesBusy("try again in a few seconds, or send the article's text")
        try:
            return read_upload(data, media_type, filename, self.limits)
        finally:
            self._places.release()


def _charset_in(data: bytes) -> str | None:
    found = _META_CHARSET.search(data[:1024])
    return found[1].decode("ascii", "replace") if found else None


def _within(text: str, limits: FileLimits) -> str:
    if len(text) > limits.max_chars:
        raise ArticleTooLong(f"it has {len(text)} characters, the limit is {limits.max_chars}; split it")
    return text
