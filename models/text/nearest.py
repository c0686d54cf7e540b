"""Citations: the segments of an article that a sentence stands on, by the stems that they share."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from models.text.stems import stems

_MOST = 3
_LEAST_NEW = 0.25  # of the sentence's weight, which a further segment must add


def nearest(sentences: Sequence[str], segments: Sequence[str]) -> list[list[int]]:
    """For each sentence the indices of one to three segments in article order; none if no stem is shared."""
    counted = stems([*segments, *sentences])
    article = [set(counts) for counts in counted[: len(segments)]]
    spread = Counter(stem for own in article for stem in own)
    weights = {stem: math.log(1 + len(segments) / count) for stem, count in spread.items()}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, own in enumerate(article):
        for stem in own:
            holders[stem].append(index)
    norms = [math.sqrt(sum(weights[stem] for stem in own)) or 1.0 for own in article]
    return [_cited(set(counts), holders, weights, norms) for counts in counted[len(segments) :]]


def _cited(
    wanted: set[str],
    holders: Mapping[str, Sequence[int]],
    weights: Mapping[str, float],
    norms: Sequence[float],
) -> list[int]:
    """The segment most like the sentence, then those that hold a good part of what is still missing."""
    left = sorted(stem for stem in wanted if stem in weights)
    least = _LEAST_NEW * sum(weights[stem] for stem in left)
    cited: list[int] = []
    while left and len(cited) < _MOST:
        shared: defaultdict[int, float] = defaultdict(float)
        for stem in left:
            for index in holders[stem]:
                shared[index] += weights[stem]
        best = min(shared, key=lambda index: (-shared[index] / norms[index], index))
        if cited and shared[best] < least:
            break
        cited.append(best)
        left = [stem for stem in left if best not in holders[stem]]
    return sorted(cited)
