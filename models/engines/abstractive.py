"""The summariser with weights: what an article says, in the model's own words, however long it is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from typing import NamedTuple

from jobs.errors import BrokenModel, KhulasaError
from models.engines.batches import by_token_budget
from models.engines.contract import AbstractiveSummary, EngineOptions, Progress
from models.engines.generation import Decoding, Generator, Tokenizer, decoding_of, generate_in_memory
from models.engines.parts import Part, pack
from models.installed import Model
from models.text.arabic import for_engine
from models.text.fidelity import loops
from models.text.segments import split

# What an intermediate summary may take: models are trained to write about so much.
_PART_WORDS = 60
_PART_SHARE = 0.5
# Around the length asked for: less forces a model on, more is trimmed at the end of a sentence.
_LEAST, _MOST = 0.25, 1.5
_FEWEST_TOKENS = 16
_SHRUNK = 0.9  # a round that leaves more than this of the text does not get anywhere
_NGRAM = 3
_STERN_NGRAM, _STERN_PENALTY = 2, 1.2

_FINAL_STOP = re.compile(r"[.!?؟…۔]\W*$")
# The model reads ASCII punctuation and may copy it; what it writes is for people.
_AFTER_ARABIC = re.compile(r"(?<=[\u0600-\u06ff\"»)]) ?([,;?])(?!\d)")
_ARABIC_FORM = {",": "،", ";": "؛", "?": "؟"}


class _Draft(NamedTuple):
    sentences: list[str]
    truncated: bool

    @property
    def words(self) -> int:
        return sum(len(sentence.split()) for sentence in self.sentences)

    @property
    def unfinished(self) -> str | None:
        """The last sentence, if it is cut."""
        if not self.truncated or not self.sentences or _FINAL_STOP.search(self.sentences[-1]):
            return None
        return self.sentences[-1]

    @property
    def is_good(self) -> bool:
        return bool(self.sentences) and not self.unfinished and not loops(" ".join(self.sentences))


class AbstractiveSummariser:
    """An article over the model's window is read in parts, whose summaries are summarised in turn."""

    def __init__(
        self, model: Model, tokenizer: Tokenizer, generator: Generator, options: EngineOptions
    ) -> None:
        self.model = model
        self._tokenizer = tokenizer
        self._generator = generator
        self._batch_tokens = options.batch_tokens or generator.batch_tokens
        # A decoder has about as many positions as its encoder; the start and the end take two.
        self._most_tokens = max(1, model.max_source_tokens - len(tokenizer.target_prefix) - 2)
        decoding = decoding_of(model, options.beam_size)
        self._decoding = replace(decoding, no_repeat_ngram_size=decoding.no_repeat_ngram_size or _NGRAM)

    def summarise(self, sources: Sequence[str], words: int, progress: Progress) -> AbstractiveSummary:
        total = len(sources)
        progress(0, total)  # loading the model may have taken a good part of the lease
        forms = [for_engine(source) for source in sources]
        parts = self._pack(forms)
        read, first = _count_read(forms, parts), len(parts)

        def tell(unread: Sequence[Part]) -> None:
            progress(total - len({segment for part in unread for segment in part.segments}), total)

        drafts = self._round(parts, words, tell)
        truncated, flags = sum(draft.truncated for draft in drafts), []
        while len(parts) > 1 and sum(draft.words for draft in drafts) > words:
            shorter = self._pack([for_engine(sentence) for draft in drafts for sentence in draft.sentences])
            if _tokens(shorter) > _SHRUNK * _tokens(parts):
                flags.append("not-condensed")
                break
            parts = shorter
            drafts = self._round(parts, words, lambda _: progress(total, total))
            truncated += sum(draft.truncated for draft in drafts)
        sentences = _trim([sentence for draft in drafts for sentence in draft.sentences], words)
        if any(draft.unfinished in sentences for draft in drafts):
            flags.append("unfinished")
        return AbstractiveSummary(sentences, first, read, truncated, flags)

    def _pack(self, segments: Sequence[str]) -> list[Part]:
        try:
            return pack(segments, self.model.max_source_tokens, self._tokenizer.encode)
        except ValueError as error:
            raise BrokenModel(f"{self.model.name}: {error}; mend its manifest's max_source_tokens") from error

    def _round(
        self, parts: Sequence[Part], words: int, tell: Callable[[Sequence[Part]], None]
    ) -> list[_Draft]:
        """A draft for each part; `tell` hears after each batch which parts are still to be read."""
        drafts: dict[int, _Draft] = {}
        for batch in by_token_budget([len(part.tokens) for part in parts], self._batch_tokens):
            own = [parts[index] for index in batch]
            wanted = [_wanted_words(part, words, len(parts)) for part in own]
            drafts |= zip(batch, self._batch(own, wanted), strict=True)
            tell([part for index, part in enumerate(parts) if index not in drafts])
        if not any(draft.sentences for draft in drafts.values()):
            raise BrokenModel(f"{self.model.name} wrote nothing; choose another model or install it again")
        # A part of which the model says nothing must not vanish.
        return [
            drafts[index] if drafts[index].sentences else _Draft(_sentences(part.lead), False)
            for index, part in enumerate(parts)
        ]

    def _batch(self, parts: Sequence[Part], wanted: Sequence[float]) -> list[_Draft]:
        per_word = _tokens(parts) / max(1, sum(part.words for part in parts))
        most = max(_FEWEST_TOKENS, ceil(_MOST * per_word * max(wanted)))
        decoding = replace(self._decoding, max_tokens=min(self._most_tokens, most))
        least = min(decoding.max_tokens, int(_LEAST * per_word * min(wanted)))
        decoding = replace(decoding, min_tokens=max(1, least))
        drafts = self._decode(parts, decoding)
        bad = [index for index, draft in enumerate(drafts) if not draft.is_good]
        if bad:
            again = self._decode([parts[index] for index in bad], self._sterner(decoding))
            for index, draft in zip(bad, again, strict=True):
                drafts[index] = draft if draft.sentences else drafts[index]
        return drafts

    def _sterner(self, decoding: Decoding) -> Decoding:
        """For a draft that loops or never gets to the end of a sentence: no way back, and more room."""
        return replace(
            decoding,
            max_tokens=min(self._most_tokens, 2 * decoding.max_tokens),
            no_repeat_ngram_size=_STERN_NGRAM,
            repetition_penalty=max(_STERN_PENALTY, decoding.repetition_penalty),
        )

    def _decode(self, parts: Sequence[Part], decoding: Decoding) -> list[_Draft]:
        batch = [part.tokens for part in parts]
        outputs = [
            own[0]
            for own in generate_in_memory(self._generator, batch, self._tokenizer.target_prefix, decoding)
        ]
        return [_draft(self._tokenizer.decode(tokens), ended) for tokens, ended in outputs]


def _count_read(forms: Sequence[str], parts: Sequence[Part]) -> int:
    """How many segments the parts hold: all of them, or else the article must not be summarised."""
    read = len({segment for part in parts for segment in part.segments})
    if read != len(forms) or _letters(forms) != _letters([part.text for part in parts]):
        raise KhulasaError(f"of {len(forms)} segments {read} would be read, or not all of their text")
    return read


def _letters(texts: Sequence[str]) -> str:
    return "".join(word for text in texts for word in text.split())


def _tokens(parts: Sequence[Part]) -> int:
    return sum(len(part.tokens) for part in parts)


def _wanted_words(part: Part, words: int, parts: int) -> float:
    """All the words for an only part; else its share of them, or what a model writes of its own accord."""
    if parts > 1:
        return min(part.words, max(words / parts, min(_PART_WORDS, _PART_SHARE * part.words)))
    return min(part.words, words)


def _draft(text: str, ended: bool) -> _Draft:
    """A summary that was cut loses its last sentence if it is unfinished and not the only one."""
    sentences = _sentences(_AFTER_ARABIC.sub(lambda mark: _ARABIC_FORM[mark[1]], text))
    if not ended and len(sentences) > 1 and not _FINAL_STOP.search(sentences[-1]):
        sentences.pop()
    return _Draft(sentences, not ended)


def _sentences(text: str) -> list[str]:
    return [text[segment.start : segment.end] for segment in split(text)]


def _trim(sentences: Sequence[str], words: int) -> list[str]:
    """The first sentences, each once, up to where one more would overshoot by over half its length."""
    kept: list[str] = []
    taken = 0
    for sentence in dict.fromkeys(sentences):
        length = len(sentence.split())
        if kept and taken + length / 2 > words:
            break
        kept.append(sentence)
        taken += length
    return kept
