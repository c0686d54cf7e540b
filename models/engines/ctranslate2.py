"""The CTranslate2 engine: a Marian-format model folder and its two SentencePiece tokenizers."""

import json
from collections.abc import Callable, Sequence

import ctranslate2
import sentencepiece

from jobs.errors import BrokenModel
from models.engines.batches import by_token_budget, fit
from models.engines.contract import EngineOptions, Translation
from models.installed import Model
from models.text.arabic import count_arabic_letters, for_engine

_END = "</s>"
_BATCH_TOKENS = 1_024
# English has at most about this many target tokens for each Arabic one; past it the engine is looping.
_TARGET_TOKENS_PER_SOURCE = 3
_TARGET_TOKENS_EXTRA = 24


class CTranslate2Translator:
    """Raises BrokenModel for a folder that cannot be loaded."""

    def __init__(self, model: Model, options: EngineOptions) -> None:
        self.model = model
        self._beam_size = options.beam_size
        self._batch_tokens = options.batch_tokens or _BATCH_TOKENS
        try:
            self._source = sentencepiece.SentencePieceProcessor(str(model.path / "source.spm"))
            self._target = sentencepiece.SentencePieceProcessor(str(model.path / "target.spm"))
            self._translator = ctranslate2.Translator(
                str(model.path), device="cpu", inter_threads=1, intra_threads=options.threads
            )
            config = json.loads((model.path / "config.json").read_text("utf-8"))
        except (RuntimeError, OSError, ValueError) as error:
            raise BrokenModel(f"{model.path} cannot be loaded; install the model again") from error
        self._eos = [] if config.get("add_source_eos") else [_END]

    def translate(self, sources: Sequence[str], progress: Callable[[int, int], None]) -> list[Translation]:
        progress(0, len(sources))  # loading the model may have taken a good part of the lease
        pieces = [self._pieces(source) for source in sources]
        owners = [index for index, own in enumerate(pieces) for _ in own]
        tokens = [self._encode(piece) for own in pieces for piece in own]
        waiting = [len(own) for own in pieces]
        targets: list[Translation] = [Translation("", False)] * len(tokens)
        for batch in by_token_budget([len(piece) for piece in tokens], self._batch_tokens):
            for index, target in zip(batch, self._batch([tokens[i] for i in batch]), strict=True):
                targets[index] = target
                waiting[owners[index]] -= 1
            progress(waiting.count(0), len(sources))
        return self._assemble(sources, pieces, targets)

    def _pieces(self, source: str) -> list[str]:
        """None for a source without Arabic letters: there is nothing to translate in it."""
        form = for_engine(source)
        if not count_arabic_letters(form):
            return []
        return fit(form, self.model.max_source_tokens, lambda text: len(self._encode(text)))

    def _encode(self, text: str) -> list[str]:
        tokens: list[str] = self._source.encode(text, out_type=str)
        return tokens

    def _batch(self, batch: list[list[str]]) -> list[Translation]:
        targets = self._decode(batch)
        looping = [index for index, target in enumerate(targets) if target.truncated]
        if looping:
            again = self._decode([batch[index] for index in looping], no_repeat_ngram_size=3)
            for index, target in zip(looping, again, strict=True):
                targets[index] = target
        return targets

    def _decode(self, batch: list[list[str]], **options: int) -> list[Translation]:
        cap = _TARGET_TOKENS_PER_SOURCE * max(map(len, batch)) + _TARGET_TOKENS_EXTRA
        results = self._translator.translate_batch(
            [tokens + self._eos for tokens in batch],
            beam_size=self._beam_size,
            max_decoding_length=cap,
            min_decoding_length=1,
            max_input_length=0,  # 0 is no limit: the default cuts a long source without a word
            return_end_token=True,
            repetition_penalty=self.model.repetition_penalty,
            **options,
        )
        return [self._translation(result.hypotheses[0]) for result in results]

    def _translation(self, tokens: list[str]) -> Translation:
        ended = tokens[-1:] == [_END]
        return Translation(self._target.decode(tokens[:-1] if ended else tokens).strip(), not ended)

    def _assemble(
        self, sources: Sequence[str], pieces: list[list[str]], targets: list[Translation]
    ) -> list[Translation]:
        remaining = iter(targets)
        assembled = []
        for source, own in zip(sources, pieces, strict=True):
            parts = [next(remaining) for _ in own]
            text = " ".join(part.text for part in parts) if own else source
            assembled.append(Translation(text, any(part.truncated for part in parts)))
        return assembled
