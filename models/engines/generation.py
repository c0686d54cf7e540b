"""Generation: tokens in, tokens out, whatever the weights and whoever runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jobs.errors import BrokenModel
from models.catalog import Facts

Tokens = list[str]


class EngineOutOfMemory(Exception):
    """The batch did not fit the device's memory; half of it may."""


@dataclass(frozen=True)
class Decoding:
    """How a batch is decoded; lengths count target tokens, without the language's token and the end.

    `candidates`: how many of the beam's outputs are wanted, `beam_size` at most.
    """

    max_tokens: int
    min_tokens: int = 1
    beam_size: int = 1
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    length_penalty: float = 1.0
    candidates: int = 1


def decoding_of(model: Facts, beam_size: int) -> Decoding:
    """As the manifest asks for it, with `beam_size` where it does not say; `max_tokens` is each batch's."""
    return Decoding(
        max_tokens=0,
        beam_size=model.beam_size or beam_size,
        repetition_penalty=model.repetition_penalty,
        no_repeat_ngram_size=model.no_repeat_ngram_size,
        length_penalty=model.length_penalty,
    )


class Output(NamedTuple):
    """`tokens` without the language's token and the end; `ended` is False where `max_tokens` cut it."""

    tokens: Tokens
    ended: bool


class Tokenizer(Protocol):
    """One model's way of writing text as tokens, special tokens included."""

    def encode(self, text: str) -> Tokens:
        """The whole source as the encoder reads it: prefix, language token, pieces, end.

        Text never becomes a special token: `</s>` in an article is five characters.
        """
        ...

    def decode(self, tokens: Sequence[str]) -> str:
        """An `Output`'s tokens as text."""
        ...

    @property
    def target_prefix(self) -> Tokens:
        """What the decoder is made to begin with, after its own start token."""
        ...


class Generator(Protocol):
    """Loaded weights. The batch law: as many lists of outputs as sources, in the same order.

    `batch_tokens`: how many source tokens at once, padding included, suit the device. `runs_on`: the library,
    its version, the device and the precision, all of which can change a word.
    """

    batch_tokens: int
    runs_on: str

    def generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        """For each source its best `candidates`, the best first; never cuts a source.

        Raises EngineOutOfMemory.
        """
        ...


def generate_in_memory(
    generator: Generator, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
) -> list[list[Output]]:
    """`Generator.generate`, with half the batch at a time where the whole does not fit.

    Raises BrokenModel for a single source that does not fit.
    """
    try:
        return generator.generate(batch, target_prefix, decoding)
    except EngineOutOfMemory as error:
        if len(batch) < 2:
            raise BrokenModel(
                f"{len(batch[0])} tokens do not fit this machine's memory; choose a smaller model, "
                "or KHULASA_DEVICE=cpu"
            ) from error
    middle = len(batch) // 2
    halves = (batch[:middle], batch[middle:])
    return [out for half in halves for out in generate_in_memory(generator, half, target_prefix, decoding)]
