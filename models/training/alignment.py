"""Word alignment by IBM model 1 with a diagonal prior (Dyer et al. 2013): who translates whom.

A network that sees only millions of tokens spends many of them on finding out where to look. An
alignment costs two minutes and tells it: the lexicon sets its first embeddings, the links guide one
attention head (Chen et al. 2016).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training import checkpoint

LEXICON = "lexicon.npy"
Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`probability[s, t]`: how likely target piece t translates source piece s; row 0 is "nothing"
    (the end-of-sentence piece, which no sentence contains)."""

    probability: NDArray[np.float32]


def learn(
    sources: list[Ids],
    targets: list[Ids],
    shape: tuple[int, int],
    *,
    iterations: int = 5,
    tension: float = 4.0,
    progress: Any = iter,
) -> Lexicon:
    """Expectation-maximisation over sentence pairs; `shape` is (source pieces, target pieces)."""
    table = np.ones(shape, np.float32)
    blocks = _blocks(sources, targets)
    for _ in progress(range(iterations)):
        counts = np.zeros(shape[0] * shape[1], np.float64)
        for block in blocks:
            cells, weights = [], []
            for index in block:
                source, target = _with_nothing(sources[index]), targets[index]
                cells.append((source[None, :].astype(np.int64) * shape[1] + target[:, None]).ravel())
                weights.append(_prior(len(target), len(source), tension).ravel())
            lengths = np.array([len(sources[index]) + 1 for index in block for _ in targets[index]])
            cell = np.concatenate(cells)
            score = table.ravel()[cell] * np.concatenate(weights)
            starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
            score /= np.repeat(np.add.reduceat(score, starts) + 1e-30, lengths)
            counts += np.bincount(cell, score, counts.size)
        grid = counts.reshape(shape)
        # Rare source pieces must not claim whatever stands beside them: a little mass is held back.
        table = (grid / (grid.sum(axis=1, keepdims=True) + 0.1)).astype(np.float32) + 1e-7
    return Lexicon(table)


def links(lexicon: Lexicon, source: Ids, target: Ids, tension: float = 4.0) -> NDArray[np.int16]:
    """For each target piece the index of its source piece, or -1 where nothing explains it."""
    pieces = _with_nothing(source)
    score = lexicon.probability[pieces[None, :], target[:, None]]
    best = (score * _prior(len(target), len(pieces), tension)).argmax(axis=1)
    linked: NDArray[np.int16] = (best - 1).astype(np.int16)
    return linked


def _with_nothing(source: Ids) -> Ids:
    return np.concatenate((np.zeros(1, source.dtype), source))


def _prior(targets: int, sources: int, tension: float) -> NDArray[np.float32]:
    """How likely position i looks at position j before the words are known; column 0 is "nothing"."""
    rows = (np.arange(targets, dtype=np.float32) + 0.5)[:, None] / targets
    columns = (np.arange(sources - 1, dtype=np.float32) + 0.5)[None, :] / max(sources - 1, 1)
    near = np.exp(-tension * np.abs(rows - columns))
    near *= 0.92 / near.sum(axis=1, keepdims=True)
    return np.concatenate((np.full((targets, 1), 0.08, np.float32), near), axis=1)


def _blocks(sources: list[Ids], targets: list[Ids], cells: int = 8_000_000) -> list[list[int]]:
    blocks: list[list[int]] = [[]]
    held = 0
    for index, (source, target) in enumerate(zip(sources, targets, strict=True)):
        if held > cells:
            blocks.append([])
            held = 0
        held += (len(source) + 1) * len(target)
        blocks[-1].append(index)
    return blocks


def load(path: Path) -> Lexicon:
    """Mapped, not read: the processes that feed the training share one copy."""
    return Lexicon(np.load(path, mmap_mode="r"))


def load_or_learn(
    path: Path, examples: Any, size: int, made_with: Mapping[str, str], most: int = 80
) -> Lexicon:
    """The lexicon in `path`, learnt from `examples` of at most `most` pieces and saved if missing.

    `path` with the suffix .json says what it was made with; ForeignFile where that was not `made_with`.
    """
    from tqdm import tqdm

    origin = path.with_suffix(".json")
    if path.exists():
        found = json.loads(origin.read_text("utf-8")) if origin.exists() else {}
        checkpoint.require_same(path, found, made_with)
        return load(path)
    chosen = np.flatnonzero(examples.lengths <= most)
    lexicon = learn(
        [examples.sources[index] for index in chosen],
        [examples.targets[index] for index in chosen],
        (size, size),
        progress=lambda rounds: tqdm(rounds, desc="align"),
    )
    origin.write_text(json.dumps(dict(made_with)), "utf-8")
    with checkpoint.whole(path) as fresh, fresh.open("wb") as out:
        np.save(out, lexicon.probability)
    return lexicon
