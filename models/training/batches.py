"""Batches of similar length, in an order that the seed alone decides, so that a run can resume."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.alignment import Ids, Lexicon, links
from models.training.corpus import Pair
from models.training.recipe import Stage
from models.training.vocabulary import EOS

_POOL_BATCHES = 64
UNLINKED = -1


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of ids, padded on the right; both sides end in EOS. `links[b, t]` is the source position
    that explains target t, or UNLINKED; it is empty when there is no lexicon."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    links: NDArray[np.int64]


class Examples:
    """The whole corpus as ids. Source ids are drawn anew each time when `sampling_alpha` is set."""

    def __init__(
        self,
        pairs: list[Pair],
        source_processor: Any,
        target_processor: Any,
        sampling_alpha: float = 0.0,
    ) -> None:
        self.origins = np.array([pair.origin for pair in pairs])
        self._texts = [pair.source for pair in pairs]
        self._processor = source_processor
        self._alpha = sampling_alpha
        self.sources = _encode(source_processor, self._texts)
        self.targets = _encode(target_processor, [pair.target for pair in pairs])
        self.lengths = np.array(
            [max(len(s), len(t)) + 1 for s, t in zip(self.sources, self.targets, strict=True)]
        )
        self.lexicon: Lexicon | None = None
        self._links: dict[int, NDArray[np.int16]] = {}

    def source(self, index: int) -> Ids:
        if not self._alpha:
            return self.sources[index]
        drawn = self._processor.encode(
            self._texts[index], enable_sampling=True, alpha=self._alpha, nbest_size=-1
        )
        return np.array(drawn, np.int32)

    def links(self, index: int) -> NDArray[np.int16]:
        if self.lexicon is None:
            return np.zeros(0, np.int16)
        if index not in self._links:
            self._links[index] = links(self.lexicon, self.sources[index], self.targets[index])
        return self._links[index]


def epoch(
    examples: Examples, stage: Stage, batch_tokens: int, pad: int, seed: tuple[int, ...]
) -> Iterator[Batch]:
    """One pass over what the stage asks for; the same seed gives the same batches."""
    random = np.random.default_rng(seed)
    rows = _rows(examples, stage, random)
    sizes = np.array([int(examples.lengths[row].sum()) for row in rows])
    for pool in _pools(sizes, random, batch_tokens):
        order = pool[np.argsort(sizes[pool] + random.random(len(pool)), kind="stable")]
        groups = list(_groups(order, sizes, batch_tokens))
        random.shuffle(groups)
        for group in groups:
            yield _pad(examples, [rows[index] for index in group], pad)


def _rows(examples: Examples, stage: Stage, random: np.random.Generator) -> list[list[int]]:
    """Indices to see this epoch; a row of two is a joined pair."""
    weights = np.zeros(len(examples.origins))
    for origin, weight in stage.weights.items():
        weights[examples.origins == origin] = weight
    weights[examples.lengths > stage.max_tokens] = 0.0
    copies = np.floor(weights + random.random(len(weights))).astype(int)
    drawn = np.repeat(np.arange(len(weights)), copies)
    rows: list[list[int]] = []
    for index in drawn:
        other = int(index) + 1
        joined = (
            stage.joined > 0.0
            and random.random() < stage.joined
            and other < len(weights)
            and weights[other] > 0.0
            and examples.origins[other] == examples.origins[index]
            and examples.lengths[index] + examples.lengths[other] <= stage.max_tokens
        )
        rows.append([int(index), other] if joined else [int(index)])
    return rows


def _pools(
    sizes: NDArray[np.int64], random: np.random.Generator, batch_tokens: int
) -> Iterator[NDArray[np.int64]]:
    order = random.permutation(len(sizes))
    pools = max(1, round(float(sizes.sum()) / (batch_tokens * _POOL_BATCHES)))
    yield from (pool for pool in np.array_split(order, pools) if len(pool))


def _groups(order: NDArray[np.int64], sizes: NDArray[np.int64], batch_tokens: int) -> Iterator[list[int]]:
    group: list[int] = []
    for index in order:
        if group and (len(group) + 1) * int(sizes[index]) > batch_tokens:
            yield group
            group = []
        group.append(int(index))
    if group:
        yield group


def _pad(examples: Examples, rows: list[list[int]], pad: int) -> Batch:
    sources = [[int(i) for one in row for i in examples.source(one)] + [EOS] for row in rows]
    targets = [[int(i) for one in row for i in examples.targets[one]] + [EOS] for row in rows]
    source = np.full((len(rows), max(map(len, sources))), pad, np.int64)
    target = np.full((len(rows), max(map(len, targets))), pad, np.int64)
    linked = np.full(target.shape, UNLINKED, np.int64)
    for number, row in enumerate(rows):
        source[number, : len(sources[number])] = sources[number]
        target[number, : len(targets[number])] = targets[number]
        if examples.lexicon is not None:
            _place_links(examples, row, linked[number])
            linked[number, len(targets[number]) - 1] = len(sources[number]) - 1
    return Batch(source, target, linked if examples.lexicon is not None else linked[:, :0])


def _place_links(examples: Examples, row: list[int], places: NDArray[np.int64]) -> None:
    source_at = target_at = 0
    for index in row:
        found = examples.links(index).astype(np.int64)
        shifted = np.where(found >= 0, found + source_at, UNLINKED)
        places[target_at : target_at + len(found)] = shifted
        source_at += len(examples.sources[index])
        target_at += len(found)


def _encode(processor: Any, texts: list[str]) -> list[Ids]:
    return [np.array(ids, np.int32) for ids in processor.encode(texts)]
