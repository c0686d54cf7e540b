"""Weights and a tokenizer that are none: writers of good and of bad summaries, with words for tokens."""

from collections.abc import Callable, Sequence
from pathlib import Path

from models.catalog import Family
from models.engines.abstractive import AbstractiveSummariser
from models.engines.contract import EngineOptions
from models.engines.generation import Decoding, EngineOutOfMemory, Output, Tokens
from models.installed import Model

START, END = "ar_AR", "</s>"
_LONGEST = 8
Write = Callable[[Tokens, Decoding], Output]


class WordTokenizer:
    """A word is a token for each eight letters; a start and an end stand around the text."""

    @property
    def target_prefix(self) -> Tokens:
        return [START]

    def encode(self, text: str) -> Tokens:
        tokens = []
        for word in text.split():
            marked = f"▁{word}"
            tokens += [marked[at : at + _LONGEST] for at in range(0, len(marked), _LONGEST)]
        return [START, *tokens, END]

    def decode(self, tokens: Sequence[str]) -> str:
        return "".join(tokens).replace("▁", " ").strip()


class Writer:
    """A generator that remembers what it was asked; `most_sources` is what its memory holds."""

    batch_tokens = 256
    runs_on = "paper"

    def __init__(self, write: Write, most_sources: int = 1_000) -> None:
        self.sources: list[Tokens] = []
        self.decodings: list[Decoding] = []
        self._write = write
        self._most_sources = most_sources

    def generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        if len(batch) > self._most_sources:
            raise EngineOutOfMemory
        assert target_prefix == [START]
        self.sources += batch
        self.decodings.append(decoding)
        return [
            [self._write([token for token in source if token not in (START, END)], decoding)]
            for source in batch
        ]


def first_sentence(tokens: Tokens, _decoding: Decoding) -> Output:
    """Of at most a dozen tokens."""
    ends = [place + 1 for place, token in enumerate(tokens) if token.endswith(".")]
    return Output(tokens[: min(12, ends[0] if ends else 12)], True)


def inventing(tokens: Tokens, decoding: Decoding) -> Output:
    return Output([*first_sentence(tokens, decoding).tokens, *["▁وقتل", "▁9731", "▁شخصا."]], True)


def looping_unless_stern(tokens: Tokens, decoding: Decoding) -> Output:
    if decoding.repetition_penalty > 1:
        return first_sentence(tokens, decoding)
    return looping(tokens, decoding)


def looping(_tokens: Tokens, decoding: Decoding) -> Output:
    return Output(["▁قال"] * decoding.max_tokens, False)


def everything(tokens: Tokens, _decoding: Decoding) -> Output:
    return Output(list(tokens), True)


def nothing(_tokens: Tokens, _decoding: Decoding) -> Output:
    return Output([], True)


def cut(tokens: Tokens, decoding: Decoding) -> Output:
    return Output([*first_sentence(tokens, decoding).tokens, "▁وأضاف", "▁أن"], False)


def never_ending(tokens: Tokens, decoding: Decoding) -> Output:
    return Output([token.rstrip(".") for token in tokens[: decoding.max_tokens]], False)


def a_model(path: Path = Path("writer"), *, window: int = 64, name: str = "writer") -> Model:
    return Model(
        path=path,
        name=name,
        step="summary",
        family=Family.MBART,
        target_language="ar",
        max_source_tokens=window,
        memory_mb=1,
    )


def a_summariser(writer: Writer, *, window: int = 64) -> AbstractiveSummariser:
    return AbstractiveSummariser(a_model(window=window), WordTokenizer(), writer, EngineOptions())
