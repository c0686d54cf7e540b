"""Passages: the pieces of a request that are translated, and the sentences that come back for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models.text.arabic import count_arabic_letters


@dataclass(frozen=True, slots=True)
class Sentence:
    """`start` and `end` are offsets into the passage; white space lies between sentences."""

    start: int
    end: int
    target: str
    is_kept: bool  # as the author wrote it


Translated = Mapping[str, Sequence[Sentence]]  # by passage


class Content(Protocol):
    """One text of a request."""

    @property
    def text(self) -> str:
        """What a reader sees of it."""

    def passages(self) -> list[str]:
        """Each has Arabic in it."""

    def rendered(self, translated: Translated) -> str:
        """The text in English; what is not in a passage is as it was."""


@dataclass(frozen=True)
class PlainText:
    text: str

    def passages(self) -> list[str]:
        return [self.text] if count_arabic_letters(self.text) else []

    def rendered(self, translated: Translated) -> str:
        if self.text not in translated:
            return self.text
        sentences = translated[self.text]
        end = sentences[-1].end if sentences else 0
        pieces = zip(gaps(self.text, sentences), sentences, strict=True)
        return "".join(f"{gap}{it.target}" for gap, it in pieces) + self.text[end:]


def gaps(text: str, sentences: Sequence[Sentence]) -> Iterable[str]:
    """What stands before each sentence; a space where two were written without one."""
    before: Sentence | None = None
    for sentence in sentences:
        gap = text[before.end if before else 0 : sentence.start]
        glued = before is not None and not gap and not (before.is_kept and sentence.is_kept)
        yield " " if glued else gap
        before = sentence


def joined(passages: Iterable[str]) -> str:
    """The passages as one article. A line's end ends a sentence, and no sentence looks past its line."""
    return "\n".join(passages)


def parted(passages: Sequence[str], segments: Sequence[Mapping[str, Any]]) -> Translated:
    """The segments of the joined article, each back in its own passage."""
    translated: dict[str, list[Sentence]] = {}
    first, place = 0, 0
    for passage in passages:
        last, sentences = first + len(passage), translated.setdefault(passage, [])
        while place < len(segments) and segments[place]["start"] < last:
            sentences.append(_sentence(passage, segments[place], first))
            place += 1
        first = last + 1
    return translated


def _sentence(passage: str, segment: Mapping[str, Any], first: int) -> Sentence:
    start, end = segment["start"] - first, segment["end"] - first
    source, target = passage[start:end], str(segment["target"])
    # An engine makes something of digits and Latin too, and a sentence must not vanish.
    is_kept = not target.strip() or not count_arabic_letters(source)
    return Sentence(start, end, source if is_kept else target, is_kept)
