"""The summariser without weights: it picks an article's sentences by place, centrality and novelty."""

import re
from collections.abc import Sequence

from models.engines.ranking import Weights, order, traits
from models.text.openers import opening

DEFAULT_SENTENCES = 3

_HEADING_MAX_WORDS = 12
_FINAL_STOP = re.compile(r"[.!?؟…۔][\s»”’\"')\]}]*$")
_FITTED = Weights()
_MOST_OF_BUDGET, _LEAST_OF_BUDGET = 1.5, 0.5


def summarise(
    segments_text: Sequence[str], *, sentences: int | None = None, ratio: float | None = None
) -> list[int]:
    """Indices of the chosen segments, in article order: so many, or about so large a share of the words.

    An article of no more segments than asked for comes back whole.
    """
    if sentences is not None and ratio is not None:
        raise ValueError("give sentences or ratio, not both")
    if ratio is not None:
        return sorted(_share_of_words(segments_text, ratio))
    count = DEFAULT_SENTENCES if sentences is None else sentences
    if count < 1:
        raise ValueError("sentences must be at least 1")
    if len(segments_text) <= count:
        return list(range(len(segments_text)))
    return sorted(rank(segments_text)[:count])


def rank(segments_text: Sequence[str], weights: Weights = _FITTED) -> list[int]:
    """Every segment's index, the one to take first at the front, headings at the end."""
    headings = [index for index, text in enumerate(segments_text) if is_heading(text)]
    bodies = [index for index, text in enumerate(segments_text) if not is_heading(text)]
    if not bodies:
        return headings
    headline = segments_text[0] if headings[:1] == [0] else ""
    ordered = order(traits([segments_text[index] for index in bodies], headline), weights)
    return [bodies[pick] for pick in ordered] + headings


def excerpts(segments_text: Sequence[str], chosen: Sequence[int]) -> list[str]:
    """The chosen sentences as they read without the others: «من جهة أخرى،» and its like, which only join a
    sentence to one before it that is left out, are dropped, and nothing else.
    """
    texts, before = [], None
    taken = set(chosen)
    for index, text in enumerate(segments_text):
        if index in taken:
            texts.append(text if before is None or before in taken else text[opening(text).joins :])
        if not is_heading(text):
            before = index
    return texts


def is_heading(text: str) -> bool:
    """A title, a by-line or a section heading: short, and without a final stop."""
    return not _FINAL_STOP.search(text) and len(text.split()) <= _HEADING_MAX_WORDS


def fill(ranked: Sequence[int], lengths: Sequence[int], budget: float) -> list[int]:
    """The first of the ranking until the budget of words is reached; no sentence is cut to fit. One that
    would overshoot by half the budget is left out once half of it is there.
    """
    picks: list[int] = []
    taken = 0
    for pick in ranked:
        overshoots = taken + lengths[pick] > _MOST_OF_BUDGET * budget and taken >= _LEAST_OF_BUDGET * budget
        if picks and (taken >= budget or overshoots):
            break
        picks.append(pick)
        taken += lengths[pick]
    return picks


def _share_of_words(segments_text: Sequence[str], ratio: float) -> list[int]:
    if not 0 < ratio <= 1:
        raise ValueError("ratio must be over 0 and at most 1")
    lengths = [len(text.split()) for text in segments_text]
    return fill(rank(segments_text), lengths, ratio * sum(lengths))
