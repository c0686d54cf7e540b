"""Pieces by SentencePiece, from the file that the checkpoint brought."""

from collections.abc import Sequence
from pathlib import Path

import sentencepiece

from models.engines.generation import Tokens


class SentencePieces:
    """Raises OSError or RuntimeError for a file that is not a SentencePiece model."""

    def __init__(self, path: Path) -> None:
        self._processor = sentencepiece.SentencePieceProcessor(str(path))

    def split(self, text: str) -> Tokens:
        pieces: Tokens = self._processor.encode(text, out_type=str)
        return pieces

    def join(self, pieces: Sequence[str]) -> str:
        text: str = self._processor.decode(list(pieces))
        return text

    def knows(self, piece: str) -> bool:
        known: bool = self._processor.id_to_piece(self._processor.piece_to_id(piece)) == piece
        return known
