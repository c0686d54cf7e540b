"""The article cut into segments: sentences with their place in the text as it was submitted."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from models.text.sentence_ends import sentence_spans

Span = tuple[int, int]

_STRONG_PAUSE = re.compile(r"[؛;][»”\"')\]]*+(?!\d)|:(?=\s)|\s[-–—](?=\s)")
_PAUSE = re.compile(r"[،,][»”\"')\]]*+(?!\d)")
_SPACE = re.compile(r"\s+")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Segment:
    index: int
    start: int
    end: int


def split(text: str, max_chars: int = 600) -> list[Segment]:
    """Every character outside white space is in exactly one segment, and segments are in order.

    A sentence over `max_chars` is cut at a clause, else at a space, else inside a word, but only
    a run of combining marks longer than `max_chars` is ever parted from its letter.
    """
    if max_chars < 1:
        raise ValueError("max_chars must be at least 1")
    pieces = (piece for start, end in sentence_spans(text) for piece in _pieces(text, start, end, max_chars))
    return [Segment(index, start, end) for index, (start, end) in enumerate(pieces)]


def _pieces(text: str, start: int, end: int, max_chars: int) -> Iterator[Span]:
    while end - start > max_chars:
        cut = _cut(text, start, end, max_chars)
        yield start, cut - _trailing_space(text[start:cut])
        start = cut + _leading_space(text, cut, end)
    yield start, end


def _cut(text: str, start: int, end: int, max_chars: int) -> int:
    """Where the first piece ends: pieces of about one length read better than a long and a stub."""
    pieces = -(-(end - start) // max_chars)
    ideal = start + (end - start) // pieces
    earliest, latest = start + max(1, (ideal - start) // 2), start + max_chars
    for pattern in (_STRONG_PAUSE, _PAUSE, _SPACE):
        places = [match.end() for match in pattern.finditer(text, earliest, latest)]
        places = [place for place in places if not _is_attached(text, place)]
        if places:
            return min(places, key=lambda place: abs(place - ideal))
    return _cut_inside_a_word(text, start, latest)


def _cut_inside_a_word(text: str, start: int, latest: int) -> int:
    cut = latest
    while cut > start + 1 and _is_attached(text, cut):
        cut -= 1
    return latest if _is_attached(text, cut) else cut


def _is_attached(text: str, place: int) -> bool:
    """Whether the character at `place` belongs to the one before it (a mark, a joined emoji)."""
    if place >= len(text):
        return False
    char = text[place]
    return _JOINER in (char, text[place - 1]) or unicodedata.category(char).startswith("M")


def _trailing_space(piece: str) -> int:
    return len(piece) - len(piece.rstrip())


def _leading_space(text: str, start: int, end: int) -> int:
    space = _SPACE.match(text, start, end)
    return len(space[0]) if space else 0
