"""Parts: an article's segments packed in order into what a model can read at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.engines.batches import fit
from models.engines.extractive import is_heading
from models.engines.generation import Tokens

Encode = Callable[[str], Tokens]


class Piece(NamedTuple):
    """A segment, or a piece of one that is over the window; `end` is the white space after it."""

    segment: int
    text: str
    end: str


@dataclass(frozen=True)
class Part:
    pieces: Sequence[Piece]
    tokens: Tokens  # special tokens included

    @property
    def segments(self) -> set[int]:
        """The indices of the segments that it holds, whole or in part."""
        return {piece.segment for piece in self.pieces}

    @property
    def text(self) -> str:
        return _join(self.pieces)

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def lead(self) -> str:
        """Its first piece that is more than a heading, or else its text."""
        bodies = (piece.text for piece in self.pieces if piece.text and not is_heading(piece.text))
        return next(bodies, self.text)


def pack(segments: Sequence[str], window: int, encode: Encode) -> list[Part]:
    """Every segment is in one part, whole and in order; one over the window has its pieces in several.

    Raises ValueError where the window does not hold a single character.
    """
    special = len(encode(""))
    parts: list[Part] = []
    waiting: list[Piece] = []
    filled = special
    for piece in _pieces(segments, window, encode):
        length = len(encode(piece.text)) - special
        if waiting and filled + length > window:
            parts += _within(window, waiting, encode)
            waiting, filled = [], special
        waiting.append(piece)
        filled += length
    return parts + _within(window, waiting, encode) if waiting else parts


def _pieces(segments: Sequence[str], window: int, encode: Encode) -> Iterator[Piece]:
    for index, text in enumerate(segments):
        *firsts, last = fit(text, window, lambda piece: len(encode(piece)))
        for first in firsts:
            yield Piece(index, first, " ")
        yield Piece(index, last, "\n" if is_heading(text) else " ")


def _within(window: int, pieces: Sequence[Piece], encode: Encode) -> list[Part]:
    """One part, or two where the joined text takes more tokens than its pieces did apart."""
    tokens = encode(_join(pieces))
    if len(tokens) <= window:
        return [Part(pieces, tokens)]
    if len(pieces) < 2:
        raise ValueError(f"a window of {window} tokens is too small for this text")
    middle = len(pieces) // 2
    return _within(window, pieces[:middle], encode) + _within(window, pieces[middle:], encode)


def _join(pieces: Sequence[Piece]) -> str:
    return "".join(f"{piece.text}{piece.end}" for piece in pieces if piece.text).rstrip()
