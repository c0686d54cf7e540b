"""Generation: tokens in, tokens out, whatever the weights and whoever runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Tokens = list[str]


class EngineOutOfMemory(Exception):
    """The batch did not fit the device's memory; half of it may."""


@dataclass(frozen=True)
class Decoding:
    """How a batch is decoded; lengths count target tokens, without the language's token and the end."""

    max_tokens: int
    min_tokens: int = 1
    beam_size: int = 1
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    length_penalty: float = 1.0


class Output(NamedTuple):
    """`tokens` without the language's token and the end; `ended` is False where `max_tokens` cut it."""

    tokens: Tokens
    ended: bool


class Tokenizer(Protocol):
    """One model's way of writing text as tokens, special tokens included."""

    def encode(self, text: str) -> Tokens:
        """The whole source as the encoder reads it: prefix, language token, pieces, end."""
        ...

    def decode(self, tokens: Sequence[str]) -> str:
        """An `Output`'s tokens as text."""
        ...

    @property
    def target_prefix(self) -> Tokens:
        """What the decoder is made to begin with, after its own start token."""
        ...


class Generator(Protocol):
    """Loaded weights. The batch law: as many outputs as sources, in the same order."""

    def generate(self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding) -> list[Output]:
        """Raises EngineOutOfMemory; never cuts a source."""
        ...
