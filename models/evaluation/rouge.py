"""ROUGE for Arabic: how much of a summary its references hold, and how much of them it holds."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.text.arabic import for_matching

_WORD = re.compile(r"[^\W_]+")
Compare = Callable[[Sequence[str], Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Rouge:
    """Shares from 0 to 1, each the mean over the references: `f` is the mean of F1, not F1 of the means."""

    precision: float
    recall: float
    f: float


@lru_cache(maxsize=2_000)
def tokens(text: str, *, stemmed: bool = False) -> tuple[str, ...]:
    """Words without marks or tatweel, alef, ya, ta marbuta and digits folded; or their Snowball stems."""
    words = tuple(_WORD.findall(for_matching(text)))
    if not stemmed:
        return words
    import snowballstemmer

    stem = snowballstemmer.stemmer("arabic").stemWord
    # A word that is all affixes has no stem: it stands for itself, so that no two such words match.
    return tuple(stem(word) or word for word in words)


def rouge_n(candidate: str, references: Sequence[str], n: int = 1, *, stemmed: bool = False) -> Rouge:
    """ROUGE-N of Lin (2004), with each run of n words counted as often as both texts have it."""

    def count(words: Sequence[str]) -> int:
        return max(0, len(words) - n + 1)

    def shared(one: Sequence[str], other: Sequence[str]) -> int:
        return (_grams(one, n) & _grams(other, n)).total()

    return _mean(candidate, references, count, shared, stemmed=stemmed)


def rouge_l(candidate: str, references: Sequence[str], *, stemmed: bool = False) -> Rouge:
    """ROUGE-L of Lin (2004) on whole summaries: the longest common subsequence of words."""
    return _mean(candidate, references, len, common_subsequence, stemmed=stemmed)


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest one, by the bit-parallel method of Hyyrö (2004)."""
    places: Counter[str] = Counter()
    for place, word in enumerate(one):
        places[word] |= 1 << place
    every = (1 << len(one)) - 1
    unmatched = every
    for word in other:
        matched = unmatched & places[word]
        unmatched = ((unmatched + matched) | (unmatched - matched)) & every
    return len(one) - unmatched.bit_count()


def _mean(
    candidate: str,
    references: Sequence[str],
    count: Callable[[Sequence[str]], int],
    shared: Compare,
    *,
    stemmed: bool,
) -> Rouge:
    if not references:
        raise ValueError("ROUGE needs at least one reference")
    own = tokens(candidate, stemmed=stemmed)
    scores = []
    for reference in references:
        theirs = tokens(reference, stemmed=stemmed)
        if candidate == reference or own == theirs != ():
            scores.append((1.0, 1.0, 1.0))  # also where they are too short to have a run of n words
            continue
        sizes, both = (count(own), count(theirs)), shared(own, theirs)
        scores.append((both / max(1, sizes[0]), both / max(1, sizes[1]), 2 * both / max(1, sum(sizes))))
    precision, recall, f = (sum(column) / len(scores) for column in zip(*scores, strict=True))
    return Rouge(precision, recall, f)


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(n)), strict=False))
