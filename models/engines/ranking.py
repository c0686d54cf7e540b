"""What each sentence of an article is worth, alone and beside those that were already taken."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.text.openers import opening
from models.text.stems import stems

Vector = NDArray[np.float32]

_HEADLINE_SHARE = 0.3
_PLACED = 0.5  # of the article; readers keep as much of its third quarter as of its last
_FULL_LENGTH_STEMS = 3
_SAME_CONTENT = 0.8  # from here on it is a repeat
# They outweigh every merit: the first sentence comes first; what repeats, or leans on one not taken, last.
_LEADS, _REPEATS, _WAITS = np.float32(100.0), np.float32(10.0), np.float32(100.0)
# Bounds that keep time and memory small for any article.
_MAX_RANKED = 1500
_MAX_TERMS = 1500
_MAX_STEMMED = 1500


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside centrality, whose own weight is 1. `python -m models.evaluation.fit_summary` fits
    them: it prints these very figures."""

    early: float = 0.25  # of 1/√(1 + sentences before it): the first sentences
    place: float = 0.2  # of how near to the top it stands within the first half, by words
    novelty: float = 1.1  # of what it does not share with the most similar sentence taken before it


@dataclass(frozen=True, slots=True)
class Traits:
    """Of each sentence, in article order: numbers from 0 to 1, unit vectors, and whether it leans on the
    sentence before it."""

    early: Vector
    place: Vector
    centrality: Vector
    fullness: Vector
    vectors: Vector
    leans: NDArray[np.bool_]


def traits(sentences: Sequence[str], headline: str) -> Traits:
    """Of one sentence at least; the headline, "" where there is none, says what the article is about."""
    *terms, of_headline = stems([*sentences, headline], most=_MAX_STEMMED)
    vectors = _vectors([*terms, of_headline])
    centre = _unit(vectors[:-1].sum(axis=0)) + np.float32(_HEADLINE_SHARE) * vectors[-1]
    words = np.array([len(text.split()) for text in sentences], dtype=np.float32)
    before: Vector = np.cumsum(words, dtype=np.float32) - words
    stemmed = np.array([term.total() for term in terms], dtype=np.float32)
    return Traits(
        early=(1.0 + np.arange(len(terms), dtype=np.float32)) ** np.float32(-0.5),
        place=np.maximum(np.float32(0), 1 - before / np.float32(max(1.0, _PLACED * float(words.sum())))),
        centrality=vectors[:-1] @ _unit(centre),
        fullness=np.minimum(1.0, stemmed / _FULL_LENGTH_STEMS),
        vectors=vectors[:-1],
        leans=np.array([index > 0 and opening(text).leans for index, text in enumerate(sentences)]),
    )


def order(of: Traits, weights: Weights) -> list[int]:
    """Every sentence: the first, then each time the best of what is left (maximal marginal relevance); one
    that leans on the sentence before it waits until that one is taken.
    """
    early, place = np.float32(weights.early), np.float32(weights.place)
    merits = (early * of.early + place * of.place + of.centrality) * of.fullness - _WAITS * of.leans
    merits[0] += _LEADS * (of.fullness[0] == 1)
    by_merit = np.argsort(-merits, kind="stable")
    ranked, rest = np.sort(by_merit[:_MAX_RANKED]), by_merit[_MAX_RANKED:]
    likeness = of.vectors[ranked] @ of.vectors[ranked].T
    scores, worst = merits[ranked].copy(), np.zeros(len(ranked), dtype=np.float32)
    picks = []
    for _ in range(len(ranked)):
        repeats = np.where(worst > _SAME_CONTENT, _REPEATS, 0)
        pick = int(np.argmax(scores - np.float32(weights.novelty) * worst - repeats))
        picks.append(int(ranked[pick]))
        scores[pick] = -np.inf
        worst = np.maximum(worst, likeness[pick])
        following = pick + 1
        if following < len(ranked) and ranked[following] == ranked[pick] + 1 and of.leans[ranked[following]]:
            scores[following] += _WAITS
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
