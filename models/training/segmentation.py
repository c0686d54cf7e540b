"""Segmentations drawn at random, so that a network sees the same word in other pieces (Kudo 2018).

SentencePiece's own sampling cannot be repeated: its 0.2.3 salts the seed anew in each process. No piece
crosses a space, so a sentence's segmentation is that of its words, of which few are worth drawing.
"""

import math
from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

_MOST = 8
_WORDS_KEPT = 200_000


class Segmenter:
    """Draws each word's segmentation by its probability to the power of `alpha`."""

    def __init__(self, processor: Any, alpha: float) -> None:
        self._processor = processor
        self._alpha = alpha
        self._choices = lru_cache(_WORDS_KEPT)(self._choices_of)

    def draw(self, text: str, random: Random) -> list[int]:
        ids: list[int] = []
        for word in text.split(" "):
            choices, sums = self._choices(word)
            ids += choices[bisect(sums, random.random() * sums[-1], hi=len(sums) - 1)]
        return ids

    def _choices_of(self, word: str) -> tuple[list[list[int]], list[float]]:
        """The likeliest segmentations, and the running sum of their weights."""
        choices = self._processor.nbest_encode(word, nbest_size=_MOST) or [self._processor.encode(word)]
        scores = [sum(map(self._processor.get_score, ids)) for ids in choices]
        best = max(scores)
        return choices, list(accumulate(math.exp(self._alpha * (score - best)) for score in scores))
