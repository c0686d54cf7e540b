"""The summariser without weights: it picks an article's sentences by place, centrality and novelty."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text.stems import stems

Vector = NDArray[np.float32]

DEFAULT_SENTENCES = 3

# Fitted on the development articles of the Essex Arabic Summaries Corpus: the lead stays on top.
_PLACE_WEIGHT = 1.0
_CENTRALITY_WEIGHT = 0.3
_REDUNDANCY_WEIGHT = 0.3
_PLACE_DECAY = 0.3
_FULL_LENGTH_WORDS = 3
_HEADLINE_SHARE = 0.3
_SAME_CONTENT = 0.8  # a repeat comes after everything that is new, however early it stands

_HEADING_MAX_WORDS = 12
_FINAL_STOP = re.compile(r"[.!?؟…۔][\s»”’\"')\]}]*$")
# Bounds that keep time and memory small for any article.
_MAX_RANKED = 1500
_MAX_TERMS = 1500
_MAX_STEMMED = 1500


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


def rank(segments_text: Sequence[str]) -> list[int]:
    """Every segment's index, the one to take first at the front, headings at the end."""
    headings = [index for index, text in enumerate(segments_text) if is_heading(text)]
    bodies = [index for index, text in enumerate(segments_text) if not is_heading(text)]
    if not bodies:
        return headings
    headline = segments_text[0] if headings[:1] == [0] else ""
    *terms, of_headline = stems([*(segments_text[index] for index in bodies), headline], most=_MAX_STEMMED)
    vectors = _vectors([*terms, of_headline])
    merits = _merits(vectors[:-1], vectors[-1], terms)
    return [bodies[pick] for pick in _novel_first(merits, vectors[:-1])] + headings


def is_heading(text: str) -> bool:
    """A title, a by-line or a section heading: short, and without a final stop."""
    return not _FINAL_STOP.search(text) and len(text.split()) <= _HEADING_MAX_WORDS


def _share_of_words(segments_text: Sequence[str], ratio: float) -> list[int]:
    """The first of the ranking, up to where one more would overshoot by over half its length."""
    if not 0 < ratio <= 1:
        raise ValueError("ratio must be over 0 and at most 1")
    lengths = [len(text.split()) for text in segments_text]
    budget, taken = ratio * sum(lengths), 0
    picks: list[int] = []
    for pick in rank(segments_text):
        if picks and taken + lengths[pick] / 2 > budget:
            break
        picks.append(pick)
        taken += lengths[pick]
    return picks


def _merits(vectors: Vector, headline: Vector, terms: Sequence[Counter[str]]) -> Vector:
    place = (1.0 + np.arange(len(terms), dtype=np.float32)) ** np.float32(-_PLACE_DECAY)
    centre = _unit(vectors.sum(axis=0)) + np.float32(_HEADLINE_SHARE) * headline
    centrality = vectors @ _unit(centre)
    centrality /= max(float(centrality.max()), 1e-6)
    lengths = np.array([term.total() for term in terms], dtype=np.float32)
    fullness = np.minimum(1.0, lengths / _FULL_LENGTH_WORDS)
    merits: Vector = (_PLACE_WEIGHT * place + _CENTRALITY_WEIGHT * centrality) * fullness
    return merits


def _novel_first(merits: Vector, vectors: Vector) -> list[int]:
    """Maximal marginal relevance: each pick is what has most merit beyond the picks before it."""
    by_merit = np.argsort(-merits, kind="stable")
    ranked, rest = np.sort(by_merit[:_MAX_RANKED]), by_merit[_MAX_RANKED:]
    likeness = vectors[ranked] @ vectors[ranked].T
    scores, worst = merits[ranked].copy(), np.zeros(len(ranked), dtype=np.float32)
    picks = []
    for _ in range(len(ranked)):
        repeats = np.where(worst > _SAME_CONTENT, np.float32(_PLACE_WEIGHT + _CENTRALITY_WEIGHT), 0)
        pick = int(np.argmax(scores - np.float32(_REDUNDANCY_WEIGHT) * worst - repeats))
        picks.append(int(ranked[pick]))
        scores[pick] = -np.inf
        worst = np.maximum(worst, likeness[pick])
    return [*picks, *map(int, rest)]


def _vectors(terms: Sequence[Counter[str]]) -> Vector:
    """Unit tf-idf rows over the terms that more than one sentence shares."""
    spread = Counter(term for counts in terms for term in counts)
    shared = [term for term, texts in spread.most_common(_MAX_TERMS) if texts > 1]
    column = {term: index for index, term in enumerate(shared)}
    rows = np.zeros((len(terms), len(shared)), dtype=np.float32)
    for row, counts in enumerate(terms):
        weights = {t: (1 + math.log(n)) * math.log(1 + len(terms) / spread[t]) for t, n in counts.items()}
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for term, weight in weights.items():
            if term in column:
                rows[row, column[term]] = weight / norm
    return rows


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return unit
