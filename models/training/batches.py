"""Batches of similar length; the seed alone decides what is in each, so that a run can resume."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training.alignment import Ids, Lexicon, links
from models.training.examples import Examples
from models.training.recipe import Stage
from models.training.segmentation import Segmenter
from models.training.vocabulary import EOS, tag_of

_POOL_BATCHES = 64
UNLINKED = -1


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of ids, padded on the right; both sides end in EOS. `links[b, t]` is the source position
    that explains target t, or UNLINKED; it is empty where links were not asked for. `seen`: how many
    target tokens are of each of the examples' `names`."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    links: NDArray[np.int64]
    seen: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Order:
    """A batch that is still to be made. `rows[b]` is a pair's index and that of the pair joined to
    it, or -1; sources are segmented at random where `alpha` is set, as `seed` says."""

    rows: NDArray[np.int64]
    seed: int
    alpha: float = 0.0
    linked: bool = False


class Maker:
    """Makes batches as ordered."""

    def __init__(self, examples: Examples, source_processor: Any, pad: int, lexicon: Lexicon | None) -> None:
        self._examples = examples
        self._processor = source_processor
        self._pad = pad
        self._lexicon = lexicon
        self._segmenter = cache(partial(Segmenter, source_processor))

    def make(self, order: Order) -> Batch:
        rows = [[int(index) for index in row if index >= 0] for row in order.rows]
        drawn = self._sources(rows, order)
        sources = [np.concatenate([*(drawn[i] for i in row), [EOS]]) for row in rows]
        targets = [np.concatenate([*(self._examples.targets[i] for i in row), [EOS]]) for row in rows]
        linked = [self._links(row) for row in rows] if order.linked else []
        return Batch(
            _padded(sources, self._pad),
            _padded(targets, self._pad),
            _padded(linked, UNLINKED),
            self._seen(rows, targets),
        )

    def _sources(self, rows: list[list[int]], order: Order) -> dict[int, Ids]:
        indices = list(dict.fromkeys(index for row in rows for index in row))
        known = {index: self._examples.sources[index] for index in indices}
        if not order.alpha:
            return known
        tag = [tag_of(self._processor)]
        tags = [tag if known[index][:1].tolist() == tag else [] for index in indices]
        plain = [known[i].tolist()[len(own) :] for i, own in zip(indices, tags, strict=True)]
        random, segmenter = Random(order.seed), self._segmenter(order.alpha)
        drawn = [segmenter.draw(text, random) for text in self._processor.decode(plain)]
        # A segmentation into very many pieces teaches little, and the batch was not measured for it.
        return {
            index: np.array([*own, *new], np.int32) if len(new) <= 1.5 * len(ids) + 4 else known[index]
            for index, own, ids, new in zip(indices, tags, plain, drawn, strict=True)
        }

    def _seen(self, rows: list[list[int]], targets: list[Ids]) -> NDArray[np.int64]:
        seen = np.zeros(len(self._examples.names), np.int64)
        origins = self._examples.numbers[[row[0] for row in rows]]  # only pairs of one origin are joined
        np.add.at(seen, origins, [len(target) for target in targets])
        return seen

    def _links(self, row: list[int]) -> NDArray[np.int64]:
        if self._lexicon is None:
            raise ValueError("links were asked for without a lexicon")
        places, source_at = [], 0
        for index in row:
            source, target = self._examples.sources[index], self._examples.targets[index]
            found = links(self._lexicon, source, target).astype(np.int64)
            places.append(np.where(found >= 0, found + source_at, UNLINKED))
            source_at += len(source)
        return np.concatenate([*places, [source_at]])


def epoch(
    examples: Examples, stage: Stage, batch_tokens: int, seed: tuple[int, ...], **wanted: Any
) -> Iterator[Order]:
    """One pass over what the stage asks for; `wanted` are the orders' alpha and linked."""
    random = np.random.default_rng(seed)
    rows, sizes = _rows(examples, stage, random)
    number = 0
    for pool in _pools(sizes, random, batch_tokens):
        order = pool[np.argsort(sizes[pool] + random.random(len(pool)), kind="stable")]
        groups = list(_groups(order, sizes, batch_tokens))
        random.shuffle(groups)
        for group in groups:
            own = int(np.random.SeedSequence((*seed, number)).generate_state(1)[0])
            yield Order(rows[group], own, **wanted)
            number += 1


def _rows(
    examples: Examples, stage: Stage, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of this epoch, and how long each is."""
    lengths, origins = examples.lengths, examples.origins
    weights = np.zeros(len(lengths))
    for origin, weight in stage.weights.items():
        weights[origins == origin] = weight
    weights[lengths > stage.max_tokens] = 0.0
    copies = np.floor(weights + random.random(len(weights))).astype(np.int64)
    first = np.repeat(np.arange(len(weights)), copies)
    second = np.minimum(first + 1, len(weights) - 1)
    joined = (
        (random.random(len(first)) < stage.joined)
        & (second > first)
        & (weights[second] > 0.0)
        & (origins[second] == origins[first])
        & (lengths[first] + lengths[second] <= stage.max_tokens)
    )
    rows = np.stack((first, np.where(joined, second, -1)), axis=1)
    return rows, lengths[first] + joined * lengths[second]


def _pools(
    sizes: NDArray[np.int64], random: np.random.Generator, batch_tokens: int
) -> Iterator[NDArray[np.int64]]:
    order = random.permutation(len(sizes))
    pools = max(1, round(float(sizes.sum()) / (batch_tokens * _POOL_BATCHES)))
    yield from (pool for pool in np.array_split(order, pools) if len(pool))


def _groups(order: NDArray[np.int64], sizes: NDArray[np.int64], batch_tokens: int) -> Iterator[list[int]]:
    group: list[int] = []
    for index, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        if group and (len(group) + 1) * size > batch_tokens:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def _padded(rows: list[NDArray[Any]], filler: int) -> NDArray[np.int64]:
    result = np.full((len(rows), max(map(len, rows), default=0)), filler, np.int64)
    for number, row in enumerate(rows):
        result[number, : len(row)] = row
    return result
