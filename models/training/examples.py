"""The training pairs as piece ids: tokenised once a run, kept in it, and cheap to open again."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.training import checkpoint, corpus, vocabulary
from models.training.alignment import Ids

PAIRS = "pairs.tsv.xz"
TOKENS = "tokens.npz"


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of ids, end to end in one array; sentence i is `ids[starts[i]:starts[i + 1]]`."""

    ids: Ids
    starts: NDArray[np.int64]

    def __getitem__(self, index: int) -> Ids:
        return self.ids[self.starts[index] : self.starts[index + 1]]

    def __iter__(self) -> Iterator[Ids]:
        return (self[index] for index in range(len(self)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


class Examples:
    """All pairs of a run; `origins` says where each is from (`names[numbers[i]]` in short), `lengths` is that
    of its longer side."""

    def __init__(self, origins: NDArray[np.str_], sources: Sentences, targets: Sentences) -> None:
        self.origins = origins
        names, self.numbers = np.unique(origins, return_inverse=True)
        self.names: list[str] = names.tolist()
        self.sources = sources
        self.targets = targets
        self.lengths: NDArray[np.int64] = np.maximum(sources.lengths, targets.lengths) + 1


def tokenise(
    pairs: list[corpus.Pair], source_processor: Any, target_processor: Any, tagged: Collection[str] = ()
) -> Examples:
    """Sources whose origin is in `tagged` begin with the tag of synthetic text."""
    sources = source_processor.encode([pair.source for pair in pairs])
    for pair, ids in zip(pairs, sources, strict=True):
        if pair.origin in tagged:
            ids.insert(0, vocabulary.tag_of(source_processor))
    targets = target_processor.encode([pair.target for pair in pairs])
    return Examples(np.array([pair.origin for pair in pairs]), _joined(sources), _joined(targets))


def load_or_tokenise(run: Path, origins: Collection[str], tagged: Collection[str] = ()) -> Examples:
    """The pairs of `origins`. Where `tokens.npz` stands, `pairs.tsv.xz` need not."""
    wanted = checkpoint.vocabularies(run)
    wanted |= {"origins": " ".join(sorted(origins)), "tagged": " ".join(sorted(tagged))}
    if (run / PAIRS).exists():
        wanted[PAIRS] = checkpoint.sha256(run / PAIRS)
    path = run / TOKENS
    if path.exists():
        with np.load(path) as kept:
            made_with = json.loads(str(kept["made_with"]))
        if all(made_with.get(name) == value for name, value in wanted.items()):
            return load(run)
    pairs = [pair for pair in corpus.read_prepared(run / PAIRS) if pair.origin in origins]
    source, target = (vocabulary.load(run, side) for side in vocabulary.SIDES)
    examples = tokenise(pairs, source, target, tagged)
    _save(examples, path, wanted)
    return examples


def load(run: Path) -> Examples:
    """As `load_or_tokenise` left them."""
    with np.load(run / TOKENS) as kept:
        sides = (Sentences(kept[side], kept[f"{side}_starts"]) for side in vocabulary.SIDES)
        return Examples(kept["origins"], *sides)


def _save(examples: Examples, path: Path, made_with: dict[str, str]) -> None:
    sides = zip(vocabulary.SIDES, (examples.sources, examples.targets), strict=True)
    arrays: dict[str, Any] = {"origins": examples.origins, "made_with": np.array(json.dumps(made_with))}
    for side, sentences in sides:
        arrays |= {side: sentences.ids, f"{side}_starts": sentences.starts}
    with checkpoint.whole(path) as fresh, fresh.open("wb") as out:
        np.savez_compressed(out, **arrays)


def _joined(sentences: Iterable[list[int]]) -> Sentences:
    arrays = [np.array(ids, np.int32) for ids in sentences]
    starts = np.cumsum([0, *(len(ids) for ids in arrays)], dtype=np.int64)
    return Sentences(np.concatenate([*arrays, np.zeros(0, np.int32)]), starts)
