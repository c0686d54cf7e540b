"""The translator of segments: text in, text out, by any generator and tokenizer."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from models.engines.batches import by_token_budget, fit
from models.engines.contract import EngineOptions, Progress, Translation
from models.engines.generation import Decoding, Generator, Tokenizer, Tokens, decoding_of, generate_in_memory
from models.installed import Model
from models.text.arabic import count_arabic_letters, for_engine

# English has at most about this many target tokens for each Arabic one; past it the engine is looping.
_TARGET_TOKENS_PER_SOURCE = 3
_TARGET_TOKENS_EXTRA = 24
_NGRAM_AGAINST_LOOPS = 3


class SegmentTranslator:
    """The manifest's decoding comes before the setting's."""

    def __init__(
        self, model: Model, tokenizer: Tokenizer, generator: Generator, options: EngineOptions
    ) -> None:
        self.model = model
        self._tokenizer = tokenizer
        self._generator = generator
        self._batch_tokens = options.batch_tokens or generator.batch_tokens
        self._special_tokens = len(tokenizer.encode(""))
        self._decoding = decoding_of(model, options.beam_size)

    @property
    def fingerprint(self) -> str:
        told = f"{self.model.fingerprint} {self._generator.runs_on} {self._decoding}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        progress(0, len(sources))  # loading the model may have taken a good part of the lease
        pieces = [self._pieces(source) for source in sources]
        owners = [index for index, own in enumerate(pieces) for _ in own]
        tokens = [self._tokenizer.encode(piece) for own in pieces for piece in own]
        waiting = [len(own) for own in pieces]
        targets: list[Translation] = [Translation("", False)] * len(tokens)
        for batch in by_token_budget([len(piece) for piece in tokens], self._batch_tokens):
            for index, target in zip(batch, self._batch([tokens[i] for i in batch]), strict=True):
                targets[index] = target
                waiting[owners[index]] -= 1
            progress(waiting.count(0), len(sources))
        return _assemble(sources, pieces, targets)

    def _pieces(self, source: str) -> list[str]:
        """None for a source without Arabic letters: there is nothing to translate in it."""
        form = for_engine(source)
        if not count_arabic_letters(form):
            return []
        return fit(form, self.model.max_source_tokens, lambda text: len(self._tokenizer.encode(text)))

    def _batch(self, batch: list[Tokens]) -> list[Translation]:
        longest = max(map(len, batch)) - self._special_tokens
        decoding = replace(
            self._decoding, max_tokens=_TARGET_TOKENS_PER_SOURCE * longest + _TARGET_TOKENS_EXTRA
        )
        targets = self._decode(batch, decoding)
        looping = [index for index, target in enumerate(targets) if target.truncated]
        if looping:
            blocked = replace(decoding, no_repeat_ngram_size=_NGRAM_AGAINST_LOOPS)
            again = self._decode([batch[index] for index in looping], blocked)
            for index, target in zip(looping, again, strict=True):
                targets[index] = target
        return targets

    def _decode(self, batch: list[Tokens], decoding: Decoding) -> list[Translation]:
        prefix = self._tokenizer.target_prefix
        outputs = generate_in_memory(self._generator, batch, prefix, decoding)
        return [Translation(self._tokenizer.decode(tokens).strip(), not ended) for tokens, ended in outputs]


def _assemble(
    sources: Sequence[str], pieces: list[list[str]], targets: list[Translation]
) -> list[Translation]:
    remaining = iter(targets)
    assembled = []
    for source, own in zip(sources, pieces, strict=True):
        parts = [next(remaining) for _ in own]
        text = " ".join(part.text for part in parts) if own else source
        assembled.append(Translation(text, any(part.truncated for part in parts)))
    return assembled
