"""A tokenizer put together: the pieces of a text, inside the frame that its family is trained on."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from models.engines.generation import Tokens

SPACE = "▁"
UNKNOWN = "<unk>"
# Control tokens of all families: ends, sentinels, MADLAD's, Marian's, M2M's, NLLB's and mBART's languages.
_SPECIAL = re.compile(
    r"</?s>|<pad>|<unk>|<mask>|<extra_id_\d+>|<2[^<> ]+>|>>[^<>]+<<|__[a-z]+__|[a-z]{2,3}_[A-Z][A-Za-z]+"
)


class Pieces(Protocol):
    """A vocabulary of pieces, where `▁` stands for a space."""

    def split(self, text: str) -> Tokens: ...

    def join(self, pieces: Sequence[str]) -> str: ...

    def knows(self, piece: str) -> bool: ...


class Frame(NamedTuple):
    """What stands before and after the pieces of a source, and what a target begins with."""

    before: Tokens
    after: Tokens
    target_prefix: Tokens


class FramedTokenizer:
    """`source` splits, `target` joins."""

    def __init__(self, source: Pieces, target: Pieces, frame: Frame) -> None:
        self._source = source
        self._target = target
        self._frame = frame

    @property
    def target_prefix(self) -> Tokens:
        return self._frame.target_prefix

    def encode(self, text: str) -> Tokens:
        pieces = [part for piece in self._source.split(text) for part in self._as_text(piece)]
        return [*self._frame.before, *pieces, *self._frame.after]

    def decode(self, tokens: Sequence[str]) -> str:
        return self._target.join([token for token in tokens if token == UNKNOWN or not is_special(token)])

    def _as_text(self, piece: str) -> Tokens:
        """The piece; or the characters of a control token's name that stands in the article."""
        if piece == UNKNOWN or not is_special(piece):
            return [piece]
        return [char if self._source.knows(char) else UNKNOWN for char in piece]


def is_special(piece: str) -> bool:
    return _SPECIAL.fullmatch(piece.removeprefix(SPACE)) is not None
