"""The translator of segments: text in, text out, by any generator and tokenizer."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from jobs.errors import BrokenModel
from models.engines.batches import by_token_budget, fit
from models.engines.contract import EngineOptions, Progress, Translation
from models.engines.generation import (
    Decoding,
    Generator,
    Output,
    Tokenizer,
    Tokens,
    decoding_of,
    generate_in_memory,
)
from models.installed import Model
from models.text.arabic import count_arabic_letters, for_engine
from models.text.fidelity import flags

# English has at most about this many target tokens for each Arabic one; past it the engine is looping.
_TARGET_TOKENS_PER_SOURCE = 3
_TARGET_TOKENS_EXTRA = 24

_CANDIDATES = 8  # of a second try
# The faults of a whole sentence; each outweighs those after it, and they outweigh all others.
_WORST_FIRST = ("length-ratio", "repetition", "untranslated")
_NGRAM_AGAINST_LOOPS = 3
_LENGTH_PENALTY_AGAINST_CUTS = 1.5  # over 1 favours longer outputs


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
        self._second_try = replace(
            self._decoding,
            beam_size=max(_CANDIDATES, self._decoding.beam_size),
            candidates=_CANDIDATES,
            no_repeat_ngram_size=_NGRAM_AGAINST_LOOPS,
            length_penalty=_LENGTH_PENALTY_AGAINST_CUTS,
        )

    @property
    def fingerprint(self) -> str:
        told = f"{self.model.fingerprint} {self._generator.runs_on} {self._decoding} {self._second_try}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        progress(0, len(sources))  # loading the model may have taken a good part of the lease
        owned = [self._pieces(source) for source in sources]
        owners = [index for index, own in enumerate(owned) for _ in own]
        pieces = [piece for own in owned for piece in own]
        waiting = [len(own) for own in owned]
        targets: list[Translation] = [Translation("", False)] * len(pieces)
        for batch in self._decoded(pieces, self._decoding):
            for index, [target] in batch:
                targets[index] = target
                waiting[owners[index]] -= 1
            progress(waiting.count(0), len(sources))
        faulty = [index for index, piece in enumerate(pieces) if any(_faults(piece, targets[index]))]
        with suppress(BrokenModel):  # the wider beam may not fit the memory: what there is stands
            for batch in self._decoded([pieces[index] for index in faulty], self._second_try):
                for place, candidates in batch:
                    index = faulty[place]
                    targets[index] = _best(pieces[index], [targets[index], *candidates])
                progress(len(sources), len(sources))
        return _assemble(sources, owned, targets)

    def _pieces(self, source: str) -> list[str]:
        """None for a source without Arabic letters: there is nothing to translate in it."""
        form = for_engine(source)
        if not count_arabic_letters(form):
            return []
        return fit(form, self.model.max_source_tokens, lambda text: len(self._tokenizer.encode(text)))

    def _decoded(
        self, pieces: Sequence[str], decoding: Decoding
    ) -> Iterator[list[tuple[int, list[Translation]]]]:
        """Batch by batch, each piece's index and its candidates in English, the likeliest first."""
        tokens = [self._tokenizer.encode(piece) for piece in pieces]
        for batch in by_token_budget([len(own) for own in tokens], self._batch_tokens):
            bounds = [self._most_tokens(tokens[index]) for index in batch]
            capped = replace(decoding, max_tokens=max(bounds))
            outputs = generate_in_memory(
                self._generator, [tokens[index] for index in batch], self._tokenizer.target_prefix, capped
            )
            yield [
                (index, [self._translation(output, bound) for output in own])
                for index, own, bound in zip(batch, outputs, bounds, strict=True)
            ]

    def _most_tokens(self, source: Tokens) -> int:
        return _TARGET_TOKENS_PER_SOURCE * (len(source) - self._special_tokens) + _TARGET_TOKENS_EXTRA

    def _translation(self, output: Output, most_tokens: int) -> Translation:
        """Cut at its own bound, not its batch's: what is cached must not depend on its companions."""
        text = self._tokenizer.decode(output.tokens[:most_tokens]).strip()
        return Translation(text, truncated=not output.ended or len(output.tokens) > most_tokens)


def _faults(piece: str, target: Translation) -> tuple[int, ...]:
    """What is wrong, the worst first; the last counts the flags. All zero for what is well."""
    found = flags(piece, target.text)
    says_nothing = not any(map(str.isalnum, target.text))
    return (target.truncated, says_nothing, *(name in found for name in _WORST_FIRST), len(found))


def _best(piece: str, candidates: Sequence[Translation]) -> Translation:
    """The first of those with the least faults: what cannot be told apart stays as it was written first."""
    return min(candidates, key=lambda target: _faults(piece, target))._replace(retried=True)


def _assemble(
    sources: Sequence[str], pieces: list[list[str]], targets: list[Translation]
) -> list[Translation]:
    remaining = iter(targets)
    assembled = []
    for source, own in zip(sources, pieces, strict=True):
        parts = [next(remaining) for _ in own]
        # What the model has no word for stays in Arabic, and its flags say so: nothing is left out.
        text = " ".join(part.text or piece for piece, part in zip(own, parts, strict=True)) if own else source
        truncated, retried = any(part.truncated for part in parts), any(part.retried for part in parts)
        assembled.append(Translation(text, truncated, retried))
    return assembled
