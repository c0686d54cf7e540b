"""Completeness: the law that a translation leaves nothing of its article out, checked on every one."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from jobs.errors import IncompleteTranslation

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Told(Protocol):
    """A translated segment as its client is told of it."""

    @property
    def index(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def flags(self) -> Sequence[str]: ...


def check_complete(text: str, expected: int, segments: Sequence[Told], truncated: int) -> None:
    """Raises IncompleteTranslation unless each of the `expected` segments has an English, their offsets cover
    every character outside white space exactly once, and the flags tell of all `truncated`.
    """
    if fault := next(_faults(text, expected, segments, truncated), None):
        raise IncompleteTranslation(f"{fault}; this is a defect of ours: report it with the job's id")


def _faults(text: str, expected: int, segments: Sequence[Told], truncated: int) -> Iterator[str]:
    if len(segments) != expected:
        yield f"the article has {expected} segments and {len(segments)} came out"
    end = 0
    for place, segment in enumerate(segments):
        if segment.index != place:
            yield f"segment {segment.index} stands in place {place}"
        if not end <= segment.start < segment.end <= len(text):
            yield f"segment {place} is from {segment.start} to {segment.end}, after one that ends at {end}"
        if text[end : segment.start].strip():
            yield f"there is text before segment {place} that is in no segment"
        if text[segment.start : segment.end] != segment.source:
            yield f"segment {place} is not what the article has in its place"
        yield from _faults_of_english(place, segment.target)
        end = segment.end
    if text[end:].strip():
        yield "there is text after the last segment that is in no segment"
    told = sum("truncated" in segment.flags for segment in segments)
    if told != truncated:
        yield f"{truncated} segments were cut and {told} say so"


def _faults_of_english(place: int, english: str) -> Iterator[str]:
    if not english.strip():
        yield f"segment {place} has no English"
    if _HALF_A_CHARACTER.search(english):
        yield f"the English of segment {place} cannot be written as UTF-8"
