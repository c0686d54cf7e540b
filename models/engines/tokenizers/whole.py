"""Pieces by a `tokenizer.json`, for a checkpoint that has no SentencePiece file."""

from collections.abc import Sequence
from pathlib import Path

import tokenizers

from models.engines.generation import Tokens


class WholePieces:
    """Raises ValueError for a file that is not a tokenizer."""

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise ValueError(str(error)) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # reads "</s>" in a text as text

    def split(self, text: str) -> Tokens:
        return list(self._tokenizer.encode(text, add_special_tokens=False).tokens)

    def join(self, pieces: Sequence[str]) -> str:
        ids = [self._tokenizer.token_to_id(piece) for piece in pieces]
        return str(
            self._tokenizer.decode([known for known in ids if known is not None], skip_special_tokens=False)
        )

    def knows(self, piece: str) -> bool:
        return self._tokenizer.token_to_id(piece) is not None
